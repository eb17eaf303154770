//! What one step of a hart's code does, whatever its architecture.

use super::{Extend, FencePairs, Function, Order, Register, Width};

/// One action of a hart: what an instruction does, or one of the things that it does.
///
/// Every name is resolved: targets are steps of the hart's code, addresses are numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    /// Does nothing that a test can see.
    Nop,
    /// Writes a value that depends on nothing.
    Constant {
        /// Gets the value.
        destination: Register,
        /// The value.
        value: u64,
    },
    /// Writes a function of registers.
    Compute {
        /// Gets the result.
        destination: Register,
        /// What is computed.
        function: Function,
        /// The first argument.
        left: Register,
        /// The second argument.
        right: Operand,
        /// When the result is 0 whatever the registers hold.
        cancels: Cancels,
    },
    /// Jumps when a condition holds.
    Branch {
        /// The condition.
        condition: Condition,
        /// Its first argument.
        left: Register,
        /// Its second argument.
        right: Register,
        /// The step that it jumps to.
        target: usize,
    },
    /// Jumps.
    Jump {
        /// The step that it jumps to.
        target: usize,
        /// What it leaves behind.
        link: Link,
    },
    /// Jumps to the code address that a register and an offset give, bit 0 cleared.
    JumpRegister {
        /// Holds the address.
        base: Register,
        /// What is added to it.
        offset: i64,
        /// What it leaves behind.
        link: Link,
    },
    /// Orders memory operations before it with some after it.
    Fence(FencePairs),
    /// Reads memory.
    Load {
        /// Gets what is read.
        destination: Register,
        /// How what is read fills the register.
        extend: Extend,
        /// What is accessed.
        access: MemoryAccess,
    },
    /// Writes memory.
    Store {
        /// Holds what is written.
        source: Register,
        /// What is accessed.
        access: MemoryAccess,
    },
    /// Reads memory, sign-extended, and reserves it.
    LoadReserved {
        /// Gets what is read.
        destination: Register,
        /// What is accessed.
        access: MemoryAccess,
    },
    /// Writes memory if the reservation still holds.
    StoreConditional {
        /// Gets 0 if it wrote, 1 if not.
        destination: Register,
        /// Holds what is written.
        source: Register,
        /// What is accessed.
        access: MemoryAccess,
    },
    /// Reads memory, sign-extended, and writes a function of what it read, as one operation.
    Amo {
        /// Gets what is read.
        destination: Register,
        /// The function's second argument, sign-extended from the width.
        source: Register,
        /// Gives what is written, of which the lowest bytes count.
        function: Function,
        /// What is accessed.
        access: MemoryAccess,
    },
    /// Reads memory and writes it if it holds what is expected, as one operation.
    CompareAndSwap {
        /// Holds what is expected, and gets what is read, sign-extended.
        expected: RegisterOrPair,
        /// Holds what is written.
        new: RegisterOrPair,
        /// What is accessed.
        access: MemoryAccess,
    },
}

/// A condition on two values.
#[derive(Clone, Copy, Debug)]
pub struct Condition(pub fn(u64, u64) -> bool);

/// Equal ones are the same condition. The same one may be two that are not equal.
impl PartialEq for Condition {
    fn eq(&self, other: &Condition) -> bool {
        std::ptr::fn_addr_eq(self.0, other.0)
    }
}

impl Eq for Condition {}

/// The second argument of a computation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Operand {
    /// What a register holds.
    Register(Register),
    /// A number.
    Immediate(u64),
}

/// When a computation gives 0 whatever its registers hold. Its result depends on them all the same: that is
/// what `xor x5,x6,x6` is for in litmus tests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cancels {
    /// Not by its nature.
    Never,
    /// When both arguments are the same value.
    EqualArguments,
    /// With this immediate operand.
    Always,
}

/// The return address that a jump leaves in a register.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Link {
    /// Gets the address.
    pub register: Register,
    /// The address of what follows the jump.
    pub address: u64,
}

impl Link {
    /// Nothing is left behind.
    pub const NONE: Link = Link { register: Register::ZERO, address: 0 };
}

/// A register, or two that hold the halves of one value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RegisterOrPair {
    /// One register.
    Register(Register),
    /// The registers of the lower and of the upper half.
    Pair(Register, Register),
}

impl RegisterOrPair {
    /// One or two registers; the second may be zero.
    const fn registers(self) -> [Register; 2] {
        match self {
            RegisterOrPair::Register(register) => [register, Register::ZERO],
            RegisterOrPair::Pair(low, high) => [low, high],
        }
    }
}

/// The memory that an action accesses, and what is written of the access's ordering.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MemoryAccess {
    /// Holds an address.
    pub base: Register,
    /// What is added to it.
    pub offset: i64,
    /// How many bytes are accessed.
    pub width: Width,
    /// The acquire and release bits.
    pub order: Order,
}

impl Action {
    /// The memory that it accesses, if it does.
    #[must_use]
    pub const fn access(&self) -> Option<MemoryAccess> {
        match *self {
            Action::Load { access, .. }
            | Action::Store { access, .. }
            | Action::LoadReserved { access, .. }
            | Action::StoreConditional { access, .. }
            | Action::Amo { access, .. }
            | Action::CompareAndSwap { access, .. } => Some(access),
            Action::Nop
            | Action::Constant { .. }
            | Action::Compute { .. }
            | Action::Branch { .. }
            | Action::Jump { .. }
            | Action::JumpRegister { .. }
            | Action::Fence(_) => None,
        }
    }

    /// The acquire and release bits of its access to memory; neither if there is none.
    #[must_use]
    pub fn order(&self) -> Order {
        self.access().map_or(Order::None, |access| access.order)
    }

    /// Does it read memory?
    #[must_use]
    pub const fn reads_memory(&self) -> bool {
        matches!(
            self,
            Action::Load { .. }
                | Action::LoadReserved { .. }
                | Action::Amo { .. }
                | Action::CompareAndSwap { .. }
        )
    }

    /// The registers that it reads, the zero register left out.
    pub fn sources(&self) -> impl Iterator<Item = Register> {
        let zero = Register::ZERO;
        let read = match *self {
            Action::Compute { left, right: Operand::Register(right), .. }
            | Action::Branch { left, right, .. } => [left, right, zero, zero, zero],
            Action::Compute { left, right: Operand::Immediate(_), .. } => {
                [left, zero, zero, zero, zero]
            }
            Action::JumpRegister { base, .. } => [base, zero, zero, zero, zero],
            Action::Load { access, .. } | Action::LoadReserved { access, .. } => {
                [access.base, zero, zero, zero, zero]
            }
            Action::Store { source, access }
            | Action::StoreConditional { source, access, .. }
            | Action::Amo { source, access, .. } => [access.base, source, zero, zero, zero],
            Action::CompareAndSwap { expected, new, access } => {
                let ([a, b], [c, d]) = (new.registers(), expected.registers());
                [access.base, a, b, c, d]
            }
            Action::Nop | Action::Constant { .. } | Action::Jump { .. } | Action::Fence(_) => {
                [zero; 5]
            }
        };
        read.into_iter().filter(|register| !register.is_zero())
    }

    /// The registers that it writes, the zero register left out.
    pub fn destinations(&self) -> impl Iterator<Item = Register> {
        let written = match *self {
            Action::Constant { destination, .. }
            | Action::Compute { destination, .. }
            | Action::Load { destination, .. }
            | Action::LoadReserved { destination, .. }
            | Action::StoreConditional { destination, .. }
            | Action::Amo { destination, .. } => [destination, Register::ZERO],
            Action::Jump { link, .. } | Action::JumpRegister { link, .. } => {
                [link.register, Register::ZERO]
            }
            Action::CompareAndSwap { expected, .. } => expected.registers(),
            Action::Nop | Action::Branch { .. } | Action::Fence(_) | Action::Store { .. } => {
                [Register::ZERO; 2]
            }
        };
        written.into_iter().filter(|register| !register.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_small() {
        assert!(size_of::<Action>() <= 40);
    }
}
