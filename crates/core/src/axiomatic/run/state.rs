//! A hart in the middle of its code.

use crate::arch::riscv::{Kind, Reg, Width};
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
    pub(super) values: [u64; 32],
    pub(super) origins: [Origin; 32],
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
    pub(super) fn initial(values: [u64; 32]) -> State {
        State {
            pc: 0,
            registers: Box::new(Registers { values, origins: [Origin::default(); 32] }),
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

    pub(super) fn get(&self, reg: Reg) -> u64 {
        if reg.is_zero() { 0 } else { self.registers.values[reg.number()] }
    }

    pub(super) fn origin(&self, reg: Reg) -> Origin {
        if reg.is_zero() { Origin::default() } else { self.registers.origins[reg.number()] }
    }

    pub(super) fn set(&mut self, reg: Reg, value: u64, origin: Origin) {
        if !reg.is_zero() {
            self.registers.values[reg.number()] = value;
            self.registers.origins[reg.number()] = origin;
        }
    }

    /// The value of an `amocas` operand, a register or a pair.
    pub(super) fn operand(&self, reg: Reg, kind: Kind) -> (u128, Origin) {
        let low = (u128::from(self.get(reg)), self.origin(reg));
        let Kind::CompareAndSwapPair(width) = kind else { return low };
        let half = half_bits(width);
        let high = (u128::from(self.get(reg.pair())), self.origin(reg.pair()));
        (low.0 & ((1 << half) - 1) | high.0 << half, low.1.and(high.1))
    }

    /// Writes what `amocas` read to its `rd`, a register or a pair.
    pub(super) fn set_operand(&mut self, reg: Reg, kind: Kind, value: u128, origin: Origin) {
        match kind {
            Kind::CompareAndSwapPair(width) => {
                let extend = if width == Width::Q { Width::D } else { Width::W };
                self.set(reg, extend.sign_extend(value as u64), origin);
                let high = (value >> half_bits(width)) as u64;
                self.set(reg.pair(), extend.sign_extend(high), origin);
            }
            Kind::CompareAndSwap(width) => self.set(reg, width.sign_extend(value as u64), origin),
            _ => {}
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
