//! One path through a hart's code while it is unfolded.

use super::super::expr::ExprId;
use super::super::tree::{Check, Guard};
use super::repeat::Visit;
use crate::arch::{FencePairs, Register};

/// What a register holds and which operations it syntactically depends on.
#[derive(Clone, Copy)]
pub(super) struct Value<S> {
    pub(super) expr: ExprId,
    pub(super) deps: S,
}

/// One path so far.
#[derive(Clone)]
pub(super) struct Path<S> {
    pub(super) step: usize,
    pub(super) registers: [Value<S>; Register::COUNT],
    pub(super) ops: Vec<u32>,
    pub(super) guards: Vec<Guard>,
    pub(super) fences: Vec<Fence>,
    /// Backward jumps taken: step and how often.
    pub(super) jumps: Vec<(usize, u32)>,
    /// The step of a backward jump that has just been taken once too often.
    pub(super) over: Option<usize>,
    /// Arrivals at heads of loops.
    pub(super) visits: Vec<Visit<S>>,
    /// Control dependencies of whatever comes next.
    pub(super) control: S,
    /// Address dependencies of every memory operation so far.
    pub(super) addresses: S,
    /// The LR that the next SC is paired with.
    pub(super) reserved: Option<u16>,
    pub(super) failed_pairs: S,
    pub(super) checks: Vec<Check>,
    pub(super) forks: usize,
}

impl<S: Copy> Path<S> {
    /// Bytes of memory that it takes beside itself.
    pub(super) fn bytes(&self) -> usize {
        self.visits.len() * (size_of::<Visit<S>>() + size_of_val(&self.registers))
            + self.ops.len() * size_of::<u32>()
            + self.guards.len() * size_of::<Guard>()
            + self.checks.len() * size_of::<Check>()
            + self.fences.len() * size_of::<Fence>()
            + self.jumps.len() * size_of::<(usize, u32)>()
    }

    /// What is in a register.
    pub(super) fn get(&self, register: Register) -> Value<S> {
        self.registers[register.number()]
    }

    /// Adds a fence. Earlier ones of its kind say nothing that it does not say.
    pub(super) fn fence(&mut self, pairs: FencePairs) {
        let ops = self.ops.len();
        match self.fences.iter_mut().find(|fence| fence.pairs == pairs) {
            Some(fence) => fence.ops = ops,
            None => self.fences.push(Fence { ops, pairs }),
        }
    }
}

/// A fence, and how many operations of the path stand before it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fence {
    pub(super) ops: usize,
    pub(super) pairs: FencePairs,
}
