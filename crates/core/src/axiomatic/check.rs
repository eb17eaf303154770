//! A checker of evidence, which shares nothing with the searches that find it.
//!
//! A witness is checked by reading the axioms off its global memory order, as the manual words them. A
//! cycle is checked edge by edge. Both take the traces as given: what the instructions compute, and
//! which operations depend on which, is not repeated here. Nor is it checked that *all* executions were
//! refuted: that is what the comparison of the engines is for.

use crate::litmus::HartId;
use crate::model::{AccessKind, Options, Rule, RuleSet, ScFailure};
use crate::program::{FinalState, ObservedFrom, Program};

use super::evidence::{
    Coherence, Contradiction, Edge, EventId, Execution, ReadsOf, Refutation, Why, Witness, Written,
};
use super::ppo::rules_between;
use super::trace::End;

/// What is wrong with a piece of evidence.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unsound(String);

type Checked = Result<(), Unsound>;

fn ensure(holds: bool, what: impl FnOnce() -> String) -> Checked {
    if holds { Ok(()) } else { Err(Unsound(what())) }
}

/// Does the execution obey every axiom in the order given, and end as it says?
///
/// # Errors
/// What it violates.
pub fn witness(program: &Program, options: &Options, witness: &Witness) -> Checked {
    let Witness { execution, gmo, state } = witness;
    let rules = options.rules;
    let mut sorted = gmo.clone();
    sorted.sort_unstable();
    ensure(sorted.iter().copied().eq(execution.events()), || {
        "the order is not one of all operations".to_string()
    })?;
    values(program, execution)?;
    let place = |event: EventId| gmo.iter().position(|e| *e == event).unwrap_or(usize::MAX);
    for a in execution.events() {
        for b in execution.events().filter(|b| b.hart == a.hart && a.nth < b.nth) {
            let by = ppo(execution, rules, a, b);
            ensure(by.is_empty() || place(a) < place(b), || {
                format!("{a:?} does not precede {b:?} though {by:?} demands it")
            })?;
        }
    }
    for load in execution.events().filter(|e| execution.op(*e).reads()) {
        for (byte, written) in bytes(execution, load) {
            let latest = latest(execution, gmo, byte, |store| {
                store != load && (place(store) < place(load) || po(store, load))
            });
            ensure(latest == written, || {
                format!("{load:?} returns {written:?} for byte {byte:#x}, not {latest:?}")
            })?;
        }
    }
    if rules.contains(Rule::Atomicity) {
        atomicity(execution, gmo)?;
    }
    if options.sc_failure == ScFailure::OnlyWhenForced {
        failures(execution, gmo)?;
    }
    ensure(final_state(program, execution, gmo) == *state, || "it ends otherwise".to_string())
}

/// Program order.
fn po(a: EventId, b: EventId) -> bool {
    a.hart == b.hart && a.nth < b.nth
}

fn ppo(execution: &Execution, rules: RuleSet, a: EventId, b: EventId) -> RuleSet {
    let reads = ReadsOf { execution, hart: a.hart };
    rules_between(&execution.traces[a.hart.index()], &reads, rules, a.nth, b.nth)
}

/// The bytes that a load covers and what wrote them.
fn bytes(execution: &Execution, load: EventId) -> impl Iterator<Item = (u64, Written)> + '_ {
    (execution.op(load).footprint.address..).zip(execution.read(load).iter().copied())
}

fn covers(execution: &Execution, event: EventId, byte: u64) -> bool {
    let footprint = execution.op(event).footprint;
    (footprint.address..footprint.address + u64::from(footprint.width)).contains(&byte)
}

/// The last of the stores to a byte that satisfy `which`.
fn latest(
    execution: &Execution,
    gmo: &[EventId],
    byte: u64,
    which: impl Fn(EventId) -> bool,
) -> Written {
    gmo.iter()
        .rev()
        .find(|e| execution.op(**e).writes() && covers(execution, **e, byte) && which(**e))
        .map_or(Written::Initially, |store| Written::By(*store))
}

/// The value of a byte, right after it was written.
fn stored(program: &Program, execution: &Execution, written: Written, byte: u64) -> Option<u8> {
    match written {
        Written::Initially => {
            let location = program.location_at(byte, 1)?;
            location.initial.get((byte - location.address) as usize).copied()
        }
        Written::By(store) => {
            let op = execution.op(store);
            (op.writes() && covers(execution, store, byte))
                .then(|| (op.written >> (8 * (byte - op.footprint.address))) as u8)
        }
    }
}

/// Does every load return what its sources wrote?
fn values(program: &Program, execution: &Execution) -> Checked {
    for load in execution.events().filter(|e| execution.op(*e).reads()) {
        let op = execution.op(load);
        ensure(execution.read(load).len() == usize::from(op.footprint.width), || {
            format!("{load:?} has bytes without a source")
        })?;
        for (byte, written) in bytes(execution, load) {
            let value = (op.read >> (8 * (byte - op.footprint.address))) as u8;
            ensure(stored(program, execution, written, byte) == Some(value), || {
                format!(
                    "{load:?} returns {value} for byte {byte:#x}, which {written:?} did not write"
                )
            })?;
        }
    }
    Ok(())
}

/// The pairs of LR and SC.
fn pairs(execution: &Execution) -> impl Iterator<Item = (EventId, EventId)> + '_ {
    execution.events().filter_map(|sc| {
        let lr = execution.op(sc).paired?;
        Some((EventId { hart: sc.hart, nth: lr }, sc))
    })
}

fn atomicity(execution: &Execution, gmo: &[EventId]) -> Checked {
    let place = |event: EventId| gmo.iter().position(|e| *e == event);
    for (lr, sc) in pairs(execution) {
        for (byte, written) in bytes(execution, lr) {
            let after = match written {
                Written::Initially => None,
                Written::By(store) => place(store),
            };
            ensure(after < place(sc), || format!("{written:?} does not precede {sc:?}"))?;
            let between = gmo.iter().enumerate().find(|(index, store)| {
                Some(*index) > after
                    && Some(*index) < place(sc)
                    && store.hart != sc.hart
                    && execution.op(**store).writes()
                    && covers(execution, **store, byte)
            });
            ensure(between.is_none(), || format!("{between:?} comes between {lr:?} and {sc:?}"))?;
        }
    }
    Ok(())
}

/// Was every paired SC that failed forced to?
fn failures(execution: &Execution, gmo: &[EventId]) -> Checked {
    let place = |event: EventId| gmo.iter().position(|e| *e == event);
    for (hart, trace) in (0u16..).zip(&execution.traces) {
        for failed in &trace.failed {
            let lr = EventId { hart: HartId(hart), nth: failed.paired };
            let forced = bytes(execution, lr).any(|(byte, written)| {
                let after = match written {
                    Written::Initially => None,
                    Written::By(store) => place(store),
                };
                gmo.iter().enumerate().any(|(index, store)| {
                    Some(index) > after
                        && store.hart != lr.hart
                        && execution.op(*store).writes()
                        && covers(execution, *store, byte)
                })
            });
            ensure(forced, || format!("the SC paired with {lr:?} fails unforced"))?;
        }
    }
    Ok(())
}

fn final_state(program: &Program, execution: &Execution, gmo: &[EventId]) -> FinalState {
    program
        .observed
        .iter()
        .map(|observed| {
            let raw = match observed.from {
                ObservedFrom::Register(hart, reg) => {
                    execution.traces[hart.index()].registers[reg.number()]
                }
                ObservedFrom::Memory { address, bytes } => {
                    (address..address + bytes).rev().fold(0, |value, byte| {
                        let written = latest(execution, gmo, byte, |_| true);
                        let byte = stored(program, execution, written, byte).unwrap_or(0);
                        value << 8 | u64::from(byte)
                    })
                }
            };
            observed.ctype().normalize(raw)
        })
        .collect()
}

/// Is what is said to be wrong with the execution really wrong?
///
/// # Errors
/// What does not hold.
pub fn refutation(program: &Program, options: &Options, refutation: &Refutation) -> Checked {
    let Refutation { execution, coherence, contradiction, state } = refutation;
    let complete = execution.traces.iter().all(|trace| trace.end == End::Complete);
    ensure(complete, || "a hart does not finish".to_string())?;
    values(program, execution)?;
    registers(program, execution, state)?;
    match contradiction {
        Contradiction::Cycle(cycle) => {
            chained(cycle)?;
            let closes = cycle.last().map(|e| e.to) == cycle.first().map(|e| e.from);
            ensure(closes && !cycle.is_empty(), || "the cycle is open".to_string())?;
            cycle.iter().try_for_each(|e| edge(program, options, refutation, e))?;
            for Coherence { before, after, proof } in coherence {
                chained(proof)?;
                let ends = (proof.first().map(|e| e.from), proof.last().map(|e| e.to));
                ensure(ends == (Some(*before), Some(*after)), || {
                    format!("{before:?} before {after:?} is not proved")
                })?;
                proof.iter().try_for_each(|e| edge(program, options, refutation, e))?;
            }
            Ok(())
        }
        Contradiction::InitialHidden { load, store } => {
            let hidden = bytes(execution, *load).any(|(byte, written)| {
                written == Written::Initially && covers(execution, *store, byte)
            });
            ensure(hidden && po(*store, *load) && execution.op(*store).writes(), || {
                format!("{store:?} hides nothing from {load:?}")
            })
        }
        Contradiction::Unpaired(sc) => {
            let op = execution.op(*sc);
            let alone = op.kind == AccessKind::StoreConditional && op.paired.is_none();
            ensure(alone, || format!("{sc:?} is paired"))
        }
        Contradiction::Unforced { .. } => {
            ensure(options.sc_failure == ScFailure::OnlyWhenForced, || "an SC may fail".to_string())
        }
    }
}

/// Do the registers end as the state says?
fn registers(program: &Program, execution: &Execution, state: &FinalState) -> Checked {
    for (observed, value) in program.observed.iter().zip(state) {
        if let ObservedFrom::Register(hart, reg) = observed.from {
            let raw = execution.traces[hart.index()].registers[reg.number()];
            ensure(observed.ctype().normalize(raw) == *value, || {
                format!("{} ends otherwise", observed.place)
            })?;
        }
    }
    Ok(())
}

fn chained(edges: &[Edge]) -> Checked {
    ensure(edges.windows(2).all(|pair| pair[0].to == pair[1].from), || {
        "the edges do not follow one another".to_string()
    })
}

/// Does the edge hold for the reason given?
fn edge(program: &Program, options: &Options, refutation: &Refutation, edge: &Edge) -> Checked {
    let Refutation { execution, coherence, state, .. } = refutation;
    let Edge { from, to, why } = edge;
    let (from, to) = (*from, *to);
    let both_store = |byte: u64| {
        [from, to].iter().all(|e| execution.op(*e).writes() && covers(execution, *e, byte))
    };
    let ordered = |written: Written, later: EventId| match written {
        Written::Initially => true,
        Written::By(store) => coherence.iter().any(|c| c.before == store && c.after == later),
    };
    let holds = match why {
        Why::Ppo(rules) => {
            po(from, to) && !rules.is_empty() && {
                let by = ppo(execution, options.rules, from, to);
                rules.iter().all(|rule| by.contains(rule))
            }
        }
        Why::ReadsFrom => !po(from, to) && execution.read(to).contains(&Written::By(from)),
        Why::FromRead(written) => {
            *written != Written::By(to)
                && from != to
                && execution.op(to).writes()
                && ordered(*written, to)
                && bytes(execution, from)
                    .any(|(byte, w)| w == *written && covers(execution, to, byte))
        }
        Why::ReadPast(load) => {
            po(from, *load)
                && from != to
                && bytes(execution, *load).any(|(byte, w)| w == Written::By(to) && both_store(byte))
        }
        Why::Final => from != to && ends_with(program, execution, state, from, to),
        Why::Chosen => {
            let footprint = execution.op(from).footprint;
            from != to && (0..usize::from(footprint.width)).any(|i| both_store(footprint.byte(i)))
        }
        Why::AtomicSource(lr) => {
            pairs(execution).any(|pair| pair == (*lr, to))
                && execution.read(*lr).contains(&Written::By(from))
        }
        Why::Atomic(lr, written) => {
            pairs(execution).any(|pair| pair == (*lr, from))
                && to.hart != from.hart
                && *written != Written::By(to)
                && execution.op(to).writes()
                && ordered(*written, to)
                && bytes(execution, *lr)
                    .any(|(byte, w)| w == *written && covers(execution, to, byte))
        }
    };
    ensure(holds, || format!("{from:?} -> {to:?} does not follow from {why:?}"))
}

/// Is there an observed byte, stored by both, whose final value is the one that `last` stored? That is
/// what ordering `earlier` before it supposes.
fn ends_with(
    program: &Program,
    execution: &Execution,
    state: &FinalState,
    earlier: EventId,
    last: EventId,
) -> bool {
    program.observed.iter().zip(state).any(|(observed, value)| match observed.from {
        ObservedFrom::Memory { address, bytes } => (address..address + bytes).any(|byte| {
            execution.op(earlier).writes()
                && covers(execution, earlier, byte)
                && stored(program, execution, Written::By(last), byte)
                    == Some((value >> (8 * (byte - address))) as u8)
        }),
        ObservedFrom::Register(..) => false,
    })
}
