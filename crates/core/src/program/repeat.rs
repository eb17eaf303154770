//! Where a loop may come back to the state that it had before, and what that state is.
//!
//! A spin loop reads until another hart writes, any number of times. All its iterations but the last
//! leave the hart as they found it, and an execution that has one of them has the final state of an
//! execution without it. So the engines drop a path that comes back to a loop's head unchanged, and
//! what is left is every final state: the answer is complete, although no bound was put on the loop.
//! An execution that spins for ever has no final state, with or without this.
//!
//! # When an iteration may be left out
//!
//! A hart arrives twice at step *h*. Between the arrivals lie the operations *I*. At the second one
//!
//! 1. each register that is live at *h* holds the same value as at the first, and depends,
//!    syntactically, on every operation that it depended on then;
//! 2. if an SC may follow *h* without an LR before it, then the reservation is the same;
//! 3. each operation of *I* is a load (LR and a failed `amocas` are), or an AMO that wrote the bytes
//!    that it read. The latter only while all rules are in force and SCs may fail spuriously.
//!
//! In place of such AMOs there may be stores that nobody can see: see [`super::retries`].
//!
//! # Why
//!
//! Take an execution with *I*, and leave *I* out: its operations and fences, and what is between the
//! arrivals of failed SCs and branches. By 1 and 2 the hart runs on from the first arrival as it did
//! from the second, with the same values, and the final state is the same, dead registers apart. It
//! is to be shown that the global memory order (gmo), restricted to the operations that are left,
//! still meets the axioms.
//!
//! *Loads.* No operation has a new place in program order relative to another, and nobody read from a
//! load. Of two operations that are left, each rule that orders them now ordered them before: there
//! are fewer fences (rule 4); dependencies are those of the first arrival, which are among those of
//! the second (rules 9 to 13, the control dependencies and the addresses so far only grow along a
//! path); annotations, addresses, values, sources and pairs are the same (rules 1, 3, 5 to 8, and 12);
//! and the stores between two loads are the same (rule 2). The load value axiom and the atomicity
//! axiom speak of stores, and these are the same. An SC that had to be excused is gone or excused by
//! the same store. So the restricted order will do.
//!
//! *AMOs that change nothing*, one after another, byte by byte. Let M be one of them, M' the store that
//! it read the byte from. By the load value axiom and rule 1, no store to the byte lies between M' and
//! M in gmo. Who read M now reads M', which holds the same value.
//! - Load value: M was read, so every other store that the load could see is before M, thus before M'
//!   or M' itself; and M' precedes M, which precedes the load in gmo (rule 3 if M is its own hart's).
//! - Atomicity: nothing lies between M' and M, so what did not lie between M and an SC does not lie
//!   between M' and it.
//! - Rules 3 and 12 for a load b of M's hart that reads M' now: M' < M < b in gmo by rules 1 and 3, so
//!   whatever precedes M' precedes b.
//! - Rule 2 for loads a and b that read different stores now: they did before, unless one read M and
//!   the other M', and then they read the same now. If M was the store between them: a < M by rule 1,
//!   and M < b, by rule 3 if b read M, and else because b read a store N that follows M in gmo: were N
//!   forwarded to b, it would be an older store of the hart, and precede M by rule 1.
//! - The final value of the byte is M''s, if M was the last.
//!
//! An SC of another hart may owe its excuse to M; hence the last condition of 3.

use super::retries::{UnseenStore, unseen_stores};
use super::{Hart, Program};
use crate::arch::{Action, Register};
use crate::litmus::HartId;
use crate::model::{AccessKind, Options, RuleSet, ScFailure};

/// What of a hart's state can still matter at some step.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Live(u64);

/// Stands for the reservation, beside the 32 registers.
const RESERVATION: u64 = 1 << 32;
const REGISTERS: u64 = RESERVATION - 1;

impl Live {
    /// Registers that an instruction may read before one writes them, or that are observed at the end.
    pub fn registers(self) -> impl Iterator<Item = Register> {
        (1..32).filter(move |number| self.0 >> number & 1 != 0).map(Register::new)
    }

    /// May an SC follow without an LR before it?
    #[must_use]
    pub fn reservation(self) -> bool {
        self.0 & RESERVATION != 0
    }
}

/// The head of a loop.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoopHead {
    /// What is live there.
    pub live: Live,
    /// The stores of its iterations that nobody can see.
    pub unseen: Vec<UnseenStore>,
}

/// When an iteration may be left out, if registers and reservation are as they were.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Skippable {
    /// It changed nothing that anybody sees.
    Always,
    /// If each AMO in it wrote the bytes that it read.
    IfUnchanged,
    /// It may have changed memory.
    Never,
}

impl LoopHead {
    /// Condition 3 above for the iteration that begins with operation number `first` of those of a path, which are
    /// given by kind and step.
    #[must_use]
    pub fn skippable(
        &self,
        operations: impl Iterator<Item = (AccessKind, usize)> + Clone,
        first: usize,
        options: &Options,
    ) -> Skippable {
        let writes = operations.clone().filter(|(kind, _)| kind.writes());
        let (mut amos, mut stores) = (false, false);
        for (kind, step) in operations.clone().skip(first).filter(|(kind, _)| kind.writes()) {
            let unseen = || self.unseen.iter().find(|store| store.step == step);
            match kind {
                _ if !may_skip_stores(options) => return Skippable::Never,
                AccessKind::Amo => amos = true,
                AccessKind::Store
                    if unseen().is_some_and(|store| {
                        !writes.clone().any(|(_, step)| store.publishers.contains(&step))
                    }) =>
                {
                    stores = true;
                }
                _ => return Skippable::Never,
            }
        }
        match (amos, stores) {
            (true, true) => Skippable::Never,
            (true, false) => Skippable::IfUnchanged,
            (false, _) => Skippable::Always,
        }
    }
}

/// May iterations that store be left out at all?
#[must_use]
pub fn may_skip_stores(options: &Options) -> bool {
    options.rules == RuleSet::ALL && options.sc_failure == ScFailure::Spurious
}

/// As [`loop_heads`], without the stores that nobody can see.
#[must_use]
pub fn loop_heads_alone(program: &Program, hart: HartId) -> Vec<Option<LoopHead>> {
    let live = live_heads(program, hart).into_iter();
    live.map(|live| live.map(|live| LoopHead { live, unseen: Vec::new() })).collect()
}

/// By step of the hart's code: what has to be known there to leave out iterations, if a backward jump may go there.
#[must_use]
pub fn loop_heads(program: &Program, hart: HartId, options: &Options) -> Vec<Option<LoopHead>> {
    let mut all = loop_heads_alone(program, hart);
    if may_skip_stores(options) {
        let (steps, mut heads): (Vec<usize>, Vec<&mut LoopHead>) = all
            .iter_mut()
            .enumerate()
            .filter_map(|(step, head)| Some((step, head.as_mut()?)))
            .unzip();
        let unseen = unseen_stores(program, hart, &steps);
        heads.iter_mut().zip(unseen).for_each(|(head, unseen)| head.unseen = unseen);
    }
    all
}

fn live_heads(program: &Program, hart: HartId) -> Vec<Option<Live>> {
    let code = &program.harts[hart.index()];
    let mut steps = code.code.iter().enumerate();
    if !steps.any(|(from, step)| match step.action {
        Action::Branch { target, .. } | Action::Jump { target, .. } => target <= from,
        Action::JumpRegister { .. } => true,
        _ => false,
    }) {
        return Vec::new();
    }
    let mut heads = vec![false; code.code.len()];
    let mut mark = |step: usize| {
        if let Some(head) = heads.get_mut(step) {
            *head = true;
        }
    };
    for (from, step) in code.code.iter().enumerate() {
        match step.action {
            Action::Branch { target, .. } | Action::Jump { target, .. } if target <= from => {
                mark(target);
            }
            Action::JumpRegister { .. } => {
                code.indirect_targets.iter().for_each(|target| mark(*target))
            }
            _ => {}
        }
    }
    if !heads.contains(&true) {
        return Vec::new();
    }
    let registers = program.observed_registers(hart);
    let observed = registers.fold(0, |set, (_, register)| set | 1 << register.number());
    let live = live(code, observed);
    heads.into_iter().zip(live).map(|(head, live)| head.then_some(live)).collect()
}

/// What is live before each step: the least solution of the usual equations, but that what is computed
/// from a register for a dead one keeps it no less dead: a counter that nobody looks at is dead though each
/// addition reads it.
fn live(hart: &Hart, at_end: u64) -> Vec<Live> {
    let steps = hart.code.len();
    let mut live = vec![0; steps + 1];
    live[steps] = at_end;
    loop {
        let mut changed = false;
        for step in (0..steps).rev() {
            let action = &hart.code[step].action;
            let after = match *action {
                Action::Branch { target, .. } => live[step + 1] | live[target],
                Action::Jump { target, .. } => live[target],
                // Computed addresses may lead to any step.
                Action::JumpRegister { .. } => live.iter().fold(0, |all, live| all | live),
                _ => live[step + 1],
            };
            let idle = matches!(action, Action::Compute { .. }) && after & defined(action) == 0;
            let used = if idle { 0 } else { used(action) };
            let before = after & !defined(action) | used;
            changed |= before != live[step];
            live[step] = before;
        }
        if !changed {
            live.truncate(steps);
            return live.into_iter().map(Live).collect();
        }
    }
}

fn used(action: &Action) -> u64 {
    let reserved = match action {
        Action::StoreConditional { .. } => RESERVATION,
        _ => 0,
    };
    set(action.sources()) | reserved
}

fn defined(action: &Action) -> u64 {
    let reserved = match action {
        Action::StoreConditional { .. } | Action::LoadReserved { .. } => RESERVATION,
        _ => 0,
    };
    set(action.destinations()) | reserved
}

fn set(registers: impl Iterator<Item = Register>) -> u64 {
    registers.fold(0, |set, reg| set | 1 << reg.number()) & REGISTERS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::litmus::{LineIndex, parse};
    use crate::model::BaseModel;
    use crate::program::{full_hart, link};

    fn heads(code: &str, condition: &str) -> Vec<(usize, Vec<usize>, bool)> {
        let rows: String = code.split(';').map(|row| format!("{} ;\n", row.trim())).collect();
        let text = format!("RISCV t\n{{0:x6=x;}}\nP0 ;\n{rows}exists ({condition})\n");
        let test = parse(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        let program =
            link(&test, &LineIndex::new(&text), |_| full_hart(BaseModel::Rvwmo)).expect("links");
        let heads = live_heads(&program, HartId(0)).into_iter().enumerate();
        heads
            .filter_map(|(step, live)| live.map(|live| (step, live)))
            .map(|(step, live)| {
                (step, live.registers().map(Register::number).collect(), live.reservation())
            })
            .collect()
    }

    #[test]
    fn what_is_overwritten_first_is_dead() {
        let spin = "L: lw x5,0(x6); beqz x5,L; lw x7,0(x8)";
        assert_eq!(heads(spin, "0:x5=1"), [(0, vec![6, 8], false)]);
        let late = "L: lw x7,0(x6); add x5,x5,x7; beqz x7,L";
        assert_eq!(heads(late, "0:x5=1"), [(0, vec![5, 6], false)]);
    }

    #[test]
    fn a_counter_that_nobody_looks_at_is_dead() {
        let counting = "L: lw x5,0(x6); addi x7,x7,1; slli x9,x7,1; beqz x5,L";
        assert_eq!(heads(counting, "0:x5=1"), [(0, vec![6], false)]);
        assert_eq!(heads(counting, "0:x9=1"), [(0, vec![6, 7], false)]);
    }

    #[test]
    fn a_reservation_is_live_until_the_next_lr() {
        let retry = "L: lr.w x5,(x6); sc.w x7,x8,(x6); bnez x7,L";
        assert_eq!(heads(retry, "true"), [(0, vec![6, 8], false)]);
        let outside = "lr.w x5,(x6); L: lw x9,0(x6); bnez x9,L; sc.w x7,x8,(x6)";
        assert_eq!(heads(outside, "true"), [(1, vec![6, 8], true)]);
    }

    #[test]
    fn without_a_backward_jump_there_is_no_head() {
        assert_eq!(heads("lw x5,0(x6); beqz x5,L; nop; L: nop", "true"), []);
    }
}
