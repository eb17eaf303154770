//! A hart in the middle of its code.

use crate::arch::{Register, RegisterOrPair, Width};
use crate::axiomatic::pool::{Image, Past};
use crate::axiomatic::trace::{End, FailedSc, Fence, Nth, NthSet, Op, Trace};

use super::Run;
use super::repeat::Visit;

/// What is known of a register's content besides its value.
#[derive(Clone, Copy, Default)]
pub(super) struct Origin {
    /// Operations that the value depends on, syntactically.
    pub(super) deps: NthSet,
    /// Stores that the value depends on.
    pub(super) past: Past,
}

impl Origin {
    pub(super) fn and(self, other: Origin) -> Origin {
        Origin { deps: self.deps | other.deps, past: self.past.and(other.past) }
    }
}

/// What is in the registers of a hart.
#[derive(Clone)]
pub(super) struct Registers {
    pub(super) values: [u64; Register::COUNT],
    pub(super) origins: [Origin; Register::COUNT],
}

/// A hart in the middle of its code.
pub(super) struct State {
    pub(super) pc: usize,
    /// By far the most of a state, which is moved often.
    pub(super) registers: Box<Registers>,
    pub(super) control: Origin,
    /// The last LR, unless another LR or an SC came after it.
    pub(super) reservation: Option<Nth>,
    /// How often each backward jump was taken.
    pub(super) jumps: Vec<(usize, u32)>,
    /// The step of a backward jump that has just been taken once too often.
    pub(super) over: Option<usize>,
    /// Arrivals at heads of loops.
    pub(super) visits: Vec<Visit>,
    pub(super) ops: Vec<Op>,
    pub(super) fences: Vec<Fence>,
    pub(super) failed: Vec<FailedSc>,
    pub(super) images: Vec<Image>,
    /// Instructions so far that stored or, being SCs or `amocas` that failed, might have.
    pub(super) stores: usize,
}

impl Clone for State {
    /// A copy with room for what comes next: a copy is made where there are several ways to go on.
    fn clone(&self) -> State {
        State {
            registers: self.registers.clone(),
            jumps: self.jumps.clone(),
            visits: self.visits.clone(),
            ops: with_room(&self.ops),
            fences: with_room(&self.fences),
            failed: self.failed.clone(),
            images: with_room(&self.images),
            ..*self
        }
    }
}

fn with_room<T: Clone>(items: &[T]) -> Vec<T> {
    let mut copy = Vec::with_capacity(items.len() + 4);
    copy.extend_from_slice(items);
    copy
}

impl State {
    pub(super) fn initial(values: [u64; Register::COUNT]) -> State {
        State {
            pc: 0,
            registers: Box::new(Registers {
                values,
                origins: [Origin::default(); Register::COUNT],
            }),
            control: Origin::default(),
            reservation: None,
            jumps: Vec::new(),
            over: None,
            visits: Vec::new(),
            ops: Vec::new(),
            fences: Vec::new(),
            failed: Vec::new(),
            images: Vec::new(),
            stores: 0,
        }
    }

    pub(super) fn get(&self, register: Register) -> u64 {
        self.registers.values[register.number()]
    }

    pub(super) fn origin(&self, register: Register) -> Origin {
        self.registers.origins[register.number()]
    }

    pub(super) fn set(&mut self, register: Register, value: u64, origin: Origin) {
        if !register.is_zero() {
            self.registers.values[register.number()] = value;
            self.registers.origins[register.number()] = origin;
        }
    }

    /// The value of an operand of a compare-and-swap of that width.
    pub(super) fn operand(&self, registers: RegisterOrPair, width: Width) -> (u128, Origin) {
        let of = |register| (u128::from(self.get(register)), self.origin(register));
        match registers {
            RegisterOrPair::Register(register) => of(register),
            RegisterOrPair::Pair(low, high) => {
                let ((low, from_low), (high, from_high)) = (of(low), of(high));
                let half = half_bits(width);
                (low & ((1 << half) - 1) | high << half, from_low.and(from_high))
            }
        }
    }

    /// Writes what a compare-and-swap of that width read.
    pub(super) fn set_operand(
        &mut self,
        registers: RegisterOrPair,
        width: Width,
        value: u128,
        origin: Origin,
    ) {
        match registers {
            RegisterOrPair::Register(register) => {
                self.set(register, width.sign_extend(value as u64), origin);
            }
            RegisterOrPair::Pair(low, high) => {
                let half = if width == Width::Q { Width::D } else { Width::W };
                self.set(low, half.sign_extend(value as u64), origin);
                self.set(high, half.sign_extend((value >> half_bits(width)) as u64), origin);
            }
        }
    }

    pub(super) fn finish(self, end: End) -> Run {
        let State { registers, ops, fences, failed, images, .. } = self;
        let registers = registers.values;
        Run { trace: Trace { ops, fences, failed, registers, end }, images }
    }
}

/// Bits of one register of a pair.
fn half_bits(width: Width) -> u32 {
    4 * width.bytes() as u32
}
