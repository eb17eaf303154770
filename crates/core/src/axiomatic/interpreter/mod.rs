//! Running one hart alone: every trace that it can have when loads return what stores may have written.

mod access;
mod possible_stores;
mod readable;
mod repeat;
mod split;
mod state;
mod step;

use std::cell::Cell;

use crate::litmus::HartId;
use crate::model::{BaseModel, Options};
use crate::program::repeat::loop_heads;
use crate::program::{Completeness, Fault, Hart, Program};

use super::trace::{End, Trace};
use possible_stores::PossibleStores;
use state::{InterpreterState, Run};

pub(super) use possible_stores::Scope;

/// Bytes that the traces of a test may take where they are to be explained: a count, not the run's limit, so
/// that the same is said everywhere.
const MOST_BYTES: usize = 24 << 20;

/// Every trace that each hart can have with values that stores may have written.
///
/// # Errors
/// [`Fault::TooLarge`]; [`Fault::RanOut`] of more than [`MOST_BYTES`].
pub(super) fn traces(
    program: &Program,
    models: &[BaseModel],
    options: &Options,
    scope: Scope,
    stop: &dyn Fn() -> bool,
) -> Result<Vec<Vec<Trace>>, Fault> {
    traces_within(program, models, options, scope, stop, MOST_BYTES).map(|(traces, _)| traces)
}

/// As [`traces`], in so many bytes of memory; and how many they take.
///
/// # Errors
/// [`Fault::TooLarge`], [`Fault::RanOut`].
pub(super) fn traces_within(
    program: &Program,
    models: &[BaseModel],
    options: &Options,
    scope: Scope,
    stop: &dyn Fn() -> bool,
    memory: usize,
) -> Result<(Vec<Vec<Trace>>, usize), Fault> {
    let memory = &Memory { limit: memory, held: Cell::new(0) };
    let mut possible_stores = PossibleStores::new(program.harts.len());
    let mut runs: Vec<Vec<Run>> = Vec::with_capacity(models.len());
    loop {
        for (index, model) in models.iter().enumerate() {
            let (hart, model) = (HartId(index as u16), *model);
            let run = || {
                Interpreter {
                    program,
                    hart,
                    model,
                    options,
                    possible_stores: &possible_stores,
                    scope,
                    stop,
                    memory,
                }
                .traces()
            };
            match runs.get_mut(index) {
                None => runs.push(run()?),
                // What does not read does as before.
                Some(known) if reads(&program.harts[index]) => {
                    memory.give_back(known.iter().map(Run::bytes).sum());
                    known.clear();
                    *known = run()?;
                }
                Some(_) => {}
            }
        }
        let mut changed = false;
        let before = possible_stores.bytes();
        for (index, store) in runs.iter().flatten().flat_map(|run| &run.stores).enumerate() {
            changed |= possible_stores.insert(*store);
            if index % STOP_CHECK_INTERVAL == STOP_CHECK_INTERVAL - 1 {
                memory.check(possible_stores.bytes() - before)?;
            }
        }
        memory.take(possible_stores.bytes() - before)?;
        if !changed || stop() {
            let only_trace = |runs: Vec<Run>| runs.into_iter().map(|run| run.trace).collect();
            memory.give_back(possible_stores.bytes());
            return Ok((runs.into_iter().map(only_trace).collect(), memory.held.get()));
        }
    }
}

/// Does the hart read memory?
fn reads(hart: &Hart) -> bool {
    hart.code.iter().any(|step| step.action.reads_memory())
}

/// A hart to run, and under which rules.
#[derive(Clone, Copy)]
struct Interpreter<'a> {
    /// Its program.
    program: &'a Program,
    /// Which of its harts.
    hart: HartId,
    /// The model that this hart follows.
    model: BaseModel,
    /// Choices.
    options: &'a Options,
    /// What loads may return.
    possible_stores: &'a PossibleStores,
    /// Which traces are of interest.
    scope: Scope,
    /// Asked now and then whether to give up.
    stop: &'a dyn Fn() -> bool,
    /// What the traces of all harts take.
    memory: &'a Memory,
}

/// Bytes of memory, counted as they are taken.
struct Memory {
    limit: usize,
    held: Cell<usize>,
}

impl Memory {
    /// Takes so many bytes.
    fn take(&self, bytes: usize) -> Result<(), Fault> {
        self.held.set(self.held.get() + bytes);
        self.check(0)
    }

    fn give_back(&self, bytes: usize) {
        self.held.set(self.held.get().saturating_sub(bytes));
    }

    /// Are there so many bytes?
    fn check(&self, bytes: usize) -> Result<(), Fault> {
        match self.held.get() + bytes > self.limit {
            true => Err(Fault::RanOut(Completeness::MemoryLimit)),
            false => Ok(()),
        }
    }
}

/// Steps between two questions whether to stop.
const STOP_CHECK_INTERVAL: usize = 4096;

/// What becomes of a state by one action.
enum Progress {
    /// It went on.
    Continues,
    /// It went on, and what else it could have become waits.
    Forked,
    /// It cannot go on; what it could have become, if anything, waits.
    Impossible,
    /// The trace ends here.
    Ends(End),
}

impl Interpreter<'_> {
    /// Every trace of the hart, in an order that depends on the program and the possible stores alone.
    ///
    /// # Errors
    /// [`Fault::TooLarge`] if a trace has too many operations or stores.
    fn traces(&self) -> Result<Vec<Run>, Fault> {
        let mut runs = Vec::new();
        let heads = loop_heads(self.program, self.hart, self.options);
        let registers = self.program.harts[self.hart.index()].registers;
        let mut waiting = vec![InterpreterState::initial(registers)];
        let mut steps = 0_usize;
        let mut listed = 1;
        self.memory.take(waiting[0].bytes())?;
        while let Some(mut state) = waiting.pop() {
            listed -= 1;
            self.memory.give_back(state.bytes());
            let end = loop {
                steps += 1;
                if steps.is_multiple_of(STOP_CHECK_INTERVAL) && (self.stop)() {
                    return Ok(runs);
                }
                if let Some(end) = self.arrive(&mut state, &heads) {
                    break Some(end);
                }
                let progress = self.step(&mut state, &mut waiting)?;
                if waiting.len() > listed {
                    self.memory
                        .take(waiting[listed..].iter().map(InterpreterState::bytes).sum())?;
                    listed = waiting.len();
                }
                match progress {
                    Progress::Continues => {}
                    Progress::Forked if self.enough(&runs) => return Ok(runs),
                    Progress::Forked => {}
                    Progress::Impossible => break None,
                    Progress::Ends(end) => break Some(end),
                }
            };
            if let Some(end) = end {
                let run = state.finish(end);
                self.memory.take(run.bytes())?;
                runs.push(run);
            }
            if self.enough(&runs) {
                break;
            }
        }
        Ok(runs)
    }

    /// Is it time to give up? Asked wherever a state has become others or has come to its end.
    fn enough(&self, runs: &[Run]) -> bool {
        runs.len() % 256 == 255 && (self.stop)()
    }
}

/// What is wrong with an address.
#[derive(Clone, Copy)]
enum BadAddress {
    Outside,
    Misaligned,
    Jump,
}
