//! The road of a test, the only one: text, test, machines, programs, outcomes, answer.
//!
//! A [`Session`] holds what a run is asked for and what it has found out so far. [`Session::read`] reads a
//! test, [`Session::machines`] says which machines it is to be run on, [`Session::answer`] runs it on them.
//! Every command of the program and every user of the library goes this way.
//!
//! Relies on all rooms of this crate. Does not know files, the terminal or a clock: a [`Watch`] says when
//! to stop, and is told what is being done.

mod decisions;
mod engines;
mod explanations;
mod explorations;
mod machine;
mod metadata;
mod reasons;
mod solver;
mod state_argument;
mod warnings;
mod watch;

use std::sync::Arc;

use crate::answer::{Answer, Argument, Failure, Found, Warning, named_values, side_by_side};
use crate::arch::Architecture;
use crate::arch::riscv::Base;
use crate::litmus::{
    CType, Diagnostic, Diagnostics, HerdHashes, InitEntry, LineIndex, Problem, Span, Test,
    herd_hashes, parse_within,
};
use crate::model::{BaseModel, FailedCas, Model, Options, Rule, RuleSet};
use crate::program::{HartConfig, Outcomes, Program, full_hart, link};

pub use engines::Engine;
pub use explanations::{
    ExplainedMachine, ExplainedState, Explanations, LeftOut, Unexplained, Values,
};
pub use machine::{Harts, Machine};
pub use watch::{Phase, Unwatched, Watch, during};

use engines::Engines;
use explorations::Explorations;

/// What a run is asked for.
#[derive(Clone, PartialEq, Debug)]
pub struct Settings {
    /// The models that every test of RISC-V is run under, all harts alike.
    pub models: Vec<Model>,
    /// The models of tests of x86. Either list may hold models of the other architecture, which are passed over.
    pub x86_models: Vec<Model>,
    /// What a hart is where nothing else is said: its base and its instructions.
    pub hart: HartConfig,
    /// How models are read, and how far loops are followed.
    pub options: Options,
    /// Which implementation answers.
    pub engine: Engine,
    /// Which final states are looked for.
    pub wanted: WantedStates,
    /// Is every state that one machine reaches and another does not explained?
    pub explain: bool,
    /// Bytes that the exploration of one test on one machine may take.
    pub memory: usize,
    /// Are states told apart by fingerprints where these bytes are too few for all that is in them? The answer says
    /// so then ([`Answer::by_fingerprints`]). Else the test ends there.
    pub fingerprints: bool,
    /// May a large test use the threads of the current rayon pool?
    pub parallel: bool,
    /// Is what was found of a machine known of every later one that is equal?
    pub remember: bool,
}

/// Which final states of a test with a condition are looked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WantedStates {
    /// All.
    All,
    /// All of a test that has few; of another one that shows whether the condition holds, if there is one.
    AllOfFew,
    /// One that shows whether the condition holds, if there is one.
    Deciding,
}

impl Default for Settings {
    /// RVWMO beside Ztso, and x86-TSO beside sequential consistency, with every extension and no limit.
    fn default() -> Settings {
        Settings {
            models: vec![Model::of(BaseModel::Rvwmo), Model::of(BaseModel::Ztso)],
            x86_models: vec![Model::of(BaseModel::X86Tso), Model::of(BaseModel::Sc)],
            hart: full_hart(BaseModel::Rvwmo),
            options: Options::default(),
            engine: Engine::default(),
            wanted: WantedStates::All,
            explain: false,
            memory: usize::MAX,
            fingerprints: false,
            parallel: false,
            remember: true,
        }
    }
}

/// A test as it was read, with the places of its lines.
#[derive(Clone, PartialEq, Debug)]
pub struct ReadTest {
    /// The test.
    pub test: Test,
    /// Where its lines are in the text.
    pub lines: LineIndex,
    /// The hash by which herd7 recognises it: the file's `Hash=`, or else computed; `None` for a test that
    /// herd7 cannot read.
    pub hash: Option<String>,
    /// Other hashes by which logs may know it: those of other releases of herd7.
    pub other_hashes: Vec<String>,
}

/// What a run is asked for, and what it has found out so far.
///
/// ```
/// use rvlitmus_core::session::{Session, Unwatched};
///
/// let text = "RISCV SB
/// { 0:x6=x; 0:x7=y; 1:x6=y; 1:x7=x; }
///  P0          | P1          ;
///  li x5,1     | li x5,1     ;
///  sw x5,0(x6) | sw x5,0(x6) ;
///  lw x8,0(x7) | lw x8,0(x7) ;
/// exists (0:x8=0 /\\ 1:x8=0)";
/// let session = Session::default();
/// let test = session.read(text)?;
/// let answer = session.answer(&test, &session.machines(&test)?, &Unwatched)?;
/// assert_eq!(answer.observation(0).unwrap().name(), "Sometimes");
/// assert_eq!(answer.id(1), "ztso");
/// assert!(answer.differences[0].states.is_empty(), "Ztso keeps store buffers");
/// # Ok::<(), rvlitmus_core::litmus::Diagnostics>(())
/// ```
///
/// Clones share what was found out.
#[derive(Clone, Debug, Default)]
pub struct Session {
    settings: Settings,
    explorations: Arc<Explorations>,
}

impl Session {
    /// A session in which nothing is known yet.
    #[must_use]
    pub fn new(settings: Settings) -> Session {
        Session { settings, explorations: Arc::default() }
    }

    /// What was asked for.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Reads a test.
    ///
    /// # Errors
    /// Every mistake of the text, each with its place.
    pub fn read(&self, text: &str) -> Result<ReadTest, Diagnostics> {
        self.read_within(text, &Unwatched)
    }

    /// As [`Session::read`], as long as the watch allows.
    ///
    /// # Errors
    /// As [`Session::read`], or [`Problem::Late`] alone.
    pub fn read_within(&self, text: &str, watch: &dyn Watch) -> Result<ReadTest, Diagnostics> {
        let test = parse_within(text, &|| watch.expired())?;
        let computed = herd_hashes(&test, text).map(|HerdHashes { today, earlier }| {
            std::iter::once(today).chain(earlier).collect::<Vec<String>>()
        });
        let own = test.metadata("Hash").map(str::to_owned);
        let mut hashes = own.into_iter().chain(computed.into_iter().flatten());
        let hash = hashes.next();
        let other_hashes = hashes.filter(|other| Some(other) != hash.as_ref()).collect();
        Ok(ReadTest { lines: LineIndex::new(text), test, hash, other_hashes })
    }

    /// The options of a test: those of the run, and what its own lines `Unroll=`, `Reservation=` and
    /// `Granule=` say.
    ///
    /// # Errors
    /// What the test asks for and cannot have.
    pub fn options(&self, test: &ReadTest) -> Result<Options, Diagnostics> {
        metadata::options_for(&test.test, &self.settings.options)
    }

    /// The width of the harts' registers: a line `Base=` of the test, else that of the run.
    ///
    /// # Errors
    /// The line names no base.
    pub fn base(&self, test: &ReadTest) -> Result<Base, Diagnostics> {
        metadata::base_for(&test.test, self.settings.hart.base)
    }

    /// The machines for a test: of the run's models those that harts of its architecture can follow.
    ///
    /// # Errors
    /// What the test asks for and cannot have; there is no such model.
    pub fn machines(&self, test: &ReadTest) -> Result<Vec<Machine>, Diagnostics> {
        let (base, options) = (self.base(test)?, self.options(test)?);
        let architecture = test.test.language.architecture();
        let models = match architecture {
            Architecture::Riscv => &self.settings.models,
            Architecture::X86 => &self.settings.x86_models,
        };
        let mut fitting = models.iter().filter(|model| model.base().is_of(architecture)).peekable();
        if let (None, Some(model)) = (fitting.peek(), models.first()) {
            return Err(no_model_of(model, architecture));
        }
        let machine = |model: &Model| Machine {
            id: model.name().clone(),
            harts: Harts::All(HartConfig { base, model: model.base(), ..self.settings.hart }),
            options: match architecture {
                Architecture::Riscv => model.options(&options),
                // On x86 nothing is left open of a comparison that fails.
                Architecture::X86 => {
                    Options { failed_cas: FailedCas::Amo, ..model.options(&options) }
                }
            },
        };
        Ok(fitting.map(machine).collect())
    }

    /// The test as a program for one machine.
    ///
    /// # Errors
    /// Every name that does not resolve and every instruction that a hart of the machine lacks.
    pub fn link(&self, test: &ReadTest, machine: &Machine) -> Result<Program, Diagnostics> {
        link(&test.test, &test.lines, |hart| machine.harts.of(hart))
    }

    /// Runs the test on each machine and puts what comes out side by side, in the order of the machines.
    /// What happens on one of them leaves the others as they are.
    ///
    /// # Errors
    /// The mistakes of a test that runs on none of them.
    pub fn answer(
        &self,
        test: &ReadTest,
        machines: &[Machine],
        watch: &dyn Watch,
    ) -> Result<Answer, Diagnostics> {
        let Programs { programs, of_machine } =
            during(watch, Phase::Link, || self.programs(test, machines))?;
        let mut engines = Engines::new(self, watch);
        let mut found = Vec::with_capacity(machines.len());
        for (index, (machine, program)) in machines.iter().zip(&of_machine).enumerate() {
            let outcomes = match program {
                Ok(program) => {
                    let program = &programs[*program];
                    engines.wanted(index, program, machine, test.test.condition.as_ref())
                }
                Err(failure) => Err(failure.clone()),
            };
            found.push(Found { id: machine.id.clone(), outcomes });
        }
        drop(engines);
        let Some(program) = programs.first() else {
            return Ok(Answer::of_no_machine(&test.test, &found));
        };
        let mut answer = during(watch, Phase::Compare, || {
            side_by_side(&test.test, program, &found, &|| watch.expired())
        });
        answer.warnings = warnings::warnings(&test.test, &test.lines, program);
        let uncertain = answer.by_fingerprints();
        answer.warnings.extend(uncertain.map(|message| Warning { line: None, message }));
        if self.settings.explain {
            let program_of = |machine: usize| {
                of_machine[machine].as_ref().ok().map(|program| &programs[*program])
            };
            during(watch, Phase::Explain, || {
                reasons::explain(&mut answer, &test.test, machines, &found, program_of, watch);
            });
        }
        Ok(answer)
    }

    /// Why a machine does not reach a state of a test that it reaches of another form of it: the argument, as
    /// far as it rests on one of these rules. `is` says whether values are those of the state.
    ///
    /// The two forms have the same instructions, but for one that is something else or nothing in the other.
    ///
    /// # Errors
    /// The mistakes of a form that cannot be run.
    pub fn argument(
        &self,
        [test, other]: [&ReadTest; 2],
        machine: &Machine,
        rules: &[Rule],
        is: impl Fn(&[(String, String)]) -> bool,
        watch: &dyn Watch,
    ) -> Result<Option<Argument>, Diagnostics> {
        let (program, reaching) = (self.link(test, machine)?, self.link(other, machine)?);
        let mut engines = Engines::new(self, watch);
        let outcomes = engines.outcomes(0, &reaching, machine);
        let Ok(Outcomes { states, .. }) = outcomes else { return Ok(None) };
        let mut states = states.iter();
        let state = states.find(|state| is(&named_values(&other.test, &reaching, state)));
        Ok(state.and_then(|state| reasons::argument(&program, machine, rules, &state, watch)))
    }

    /// A program holds every byte of every array.
    fn check_arrays(&self, test: &ReadTest) -> Result<(), Diagnostics> {
        let most = (self.settings.memory / 4) as u64;
        let mut bytes = 0_u64;
        for entry in &test.test.init {
            let InitEntry { array, ctype, .. } = &entry.value;
            let width = ctype.unwrap_or(CType::Int32).bytes();
            bytes = bytes.saturating_add(array.unwrap_or(0).saturating_mul(width));
            if bytes > most {
                let message =
                    "the arrays up to this one take more than a quarter of the memory limit";
                let (problem, span) = (Problem::Memory, entry.span);
                let message = message.to_owned();
                return Err(Diagnostics(vec![Diagnostic { problem, span, message, help: None }]));
            }
        }
        Ok(())
    }

    /// Links the test for each machine, once for those that differ in their models only.
    fn programs(&self, test: &ReadTest, machines: &[Machine]) -> Result<Programs, Diagnostics> {
        self.check_arrays(test)?;
        let mut programs: Vec<Program> = Vec::with_capacity(1);
        let mut of_machine: Vec<Result<usize, Failure>> = Vec::with_capacity(machines.len());
        let mut first_mistakes: Option<Diagnostics> = None;
        for (index, machine) in machines.iter().enumerate() {
            if let Harts::Unavailable(failure) = &machine.harts {
                of_machine.push(Err(failure.clone()));
                continue;
            }
            let architecture = test.test.language.architecture();
            let models = machine.harts.models(test.test.harts.len());
            if let Some(model) = models.iter().find(|model| !model.is_of(architecture)) {
                let mistakes = no_model_of(&Model::of(*model), architecture);
                of_machine.push(Err(Failure::of(&mistakes, &test.lines)));
                continue;
            }
            let before = machines[..index].iter().position(|m| m.harts.link_alike(&machine.harts));
            if let Some(before) = before {
                of_machine.push(of_machine[before].clone());
                continue;
            }
            of_machine.push(match self.link(test, machine) {
                Ok(program) => {
                    let known = programs.iter().position(|known| *known == program);
                    Ok(known.unwrap_or_else(|| {
                        programs.push(program);
                        programs.len() - 1
                    }))
                }
                // Another machine may have the instruction.
                Err(mistakes) if mistakes.problem() == Problem::IllegalInstruction => {
                    let failure = Failure::of(&mistakes, &test.lines);
                    first_mistakes.get_or_insert(mistakes);
                    Err(failure)
                }
                Err(mistakes) => return Err(mistakes),
            });
        }
        match first_mistakes {
            Some(mistakes) if programs.is_empty() => Err(mistakes),
            _ => Ok(Programs { programs, of_machine }),
        }
    }
}

/// The different programs of a test, and which of them each machine runs.
struct Programs {
    programs: Vec<Program>,
    of_machine: Vec<Result<usize, Failure>>,
}

/// A model that harts of another architecture follow.
fn no_model_of(model: &Model, architecture: Architecture) -> Diagnostics {
    let (message, help) = (
        format!("{model} is no model of {architecture}"),
        match architecture {
            Architecture::Riscv => "tests of RISC-V have rvwmo, ztso and sc",
            Architecture::X86 => {
                "tests of x86 have x86-tso and sc; `rvlitmus lower` makes tests of RISC-V of them"
            }
        },
    );
    let (problem, span, help) = (Problem::Unsupported, Span::default(), Some(help.to_owned()));
    Diagnostics(vec![Diagnostic { problem, span, message, help }])
}

/// Are all rules in force? The operational engine supposes them.
fn has_all_rules(options: &Options) -> bool {
    options.rules == RuleSet::ALL
}
