//! The rules that are known before a hart runs, as a mask for each operation: what of its path must
//! have been performed first. A memory model is nothing but a choice of these masks.
//!
//! The masks are closed: whatever comes before something that comes before an operation is in its mask. So
//! two models that order a test's operations alike have the same masks, whichever rules say so.
//!
//! Rules 2, 3 and 12, the atomicity axiom, and rules 1 and 13 where an address is computed, depend on
//! the execution; see `ready` and `perform`.

use super::machine::HartMachine;
use super::set::Set;
use super::tree::End;
use crate::model::{Acquire, Annotation, MemoryModel, Options, Release, Rule, annotate};
use crate::program::Hart;

/// Fills [`HartMachine::before`] for `model`; says whether anything is another than before.
pub(super) fn order<S: Set>(
    machine: &mut HartMachine<S>,
    hart: &Hart,
    model: MemoryModel,
    options: &Options,
) -> bool {
    let rules = options.rules;
    machine.before.resize(machine.tree.ops.len(), S::EMPTY);
    let mut changed = false;
    machine.annotations.clear();
    machine.annotations.extend(
        machine
            .tree
            .ops
            .iter()
            .map(|op| annotate(&hart.code[op.step].instr, op.kind, model, options)),
    );
    let annotations: &[Annotation] = &machine.annotations;
    for node in &machine.tree.nodes {
        for place in node.first..node.len {
            let path = machine.tree.path(node);
            let id = path[place] as usize;
            let b = &machine.tree.ops[id];
            let annotation = annotations[id];
            let mut before = S::EMPTY;
            for (earlier, &a_id) in path[..place].iter().enumerate() {
                let a_id = a_id as usize;
                let a = annotations[a_id];
                let overlaps = || machine.cells[a_id].meets(machine.cells[id]);
                let ordered = (rules.contains(Rule::R1) && b.kind.writes() && overlaps())
                    || (rules.contains(Rule::R5) && a.acquire != Acquire::None)
                    || (rules.contains(Rule::R6) && annotation.release != Release::None)
                    || (rules.contains(Rule::R7) && a.is_rcsc() && annotation.is_rcsc())
                    || (rules.contains(Rule::R8) && b.paired == Some(earlier as u16));
                before |= S::only(earlier).when(ordered);
            }
            let mut add = |rule, deps: S| before |= deps.when(rules.contains(rule));
            add(Rule::R4, b.fence_deps);
            add(Rule::R9, b.address_deps);
            add(Rule::R10, b.data_deps);
            if b.kind.writes() {
                add(Rule::R11, b.control_deps);
                add(Rule::R13, b.earlier_address_deps);
            }
            before &= !b.siblings;
            // Atomicity axiom: "s must precede w in the global memory order", s the store that the
            // LR read from; until it is performed that store is one of the hart's own.
            if rules.contains(Rule::Atomicity)
                && let Some(lr) = b.paired
            {
                let lr = lr as usize;
                let lr_cells = machine.cells[path[lr] as usize];
                for earlier in S::below(lr).members() {
                    let a_id = path[earlier] as usize;
                    let overlaps = machine.cells[a_id].meets(lr_cells);
                    before |=
                        S::only(earlier).when(machine.tree.ops[a_id].kind.writes() && overlaps);
                }
            }
            let closed = before
                .members()
                .fold(before, |all, earlier| all | machine.before[path[earlier] as usize]);
            changed |= machine.before[id] != closed;
            machine.before[id] = closed;
        }
    }
    for place in &mut machine.places {
        place.before = machine.before[place.op as usize];
    }
    foresee(machine);
    changed
}

/// Fills [`HartMachine::before_below`].
fn foresee<S: Set>(machine: &mut HartMachine<S>) {
    machine.before_below.clear();
    machine.below.clear();
    machine.below.resize(machine.tree.nodes.len(), 0..0);
    for id in (0..machine.tree.nodes.len()).rev() {
        let node = &machine.tree.nodes[id];
        let End::Fork(fork) = &node.end else { continue };
        let mut least: Vec<S> = Vec::new();
        for &arm in &fork.arms {
            let below = &machine.tree.nodes[arm as usize];
            let own = machine.tree.path(below)[below.first..].iter();
            let own = own.map(|op| machine.before[*op as usize]);
            let deeper = machine.before_below[machine.below[arm as usize].clone()].iter();
            for before in own.chain(deeper.copied()) {
                let on_path = before.within(S::below(node.len));
                if on_path && !least.iter().any(|l| l.within(before)) {
                    least.retain(|l| !before.within(*l));
                    least.push(before);
                }
            }
        }
        let start = machine.before_below.len();
        machine.before_below.extend(least);
        machine.below[id] = start..machine.before_below.len();
    }
}
