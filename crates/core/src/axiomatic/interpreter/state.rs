//! A hart in the middle of its code.

use std::rc::Rc;

use crate::arch::{Register, RegisterOrPair, Width};
use crate::axiomatic::trace::{End, FailedSc, Fence, Nth, NthSet, Op, Trace};

use super::possible_stores::{CausalPast, PossibleStore};

/// A trace, and its stores as possible ones.
pub(super) struct Run {
    /// What happened.
    pub(super) trace: Trace,
    /// Its stores.
    pub(super) stores: Vec<PossibleStore>,
}

/// A hart at the head of a loop.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) step: usize,
    /// Operations of the trace before it.
    pub(super) ops: usize,
    pub(super) registers: Rc<Registers>,
    pub(super) reservation: Option<Nth>,
}

/// What is known of a register's content besides its value.
#[derive(Clone, Copy, Default)]
pub(super) struct Provenance {
    /// Operations that the value depends on, syntactically.
    pub(super) deps: NthSet,
    /// Stores that the value depends on.
    pub(super) past: CausalPast,
}

impl Provenance {
    pub(super) fn and(self, other: Provenance) -> Provenance {
        Provenance { deps: self.deps | other.deps, past: self.past.and(other.past) }
    }
}

/// What is in the registers of a hart.
#[derive(Clone)]
pub(super) struct Registers {
    pub(super) values: [u64; Register::COUNT],
    pub(super) provenances: [Provenance; Register::COUNT],
}

/// A hart in the middle of its code.
pub(super) struct InterpreterState {
    pub(super) pc: usize,
    /// By far the most of a state, which is moved often.
    pub(super) registers: Box<Registers>,
    pub(super) control: Provenance,
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
    pub(super) stores: Vec<PossibleStore>,
    /// Instructions so far that stored or, being SCs or `amocas` that failed, might have.
    pub(super) next_store: usize,
}

impl Clone for InterpreterState {
    /// A copy with room for what comes next: a copy is made where there are several ways to go on.
    fn clone(&self) -> InterpreterState {
        InterpreterState {
            registers: self.registers.clone(),
            jumps: self.jumps.clone(),
            visits: self.visits.clone(),
            ops: with_room(&self.ops),
            fences: with_room(&self.fences),
            failed: self.failed.clone(),
            stores: with_room(&self.stores),
            ..*self
        }
    }
}

fn with_room<T: Clone>(items: &[T]) -> Vec<T> {
    let mut copy = Vec::with_capacity(items.len() + 4);
    copy.extend_from_slice(items);
    copy
}

/// Bytes that the allocations of a state or a run take besides what they hold.
const ALLOCATIONS: usize = 128;

impl Run {
    /// Bytes of memory that it takes.
    pub(super) fn bytes(&self) -> usize {
        let Run { trace: Trace { ops, fences, failed, .. }, stores } = self;
        size_of::<Run>()
            + ALLOCATIONS
            + ops.capacity() * size_of::<Op>()
            + fences.capacity() * size_of::<Fence>()
            + failed.capacity() * size_of::<FailedSc>()
            + stores.capacity() * size_of::<PossibleStore>()
    }
}

impl InterpreterState {
    /// Bytes of memory that it takes.
    pub(super) fn bytes(&self) -> usize {
        size_of::<InterpreterState>()
            + ALLOCATIONS
            + size_of::<Registers>()
            + self.visits.capacity() * (size_of::<Visit>() + size_of::<Registers>())
            + self.ops.capacity() * size_of::<Op>()
            + self.fences.capacity() * size_of::<Fence>()
            + self.failed.capacity() * size_of::<FailedSc>()
            + self.stores.capacity() * size_of::<PossibleStore>()
    }

    pub(super) fn initial(values: [u64; Register::COUNT]) -> InterpreterState {
        InterpreterState {
            pc: 0,
            registers: Box::new(Registers {
                values,
                provenances: [Provenance::default(); Register::COUNT],
            }),
            control: Provenance::default(),
            reservation: None,
            jumps: Vec::new(),
            over: None,
            visits: Vec::new(),
            ops: Vec::new(),
            fences: Vec::new(),
            failed: Vec::new(),
            stores: Vec::new(),
            next_store: 0,
        }
    }

    pub(super) fn get(&self, register: Register) -> u64 {
        self.registers.values[register.number()]
    }

    pub(super) fn provenance(&self, register: Register) -> Provenance {
        self.registers.provenances[register.number()]
    }

    pub(super) fn set(&mut self, register: Register, value: u64, provenance: Provenance) {
        if !register.is_zero() {
            self.registers.values[register.number()] = value;
            self.registers.provenances[register.number()] = provenance;
        }
    }

    /// The value of an operand of a compare-and-swap of that width.
    pub(super) fn operand(&self, registers: RegisterOrPair, width: Width) -> (u128, Provenance) {
        let of = |register| (u128::from(self.get(register)), self.provenance(register));
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
        provenance: Provenance,
    ) {
        match registers {
            RegisterOrPair::Register(register) => {
                self.set(register, width.sign_extend(value as u64), provenance);
            }
            RegisterOrPair::Pair(low, high) => {
                let half = if width == Width::Q { Width::D } else { Width::W };
                self.set(low, half.sign_extend(value as u64), provenance);
                self.set(high, half.sign_extend((value >> half_bits(width)) as u64), provenance);
            }
        }
    }

    pub(super) fn finish(self, end: End) -> Run {
        let InterpreterState { registers, ops, fences, failed, stores, .. } = self;
        let registers = registers.values;
        Run { trace: Trace { ops, fences, failed, registers, end }, stores }
    }
}

/// Bits of one register of a pair.
fn half_bits(width: Width) -> u32 {
    4 * width.bytes() as u32
}
