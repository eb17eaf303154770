//! The exhaustive executor: every outcome of a program, by building global memory orders.
//!
//! The global memory order is explored directly. A memory operation is *performed*, that is appended
//! to the order, once everything that precedes it in preserved program order has been; a load takes
//! its value by the load value axiom, forwarding included. The state holds what can still matter and
//! no history, so that the cost grows with distinct states, not with executions.
//!
//! - `unfold` makes a `tree` of paths out of each hart's code, once; `order` turns a memory model into
//!   a mask for each operation. Ztso and RVWMO are the same machine with other masks, hart by hart.
//! - `control` says at which point of its paths a hart stands, `local` what follows from that alone, and
//!   `locals` keeps it: a state names each hart's point by a number.
//! - `ready` and `perform` are the model's dynamic part; `expand` gives a state's successors, `settle`
//!   and `ends` what becomes of forks and of paths without a good end. `survey` is what they ask of all
//!   harts at once, `walker` what they work with.
//! - `stubborn`, `silent`, `unseen` and the sleeping loads keep the number of orders down, `key` and
//!   `symmetry` the number of states.
//! - `search` is the depth-first search, `shared` the same on several threads; `memo` knows what was found
//!   of an equal machine before.
//!
//! Sleeping loads: a load that can be performed decides at once whether it is performed now or not
//! before the next store to its bytes. That loses nothing, because performing it anywhere between two
//! such stores returns the same store's value, and earliest is least restrictive: all that must come
//! before it has come, and what must come after it can still do so.
//!
//! Not modelled: see [`crate::model`]. Limits of the representation are [`Fault::TooLarge`], never a
//! wrong answer.

mod ahead;
mod cells;
mod coherence;
mod control;
mod ends;
mod expand;
mod expr;
mod facts;
mod harts;
mod key;
mod local;
mod locals;
mod machine;
mod memo;
mod order;
mod perform;
mod ready;
mod search;
mod set;
mod settle;
mod shared;
mod silent;
mod stubborn;
mod survey;
mod symmetry;
mod table;
mod touch;
mod tree;
mod unfold;
mod unseen;
mod walker;
mod wide;

pub use memo::forget;

use machine::{Change, Machine, Parts};
use memo::Description;
use perform::Stop;
use search::Tables;
use set::{Set, Wide};

use std::cell::Cell;

use crate::model::{BaseModel, Options};
use crate::program::{Completeness, Fault, Outcomes, Program};

/// Where an exploration has to stop, and how many threads it may use.
#[derive(Clone, Copy)]
pub struct Limits<'a> {
    /// Asked now and then; `true` ends the exploration with [`crate::program::Completeness::Timeout`].
    pub interrupted: &'a (dyn Fn() -> bool + Sync),
    /// Bytes that the table of states may take.
    pub memory: usize,
    /// May a large test use the threads of the current rayon pool?
    pub parallel: bool,
}

/// The reductions, each with a switch, so that their answer can be compared with the naive one.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Reductions {
    /// Loads decide as soon as they can be performed, and sleep until the next store; forks are
    /// guessed only when something below could go ahead. Off: every ready operation may come next.
    pub sleep: bool,
    /// Of the ready stores only a stubborn set is branched on.
    pub stubborn: bool,
    /// What cannot matter any more is left out of the key.
    pub forget: bool,
    /// Of states that differ only in which of several equal harts is where, one is kept; of steps that
    /// differ only in which of them takes them, one is followed.
    pub symmetry: bool,
    /// Stores that nobody reads come right before the last store to their bytes.
    pub silent: bool,
    /// Loads that nothing asks for a value, and that keep nothing in order, are left out.
    pub unseen: bool,
    /// Iterations that leave everything as it was are left out: see [`crate::program::repeat`]. Off,
    /// the loops are followed to their bound, and are cut there.
    pub repeats: bool,
    /// What was found of a machine is known of every later one that is equal: see `memo`.
    pub memo: bool,
}

impl Reductions {
    /// Every order of everything: what the reductions are compared with.
    pub const NONE: Reductions = Reductions {
        sleep: false,
        stubborn: false,
        forget: false,
        symmetry: false,
        silent: false,
        unseen: false,
        repeats: false,
        memo: false,
    };
    /// All of them.
    pub const ALL: Reductions = Reductions {
        sleep: true,
        stubborn: true,
        forget: true,
        symmetry: true,
        silent: true,
        unseen: true,
        repeats: true,
        memo: true,
    };
    /// All that an exploration does for itself, for measurements: nothing is known from earlier ones.
    pub const FRESH: Reductions = Reductions { memo: false, ..Reductions::ALL };
}

impl Default for Reductions {
    fn default() -> Self {
        Reductions::ALL
    }
}

impl Default for Limits<'_> {
    fn default() -> Self {
        Limits { interrupted: &|| false, memory: usize::MAX, parallel: false }
    }
}

/// A program compiled once, to be explored under several choices of memory models.
pub struct Explorer<'p>(Sized<'p>);

/// What earlier explorations of the program met.
#[derive(Clone, Debug, Default)]
struct Refined {
    /// Accesses, as address and bytes, that cut a cell.
    accesses: Vec<(u64, u64)>,
    /// Harts and steps whose computed address was misaligned.
    splits: Vec<(usize, usize)>,
}

/// The smallest representation that the program fits into.
enum Sized<'p> {
    Small(Box<Compiled<'p, u64>>),
    Medium(Box<Compiled<'p, Wide<16>>>),
    Large(Box<Compiled<'p, Wide<64>>>),
    Huge(Box<Compiled<'p, Wide<256>>>),
}

impl<'p> Explorer<'p> {
    /// Unfolds every hart's code and cuts memory into cells.
    ///
    /// # Errors
    /// [`Fault::TooLarge`] when the program is larger than the largest representation: 16,384 memory
    /// operations on a path or separately accessed pieces of memory, 100,000 pieces of paths.
    pub fn new(
        program: &'p Program,
        options: &Options,
        reductions: Reductions,
    ) -> Result<Explorer<'p>, Fault> {
        Sized::new(program, options, reductions, Refined::default()).map(Explorer)
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
        loop {
            let found = match &mut self.0 {
                Sized::Small(compiled) => compiled.outcomes(models, limits),
                Sized::Medium(compiled) => compiled.outcomes(models, limits),
                Sized::Large(compiled) => compiled.outcomes(models, limits),
                Sized::Huge(compiled) => compiled.outcomes(models, limits),
            };
            match found {
                Ok(outcomes) => return Ok(outcomes),
                Err(Stop::Fault(fault)) => return Err(fault),
                Err(Stop::Refine(address, bytes)) => {
                    self.0.refine(|refined| refined.accesses.push((address, bytes)))?;
                }
                Err(Stop::Split(hart, step)) => {
                    self.0.refine(|refined| refined.splits.push((hart, step)))?;
                }
            }
        }
    }
}

impl<'p> Sized<'p> {
    fn new(
        program: &'p Program,
        options: &Options,
        reductions: Reductions,
        refined: Refined,
    ) -> Result<Sized<'p>, Fault> {
        let spare = SPARE.take().unwrap_or_default();
        match Compiled::new(program, options, reductions, refined.clone(), spare) {
            Err(Fault::TooLarge { .. }) => {}
            small => return small.map(|compiled| Sized::Small(Box::new(compiled))),
        }
        match Compiled::new(program, options, reductions, refined.clone(), Spare::default()) {
            Err(Fault::TooLarge { .. }) => {}
            medium => return medium.map(|compiled| Sized::Medium(Box::new(compiled))),
        }
        match Compiled::new(program, options, reductions, refined.clone(), Spare::default()) {
            Err(Fault::TooLarge { .. }) => {}
            large => return large.map(|compiled| Sized::Large(Box::new(compiled))),
        }
        Compiled::new(program, options, reductions, refined, Spare::default())
            .map(|compiled| Sized::Huge(Box::new(compiled)))
    }

    /// Starts over with more that is known.
    fn refine(&mut self, learn: impl FnOnce(&mut Refined)) -> Result<(), Fault> {
        let (program, options, reductions, mut refined) = match self {
            Sized::Small(compiled) => compiled.take(),
            Sized::Medium(compiled) => compiled.take(),
            Sized::Large(compiled) => compiled.take(),
            Sized::Huge(compiled) => compiled.take(),
        };
        learn(&mut refined);
        *self = Sized::new(program, &options, reductions, refined)?;
        Ok(())
    }
}

/// A program compiled with sets of one size.
struct Compiled<'p, S> {
    machine: Machine<'p, S>,
    refined: Refined,
    /// What searches work with, once there was one. In a box, for all else is moved for every test.
    tables: Option<Box<Tables<S>>>,
    description: Description,
    /// What the last exploration found, if it found everything.
    last: Option<Outcomes>,
}

impl<'p, S: Set> Compiled<'p, S> {
    fn new(
        program: &'p Program,
        options: &Options,
        reductions: Reductions,
        refined: Refined,
        spare: Spare<S>,
    ) -> Result<Compiled<'p, S>, Fault> {
        let Spare { parts, tables, mut description } = spare;
        description.clear();
        let machine = Machine::new(program, options, reductions, &refined, parts)?;
        Ok(Compiled { machine, refined, tables, description, last: None })
    }

    fn outcomes(&mut self, models: &[BaseModel], limits: Limits<'_>) -> Result<Outcomes, Stop> {
        assert_eq!(models.len(), self.machine.harts.len(), "one memory model for each hart");
        match self.machine.follow(models) {
            // Models that order a program's operations alike have the same outcomes.
            Change::None => {
                if let Some(last) = &self.last {
                    return Ok(last.clone());
                }
            }
            Change::Order => {}
            Change::Alike => {
                if let Some(tables) = &mut self.tables {
                    tables.forget(&self.machine);
                }
            }
        }
        self.last = None;
        let text = self.description.of(&self.machine);
        let found = match memo::recall(&self.machine, text) {
            Some(known) => known,
            None => {
                let others = self.machine.prepare();
                let machine = &self.machine;
                let tables = self.tables.get_or_insert_with(|| Box::new(Tables::new(machine)));
                if others {
                    tables.forget(machine);
                }
                let found = search::search(machine, tables, limits)?;
                memo::keep(&self.machine, text, &found);
                found
            }
        };
        if matches!(found.completeness, Completeness::Complete | Completeness::Bounded(_)) {
            self.last = Some(found.clone());
        }
        Ok(found)
    }

    fn take(&mut self) -> (&'p Program, Options, Reductions, Refined) {
        let Machine { program, options, reductions, .. } = self.machine;
        (program, options, reductions, std::mem::take(&mut self.refined))
    }
}

/// Allocations of an exploration, for the next one.
struct Spare<S> {
    parts: Parts<S>,
    tables: Option<Box<Tables<S>>>,
    description: Description,
}

impl<S: Set> Default for Spare<S> {
    fn default() -> Self {
        Spare { parts: Parts::default(), tables: None, description: Description::default() }
    }
}

thread_local! {
    /// A test takes some tens of microseconds, and allocations were a third of them.
    static SPARE: Cell<Option<Spare<u64>>> = const { Cell::new(None) };
}

impl Drop for Explorer<'_> {
    fn drop(&mut self) {
        if let Sized::Small(compiled) = &mut self.0 {
            SPARE.set(Some(Spare {
                parts: compiled.machine.take_apart(),
                tables: compiled.tables.take(),
                description: std::mem::take(&mut compiled.description),
            }));
        }
    }
}

/// Every outcome of `program` when hart `i` follows `models[i]`, with all reductions.
///
/// # Errors
/// As [`Explorer::new`] and [`Explorer::outcomes`].
pub fn explore(
    program: &Program,
    models: &[BaseModel],
    options: &Options,
    limits: Limits<'_>,
) -> Result<Outcomes, Fault> {
    Explorer::new(program, options, Reductions::default())?.outcomes(models, limits)
}
