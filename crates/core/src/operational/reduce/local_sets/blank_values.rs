//! Values that never reach the final state.
//!
//! Harts that add to a word without care, one after the other's back, leave few final values behind, but on the way
//! every hart may hold, and memory may have, any of very many values. Which of them are seen in the end? If the final
//! state shows one cell, and whatever is stored there is computed from one value read, then those are a *chain*: the
//! last store; the load whose value it was computed from; the store which that load read; and so on, back to a
//! store of a constant or to the initial value. Whatever is off the chain may as well be *blank*.
//!
//! # When
//!
//! No address is computed. *Links* are cells such that each read of them is a plain load of that cell alone, or an AMO
//! of it that nobody asks for what it returned, and each write is such an AMO or a plain store of that cell alone; the
//! value of such a load, a *carrier*, is asked for by nothing but the data of stores to links; and the data of each store
//! to a link comes from at most one carrier, that of an AMO from none. The final state shows one link, the
//! *sink*, at most. (Loads of other cells are none of this: their values are always known.)
//!
//! # How
//!
//! A carrier that is performed returns nothing, and leaves blank what is computed from it, or it *carries* the
//! chain. A store to a link writes a blank, or it passes the chain on: to a hart that must then have a carrier read it
//! before the cell is stored to again, or to nobody, since no store to the sink follows. Whom it is passed on to
//! is guessed when it is stored. The chain begins with the initial value of a link or with a store whose data
//! comes from no carrier.
//!
//! # Why
//!
//! Nothing that an execution does, but for what it writes to links, depends on what a carrier returned: put the actual
//! values in the place of blanks, and what was found is an execution; its final state is the one found, because
//! what is on the chain is computed from what is on the chain alone. Conversely each execution has its chain, which is
//! followed back from the last store to the sink (or, without a sink, is none). The chain goes forward in the global
//! memory order: a carrier that reads from memory comes after the store that it reads, before the next store to the cell,
//! and before the store that is computed from it; one that is forwarded to comes before that store, but then the
//! chain goes on in the hart, from the carrier that the store's data comes from, and the store writes a blank.
//! So between one store that passes the chain on and the next there is one hart that has it, or is to read it, and which
//! that is the stores tell: they are words as before, of more letters. What a hart can do unseen is a matter of
//! it alone as before, but of its local state whether it carries the chain, and by which load, is part.

use crate::model::AccessKind;
use crate::operational::compile::{CompiledHart, CompiledMachine, Set};
use crate::operational::state::Cursor;

/// Where the chain is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Chain {
    /// It has not begun.
    Before,
    /// A hart has it; or is to read it, as long as it is in this cell. The hart may be none that is
    /// looked at.
    At(Option<usize>, Option<usize>),
    /// What the final state shows is there.
    Ended,
}

impl Chain {
    /// As a word.
    pub(crate) fn word(self) -> u64 {
        match self {
            Chain::Before => 0,
            Chain::Ended => 1,
            Chain::At(hart, cell) => {
                let number = |of: Option<usize>| of.map_or(0, |of| of as u64 + 1);
                2 + (number(cell) << 16 | number(hart))
            }
        }
    }

    /// Out of its word.
    pub(crate) fn of(word: u64) -> Chain {
        let number = |number: u64| (number as usize).checked_sub(1);
        match word.checked_sub(2) {
            Some(parts) => Chain::At(number(parts & 0xffff), number(parts >> 16)),
            None if word == 0 => Chain::Before,
            None => Chain::Ended,
        }
    }

    /// As far as it is something to hart `h`.
    pub(crate) fn seen_by(self, h: usize) -> Chain {
        match self {
            Chain::At(Some(hart), _) if hart != h => Chain::At(None, None),
            other => other,
        }
    }

    /// Once a blank is stored to `cell`.
    pub(crate) fn without(self, cell: usize) -> Chain {
        match self {
            Chain::At(hart, Some(link)) if link == cell => Chain::At(hart, None),
            other => other,
        }
    }
}

/// What becomes of the chain with a store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Passes {
    /// Another is where the chain is, or none.
    Nothing,
    /// It is for its own hart to read.
    ToItself,
    /// It is for another hart to read.
    ToOther,
    /// It is what the final state shows.
    ToTheEnd,
}

impl Passes {
    pub(super) const ALL: [Passes; 4] =
        [Passes::Nothing, Passes::ToItself, Passes::ToOther, Passes::ToTheEnd];
}

/// The links and carriers of a machine.
#[derive(Debug)]
pub(crate) struct Links<S> {
    pub(crate) cells: S,
    pub(crate) sink: Option<usize>,
    /// May the chain begin with a store?
    pub(crate) begins: bool,
    /// The carriers of each node, by hart.
    carriers: Vec<Vec<S>>,
}

impl<S: Set> Links<S> {
    /// Finds the links of a machine; `None` if values that are blank would be no help.
    pub(crate) fn of(machine: &CompiledMachine<'_, S>) -> Option<Links<S>> {
        let harts = &machine.harts;
        if !machine.reductions.blank_values || harts.iter().any(|h| h.computes_addresses) {
            return None;
        }
        let places = harts.iter().flat_map(|hart| &hart.places);
        let accessed = places.fold(S::EMPTY, |cells, place| cells | place.cells);
        let mut links = Links {
            cells: accessed,
            sink: None,
            begins: false,
            carriers: harts.iter().map(|hart| vec![S::EMPTY; hart.facts.len()]).collect(),
        };
        let mut before = S::EMPTY;
        while links.cells != before {
            before = links.cells;
            links.begins = false;
            for (h, hart) in harts.iter().enumerate() {
                for node in 0..hart.facts.len() {
                    links.find_carriers(hart, h, node);
                }
                for node in 0..hart.facts.len() {
                    links.leave_out_others(hart, h, node);
                }
            }
        }
        let shown = links.cells & machine.observed_cells;
        links.sink = shown.first();
        let any = links.carriers.iter().flatten().any(|carriers| !carriers.is_empty());
        (any && shown.len() <= 1).then_some(links)
    }

    /// Is the operation at `place` a carrier, once links are right?
    pub(crate) fn is_carrier(&self, at: &Cursor<'_, S>, h: usize, place: usize) -> bool {
        self.carriers[h][at.position.node as usize].has(place)
    }

    /// The carrier that the data of the store at `place` comes from.
    pub(crate) fn source(&self, at: &Cursor<'_, S>, h: usize, place: usize) -> Option<usize> {
        let data = at.op(place).data?;
        let carriers = self.carriers[h][at.position.node as usize];
        (at.hart.tree.exprs.sources(data) & carriers).first()
    }

    /// The loads of links whose values only stores to links ask for.
    fn find_carriers(&mut self, hart: &CompiledHart<S>, h: usize, node: usize) {
        let facts = &hart.facts[node];
        let tree = &hart.tree;
        self.carriers[h][node] = facts.reads.filter(|place| {
            let load = hart.place_at(facts, place);
            let op = &tree.ops[load.op as usize];
            let stored_to_links = load.value_users.members().all(|user| {
                let user = hart.place_at(facts, user);
                let kind = tree.ops[user.op as usize].kind;
                kind == AccessKind::Store && user.cells.within(self.cells)
            });
            let plain = op.kind == AccessKind::Load && op.expected.is_none();
            plain && self.is_link(load.cells) && !asked(hart, node, place) && stored_to_links
        });
    }

    /// Leaves out cells that are used otherwise.
    fn leave_out_others(&mut self, hart: &CompiledHart<S>, h: usize, node: usize) {
        let facts = &hart.facts[node];
        let carriers = self.carriers[h][node];
        for place in (facts.reads | facts.writes).members() {
            let access = hart.place_at(facts, place);
            let op = &hart.tree.ops[access.op as usize];
            let carried =
                op.data.map_or(S::EMPTY, |data| hart.tree.exprs.sources(data) & carriers).len();
            let fits = self.is_link(access.cells)
                && match op.kind {
                    AccessKind::Load => carriers.has(place),
                    AccessKind::Store => carried <= 1,
                    AccessKind::Amo if op.expected.is_none() => {
                        carried == 0 && access.value_users.is_empty() && !asked(hart, node, place)
                    }
                    _ => false,
                };
            if !fits {
                self.cells &= !access.cells;
            } else if op.kind == AccessKind::Store {
                self.begins |= carried == 0;
            }
        }
    }

    fn is_link(&self, cells: S) -> bool {
        cells.len() == 1 && cells.within(self.cells)
    }
}

/// Does anything but operations of its own node ask for a value?
fn asked<S: Set>(hart: &CompiledHart<S>, node: usize, place: usize) -> bool {
    let tree = &hart.tree;
    let asks = |expr| tree.exprs.sources(expr).has(place);
    hart.facts[node].needed_below.has(place)
        || tree.guards(&tree.nodes[node]).iter().any(|guard| asks(guard.value))
        || tree.checks(&tree.nodes[node]).iter().any(|check| asks(check.address))
}
