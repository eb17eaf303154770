//! What one hart did: its memory operations in program order, with their values and dependencies.

use crate::arch::{FencePairs, Register};
use crate::model::{AccessKind, Annotation};
use crate::program::Fault;

use super::footprint::Footprint;
use super::relation::Index;

/// A memory operation of one trace, numbered in program order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Nth(pub u8);

impl Index for Nth {
    fn index(self) -> usize {
        usize::from(self.0)
    }
    fn from_index(index: usize) -> Self {
        Nth(index as u8)
    }
}

/// Most operations that one trace can have: a [`NthSet`] is one word.
pub const MAX_OPS: usize = 64;

/// A set of operations of one trace.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct NthSet(u64);

impl NthSet {
    /// The set of one operation.
    #[must_use]
    pub fn of(op: Nth) -> NthSet {
        NthSet(1 << op.0)
    }

    /// Has it no member?
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Is `op` a member?
    #[must_use]
    pub fn contains(self, op: Nth) -> bool {
        self.0 >> op.0 & 1 != 0
    }
}

impl std::ops::BitOr for NthSet {
    type Output = NthSet;
    fn bitor(self, other: NthSet) -> NthSet {
        NthSet(self.0 | other.0)
    }
}

impl std::ops::BitOrAssign for NthSet {
    fn bitor_assign(&mut self, other: NthSet) {
        self.0 |= other.0;
    }
}

/// A memory operation. An AMO is one, which reads and writes; a failed SC is none.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Op {
    /// Index into the hart's code.
    pub step: usize,
    /// What it is to the model.
    pub kind: AccessKind,
    /// Bytes that it covers.
    pub footprint: Footprint,
    /// Itself, or of the operations that its misaligned instruction fell into the first.
    pub first: Nth,
    /// What it read, 0 if it does not read.
    pub read: u128,
    /// What it wrote, 0 if it does not write.
    pub written: u128,
    /// Acquire and release annotations.
    pub annotation: Annotation,
    /// For an SC: the LR that it is paired with.
    pub paired: Option<Nth>,
    /// Operations that it has a syntactic address dependency on.
    pub address_dep: NthSet,
    /// Operations that it has a syntactic data dependency on.
    pub data_dep: NthSet,
    /// Operations that it has a syntactic control dependency on.
    pub control_dep: NthSet,
}

impl Op {
    /// Is it a load operation?
    #[must_use]
    pub fn reads(&self) -> bool {
        self.kind.reads()
    }

    /// Is it a store operation?
    #[must_use]
    pub fn writes(&self) -> bool {
        self.kind.writes()
    }
}

/// A fence and its place among the operations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fence {
    /// Index into the hart's code.
    pub step: usize,
    /// Number of operations before it in program order.
    pub after: usize,
    /// What it orders.
    pub pairs: FencePairs,
}

/// A paired SC that failed, which a store of another hart must excuse where SCs fail only when forced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FailedSc {
    /// Index into the hart's code.
    pub step: usize,
    /// The LR that it was paired with.
    pub paired: Nth,
    /// Number of operations before it in program order.
    pub after: usize,
}

/// How a trace ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    /// Past the last instruction.
    Complete,
    /// At a backward jump, the step given, that was taken too often.
    Cut(usize),
    /// At the head of a loop that is back where it was: see [`crate::program::repeat`].
    Repeats,
    /// At an instruction that cannot be executed.
    Fault(Box<Fault>),
}

/// One way through the code of one hart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trace {
    /// Memory operations in program order.
    pub ops: Vec<Op>,
    /// Fences in program order.
    pub fences: Vec<Fence>,
    /// Failed SCs in program order.
    pub failed: Vec<FailedSc>,
    /// Registers at the end.
    pub registers: [u64; Register::COUNT],
    /// How it ends.
    pub end: End,
}

impl Trace {
    /// The operations with their numbers, in program order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Nth, &Op)> {
        self.ops.iter().enumerate().map(|(i, op)| (Nth::from_index(i), op))
    }

    /// The operation with that number.
    #[must_use]
    pub fn op(&self, nth: Nth) -> &Op {
        &self.ops[nth.index()]
    }
}
