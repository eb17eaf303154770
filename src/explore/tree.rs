//! A hart's code as a tree of straight paths.
//!
//! Every branch whose condition depends on memory, and every SC and `amocas`, forks the tree;
//! everything else is computed here once. Whatever a path does is then a list of memory operations
//! with their dependencies, so the executor never looks at an instruction again.

use super::expr::{ExprId, Exprs};
use super::set::Set;
use crate::isa::{Extend, Width};
use crate::model::AccessKind;
use crate::program::misaligned::{Access, Alignment};

/// Index of a node of a hart's tree.
pub(super) type NodeId = u32;

/// Where an operation accesses memory.
#[derive(Clone, Copy, Debug)]
pub(super) enum Address {
    /// Known before the hart runs.
    Known(u64),
    /// Depends on what loads return.
    Computed(ExprId),
}

/// One memory operation at one place of one path.
#[derive(Clone, Debug)]
pub(super) struct Op<S> {
    /// Step of the hart's code.
    pub(super) step: usize,
    pub(super) kind: AccessKind,
    pub(super) width: Width,
    pub(super) extend: Extend,
    pub(super) address: Address,
    /// Where it may lie.
    pub(super) alignment: Alignment,
    /// What a store, SC or AMO gets from its data register.
    pub(super) data: Option<ExprId>,
    /// What an AMO stores, from the old value and `data`.
    pub(super) amo: Option<fn(u64, u64) -> u64>,
    /// What `amocas` compares the old value with: equal for [`AccessKind::Amo`], different for
    /// [`AccessKind::FailedCas`].
    pub(super) expected: Option<ExprId>,
    /// The upper halves of these two, for an access of 16 bytes.
    pub(super) high: Option<High>,
    /// The LR that an SC is paired with.
    pub(super) paired: Option<u16>,
    pub(super) address_deps: S,
    pub(super) data_deps: S,
    pub(super) control_deps: S,
    /// Operations that some memory instruction before this one has an address dependency on (rule 13).
    pub(super) earlier_address_deps: S,
    /// Operations that a fence orders before this one (rule 4).
    pub(super) fence_deps: S,
    /// Operations of the same misaligned access: unordered among themselves.
    pub(super) siblings: S,
}

/// The upper 8 bytes of what `amocas.q` stores and compares with.
#[derive(Clone, Copy, Debug)]
pub(super) struct High {
    pub(super) data: ExprId,
    pub(super) expected: ExprId,
}

impl<S> Op<S> {
    /// Can it be one operation at `address`?
    pub(super) fn fits(&self, address: u64) -> bool {
        self.alignment.at(address) == Access::Whole
    }
}

/// Where a node's operations end.
#[derive(Clone, Debug)]
pub(super) enum End {
    /// The hart is through. The values of its observed registers.
    Leaf(Vec<ExprId>),
    /// The path goes on in one of the arms.
    Fork(Fork),
    /// The loop that this step jumps back for has been taken often enough.
    Cut(usize),
    /// A loop is back at its head as it was before: see [`crate::program::repeat`].
    Repeats,
    /// The indirect jump at this step goes to an address that is no code.
    BadJump(usize, ExprId),
}

/// A choice between paths.
#[derive(Clone, Debug)]
pub(super) struct Fork {
    pub(super) choice: Choice,
    pub(super) arms: Vec<NodeId>,
}

/// What decides a fork.
#[derive(Clone, Debug)]
pub(super) enum Choice {
    /// The value of an expression: arm `i` is for the value `values[i]`, the last arm for all others.
    Value(ExprId, Vec<u64>),
    /// Success (arm 0) or failure (arm 1) of an SC or `amocas`, free until the operation says
    /// otherwise.
    Outcome,
}

/// A condition that a path depends on: fork `Value` was left through `arm`.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    pub(super) value: ExprId,
    pub(super) values: Vec<u64>,
    pub(super) arm: usize,
}

impl Guard {
    /// The arm that `value` takes.
    pub(super) fn arm_of(values: &[u64], value: u64) -> usize {
        values.iter().position(|v| *v == value).unwrap_or(values.len())
    }
}

/// A stretch of a path between two forks.
#[derive(Clone, Debug)]
pub(super) struct Node<S> {
    /// Operations of the whole path from the root, as indices into [`Tree::ops`].
    pub(super) path: Vec<u32>,
    /// How many of them belong to the nodes above.
    pub(super) first: usize,
    /// Conditions of the whole path.
    pub(super) guards: Vec<Guard>,
    /// SCs of the path that failed although they are paired: each LR's place.
    pub(super) failed_pairs: S,
    pub(super) end: End,
}

/// All paths of one hart.
#[derive(Debug)]
pub(super) struct Tree<S> {
    pub(super) nodes: Vec<Node<S>>,
    pub(super) ops: Vec<Op<S>>,
    pub(super) exprs: Exprs<S>,
    /// Longest path in operations.
    pub(super) depth: usize,
}

impl<S> Default for Tree<S> {
    fn default() -> Self {
        Tree { nodes: Vec::new(), ops: Vec::new(), exprs: Exprs::default(), depth: 0 }
    }
}

impl<S: Set> Tree<S> {
    /// The operation at a place of a node's path.
    pub(super) fn op(&self, node: &Node<S>, place: usize) -> &Op<S> {
        &self.ops[node.path[place] as usize]
    }
}
