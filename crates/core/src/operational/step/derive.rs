//! What follows from a hart's position.

use super::coherence;
use super::enabled::enabled;
use crate::model::ScFailure;
use crate::operational::compile::{CompiledMachine, End, Set};
use crate::operational::state::{Cursor, HartState, Position, Stage, computed_values};

/// Works out what follows from a position of hart `h`'s paths.
pub(crate) fn hart_state<S: Set>(
    machine: &CompiledMachine<'_, S>,
    h: usize,
    position: Position<S>,
    epoch: u32,
) -> HartState<S> {
    let at = Cursor::new(machine, h, &position);
    // Without a computed address nothing waits for one.
    let computed = S::FULL.when(!at.facts.computed.is_empty());
    let (reads, reserved) = (at.reads_to_come(), at.reserved());
    let failures_forced = machine.options.sc_failure == ScFailure::Spurious
        || at.node.failed_pairs.within(position.broken);
    HartState {
        enabled: enabled(&at, epoch),
        reads_or_reserves: reads | reserved,
        reads,
        writes: at.writes_to_come(),
        reserved,
        affected_by: coherence::affected_by(&at),
        sleepers: position.asleep
            & !(position.asleep & computed).filter(|place| at.waits_for_own_store(place)),
        live: at.live(),
        computed: computed_values::computed(&at),
        stage: stage(&at),
        leaf: match at.node.end {
            End::Leaf(leaf) => Some(leaf),
            _ => None,
        },
        confirmed: at.guards_hold(at.hart.tree.guards(at.node)),
        failures_forced,
        only_stores_left: only_stores_left(&at),
        first_place: at.facts.computed.is_empty().then_some(at.facts.first_place as u32),
        position,
    }
}

fn stage<S: Set>(at: &Cursor<'_, S>) -> Stage {
    match at.node.end {
        End::Leaf(_) if at.open().is_empty() => Stage::Finished,
        End::Cut(_) | End::BadJump(..) | End::Repeats => Stage::Stuck,
        End::Leaf(_) | End::Fork(_) => Stage::Running,
    }
}

fn only_stores_left<S: Set>(at: &Cursor<'_, S>) -> bool {
    let open = at.open();
    matches!(at.node.end, End::Leaf(_))
        && at.hart.tree.checks(at.node).is_empty()
        && !open.meets(at.facts.reads | at.facts.computed | at.facts.conditionals)
        && open.members().all(|place| !at.place(place).cells.is_empty())
}
