//! All outcomes of a program.

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::litmus::HartId;
use crate::model::{BaseModel, Options};
use crate::program::{Completeness, Fault, FinalState, Hart, Outcomes, Program, StateSet};

use super::candidate::{Candidate, Layout};
use super::order::Order;
use super::pool::Pool;
use super::run::{Run, Runner, Scope};
use super::search::{Goal, Search};
use super::trace::{End, Trace};

/// Every final state of `program` when hart `i` follows `models[i]`.
///
/// `stop` is asked now and then; once it says `true`, the search ends and the result is
/// [`Completeness::Timeout`].
///
/// # Errors
/// The first fault, by hart and step, that a consistent execution reaches; or [`Fault::TooLarge`].
pub fn outcomes(
    program: &Program,
    models: &[BaseModel],
    options: &Options,
    stop: &dyn Fn() -> bool,
) -> Result<Outcomes, Fault> {
    let traces = traces(program, models, options, Scope::Plausible, stop)?;
    let layout = layout(&traces);
    let goal = Collect::new(program, &traces, stop);
    let (goal, work) = Search::new(program, options, &layout, &traces, &[], goal).run();
    goal.result(work)
}

/// Room for the longest trace of each hart.
pub(super) fn layout(traces: &[Vec<impl Borrow<Trace>>]) -> Layout {
    let longest =
        |traces: &Vec<_>| traces.iter().map(|t: &_| Borrow::<Trace>::borrow(t).ops.len()).max();
    Layout::new(traces.iter().map(|traces| longest(traces).unwrap_or(0)))
}

/// Every trace that each hart can have with values that stores may have written.
///
/// # Errors
/// [`Fault::TooLarge`].
pub(super) fn traces(
    program: &Program,
    models: &[BaseModel],
    options: &Options,
    scope: Scope,
    stop: &dyn Fn() -> bool,
) -> Result<Vec<Vec<Trace>>, Fault> {
    let mut pool = Pool::new(program.harts.len());
    let mut runs: Vec<Vec<Run>> = Vec::with_capacity(models.len());
    loop {
        for (index, model) in models.iter().enumerate() {
            let (hart, model) = (HartId(index as u16), *model);
            let run =
                || Runner { program, hart, model, options, pool: &pool, scope, stop }.traces();
            match runs.get_mut(index) {
                None => runs.push(run()?),
                // What does not read does as before.
                Some(known) if reads(&program.harts[index]) => *known = run()?,
                Some(_) => {}
            }
        }
        let mut changed = false;
        for image in runs.iter().flatten().flat_map(|run| &run.images) {
            changed |= pool.insert(*image);
        }
        if !changed || stop() {
            let only_trace = |runs: Vec<Run>| runs.into_iter().map(|run| run.trace).collect();
            return Ok(runs.into_iter().map(only_trace).collect());
        }
    }
}

/// Does the hart read memory?
fn reads(hart: &Hart) -> bool {
    hart.code.iter().any(|step| step.action.reads_memory())
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
            asked: 0,
        }
    }

    fn result(mut self, work: u64) -> Result<Outcomes, Fault> {
        if let Some((_, _, fault)) =
            self.faults.into_iter().min_by_key(|(hart, step, _)| (*hart, *step))
        {
            return Err(fault);
        }
        let completeness = if self.stopped {
            Completeness::Timeout
        } else if self.cuts.is_empty() {
            Completeness::Complete
        } else {
            Completeness::Bounded(self.cuts.into_iter().collect())
        };
        let states = Arc::new(self.states.sorted());
        Ok(Outcomes { states, completeness, work, transitions: 0 })
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

    fn found(&mut self, execution: &Candidate<'_>, _: &Order, state: Option<FinalState>) {
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
        Fault::TooLarge { .. } => 0,
    }
}
