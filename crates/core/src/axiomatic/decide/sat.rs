//! The solver, with what every encoding needs of it.

use std::cell::Cell;

use batsat::{Callbacks, ClauseKind, Lit, Solver, SolverInterface, lbool};

use super::order::Order;
use crate::program::{Completeness, Fault};

/// Ends the search of the solver.
pub(super) struct Interrupt<'a> {
    stop: &'a dyn Fn() -> bool,
    /// How often it was asked, and how often it may be.
    asked: Cell<u64>,
    most: Cell<u64>,
    stopped: Cell<bool>,
    /// Literals of the clauses that were learnt and are kept, and how many there may be.
    learnt: usize,
    most_learnt: usize,
}

/// Questions between two looks at the clock.
const CHECK_INTERVAL: u64 = 64;

impl Callbacks for Interrupt<'_> {
    fn stop(&self) -> bool {
        let asked = self.asked.get() + 1;
        self.asked.set(asked);
        if asked.is_multiple_of(CHECK_INTERVAL) && (self.stop)() {
            self.stopped.set(true);
        }
        self.stopped.get() || asked > self.most.get() || self.learnt > self.most_learnt
    }

    fn on_new_clause(&mut self, clause: &[Lit], _: ClauseKind) {
        self.learnt += clause.len() + CLAUSE_HEAD;
    }

    fn on_delete_clause(&mut self, clause: &[Lit]) {
        self.learnt = self.learnt.saturating_sub(clause.len() + CLAUSE_HEAD);
    }
}

/// What the solver says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    Satisfiable,
    Unsatisfiable,
    GaveUp,
}

/// Bytes that a variable and a literal of a clause take, roughly.
const VARIABLE_BYTES: usize = 160;
const LITERAL_BYTES: usize = 8;
/// Literals that the head of a clause is as large as.
const CLAUSE_HEAD: usize = 2;

/// Variables and clauses.
pub(super) struct Sat<'a> {
    solver: Solver<Interrupt<'a>>,
    pub(super) order: Order,
    truth: Lit,
    /// Is there no solution, whatever is asked?
    impossible: bool,
    literals: usize,
    /// Literals of clauses, at most, until the encoding is done.
    most_literals: usize,
    memory: usize,
    room: Vec<Lit>,
}

impl<'a> Sat<'a> {
    /// No clause yet, over an order of so many nodes.
    pub(super) fn new(
        nodes: usize,
        most_literals: usize,
        memory: usize,
        stop: &'a dyn Fn() -> bool,
    ) -> Sat<'a> {
        let interrupt = Interrupt {
            stop,
            asked: Cell::new(0),
            most: Cell::new(u64::MAX),
            stopped: Cell::new(false),
            learnt: 0,
            most_learnt: memory / LITERAL_BYTES,
        };
        let mut solver = Solver::new(batsat::SolverOpts::default(), interrupt);
        let truth = Lit::new(solver.new_var_default(), true);
        solver.add_clause_reuse(&mut vec![truth]);
        Sat {
            solver,
            order: Order::new(nodes),
            truth,
            impossible: false,
            literals: 0,
            most_literals,
            memory,
            room: Vec::new(),
        }
    }

    pub(super) fn constant(&self, truth: bool) -> Lit {
        if truth { self.truth } else { !self.truth }
    }

    pub(super) fn is_true(&self, literal: Lit) -> bool {
        literal == self.truth
    }

    pub(super) fn is_false(&self, literal: Lit) -> bool {
        literal == !self.truth
    }

    /// A new literal.
    pub(super) fn literal(&mut self) -> Lit {
        Lit::new(self.solver.new_var_default(), true)
    }

    /// At least one of them is true.
    pub(super) fn clause(&mut self, literals: &[Lit]) {
        if literals.iter().any(|literal| self.is_true(*literal)) {
            return;
        }
        self.room.clear();
        let (room, falsity) = (&mut self.room, !self.truth);
        room.extend(literals.iter().filter(|literal| **literal != falsity));
        self.literals += room.len() + CLAUSE_HEAD;
        if room.is_empty() || !self.solver.add_clause_reuse(room) {
            self.impossible = true;
        }
    }

    /// At least one of these, or one of those.
    pub(super) fn clause_of(&mut self, some: &[Lit], others: &[Lit]) {
        let all: Vec<Lit> = some.iter().chain(others).copied().collect();
        self.clause(&all);
    }

    /// There is no solution.
    pub(super) fn contradict(&mut self) {
        self.impossible = true;
    }

    /// A literal that is true exactly if all of them are.
    pub(super) fn all(&mut self, literals: &[Lit]) -> Lit {
        let mut parts: Vec<Lit> =
            literals.iter().copied().filter(|literal| !self.is_true(*literal)).collect();
        parts.sort_unstable_by_key(|literal| literal.idx());
        parts.dedup();
        match parts.as_slice() {
            [] => self.constant(true),
            parts if parts.iter().any(|literal| self.is_false(*literal)) => self.constant(false),
            [only] => *only,
            parts => {
                let both = self.literal();
                let mut converse = vec![both];
                for part in parts {
                    self.clause(&[!both, *part]);
                    converse.push(!*part);
                }
                self.clause(&converse);
                both
            }
        }
    }

    /// A literal that is true exactly if one of them is.
    pub(super) fn any(&mut self, literals: &[Lit]) -> Lit {
        let opposites: Vec<Lit> = literals.iter().map(|literal| !*literal).collect();
        !self.all(&opposites)
    }

    /// So many literals of which exactly one is true.
    pub(super) fn one_of(&mut self, number: usize) -> Vec<Lit> {
        match number {
            0 => Vec::new(),
            1 => vec![self.constant(true)],
            2 => {
                let first = self.literal();
                vec![first, !first]
            }
            _ => {
                let literals: Vec<Lit> = (0..number).map(|_| self.literal()).collect();
                self.clause(&literals);
                self.at_most_one(&literals);
                literals
            }
        }
    }

    fn at_most_one(&mut self, literals: &[Lit]) {
        const PAIRWISE: usize = 6;
        if literals.len() <= PAIRWISE {
            for (index, literal) in literals.iter().enumerate() {
                for other in &literals[..index] {
                    self.clause(&[!*literal, !*other]);
                }
            }
            return;
        }
        // Each group has a literal that is true if one of the group is.
        let heads: Vec<Lit> = literals
            .chunks(PAIRWISE - 1)
            .map(|group| {
                self.at_most_one(group);
                let head = self.literal();
                group.iter().for_each(|literal| self.clause(&[!*literal, head]));
                head
            })
            .collect();
        self.at_most_one(&heads);
    }

    /// From now on there may be any number of clauses.
    pub(super) fn is_encoded(&mut self) {
        self.most_literals = usize::MAX;
    }

    /// Is there room and time for all that?
    pub(super) fn check(&self) -> Result<(), Fault> {
        let literals = self.literals + self.solver.cb().learnt;
        let bytes = self.solver.num_vars() as usize * VARIABLE_BYTES + literals * LITERAL_BYTES;
        if bytes > self.memory {
            return Err(Fault::RanOut(Completeness::MemoryLimit));
        }
        if self.literals > self.most_literals || (self.solver.cb().stop)() {
            return Err(Fault::RanOut(Completeness::Timeout));
        }
        Ok(())
    }

    /// Looks for a solution in which the assumptions are true, in so many steps; leaves it in place, to be given up
    /// with [`Sat::forget`].
    pub(super) fn solve(&mut self, assumptions: &[Lit], steps: u64) -> Verdict {
        if self.impossible || assumptions.iter().any(|literal| self.is_false(*literal)) {
            return Verdict::Unsatisfiable;
        }
        let interrupt = self.solver.cb();
        interrupt.most.set(interrupt.asked.get().saturating_add(steps));
        let result = self.solver.solve_limited_preserving_trail_th(&mut self.order, assumptions);
        if result == lbool::TRUE {
            Verdict::Satisfiable
        } else if result == lbool::FALSE {
            Verdict::Unsatisfiable
        } else {
            Verdict::GaveUp
        }
    }

    /// Is it true in the solution?
    pub(super) fn holds(&self, literal: Lit) -> bool {
        self.solver.raw_value_lit(literal) == lbool::TRUE
    }

    /// Gives up the solution.
    pub(super) fn forget(&mut self) {
        self.solver.pop_model(&mut self.order);
    }

    /// Steps so far, of all searches.
    pub(super) fn steps(&self) -> u64 {
        self.solver.cb().asked.get()
    }
}
