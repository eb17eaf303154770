//! Loops that are counted by constants.
//!
//! A bound is put on loops because an execution may take them any number of times. One whose condition hangs on
//! nothing that was read from memory is taken as often as its code says: following it adds no choice, and
//! cutting it would cut every execution. So a jump back is followed for nothing where the loop is seen to end
//! soon, and counted against the bound where it is not.
//!
//! It is only a question of how far code is followed; whatever the answer, it is followed rightly. Both
//! engines ask it in the same words, so that they cut the same executions.

use super::Hart;
use crate::arch::{Action, Cancels, Condition, Operand, Register};

/// Iterations that are followed, and memory operations in them.
const MOST_ITERATIONS: usize = 64;
const MOST_OPERATIONS: usize = 48;
/// Registers that a loop's condition may hang on.
type Values = [Option<u64>; Register::COUNT];

/// Is the branch back at `step` taken now, and will the loop end soon? `constant` gives what a register holds,
/// unless that depends on an operation.
#[must_use]
pub(crate) fn ends_soon(
    hart: &Hart,
    step: usize,
    constant: impl Fn(Register) -> Option<u64>,
) -> bool {
    let Action::Branch { condition: Condition(condition), left, right, target } =
        hart.code[step].action
    else {
        return false;
    };
    let body = target..step;
    if target > step || body.is_empty() || !is_simple(hart, target, step) {
        return false;
    }
    let mut values: Values = std::array::from_fn(|number| constant(Register::new(number as u8)));
    let holds = |values: &Values| {
        let (left, right) = (values[left.number()]?, values[right.number()]?);
        Some(condition(left, right))
    };
    let operations = hart.code[body.clone()].iter().filter(|step| step.action.access().is_some());
    let most = MOST_OPERATIONS / operations.count().max(1);
    for _ in 0..MOST_ITERATIONS.min(most) {
        match holds(&values) {
            Some(true) => {}
            Some(false) => return true,
            None => return false,
        }
        let before = values;
        let mut skipped_to = target;
        for at in body.clone() {
            let action = &hart.code[at].action;
            run(action, at < skipped_to, &mut values);
            if let Action::Branch { target, .. } | Action::Jump { target, .. } = *action
                && target <= step
            {
                skipped_to = skipped_to.max(target);
            }
        }
        if values == before {
            return false;
        }
    }
    false
}

/// Is there no other way back between `first` and `last`, and none that is computed?
fn is_simple(hart: &Hart, first: usize, last: usize) -> bool {
    hart.code[first..last].iter().enumerate().all(|(index, step)| match step.action {
        Action::Branch { target, .. } | Action::Jump { target, .. } => target > first + index,
        Action::JumpRegister { .. } => false,
        _ => true,
    })
}

/// What an action does to the constants; maybe it is skipped.
fn run(action: &Action, skipped: bool, values: &mut Values) {
    let result = match *action {
        _ if skipped => None,
        Action::Constant { value, .. } => Some(value),
        Action::Compute { function, left, right, cancels: Cancels::Never, .. } => {
            let right = match right {
                Operand::Register(right) => values[right.number()],
                Operand::Immediate(value) => Some(value),
            };
            values[left.number()].zip(right).map(|(left, right)| function.apply(left, right))
        }
        _ => None,
    };
    for register in action.destinations().filter(|register| !register.is_zero()) {
        values[register.number()] = result;
    }
}
