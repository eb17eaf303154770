//! Arms of a branch that only compute: no fork, but registers that hold one or the other.
//!
//! Code that adds to a counter where a flag is set has two ways to go on, after each of which the same code
//! follows: *n* such branches make 2^*n* paths. Where neither arm does anything but compute, the path is
//! one: from where the arms meet, a register that they leave different values in holds a choice between the
//! two, by the branch's condition.
//!
//! # When
//!
//! All rules are in force; each register that the arms leave different values in has the same syntactic
//! dependencies after both; no arm passes the head of a loop; and of the values that hang on such a choice,
//! none is
//!
//! 1. part of an address, or of what an `amocas` compares with,
//! 2. stored by a store or an SC that a younger load of the hart may read from,
//! 3. part of what another fork is decided by.
//!
//! If it turns out that some value is, then the hart is unfolded again with all its forks.
//!
//! # Why
//!
//! The operations of the two paths are the same, and so are all their dependencies: those on registers because they
//! are the same after both arms, and control dependencies because the branch is one of both paths. So the
//! same orders are asked for. What differs is when a value is known: on a path that was guessed it is known
//! as soon as what that arm computes it from is, here only when the condition is known, too. That matters to
//! whatever can be performed before the condition is known. A store, SC or AMO cannot (rule 11): its data may
//! be chosen, unless a load takes them from it before (2). A load can; what it needs is its address, and what a
//! failed `amocas` compares with (1). A final state shows a register when all is performed. A later branch on
//! such a value (3) would be guessed where the paths of a fork had known it.

use super::super::expr::ExprId;
use super::super::set::Set;
use super::super::tree::{Address, Choice, End, Fork, Tree};
use super::{Path, Unfolder, Value};
use crate::arch::{Action, Register};
use crate::model::AccessKind;

/// Steps of an arm.
const MOST_STEPS: usize = 16;

/// What the registers hold when an arm comes to a step.
type Stop<S> = (usize, [Value<S>; Register::COUNT]);

impl<S: Set> Unfolder<'_, '_, S> {
    /// Goes to where the arms of a branch meet, if they do nothing but compute; says whether they do. The first
    /// arm, at step `taken`, is that for a `condition` that is not 0.
    pub(super) fn select(
        &mut self,
        path: &mut Path<S>,
        condition: ExprId,
        taken: usize,
        next: usize,
    ) -> bool {
        if !self.selects || taken <= path.step {
            return false;
        }
        let one = self.arm(path, taken);
        let other = self.arm(path, next);
        let meeting = one.iter().find_map(|(step, registers)| {
            let (_, others) = other.iter().find(|(other, _)| other == step)?;
            Some((*step, registers, others))
        });
        let Some((step, one, other)) = meeting else { return false };
        if one.iter().zip(other).any(|(a, b)| !self.is_same(*a, *b) && a.deps != b.deps) {
            return false;
        }
        let mut chosen = *one;
        for (chosen, (a, b)) in chosen.iter_mut().zip(one.iter().zip(other)) {
            if !self.is_same(*a, *b) {
                chosen.expr = self.tree.exprs.select(condition, a.expr, b.expr);
            }
        }
        path.registers = chosen;
        path.step = step;
        true
    }

    fn is_same(&self, a: Value<S>, b: Value<S>) -> bool {
        let exprs = &self.tree.exprs;
        let constants = exprs.as_constant(a.expr).zip(exprs.as_constant(b.expr));
        a.deps == b.deps && (a.expr == b.expr || constants.is_some_and(|(a, b)| a == b))
    }

    /// What the registers hold at each step that an arm comes to while it does nothing but compute.
    fn arm(&mut self, path: &Path<S>, first: usize) -> Vec<Stop<S>> {
        let mut arm = path.clone();
        arm.step = first;
        let mut stops = Vec::new();
        while stops.len() < MOST_STEPS {
            stops.push((arm.step, arm.registers));
            let is_head = self.heads.get(arm.step).is_some_and(Option::is_some);
            let Some(step) = self.code.code.get(arm.step).filter(|_| !is_head) else { break };
            match step.action {
                Action::Nop | Action::Constant { .. } | Action::Compute { .. } => {
                    if self.step(&mut arm, step.action, None).is_err() {
                        break;
                    }
                }
                Action::Jump { target, link } if target > arm.step && link.register.is_zero() => {
                    arm.step = target;
                }
                _ => break,
            }
        }
        stops
    }
}

/// Is some value that hangs on a choice used as it must not be?
pub(super) fn are_misused<S: Set>(tree: &Tree<S>) -> bool {
    let selecting = tree.exprs.selecting();
    let chosen = |expr: ExprId| selecting[expr.index()];
    let address = |address: Address| matches!(address, Address::Computed(expr) if chosen(expr));
    let forks = |end: &End| match end {
        End::Fork(Fork { choice: Choice::Value(value, _), .. }) => chosen(*value),
        End::BadJump(_, target) => chosen(*target),
        _ => false,
    };
    let of_ops = tree.ops.iter().any(|op| {
        address(op.address)
            || op.expected.is_some_and(chosen)
            || op.high.is_some_and(|high| chosen(high.data) || chosen(high.expected))
    });
    of_ops
        || tree.nodes.iter().any(|node| {
            let path = tree.path(node);
            let chooses = |id: u32| {
                let op = &tree.ops[id as usize];
                op.kind != AccessKind::Amo && op.kind.writes() && op.data.is_some_and(chosen)
            };
            let read_later = |place: usize| {
                let store = &tree.ops[path[place] as usize];
                path[place + 1..].iter().any(|later| may_read(&tree.ops[*later as usize], store))
            };
            forks(&node.end)
                || tree.checks(node).iter().any(|check| chosen(check.address))
                || (0..path.len()).any(|place| chooses(path[place]) && read_later(place))
        })
}

/// May an operation read what a store wrote?
fn may_read<S>(op: &super::super::tree::Op<S>, store: &super::super::tree::Op<S>) -> bool {
    op.kind.reads()
        && match (op.address, store.address) {
            (Address::Known(read), Address::Known(written)) => {
                read < written + store.width.bytes() && written < read + op.width.bytes()
            }
            _ => true,
        }
}
