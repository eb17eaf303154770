//! A program compiled once, to be explored under several choices of memory models.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::model::{BaseModel, Options, RuleSet};
use crate::operational::compile::{
    CompiledMachine, Description, MachineBuffers, ModelChange, Reductions, Refinement, Set, Use,
    WideSet,
};
use crate::operational::reduce::dead_loads;
use crate::operational::search::{KnownOutcomes, SearchBuffers, explore};
use crate::operational::step::Stop;
use crate::program::{Completeness, Fault, Limits, Meter, Outcomes, Program};

/// How many times as far loops are followed, one after the other, to see whether they end.
const DEEPER: [u32; 2] = [2, 3];
/// Bytes of memory for that.
const MEMORY_DEEPER: usize = 32 << 20;

/// What an exploration takes from earlier ones.
#[derive(Default)]
pub struct Workspace<'k> {
    /// What is known of machines that were explored before; shared by all threads.
    pub known: Option<&'k KnownOutcomes>,
    /// Allocations of an earlier exploration: see [`Explorer::into_buffers`].
    pub buffers: Buffers,
}

/// Allocations of an exploration, for the next one of the same thread. A test takes some tens of
/// microseconds, and allocations were a third of them.
#[derive(Debug, Default)]
pub struct Buffers(ExplorationBuffers<u64>);

/// A program compiled once, to be explored under several choices of memory models.
pub struct Explorer<'p> {
    task: Task<'p>,
    /// `None` where it is to be compiled anew.
    exploration: Option<AnyWidth<'p>>,
    known: Option<&'p KnownOutcomes>,
}

impl<'p> Explorer<'p> {
    /// Unfolds every hart's code and cuts memory into cells, whatever it takes.
    ///
    /// # Errors
    /// [`Fault::TooLarge`] when the program is larger than the largest representation: 16,384 memory
    /// operations on a path or separately accessed pieces of memory, 100,000 pieces of paths.
    pub fn new(
        program: &'p Program,
        options: &Options,
        reductions: Reductions,
        workspace: Workspace<'p>,
    ) -> Result<Explorer<'p>, Fault> {
        Explorer::within(program, options, reductions, workspace, Limits::default())
    }

    /// As [`Explorer::new`], within limits.
    ///
    /// # Errors
    /// As [`Explorer::new`], and [`Fault::RanOut`].
    ///
    /// # Panics
    /// A rule is removed: this engine supposes all of them.
    pub fn within(
        program: &'p Program,
        options: &Options,
        reductions: Reductions,
        workspace: Workspace<'p>,
        limits: Limits<'_>,
    ) -> Result<Explorer<'p>, Fault> {
        assert_eq!(options.rules, RuleSet::ALL, "the operational engine has all rules");
        let Workspace { known, buffers: Buffers(buffers) } = workspace;
        let refinement = Refinement::default();
        let task = Task { program, options: *options, reductions, refinement };
        let exploration = Some(task.compile(buffers, limits)?);
        Ok(Explorer { task, exploration, known })
    }

    /// Every outcome when hart `i` follows `models[i]`.
    ///
    /// # Errors
    /// A [`Fault`] when some execution does what has no meaning here, such as an access outside every
    /// location.
    ///
    /// # Panics
    /// If there are not as many models as harts.
    pub fn outcomes(
        &mut self,
        models: &[BaseModel],
        limits: Limits<'_>,
    ) -> Result<Outcomes, Fault> {
        let found = self.outcomes_unkept(models, limits)?;
        self.keep();
        Ok(found)
    }

    /// As [`Explorer::outcomes`], but nothing of it is known of equal machines before [`Explorer::keep`].
    ///
    /// # Errors
    /// As [`Explorer::outcomes`].
    ///
    /// # Panics
    /// As [`Explorer::outcomes`].
    pub fn outcomes_unkept(
        &mut self,
        models: &[BaseModel],
        limits: Limits<'_>,
    ) -> Result<Outcomes, Fault> {
        let found = self.within_bound(models, limits)?;
        if self.task.reductions.deeper_loops
            && matches!(found.completeness, Completeness::Bounded(_))
        {
            for factor in DEEPER {
                let completeness = match self.ends_deeper(factor, models, &found, limits) {
                    Ok(false) => continue,
                    Ok(true) => Completeness::Complete,
                    Err(limit) => limit,
                };
                return Ok(Outcomes { completeness, ..found });
            }
        }
        Ok(found)
    }

    /// What was found last is the answer for all machines that are equal.
    pub fn keep(&mut self) {
        match &mut self.exploration {
            Some(AnyWidth::Words1(exploration)) => exploration.keep(self.known),
            Some(AnyWidth::Words16(exploration)) => exploration.keep(self.known),
            Some(AnyWidth::Words64(exploration)) => exploration.keep(self.known),
            Some(AnyWidth::Words256(exploration)) => exploration.keep(self.known),
            None => {}
        }
    }

    /// Is nothing cut and nothing new if loops are followed so many times as far? `false` if that takes long.
    ///
    /// # Errors
    /// The limit that ended it before that was known.
    fn ends_deeper(
        &self,
        factor: u32,
        models: &[BaseModel],
        found: &Outcomes,
        limits: Limits<'_>,
    ) -> Result<bool, Completeness> {
        let Task { program, options, reductions, refinement } = &self.task;
        let options = Options { unroll: options.unroll.saturating_mul(factor), ..*options };
        let reductions = Reductions {
            local_sets: Use::Briefly,
            deeper_loops: false,
            fingerprints: Use::Never,
            ..*reductions
        };
        let task = Task { program, options, reductions, refinement: refinement.clone() };
        let ended = AtomicBool::new(false);
        let interrupted = || {
            let now = (limits.interrupted)();
            ended.fetch_or(now, Ordering::Relaxed);
            now
        };
        let memory = limits.memory.min(MEMORY_DEEPER);
        let deeper = Limits { interrupted: &interrupted, memory, parallel: false };
        let mut explorer = Explorer { task, exploration: None, known: None };
        let deeper = match explorer.within_bound(models, deeper) {
            Err(Fault::RanOut(completeness)) => Outcomes { completeness, ..Outcomes::default() },
            Err(_) => return Ok(false),
            Ok(deeper) => deeper,
        };
        match deeper.completeness {
            _ if ended.into_inner() => Err(Completeness::Timeout),
            Completeness::MemoryLimit if memory < MEMORY_DEEPER => Err(Completeness::MemoryLimit),
            completeness => {
                Ok(completeness == Completeness::Complete && deeper.states == found.states)
            }
        }
    }

    /// Every outcome of executions that take no loop further than the bound.
    fn within_bound(
        &mut self,
        models: &[BaseModel],
        limits: Limits<'_>,
    ) -> Result<Outcomes, Fault> {
        loop {
            // What turns out to be no more of use is given up before there is another.
            let mut exploration = match self.exploration.take() {
                Some(exploration) => exploration,
                None => self.task.compile(ExplorationBuffers::default(), limits)?,
            };
            let found = match &mut exploration {
                AnyWidth::Words1(exploration) => exploration.outcomes(models, limits, self.known),
                AnyWidth::Words16(exploration) => exploration.outcomes(models, limits, self.known),
                AnyWidth::Words64(exploration) => exploration.outcomes(models, limits, self.known),
                AnyWidth::Words256(exploration) => exploration.outcomes(models, limits, self.known),
            };
            let refinement = &mut self.task.refinement;
            let found = match found {
                Ok(outcomes) => Ok(outcomes),
                Err(Stop::Fault(fault)) => Err(fault),
                Err(_) if (limits.interrupted)() => Err(Fault::RanOut(Completeness::Timeout)),
                Err(Stop::Refine(address, bytes)) => {
                    refinement.accesses.push((address, bytes));
                    continue;
                }
                Err(Stop::Split(hart, step)) => {
                    refinement.splits.push((hart, step));
                    continue;
                }
                Err(Stop::Target(hart, step)) => {
                    refinement.targets.push((hart, step));
                    continue;
                }
            };
            self.exploration = Some(exploration);
            return found;
        }
    }

    /// Gives back the allocations, for the next exploration.
    #[must_use]
    pub fn into_buffers(self) -> Buffers {
        match self.exploration {
            Some(AnyWidth::Words1(exploration))
                if exploration.machine.bytes() <= explore::MOST_KEPT =>
            {
                Buffers(exploration.into_buffers())
            }
            _ => Buffers::default(),
        }
    }
}

/// What is to be explored.
struct Task<'p> {
    program: &'p Program,
    options: Options,
    reductions: Reductions,
    refinement: Refinement,
}

/// An exploration with the smallest sets that the program fits into.
enum AnyWidth<'p> {
    Words1(Box<Exploration<'p, u64>>),
    Words16(Box<Exploration<'p, WideSet<16>>>),
    Words64(Box<Exploration<'p, WideSet<64>>>),
    Words256(Box<Exploration<'p, WideSet<256>>>),
}

impl<'p> Task<'p> {
    fn compile(
        &self,
        buffers: ExplorationBuffers<u64>,
        limits: Limits<'_>,
    ) -> Result<AnyWidth<'p>, Fault> {
        let wider = |fault, next: &dyn Fn() -> Result<AnyWidth<'p>, Fault>| match fault {
            Fault::TooLarge { .. } => next(),
            other => Err(other),
        };
        let words1 = Exploration::new(self, buffers, limits).map(AnyWidth::Words1);
        words1
            .or_else(|f| wider(f, &|| self.compile_wide(limits).map(AnyWidth::Words16)))
            .or_else(|f| wider(f, &|| self.compile_wide(limits).map(AnyWidth::Words64)))
            .or_else(|f| wider(f, &|| self.compile_wide(limits).map(AnyWidth::Words256)))
    }

    fn compile_wide<S: Set>(&self, limits: Limits<'_>) -> Result<Box<Exploration<'p, S>>, Fault> {
        Exploration::new(self, ExplorationBuffers::default(), limits)
    }
}

/// A program compiled with sets of one width.
struct Exploration<'p, S> {
    machine: CompiledMachine<'p, S>,
    /// What searches work with, once there was one. In a box, for all else is moved for every test.
    search: Option<Box<SearchBuffers<S>>>,
    description: Description,
    /// What the last search found, if it found everything.
    last: Option<Outcomes>,
    /// The same before it is kept.
    unkept: Option<Outcomes>,
}

/// Allocations of an exploration.
#[derive(Debug, Default)]
struct ExplorationBuffers<S> {
    machine: MachineBuffers<S>,
    search: Option<Box<SearchBuffers<S>>>,
    description: Description,
}

impl<'p, S: Set> Exploration<'p, S> {
    fn new(
        task: &Task<'p>,
        buffers: ExplorationBuffers<S>,
        limits: Limits<'_>,
    ) -> Result<Box<Self>, Fault> {
        let Task { program, options, reductions, refinement } = task;
        let ExplorationBuffers { machine, search, mut description } = buffers;
        description.clear();
        let mut meter = Meter::new(limits);
        let machine =
            CompiledMachine::new(program, options, *reductions, refinement, machine, &mut meter)?;
        Ok(Box::new(Exploration { machine, search, description, last: None, unkept: None }))
    }

    fn into_buffers(self) -> ExplorationBuffers<S> {
        let Exploration { machine, search, description, .. } = self;
        ExplorationBuffers { machine: machine.into_buffers(), search, description }
    }

    fn outcomes(
        &mut self,
        models: &[BaseModel],
        limits: Limits<'_>,
        known: Option<&KnownOutcomes>,
    ) -> Result<Outcomes, Stop> {
        assert_eq!(models.len(), self.machine.harts.len(), "one memory model for each hart");
        let mut meter = Meter::new(limits);
        match self.machine.set_models(models, &mut meter)? {
            // Models that order a program's operations alike have the same outcomes.
            ModelChange::None => {
                if let Some(last) = &self.last {
                    return Ok(last.clone());
                }
            }
            ModelChange::Order => {}
            ModelChange::EqualHarts => {
                if let Some(search) = &mut self.search {
                    search.forget(&self.machine);
                }
            }
        }
        (self.last, self.unkept) = (None, None);
        let known = known.and_then(|k| Some((k, self.description.of(&self.machine)?)));
        if let Some(found) = known.and_then(|(known, text)| known.recall(&self.machine, text)) {
            self.last = Some(found.clone());
            return Ok(found);
        }
        self.machine.prepare(&mut meter)?;
        let others = dead_loads::leave_out(&mut self.machine);
        let machine = &self.machine;
        let new = self.search.is_none();
        let search = self.search.get_or_insert_default();
        if new || others {
            search.forget(machine);
        }
        let found = explore::explore(machine, search, limits)?;
        if matches!(found.completeness, Completeness::Complete | Completeness::Bounded(_)) {
            self.unkept = Some(found.clone());
        }
        Ok(found)
    }

    fn keep(&mut self, known: Option<&KnownOutcomes>) {
        let Some(found) = self.unkept.take() else { return };
        if let (Some(known), Some(text)) = (known, self.description.last()) {
            known.keep(&self.machine, text, &found);
        }
        self.last = Some(found);
    }
}
