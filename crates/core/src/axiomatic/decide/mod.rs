//! One question about a program, decided without listing its states.
//!
//! Whether some execution ends in a state of interest is put to a solver: `unroll` runs the code of all harts once
//! for all executions, `domains` bounds what values can be, `encode` and `rules` write down what an
//! execution is, and `order` keeps the global memory order free of cycles. What a condition fixes, values
//! above all, then settles most of the rest, so that the cost hardly depends on how many states there are.
//!
//! An execution that is found is a [`Witness`](crate::axiomatic::evidence::Witness), which [`crate::axiomatic::check`] can follow. Loops are
//! cut where the rest of the engine cuts them: [`Decider::cuts`] says whether an execution gets there.
//!
//! Not decided here, and said by [`Fault::TooLarge`]: comparisons of register pairs and operations of 16 bytes,
//! computed addresses that may be misaligned, and values of very many kinds. Of machines that lack rules 9 to 11 it
//! may say too much, since values could come out of thin air.

mod domains;
mod encode;
mod order;
mod question;
mod rules;
mod sat;
mod terms;
mod unroll;
mod witness;
mod work;

use std::collections::BTreeSet;

use batsat::Lit;

use crate::arch::Width;
use crate::litmus::HartId;
use crate::model::{BaseModel, Options};
use crate::program::{Fault, Program};

pub use question::{Question, Reply};

use domains::domains;
use encode::Encoding;
use sat::Verdict;
use unroll::{End, unroll};
use work::Work;

/// Decides questions about one program on one machine.
pub struct Decider<'a> {
    encoding: Encoding<'a>,
    /// By hart, whether it ends.
    complete: Vec<Lit>,
    /// Ends of harts in what has no meaning, and jumps to where their code was not followed.
    faults: Vec<Lit>,
    cuts: Vec<((HartId, usize), Lit)>,
    /// Whether the test's filter lets the state pass.
    passes: Option<Lit>,
}

/// The unrolled program, and what values can be in it.
pub struct Prepared {
    unrolled: unroll::Unrolled,
    domains: domains::Domains,
}

impl Prepared {
    /// Unrolls a program in which hart `i` follows `models[i]`, in about so many steps of work.
    ///
    /// # Errors
    /// [`Fault::TooLarge`] for what is not decided here, [`Fault::RanOut`].
    pub fn new(
        program: &Program,
        models: &[BaseModel],
        options: &Options,
        work: u64,
        stop: &dyn Fn() -> bool,
    ) -> Result<Prepared, Fault> {
        let work = Work::new(work, stop);
        let unrolled = unroll(program, models, options, &work)?;
        let domains = domains(program, options, &unrolled, &work)?;
        Ok(Prepared { unrolled, domains })
    }
}

impl<'a> Decider<'a> {
    /// Writes down the executions of what was prepared for this program and these options, in about so many literals
    /// and so many bytes. `stop` is asked now and then, here and below; once it says `true` nothing more is decided.
    ///
    /// # Errors
    /// As [`Prepared::new`].
    pub fn new(
        program: &'a Program,
        options: &'a Options,
        prepared: &'a Prepared,
        work: u64,
        memory: usize,
        stop: &'a dyn Fn() -> bool,
    ) -> Result<Decider<'a>, Fault> {
        let Prepared { unrolled, domains } = prepared;
        let mut encoding = Encoding::new(program, options, unrolled, domains, work, memory, stop)?;
        let mut complete = Vec::with_capacity(unrolled.harts.len());
        let mut faults = Vec::new();
        let mut cuts = Vec::new();
        for (index, hart) in unrolled.harts.iter().enumerate() {
            let mut ends = Vec::new();
            for (fact, end) in &hart.ends {
                let literal = encoding.fact(*fact);
                match end {
                    End::Complete => ends.push(literal),
                    End::Fault => faults.push(literal),
                    End::Cut(step) => cuts.push(((HartId(index as u16), *step), literal)),
                    End::Repeats => {}
                }
            }
            complete.push(encoding.sat.any(&ends));
        }
        for (executed, address, followed) in &unrolled.jumps {
            let executed = encoding.fact(*executed);
            for (to, is) in encoding.values(*address) {
                if !followed.contains(&to) {
                    faults.push(encoding.sat.all(&[executed, is]));
                }
            }
        }
        faults.retain(|literal| !encoding.sat.is_false(*literal));
        cuts.retain(|(_, literal)| !encoding.sat.is_false(*literal));
        let mut decider = Decider { encoding, complete, faults, cuts, passes: None };
        if let Some(filter) = &program.filter {
            decider.passes = Some(decider.predicate(filter, true));
        }
        decider.encoding.sat.check()?;
        Ok(decider)
    }

    /// Decides a question in so many steps of the solver.
    ///
    /// # Errors
    /// [`Fault::RanOut`].
    pub fn decide(&mut self, question: Question<'_>, steps: u64) -> Result<Reply, Fault> {
        let mut assumptions = self.complete.clone();
        assumptions.push(self.encoding.excuses_demanded);
        assumptions.extend(self.passes);
        assumptions.extend(self.asked(question));
        self.solve(&assumptions, steps, |this, verdict| match verdict {
            Verdict::Satisfiable => Reply::Reached(this.state(), this.execution().map(Box::new)),
            Verdict::Unsatisfiable => Reply::Unreached,
            Verdict::GaveUp => Reply::GaveUp,
        })
    }

    /// May an execution do what has no meaning, or jump to where its code was not followed? What is decided of the
    /// others is then not all. `None` if that took too long.
    ///
    /// # Errors
    /// [`Fault::RanOut`].
    pub fn may_fault(&mut self, steps: u64) -> Result<Option<bool>, Fault> {
        for literal in self.faults.clone() {
            // What would force an SC to fail may lie behind the jump.
            match self.is_possible(&[literal], steps)? {
                Some(false) => {}
                other => return Ok(other),
            }
        }
        Ok(Some(false))
    }

    /// The backward jumps, as hart and step, that some execution takes more often than the options allow. `None`
    /// if that took too long.
    ///
    /// # Errors
    /// [`Fault::RanOut`].
    pub fn cuts(&mut self, steps: u64) -> Result<Option<Vec<(HartId, usize)>>, Fault> {
        let mut cuts = BTreeSet::new();
        for (jump, literal) in self.cuts.clone() {
            if cuts.contains(&jump) {
                continue;
            }
            match self.is_possible(&[literal, self.encoding.excuses_demanded], steps)? {
                Some(true) => drop(cuts.insert(jump)),
                Some(false) => {}
                None => return Ok(None),
            }
        }
        Ok(Some(cuts.into_iter().collect()))
    }

    fn is_possible(&mut self, literals: &[Lit], steps: u64) -> Result<Option<bool>, Fault> {
        self.solve(literals, steps, |_, verdict| match verdict {
            Verdict::Satisfiable => Some(true),
            Verdict::Unsatisfiable => Some(false),
            Verdict::GaveUp => None,
        })
    }

    fn solve<T>(
        &mut self,
        assumptions: &[Lit],
        steps: u64,
        found: impl FnOnce(&Self, Verdict) -> T,
    ) -> Result<T, Fault> {
        let verdict = self.encoding.sat.solve(assumptions, steps);
        let found = found(self, verdict);
        self.encoding.sat.forget();
        self.encoding.sat.check()?;
        Ok(found)
    }

    /// Does every hart come to its end whatever it reads, and may every state pass? Then some execution ends: that
    /// in which one hart goes after the other.
    #[must_use]
    pub fn always_ends(&self) -> bool {
        self.passes.is_none() && self.complete.iter().all(|ends| self.encoding.sat.is_true(*ends))
    }

    /// Steps of the solver so far.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.encoding.sat.steps()
    }
}

/// The width of that many bytes, if a register holds more.
fn width_of(bytes: u8) -> Option<Width> {
    match bytes {
        1 => Some(Width::B),
        2 => Some(Width::H),
        4 => Some(Width::W),
        _ => None,
    }
}
