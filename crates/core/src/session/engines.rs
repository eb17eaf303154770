//! Outcomes, from the operational engine, from the axiomatic one, or from both.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::explorations::Explorations;
use super::{Machine, Phase, Session, Settings, Watch, during, has_all_rules};
use crate::answer::{Failure, Mistake, Status};
use crate::axiomatic;
use crate::model::Options;
use crate::operational::{Explorer, Reductions, Use};
use crate::program::{Completeness, Fault, FinalState, Limits, Outcomes, Program};

/// The two implementations, which share no code that decides anything.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// The operational engine, which builds every global memory order. It supposes the manual's rules: a
    /// machine without some of them is left to the other engine.
    #[default]
    Machine,
    /// The axiomatic engine, which checks candidate executions.
    Axiomatic,
    /// Both; a difference between them is an internal error.
    Both,
}

/// Bytes of an eighth of the memory that is left for what is not counted, at most.
const MOST_UNCOUNTED: usize = 16 << 20;

/// The engines, at work on one test.
pub(super) struct Engines<'s> {
    pub(super) settings: &'s Settings,
    explorations: &'s Explorations,
    pub(super) watch: &'s dyn Watch,
    /// What was compiled last.
    compiled: Option<Compiled<'s>>,
}

/// A program for some options, ready for the operational engine if it fits.
struct Compiled<'s> {
    program: &'s Program,
    options: Options,
    explorer: Result<Explorer<'s>, Fault>,
}

impl<'s> Engines<'s> {
    pub(super) fn new(session: &'s Session, watch: &'s dyn Watch) -> Engines<'s> {
        let Session { settings, explorations } = session;
        Engines { settings, explorations, watch, compiled: None }
    }

    /// Every final state of machine number `index`.
    ///
    /// # Errors
    /// A fault of the test, or a difference between the engines.
    pub(super) fn outcomes(
        &mut self,
        index: usize,
        program: &'s Program,
        machine: &Machine,
    ) -> Result<Outcomes, Failure> {
        let engine = match self.settings.engine {
            Engine::Axiomatic => Engine::Axiomatic,
            _ if !has_all_rules(&machine.options) => Engine::Axiomatic,
            engine => engine,
        };
        let models = machine.harts.models(program.harts.len());
        let (memory, parallel) = (self.memory(), self.settings.parallel);
        let watch = self.watch;
        let interrupted = || watch.expired();
        let limits = Limits { interrupted: &interrupted, memory, parallel };
        let explorer = match engine {
            Engine::Axiomatic => None,
            _ => Some(self.compile(program, &machine.options, limits)),
        };
        let axioms =
            || limit_as_outcomes(axiomatic::outcomes(program, &models, &machine.options, limits));
        let outcomes = during(watch, Phase::Explore(index), || {
            let operational = explorer.map(|explorer| {
                limit_as_outcomes(explorer.and_then(|explorer| explorer.outcomes(&models, limits)))
            });
            match (operational, engine) {
                (Some(operational), Engine::Both) => {
                    // Each engine has the time of a phase for itself.
                    watch.end(Phase::Explore(index));
                    watch.begin(Phase::Explore(index));
                    agreed(program, &machine.id, operational, axioms())
                }
                (Some(operational), _) => operational.map_err(|fault| faulty(program, &fault)),
                (None, _) => axioms().map_err(|fault| faulty(program, &fault)),
            }
        })?;
        Ok(self.naming_the_limit(outcomes))
    }

    /// What ended for want of memory of the run as a whole, and could not tell that from want of time, says so.
    pub(super) fn naming_the_limit(&self, outcomes: Outcomes) -> Outcomes {
        match outcomes.completeness {
            Completeness::Timeout if self.watch.out_of_memory() => {
                Outcomes { completeness: Completeness::MemoryLimit, ..outcomes }
            }
            _ => outcomes,
        }
    }

    /// Bytes that an exploration may take. The text, the program, and what allocations take besides and keep when
    /// they are free, are not counted one by one.
    pub(super) fn memory(&self) -> usize {
        let memory = self.settings.memory;
        memory - memory / 8 - (memory / 8).min(MOST_UNCOUNTED)
    }

    /// Makes the operational engine ready, if it is not. A program that does not fit is not tried twice.
    pub(super) fn compile(
        &mut self,
        program: &'s Program,
        options: &Options,
        limits: Limits<'_>,
    ) -> Result<&mut Explorer<'s>, Fault> {
        let ready = self.compiled.as_ref().is_some_and(|compiled| {
            std::ptr::eq(compiled.program, program) && compiled.options == *options
        });
        if !ready {
            self.give_back();
        }
        let Engines { settings, explorations, watch, compiled } = self;
        let compiled = compiled.get_or_insert_with(|| {
            let workspace = explorations.workspace(settings.remember);
            let fingerprints = if settings.fingerprints { Use::WhenLarge } else { Use::Never };
            let reductions = Reductions { fingerprints, ..Reductions::ALL };
            let explorer = during(*watch, Phase::Compile, || {
                Explorer::within(program, options, reductions, workspace, limits)
            });
            Compiled { program, options: *options, explorer }
        });
        compiled.explorer.as_mut().map_err(|fault| fault.clone())
    }
}

/// A limit that was met before anything was found leaves outcomes, too: none.
pub(super) fn limit_as_outcomes(found: Result<Outcomes, Fault>) -> Result<Outcomes, Fault> {
    match found {
        Err(Fault::RanOut(completeness)) => Ok(Outcomes { completeness, ..Outcomes::default() }),
        found => found,
    }
}

impl Engines<'_> {
    fn give_back(&mut self) {
        if let Some(Compiled { explorer: Ok(explorer), .. }) = self.compiled.take() {
            self.explorations.give_back(explorer);
        }
    }
}

impl Drop for Engines<'_> {
    fn drop(&mut self) {
        self.give_back();
    }
}

/// The answer of both, or their difference.
fn agreed(
    program: &Program,
    machine: &str,
    operational: Result<Outcomes, Fault>,
    axioms: Result<Outcomes, Fault>,
) -> Result<Outcomes, Failure> {
    let differ = |what: String| {
        let message = format!("the engines differ under {machine}: {what}");
        Err(Failure::new(Status::InternalError, Mistake::of_file(message)))
    };
    match (operational, axioms) {
        // Which of several faults is met first depends on the order of the search.
        (Err(fault), Err(_)) => Err(faulty(program, &fault)),
        (Err(fault @ Fault::TooLarge { .. }), _) | (_, Err(fault @ Fault::TooLarge { .. })) => {
            Err(faulty(program, &fault))
        }
        (Err(fault), Ok(_)) => {
            differ(format!("only the machine finds that {}", program.describe(&fault)))
        }
        (Ok(_), Err(fault)) => {
            differ(format!("only the axioms find that {}", program.describe(&fault)))
        }
        (Ok(machine), Ok(axioms)) => {
            if axioms.completeness.ran_out() {
                return Ok(axioms);
            }
            let only = |a: &Outcomes, b: &Outcomes| {
                a.states.iter().find(|state| !b.states.contains(state))
            };
            if machine.completeness.ran_out() {
                Ok(machine)
            } else if let Some(state) = only(&machine, &axioms) {
                differ(format!("only the machine reaches {}", shown(program, &state)))
            } else if let Some(state) = only(&axioms, &machine) {
                differ(format!("only the axioms allow {}", shown(program, &state)))
            } else {
                Ok(machine)
            }
        }
    }
}

fn shown(program: &Program, state: &FinalState) -> String {
    let values = program.observed.iter().zip(state);
    let values = values.map(|(observed, value)| format!("{}={}", observed.place, *value as i64));
    values.collect::<Vec<_>>().join(" ")
}

/// The failure of a test that does what has no meaning; its place is that of the instruction.
pub(super) fn faulty(program: &Program, fault: &Fault) -> Failure {
    let (status, place) = match fault {
        Fault::BadAddress { hart, step, .. }
        | Fault::Misaligned { hart, step, .. }
        | Fault::BadJump { hart, step, .. } => (Status::Fault, Some((hart, *step))),
        Fault::TooLarge { .. } => (Status::TooLarge, None),
        Fault::RanOut(Completeness::MemoryLimit) => (Status::MemoryLimit, None),
        Fault::RanOut(_) => (Status::Timeout, None),
    };
    let place = place.and_then(|(hart, step)| program.line_column(*hart, step));
    let (line, column) = place.unwrap_or((1, 1));
    Failure::new(status, Mistake { line, column, message: program.describe(fault), help: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::litmus::{LineIndex, parse};
    use crate::model::BaseModel;
    use crate::program::{full_hart, link};

    #[test]
    fn a_difference_is_an_internal_error_that_names_a_state() {
        let text = "RISCV t\n{ 0:x6=x; 0:x5=1; }\n P0 ;\n sw x5,0(x6) ;\nexists (x=1)\n";
        let test = parse(text).expect("a test");
        let program = link(&test, &LineIndex::new(text), |_| full_hart(BaseModel::Rvwmo));
        let program = program.expect("a program");
        let options = Options::default();
        let outcomes =
            axiomatic::outcomes(&program, &[BaseModel::Rvwmo], &options, Limits::default());
        let none = Outcomes { states: Default::default(), ..outcomes.clone().expect("outcomes") };
        let agreed = |machine, axioms| agreed(&program, "rvwmo", machine, axioms);
        assert!(agreed(outcomes.clone(), outcomes.clone()).is_ok());
        for (machine, axioms, what) in [
            (outcomes.clone(), Ok(none.clone()), "only the machine reaches [x]=1"),
            (Ok(none), outcomes, "only the axioms allow [x]=1"),
        ] {
            let failure = agreed(machine, axioms).expect_err("they differ");
            assert_eq!(failure.status, Status::InternalError);
            let message = format!("the engines differ under rvwmo: {what}");
            assert_eq!(failure.error.message, message);
        }
    }
}
