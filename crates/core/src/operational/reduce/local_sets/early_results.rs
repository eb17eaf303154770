//! Registers of which it is known what they will hold in the end.
//!
//! Whoever compares two reads of a word byte by byte, or asks whether any of eight bytes is set, has read one of very
//! many values, or histories of them; but as soon as a byte differs that will not be stored again, or one is set, what
//! the final state shows is known. Nobody then asks for what was read, nor for what is still to be read.
//!
//! # When
//!
//! A hart is at a leaf, computes no address, and shows a register that is computed from what it read and is not just
//! that. What a load that is still to be performed may return is, byte by byte: what memory holds; what its own hart
//! may have stored before it; and whatever another hart may store there, of those that may still store there.
//! A store of a constant is of that value, any other one is of any.
//!
//! # Why
//!
//! Those are all values that the load may still return, and what an expression may come to is taken for more than it
//! is, never for less. So if only one value is left then the register holds that in the end, and that is part
//! of the local state from then on; the values that only it was computed from are not. A load that only such
//! registers ask for is one that nobody asks for (see `unused_loads` in the layer `step`): it is performed as soon
//! as it can be, also where it had decided to wait.

use super::LocalSets;
use crate::litmus::CType;
use crate::model::AccessKind;
use crate::operational::compile::{CompiledMachine, End, ExprId, Exprs, Possible, Set};
use crate::operational::state::Cursor;
use crate::program::ObservedFrom;

/// What it counts for to find out what a register may come to.
const LOOKS_OF_A_RESULT: usize = 2;

/// What there is to know of a machine for this.
#[derive(Debug)]
pub(super) struct Results {
    /// What may be stored to each cell, by hart.
    stored: Vec<Vec<Possible>>,
    /// By hart, how many registers it shows, if some are computed.
    pub(super) shown: Vec<usize>,
    /// Which of the observed places are registers: index, hart, number of the hart's register, type.
    registers: Vec<(usize, usize, usize, CType)>,
}

impl Results {
    /// Looks at a machine; `None` if no register is shown that is computed from values read.
    pub(super) fn of<S: Set>(machine: &CompiledMachine<'_, S>) -> Option<Results> {
        let mut registers = Vec::new();
        let mut counts = vec![0; machine.harts.len()];
        for (index, observed) in machine.program.observed.iter().enumerate() {
            if let ObservedFrom::Register(hart, _) = observed.from {
                let number = &mut counts[hart.index()];
                registers.push((index, hart.index(), *number, observed.ctype()));
                *number += 1;
            }
        }
        let computes = |h: usize| {
            let hart = &machine.harts[h];
            let tree = &hart.tree;
            let exprs = tree.nodes.iter().filter_map(|node| match node.end {
                End::Leaf(leaf) => Some(tree.observed(leaf)),
                _ => None,
            });
            !hart.computes_addresses
                && counts[h] < 64
                && exprs.flatten().any(|expr| is_computed(&tree.exprs, *expr))
        };
        let shown: Vec<usize> =
            (0..counts.len()).map(|h| if computes(h) { counts[h] } else { 0 }).collect();
        let any = machine.reductions.early_results && shown.iter().any(|count| *count > 0);
        let stored = || (0..counts.len()).map(|h| stored(machine, h)).collect();
        any.then(|| Results { stored: stored(), shown, registers })
    }
}

fn is_computed<S: Set>(exprs: &Exprs<S>, expr: ExprId) -> bool {
    !exprs.sources(expr).is_empty() && exprs.as_loaded(expr).is_none()
}

/// What hart `h` may store to each cell.
fn stored<S: Set>(machine: &CompiledMachine<'_, S>, h: usize) -> Vec<Possible> {
    let mut stored = vec![Possible::none(); machine.cells.list.len()];
    machine.harts[h].each_stored(&machine.cells, |cell, value| {
        let bytes = machine.cells.list[cell].bytes;
        match value {
            Some(value) => stored[cell].insert(0, bytes, value),
            None => stored[cell].insert_all(0, bytes),
        }
    });
    stored
}

impl<S: Set> LocalSets<'_, S> {
    /// Finds registers of hart `h` that are known to end with a value while others may still write `written`, and
    /// forgets the values that only they are computed from. Says whether there are such.
    pub(super) fn find_results(&mut self, h: usize, written: S) -> bool {
        let Some(results) = self.results.as_ref().filter(|results| results.shown[h] > 0) else {
            return false;
        };
        let at = self.stepper.view().at(&self.state, h);
        let End::Leaf(leaf) = at.node.end else { return false };
        let done = at.position.performed;
        let exprs = &at.hart.tree.exprs;
        let loaded = at.hart.loaded(&self.state);
        let mut found = Vec::new();
        let mut asked = S::EMPTY;
        let mut evaluated = 0;
        for (number, expr) in at.hart.tree.observed(leaf).iter().enumerate() {
            if self.extra[h].results[0] >> number & 1 == 1 {
                continue;
            }
            let sources = exprs.sources(*expr);
            if is_computed(exprs, *expr) && sources.meets(done) {
                let of = |place| match done.has(place) {
                    true => Possible::Only(loaded[place]),
                    false => possible_load(&at, results, &self.state, place, h, written),
                };
                evaluated += 1;
                let value = match sources.within(done) {
                    true => Some(exprs.eval(*expr, loaded)),
                    false => exprs.possible(*expr, &of).value(),
                };
                if let Some(value) = value {
                    found.push((number, value));
                    continue;
                }
            }
            asked |= sources;
        }
        self.looks += LOOKS_OF_A_RESULT * evaluated;
        if found.is_empty() {
            return false;
        }
        let at = self.stepper.view().at(&self.state, h);
        let mut blank = done & at.facts.reads & !asked & !asked_on_path(&at);
        if at.hart.value_words > at.hart.tree.depth {
            blank = S::EMPTY;
        }
        let first = at.hart.first_value;
        for (number, value) in found {
            self.extra[h].results[0] |= 1 << number;
            self.extra[h].results[1 + number] = value;
        }
        blank.members().for_each(|place| self.state[first + place] = 0);
        true
    }

    /// A load of hart `h` that is to be performed though others may store to its bytes, be it asleep, for nobody asks
    /// for its value.
    pub(super) fn idle_load(&self, h: usize) -> Option<usize> {
        if self.extra[h].results.first().is_none_or(|known| *known == 0) {
            return None;
        }
        let hart_state = self.stepper.view().hart_state(&self.state, h);
        let loads = hart_state.enabled.loads | hart_state.position.asleep;
        if loads.is_empty() {
            return None;
        }
        let at = self.stepper.view().at(&self.state, h);
        let End::Leaf(leaf) = at.node.end else { return None };
        let mut asked = asked_on_path(&at);
        for (number, expr) in at.hart.tree.observed(leaf).iter().enumerate() {
            if self.extra[h].results[0] >> number & 1 == 0 {
                asked |= at.hart.tree.exprs.sources(*expr);
            }
        }
        (loads & !asked).members().find(|place| {
            let op = at.op(*place);
            op.kind == AccessKind::Load
                && op.expected.is_none()
                && at.place(*place).value_users.is_empty()
                && at.older_reads(*place).within(at.position.performed)
        })
    }

    /// Writes the values of the observed places in a final state to `values`.
    pub(super) fn observe(&self, values: &mut Vec<u64>) {
        values.clear();
        values.extend(self.stepper.view().observed(&self.state));
        let Some(results) = &self.results else { return };
        for &(index, h, number, ctype) in &results.registers {
            let known = &self.extra[h].results;
            if known.first().is_some_and(|bits| bits >> number & 1 == 1) {
                values[index] = ctype.normalize(known[1 + number]);
            }
        }
    }
}

/// Operations whose values the rest of the path asks for, but for what the final state shows.
fn asked_on_path<S: Set>(at: &Cursor<'_, S>) -> S {
    let (tree, done) = (&at.hart.tree, at.position.performed);
    let mut asked = at.facts.reads.filter(|place| !at.place(place).value_users.within(done));
    for guard in tree.guards(at.node) {
        let sources = tree.exprs.sources(guard.value);
        asked |= sources.when(!sources.within(done));
    }
    for check in tree.checks(at.node) {
        asked |= tree.exprs.sources(check.address);
    }
    asked
}

/// What the load at `place` of hart `h`, which is still to be performed, may return.
fn possible_load<S: Set>(
    at: &Cursor<'_, S>,
    results: &Results,
    state: &[u64],
    place: usize,
    h: usize,
    written: S,
) -> Possible {
    let (machine, op) = (at.machine, at.op(place));
    let Some(span) = at.span(place).filter(|_| op.high.is_none()) else { return Possible::ANY };
    let own = at.cells_of_all(at.older_stores(place));
    let (mut possible, mut first) = (Possible::none(), 0);
    for cell in span.indices() {
        let bytes = machine.cells.list[cell].bytes;
        possible.insert(first, bytes, state[machine.memory + cell]);
        for (other, stored) in results.stored.iter().enumerate() {
            let may = if other == h { own.has(cell) } else { written.has(cell) };
            if may {
                possible.insert_those(first, bytes, &stored[cell]);
            }
        }
        first += bytes;
    }
    match op.kind == AccessKind::Load {
        true => possible.extended(first, op.extend == crate::arch::Extend::Sign),
        false => Possible::ANY,
    }
}
