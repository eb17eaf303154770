//! The exhaustive executor: every outcome of a program, by building global memory orders.
//!
//! The global memory order is explored directly. A memory operation is *performed*, that is appended
//! to the order, once everything that precedes it in preserved program order has been; a load takes
//! its value by the load value axiom, forwarding included. The state holds what can still matter and
//! no history, so that the cost grows with distinct states, not with executions.
//!
//! - `unfold` makes a `tree` of paths out of each hart's code, once; `order` turns a memory model into
//!   a mask for each operation. Ztso and RVWMO are the same machine with other masks, hart by hart.
//! - `ready` and `perform` are the model's dynamic part; `expand` gives a state's successors.
//! - `stubborn` and the sleeping loads keep the number of orders down, `key` the number of states.
//! - `search` is the depth-first search, alone or on several threads.
//!
//! Sleeping loads: a load that can be performed decides at once whether it is performed now or not
//! before the next store to its bytes. That loses nothing, because performing it anywhere between two
//! such stores returns the same store's value, and earliest is least restrictive: all that must come
//! before it has come, and what must come after it can still do so.
//!
//! Not modelled: see [`crate::model`]. Limits of the representation (64 memory operations on a path,
//! 64 separately accessed pieces of memory) are [`Fault::TooLarge`], never a wrong answer.

mod cells;
mod expand;
mod expr;
mod key;
mod machine;
mod order;
mod perform;
mod ready;
mod search;
mod settle;
mod stubborn;
mod table;
mod touch;
mod tree;
mod unfold;
mod wide;

use crate::model::{MemoryModel, Options};
use crate::program::{Fault, Outcomes, Program};

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
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reductions {
    /// Loads decide as soon as they can be performed, and sleep until the next store; forks are
    /// guessed only when something below could go ahead. Off: every ready operation may come next.
    pub sleep: bool,
    /// Of the ready stores only a stubborn set is branched on.
    pub stubborn: bool,
    /// What cannot matter any more is left out of the key.
    pub forget: bool,
    /// Iterations that leave everything as it was are left out: see [`crate::program::repeat`].
    pub repeats: bool,
}

impl Default for Reductions {
    fn default() -> Self {
        Reductions { sleep: true, stubborn: true, forget: true, repeats: true }
    }
}

impl Default for Limits<'_> {
    fn default() -> Self {
        Limits { interrupted: &|| false, memory: usize::MAX, parallel: false }
    }
}

/// A program compiled once, to be explored under several choices of memory models.
pub struct Explorer<'p> {
    machine: machine::Machine<'p>,
    /// Accesses that cut a cell of the machine that was tried before.
    refined: Vec<(u64, u64)>,
    tables: search::Tables,
}

impl<'p> Explorer<'p> {
    /// Unfolds every hart's code and cuts memory into cells.
    ///
    /// # Errors
    /// [`Fault::TooLarge`] when the program is larger than the representation.
    pub fn new(
        program: &'p Program,
        options: &Options,
        reductions: Reductions,
    ) -> Result<Explorer<'p>, Fault> {
        let machine = machine::Machine::new(program, options, reductions, &[])?;
        Ok(Explorer { machine, refined: Vec::new(), tables: search::Tables::default() })
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
        models: &[MemoryModel],
        limits: Limits<'_>,
    ) -> Result<Outcomes, Fault> {
        assert_eq!(models.len(), self.machine.harts.len(), "one memory model for each hart");
        loop {
            self.machine.follow(models);
            match search::search(&self.machine, &mut self.tables, limits) {
                Ok(outcomes) => return Ok(outcomes),
                Err(perform::Stop::Fault(fault)) => return Err(fault),
                Err(perform::Stop::Refine(address, bytes)) => {
                    self.refined.push((address, bytes));
                    let machine::Machine { program, options, reductions, .. } = self.machine;
                    self.machine =
                        machine::Machine::new(program, &options, reductions, &self.refined)?;
                }
            }
        }
    }
}

/// Every outcome of `program` when hart `i` follows `models[i]`, with all reductions.
///
/// # Errors
/// As [`Explorer::new`] and [`Explorer::outcomes`].
pub fn explore(
    program: &Program,
    models: &[MemoryModel],
    options: &Options,
    limits: Limits<'_>,
) -> Result<Outcomes, Fault> {
    Explorer::new(program, options, Reductions::default())?.outcomes(models, limits)
}
