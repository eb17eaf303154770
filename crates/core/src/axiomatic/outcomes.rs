//! All outcomes of a program.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::litmus::HartId;
use crate::model::{BaseModel, Options};
use crate::program::{Completeness, Fault, FinalState, Limits, Outcomes, Program, StateSet};

use super::candidate::{Candidate, Layout};
use super::interpreter::{Scope, traces_within};
use super::search::{Goal, PartialGmo, Search};
use super::trace::{End, Trace};

/// Every final state of `program` when hart `i` follows `models[i]`.
///
/// # Errors
/// The first fault, by hart and step, that a consistent execution reaches; [`Fault::TooLarge`];
/// [`Fault::RanOut`].
pub fn outcomes(
    program: &Program,
    models: &[BaseModel],
    options: &Options,
    limits: Limits<'_>,
) -> Result<Outcomes, Fault> {
    let Limits { interrupted: stop, memory, .. } = limits;
    let (traces, bytes) = traces_within(program, models, options, Scope::Plausible, stop, memory)?;
    let layout = Layout::of(&traces);
    let goal = Collect::new(program, &traces, stop);
    let memory = memory - bytes;
    let search = Search::within(program, options, &layout, &traces, &[], goal, memory);
    let (goal, work) = search.run();
    goal.result(work)
}

/// Collects final states, and the ends other than completion that are reached.
struct Collect<'p> {
    program: &'p Program,
    states: StateSet,
    /// Ends that some trace has and that are not known to be reached.
    unknown: Vec<(HartId, End)>,
    cuts: BTreeSet<(HartId, usize)>,
    faults: Vec<(HartId, usize, Fault)>,
    stop: &'p dyn Fn() -> bool,
    stopped: bool,
    out_of_memory: bool,
    asked: u64,
}

impl<'p> Collect<'p> {
    fn new(program: &'p Program, traces: &[Vec<Trace>], stop: &'p dyn Fn() -> bool) -> Self {
        let mut unknown = Vec::new();
        for (hart, traces) in traces.iter().enumerate() {
            for trace in traces.iter().filter(|t| !matches!(t.end, End::Complete | End::Repeats)) {
                let end = (HartId(hart as u16), trace.end.clone());
                if !unknown.contains(&end) {
                    unknown.push(end);
                }
            }
        }
        Collect {
            program,
            states: StateSet::new(program.observed.len()),
            unknown,
            cuts: BTreeSet::new(),
            faults: Vec::new(),
            stop,
            stopped: stop(),
            out_of_memory: false,
            asked: 0,
        }
    }

    fn result(mut self, work: u64) -> Result<Outcomes, Fault> {
        if let Some((_, _, fault)) =
            self.faults.into_iter().min_by_key(|(hart, step, _)| (*hart, *step))
        {
            return Err(fault);
        }
        let completeness = if self.out_of_memory {
            Completeness::MemoryLimit
        } else if self.stopped {
            Completeness::Timeout
        } else if self.cuts.is_empty() {
            Completeness::Complete
        } else {
            Completeness::Bounded(self.cuts.into_iter().collect())
        };
        let states = Arc::new(self.states.sorted());
        Ok(Outcomes { states, completeness, work, ..Outcomes::default() })
    }
}

impl Goal for Collect<'_> {
    fn wants_traces(&mut self, traces: &[&Trace]) -> bool {
        let mut incomplete =
            traces.iter().enumerate().filter(|(_, t)| t.end != End::Complete).peekable();
        incomplete.peek().is_none()
            || incomplete.any(|(hart, trace)| {
                self.unknown.iter().any(|(h, end)| h.index() == hart && *end == trace.end)
            })
    }

    fn wants_state(&mut self, state: &FinalState) -> bool {
        !self.states.contains(state)
            && self.program.filter.as_ref().is_none_or(|filter| filter.holds(state))
    }

    fn found(&mut self, execution: &Candidate<'_>, _: &PartialGmo, state: Option<FinalState>) {
        if let Some(state) = state {
            self.states.insert(state.iter().copied());
            return;
        }
        for (hart, trace) in execution.traces.iter().enumerate() {
            let hart = HartId(hart as u16);
            let Some(trace) = trace else { continue };
            self.unknown.retain(|(h, end)| *h != hart || *end != trace.end);
            match &trace.end {
                End::Complete | End::Repeats => {}
                End::Cut(step) => {
                    self.cuts.insert((hart, *step));
                }
                End::Fault(fault) => self.faults.push((hart, fault_step(fault), (**fault).clone())),
            }
        }
    }

    fn memory(&self) -> usize {
        self.states.memory()
    }

    fn out_of_memory(&mut self) {
        self.out_of_memory = true;
        self.stopped = true;
    }

    fn stop(&mut self) -> bool {
        self.asked += 1;
        if self.asked.is_multiple_of(256) {
            self.stopped |= (self.stop)();
        }
        self.stopped
    }
}

fn fault_step(fault: &Fault) -> usize {
    match fault {
        Fault::BadAddress { step, .. }
        | Fault::Misaligned { step, .. }
        | Fault::BadJump { step, .. } => *step,
        Fault::TooLarge { .. } | Fault::RanOut(_) => 0,
    }
}
