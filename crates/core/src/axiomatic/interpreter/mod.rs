//! Running one hart alone: every trace that it can have when loads return what stores may have written.

mod access;
mod possible_stores;
mod readable;
mod repeat;
mod split;
mod state;
mod step;

use crate::litmus::HartId;
use crate::model::{BaseModel, Options};
use crate::program::repeat::loop_heads;
use crate::program::{Fault, Hart, Program};

use super::trace::{End, Trace};
use possible_stores::PossibleStores;
use state::{InterpreterState, Run};

pub(super) use possible_stores::Scope;

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
                }
                .traces()
            };
            match runs.get_mut(index) {
                None => runs.push(run()?),
                // What does not read does as before.
                Some(known) if reads(&program.harts[index]) => *known = run()?,
                Some(_) => {}
            }
        }
        let mut changed = false;
        for store in runs.iter().flatten().flat_map(|run| &run.stores) {
            changed |= possible_stores.insert(*store);
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
        let heads = loop_heads(self.program, self.hart);
        let registers = self.program.harts[self.hart.index()].registers;
        let mut waiting = vec![InterpreterState::initial(registers)];
        let mut steps = 0_usize;
        while let Some(mut state) = waiting.pop() {
            let end = loop {
                steps += 1;
                if steps.is_multiple_of(STOP_CHECK_INTERVAL) && (self.stop)() {
                    return Ok(runs);
                }
                if let Some(end) = self.arrive(&mut state, &heads) {
                    break Some(end);
                }
                match self.step(&mut state, &mut waiting)? {
                    Progress::Continues => {}
                    Progress::Forked if self.enough(&runs) => return Ok(runs),
                    Progress::Forked => {}
                    Progress::Impossible => break None,
                    Progress::Ends(end) => break Some(end),
                }
            };
            runs.extend(end.map(|end| state.finish(end)));
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
