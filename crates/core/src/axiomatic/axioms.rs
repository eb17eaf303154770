//! The load value axiom and the atomicity axiom, as what they demand of the global memory order.
//!
//! # Why this is the manual's model
//!
//! Fix the traces of all harts and, for each byte of each load L, the store S that it reads from. An
//! execution of the manual is a total order, gmo, of all operations such that
//!
//! 1. gmo contains preserved program order;
//! 2. *load value*: S is the latest, in gmo, of the stores to that byte that precede L in gmo or in
//!    program order;
//! 3. *atomicity*: for a paired LR and SC and each byte that LR read, from S: S precedes SC, and no
//!    store of another hart to that byte follows S and precedes SC.
//!
//! Axiom 2 for one byte says, word by word: S precedes L in gmo or in program order ([`source`]); and
//! every other store T to that byte that precedes L in program order precedes S, and every other store
//! T that precedes L in gmo precedes S ([`other`]). Since gmo is total, "if T before L then T before S"
//! is "if S before T then L before T" for T other than L. Axiom 3 is the same with SC in place of L
//! ([`atomic_source`], [`atomic_other`]).
//!
//! So everything that is demanded of gmo is a pair, *a before b*, or an implication between pairs whose
//! premise orders two stores to a common byte, *S before T*. Once each such premise is decided one way
//! or the other, and the decision added as a pair, only pairs remain, and a total order that contains
//! them exists exactly if they have no cycle. The decided premises are co, *L before T* is fr, *S
//! before L* is rfe. No step supposes that operations have equal sizes; the initial state precedes
//! everything. A store that forwards to a load of its own hart is ordered with it by nothing here.

use super::candidate::{Layout, OpId, Source};

/// What an axiom demands of the global memory order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Demand {
    /// It holds whatever the order.
    Nothing,
    /// The first precedes the second.
    Before(OpId, OpId),
    /// If `store` precedes `other`, then `then` precedes `other`.
    Implies {
        /// The store read from.
        store: OpId,
        /// Another store to the same byte.
        other: OpId,
        /// The load, or the SC.
        then: OpId,
    },
    /// No order will do.
    Impossible,
}

/// Load value: what is read precedes the load in gmo or in program order.
#[must_use]
pub fn source(layout: &Layout, load: OpId, from: Source) -> Demand {
    match from {
        Source::Initial => Demand::Nothing,
        Source::Store(store) if store == load => Demand::Impossible,
        Source::Store(store) if layout.po(store, load) => Demand::Nothing,
        Source::Store(store) => Demand::Before(store, load),
    }
}

/// Load value: `other`, another store to the byte that `load` read from `from`, is not later than what
/// was read, or precedes the load neither in gmo nor in program order.
#[must_use]
pub fn other(layout: &Layout, load: OpId, from: Source, other: OpId) -> Demand {
    if other == load || Source::Store(other) == from {
        return Demand::Nothing;
    }
    match (from, layout.po(other, load)) {
        (Source::Initial, true) => Demand::Impossible,
        (Source::Store(store), true) => Demand::Before(other, store),
        (Source::Initial, false) => Demand::Before(load, other),
        (Source::Store(store), false) => Demand::Implies { store, other, then: load },
    }
}

/// Atomicity: what the paired LR read precedes the SC.
#[must_use]
pub fn atomic_source(sc: OpId, from: Source) -> Demand {
    match from {
        Source::Initial => Demand::Nothing,
        Source::Store(store) if store == sc => Demand::Impossible,
        Source::Store(store) => Demand::Before(store, sc),
    }
}

/// Atomicity: `other`, another store to the byte that the paired LR read from `from`, is of the SC's
/// hart, or it does not follow what was read and precede the SC.
#[must_use]
pub fn atomic_other(layout: &Layout, sc: OpId, from: Source, other: OpId) -> Demand {
    if layout.hart(other) == layout.hart(sc) || Source::Store(other) == from {
        return Demand::Nothing;
    }
    match from {
        Source::Initial => Demand::Before(sc, other),
        Source::Store(store) => Demand::Implies { store, other, then: sc },
    }
}
