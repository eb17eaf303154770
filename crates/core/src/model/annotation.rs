//! Acquire and release annotations of each memory operation, and the classes that fences order.

use super::{BaseModel, FailedCas, Options, Rule, ZalasrReading};
use crate::arch::{FencePairs, Order};

/// What a memory operation is to the model.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum AccessKind {
    /// A plain load, Zalasr's loads included.
    Load,
    /// A plain store, Zalasr's stores included.
    Store,
    /// Load-reserved.
    LoadReserved,
    /// A *successful* store-conditional. A failed one is no operation.
    StoreConditional,
    /// An AMO, or an `amocas` that stored: load and store at once.
    Amo,
    /// An `amocas` whose comparison failed, read as a load in every respect.
    FailedCas,
    /// An `amocas` whose comparison failed, read as the AMO that it is to preserved program order: it
    /// stores nothing, but the rules take it for a load and a store.
    FailedAmo,
}

impl AccessKind {
    /// Is it a load operation? (An AMO is both.)
    #[must_use]
    pub const fn reads(self) -> bool {
        !matches!(self, AccessKind::Store | AccessKind::StoreConditional)
    }

    /// Does it write memory? (An AMO reads and writes.)
    #[must_use]
    pub const fn writes(self) -> bool {
        matches!(self, AccessKind::Store | AccessKind::StoreConditional | AccessKind::Amo)
    }

    /// Do the rules of preserved program order take it for a store? Manual, chapter "Zacas": an `amocas` is
    /// an AMO to them "irrespective of whether a write is actually performed".
    #[must_use]
    pub const fn is_store(self) -> bool {
        self.writes() || matches!(self, AccessKind::FailedAmo)
    }
}

/// Acquire annotation, weakest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[allow(missing_docs)]
pub enum Acquire {
    #[default]
    None,
    RCpc,
    RCsc,
}

/// Release annotation, weakest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[allow(missing_docs)]
pub enum Release {
    #[default]
    None,
    RCpc,
    RCsc,
}

/// The annotations of one memory operation.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Annotation {
    /// Acquire side.
    pub acquire: Acquire,
    /// Release side.
    pub release: Release,
}

impl Annotation {
    /// Rule 7 concerns operations that have an RCsc annotation on either side.
    #[must_use]
    pub fn is_rcsc(self) -> bool {
        self.acquire == Acquire::RCsc || self.release == Release::RCsc
    }
}

/// The annotations of an operation of this kind, written with these bits, on a hart that follows `model`.
///
/// | instruction | RVWMO | under Ztso, besides |
/// |---|---|---|
/// | load, LR | `aq`: acquire-RCsc; LR `aqrl`: both RCsc | acquire-RCpc |
/// | store, SC | `rl`: release-RCsc; SC `aqrl`: both RCsc | release-RCpc |
/// | AMO | `aq`: acquire-RCsc, `rl`: release-RCsc | both RCsc |
/// | failed `amocas` | `aq`: acquire-RCsc | acquire-RCsc, or by [`FailedCas`] |
/// | Zalasr | `aq`: acquire-RCsc, `rl`: release-RCsc, or RCpc by [`ZalasrReading`] | as load, store |
///
/// `lr.rl` and `sc.aq` alone annotate nothing.
#[must_use]
pub fn annotate(order: Order, kind: AccessKind, model: BaseModel, options: &Options) -> Annotation {
    let (aq, rl) = (order.aq(), order.rl());
    let mut annotation = Annotation::default();
    // Loads and stores have bits in Zalasr alone.
    let zalasr = matches!(kind, AccessKind::Load | AccessKind::Store);
    let rcpc = zalasr && options.zalasr == ZalasrReading::Rcpc;
    let (acquire, release) =
        if rcpc { (Acquire::RCpc, Release::RCpc) } else { (Acquire::RCsc, Release::RCsc) };
    let (aq, rl) = match kind {
        AccessKind::LoadReserved => (aq, aq && rl),
        AccessKind::StoreConditional => (aq && rl, rl),
        AccessKind::FailedCas | AccessKind::FailedAmo => (aq, false),
        AccessKind::Load | AccessKind::Store | AccessKind::Amo => (aq, rl),
    };
    if aq {
        annotation.acquire = acquire;
    }
    if rl {
        annotation.release = release;
    }
    match model {
        BaseModel::Rvwmo => annotation,
        BaseModel::Ztso => {
            strengthen_for_ztso(kind, options, &mut annotation);
            annotation
        }
        BaseModel::Sc => strengthen_for_sc(options, annotation),
        BaseModel::X86Tso => of_x86_tso(kind, options),
    }
}

/// Manual, chapter "Ztso": all load operations behave as if they have an acquire-RCpc annotation, all
/// store operations as if they have a release-RCpc annotation, all AMO instructions as if they have
/// both acquire-RCsc and release-RCsc annotations.
///
/// An AMO gets its annotations from the third part alone. It is a load and a store as well, but what the
/// first two parts would add is contained in the third; kept apart, each part can be removed alone.
fn strengthen_for_ztso(kind: AccessKind, options: &Options, annotation: &mut Annotation) {
    let rules = options.rules;
    if matches!(kind, AccessKind::Amo | AccessKind::FailedAmo) {
        if rules.contains(Rule::ZtsoAmo) {
            annotation.acquire = Acquire::RCsc;
            if kind == AccessKind::Amo || options.failed_cas == FailedCas::AmoRl {
                annotation.release = Release::RCsc;
            }
        }
        return;
    }
    if kind.reads() && rules.contains(Rule::ZtsoLoadAcquire) {
        annotation.acquire = annotation.acquire.max(Acquire::RCpc);
    }
    if kind.writes() && rules.contains(Rule::ZtsoStoreRelease) {
        annotation.release = annotation.release.max(Release::RCpc);
    }
}

/// Intel's manual, volume 3, "Memory Ordering in P6 and More Recent Processor Families": loads are not reordered
/// with what follows them, stores not with what precedes them, and nothing with a locked instruction, whether what
/// it compares is equal or not. So x86-TSO is a choice of annotations as Ztso is one, of x86's own instructions.
fn of_x86_tso(kind: AccessKind, options: &Options) -> Annotation {
    let by = |rule| options.rules.contains(rule);
    match (kind.reads(), kind.is_store()) {
        (true, true) if by(Rule::TsoLocked) => {
            Annotation { acquire: Acquire::RCsc, release: Release::RCsc }
        }
        (true, false) if by(Rule::TsoLoad) => {
            Annotation { acquire: Acquire::RCpc, release: Release::None }
        }
        (false, true) if by(Rule::TsoStore) => {
            Annotation { acquire: Acquire::None, release: Release::RCpc }
        }
        _ => Annotation::default(),
    }
}

/// Sequential consistency keeps all of program order. Every operation, a store too, behaves as if it had
/// both RCsc annotations: rule 5 then orders it before whatever follows. A load that follows a store of
/// its hart finds it performed, so that nothing is forwarded.
fn strengthen_for_sc(options: &Options, annotation: Annotation) -> Annotation {
    if options.rules.contains(Rule::ScProgramOrder) {
        Annotation { acquire: Acquire::RCsc, release: Release::RCsc }
    } else {
        annotation
    }
}

/// Rule 4 for one fence: is `a`, before it in program order, ordered before `b`, after it?
///
/// An AMO is a load and a store, whether it stored or not.
#[must_use]
pub fn fence_orders(fence: FencePairs, a: AccessKind, b: AccessKind) -> bool {
    (a.reads() && (b.reads() && fence.load_load || b.is_store() && fence.load_store))
        || (a.is_store() && (b.reads() && fence.store_load || b.is_store() && fence.store_store))
}

#[cfg(test)]
mod tests;
