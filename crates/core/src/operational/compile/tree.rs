//! A hart's code as a tree of straight paths.
//!
//! Every branch whose condition depends on memory, and every SC and `amocas`, forks the tree;
//! everything else is computed here once. Whatever a path does is then a list of memory operations
//! with their dependencies, so the search never looks at an instruction again.

use super::encode::{push, push_set};
use super::expr::{ExprId, Exprs};
use super::set::Set;
use crate::arch::{Extend, Function, Width};
use crate::model::AccessKind;
use crate::program::misaligned::{Access, Alignment};

/// Index of a node of a hart's tree.
pub(crate) type NodeId = u32;

/// Where an operation accesses memory.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Address {
    /// Known before the hart runs.
    Known(u64),
    /// Depends on what loads return.
    Computed(ExprId),
}

/// One memory operation at one place of one path.
#[derive(Clone, Debug)]
pub(crate) struct Op<S> {
    /// Step of the hart's code.
    pub(crate) step: usize,
    pub(crate) kind: AccessKind,
    pub(crate) width: Width,
    pub(crate) extend: Extend,
    pub(crate) address: Address,
    /// Where it may lie.
    pub(crate) alignment: Alignment,
    /// What a store, SC or AMO gets from its data register.
    pub(crate) data: Option<ExprId>,
    /// What an AMO stores, from the old value and `data`.
    pub(crate) amo: Option<Function>,
    /// What `amocas` compares the old value with: equal for [`AccessKind::Amo`], different for a failed one.
    pub(crate) expected: Option<ExprId>,
    /// The upper halves of these two, for an access of 16 bytes.
    pub(crate) high: Option<High>,
    /// The LR that an SC is paired with.
    pub(crate) paired: Option<u16>,
    pub(crate) address_deps: S,
    pub(crate) data_deps: S,
    pub(crate) control_deps: S,
    /// Operations that some memory instruction before this one has an address dependency on (rule 13).
    pub(crate) earlier_address_deps: S,
    /// Operations that a fence orders before this one (rule 4).
    pub(crate) fence_deps: S,
    /// Operations of the same misaligned access: unordered among themselves.
    pub(crate) siblings: S,
}

/// The upper 8 bytes of what `amocas.q` stores and compares with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct High {
    pub(crate) data: ExprId,
    pub(crate) expected: ExprId,
}

impl<S> Op<S> {
    /// Can it be one operation at `address`?
    pub(crate) fn fits(&self, address: u64) -> bool {
        self.alignment.at(address) == Access::Whole
    }

    /// See [`Tree::describe`].
    fn describe(&self, exprs: &Exprs<S>, text: &mut Vec<u8>)
    where
        S: Set,
    {
        let Op {
            step: _,
            kind,
            width,
            extend,
            // Known, so its cells say it.
            address: _,
            alignment: _,
            data,
            amo,
            expected,
            high,
            paired,
            address_deps,
            data_deps,
            // These are in the masks of `masks`.
            control_deps: _,
            earlier_address_deps: _,
            fence_deps: _,
            siblings,
        } = self;
        let (high_data, high_expected) = (high.map(|h| h.data), high.map(|h| h.expected));
        let exprs_of = [*data, *expected, high_data, high_expected];
        let there = |tag, expr: &Option<ExprId>| tag << 1 | u64::from(expr.is_some());
        let kind_of = (*kind as u64) << 5 | width.bytes();
        let sign = u64::from(*extend == Extend::Sign);
        let paired = paired.map_or(0, |lr| 1 + u64::from(lr));
        let tag = exprs_of.iter().fold(paired << 9 | kind_of << 1 | sign, there);
        push(text, tag << 1 | u64::from(amo.is_some()));
        exprs_of.iter().flatten().for_each(|expr| exprs.describe(*expr, text));
        if let Some(f) = amo {
            push(text, f.number() as u64);
        }
        if kind.writes() {
            push_set(text, *address_deps | *data_deps);
            push_set(text, *siblings);
        }
    }
}

/// Where a node's operations end.
#[derive(Clone, Debug)]
pub(crate) enum End {
    /// The hart is through. See [`Tree::observed`].
    Leaf(u32),
    /// The path goes on in one of the arms.
    Fork(Fork),
    /// The loop that this step jumps back for has been taken often enough.
    Cut(usize),
    /// A loop is back at its head as it was before: see [`crate::program::repeat`].
    Repeats,
    /// The indirect jump at this step goes to an address that is no code.
    BadJump(usize, ExprId),
}

/// Bytes that a fork's list of arms takes, counted for each node.
const BYTES_OF_ARMS: usize = 32;

/// A choice between paths.
#[derive(Clone, Debug)]
pub(crate) struct Fork {
    pub(crate) choice: Choice,
    pub(crate) arms: Vec<NodeId>,
}

/// What decides a fork.
#[derive(Clone, Debug)]
pub(crate) enum Choice {
    /// The value of an expression: arm `i` is for the value `values[i]`, the last arm for all others.
    Value(ExprId, Vec<u64>),
    /// Success (arm 0) or failure (arm 1) of an SC or `amocas`, free until the operation says
    /// otherwise.
    Outcome,
}

impl Fork {
    /// The arm that a value takes.
    pub(crate) fn arm_of(&self, value: u64) -> usize {
        match &self.choice {
            Choice::Value(_, values) => {
                values.iter().position(|v| *v == value).unwrap_or(values.len())
            }
            Choice::Outcome => 0,
        }
    }
}

/// A condition that a path depends on: a fork by `value` was left through `arm`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Guard {
    pub(crate) value: ExprId,
    pub(crate) fork: NodeId,
    pub(crate) arm: usize,
}

/// An address that no operation accesses but that must be a good one: that of an SC that fails.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Check {
    pub(crate) step: usize,
    /// Operations of the path before it.
    pub(crate) ops: usize,
    /// Conditions of the path that it depends on.
    pub(crate) guards: usize,
    pub(crate) address: ExprId,
    pub(crate) width: Width,
    pub(crate) alignment: Alignment,
}

/// A stretch of a path between two forks.
#[derive(Clone, Debug)]
pub(crate) struct Node<S> {
    /// Operations of the whole path from the root: see [`Tree::path`].
    path: u32,
    pub(crate) len: usize,
    /// How many of them belong to the nodes above.
    pub(crate) first: usize,
    /// Conditions of the whole path: see [`Tree::guards`].
    guards: (u32, u32),
    /// Addresses that the whole path depends on: see [`Tree::checks`].
    checks: (u32, u32),
    /// SCs of the path that failed although they are paired: each LR's place.
    pub(crate) failed_pairs: S,
    pub(crate) end: End,
}

/// All paths of one hart. What nodes have a number of stands in one place for all of them.
#[derive(Debug, Default)]
pub(crate) struct Tree<S> {
    pub(crate) nodes: Vec<Node<S>>,
    pub(crate) ops: Vec<Op<S>>,
    pub(crate) exprs: Exprs<S>,
    /// Longest path in operations.
    pub(crate) depth: usize,
    /// How many registers are observed.
    pub(crate) shown: usize,
    paths: Vec<u32>,
    guards: Vec<Guard>,
    checks: Vec<Check>,
    observed: Vec<ExprId>,
}

impl<S: Set> Tree<S> {
    /// Forgets everything, keeps the allocations.
    pub(crate) fn clear(&mut self) {
        self.nodes.clear();
        self.ops.clear();
        self.exprs.clear();
        self.depth = 0;
        self.paths.clear();
        self.guards.clear();
        self.checks.clear();
        self.observed.clear();
    }

    /// Bytes of memory that it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.nodes.len() * (size_of::<Node<S>>() + BYTES_OF_ARMS)
            + self.ops.len() * size_of::<Op<S>>()
            + self.exprs.bytes()
            + self.paths.len() * size_of::<u32>()
            + self.guards.len() * size_of::<Guard>()
            + self.checks.len() * size_of::<Check>()
            + self.observed.len() * size_of::<ExprId>()
    }

    /// Operations of all nodes' paths together.
    pub(crate) fn places(&self) -> usize {
        self.paths.len()
    }

    /// Adds a node that [`Tree::finish`] is to complete.
    pub(crate) fn begin(&mut self, first: usize, guards: &[Guard], failed_pairs: S) {
        let start = self.guards.len() as u32;
        self.guards.extend_from_slice(guards);
        let guards = (start, self.guards.len() as u32);
        let end = End::Cut(usize::MAX);
        self.nodes.push(Node { path: 0, len: 0, first, guards, checks: (0, 0), failed_pairs, end });
    }

    /// Adds the node that begins next to the arms of a fork; says which arm it is.
    pub(crate) fn add_arm(&mut self, fork: NodeId) -> usize {
        let next = self.nodes.len() as NodeId;
        match &mut self.nodes[fork as usize].end {
            End::Fork(Fork { arms, .. }) => {
                arms.push(next);
                arms.len() - 1
            }
            _ => 0,
        }
    }

    /// A node's path and end are known.
    pub(crate) fn finish(
        &mut self,
        id: usize,
        path: &[u32],
        checks: &[Check],
        failed_pairs: S,
        end: End,
    ) {
        self.depth = self.depth.max(path.len());
        let start = self.paths.len() as u32;
        self.paths.extend_from_slice(path);
        let first = self.checks.len() as u32;
        self.checks.extend_from_slice(checks);
        let node = &mut self.nodes[id];
        (node.path, node.len) = (start, path.len());
        node.checks = (first, self.checks.len() as u32);
        (node.failed_pairs, node.end) = (failed_pairs, end);
    }

    /// Adds what a leaf's registers hold.
    pub(crate) fn leaf(&mut self, observed: impl Iterator<Item = ExprId>) -> End {
        let start = self.observed.len() as u32;
        self.observed.extend(observed);
        End::Leaf(start)
    }

    /// The operations of a node's path, as indices into [`Tree::ops`].
    #[inline]
    pub(crate) fn path(&self, node: &Node<S>) -> &[u32] {
        &self.paths[node.path as usize..node.path as usize + node.len]
    }

    /// The conditions of a node's path.
    #[inline]
    pub(crate) fn guards(&self, node: &Node<S>) -> &[Guard] {
        &self.guards[node.guards.0 as usize..node.guards.1 as usize]
    }

    /// The addresses that a node's path depends on besides those of its operations, in order.
    #[inline]
    pub(crate) fn checks(&self, node: &Node<S>) -> &[Check] {
        &self.checks[node.checks.0 as usize..node.checks.1 as usize]
    }

    /// Does any path depend on an address that no operation accesses?
    pub(crate) fn has_checks(&self) -> bool {
        !self.checks.is_empty()
    }

    /// Does a condition hold when its expression has this value?
    pub(crate) fn holds(&self, guard: &Guard, value: u64) -> bool {
        match &self.nodes[guard.fork as usize].end {
            End::Fork(fork) => fork.arm_of(value) == guard.arm,
            _ => false,
        }
    }

    /// The values of the observed registers at a leaf.
    #[inline]
    pub(crate) fn observed(&self, leaf: u32) -> &[ExprId] {
        &self.observed[leaf as usize..leaf as usize + self.shown]
    }

    /// The operation at a place of a node's path.
    #[inline]
    pub(crate) fn op(&self, node: &Node<S>, place: usize) -> &Op<S> {
        &self.ops[self.path(node)[place] as usize]
    }

    /// Writes all that a search looks at to a description (see `description`), but for whatever is said of an
    /// operation beside its tree. Addresses have to be known, and good ones.
    pub(crate) fn describe(&self, text: &mut Vec<u8>) {
        let Tree {
            nodes,
            ops,
            exprs,
            depth: _,
            shown,
            paths: _,
            guards: _,
            checks: _,
            observed: _,
        } = self;
        push(text, nodes.len() as u64);
        push(text, *shown as u64);
        for node in nodes {
            // Conditions are those of the forks above.
            let Node { path: _, len, first, guards: _, checks: _, failed_pairs, end } = node;
            push(text, *len as u64);
            push(text, *first as u64);
            self.path(node).iter().for_each(|op| push(text, (*op).into()));
            push_set(text, *failed_pairs);
            match end {
                End::Leaf(leaf) => {
                    push(text, 0);
                    self.observed(*leaf).iter().for_each(|expr| exprs.describe(*expr, text));
                }
                End::Fork(Fork { choice, arms }) => {
                    push(text, 1 + arms.len() as u64);
                    arms.iter().for_each(|arm| push(text, (*arm).into()));
                    match choice {
                        Choice::Outcome => push(text, 0),
                        Choice::Value(expr, values) => {
                            push(text, 1 + values.len() as u64);
                            values.iter().for_each(|value| push(text, *value));
                            exprs.describe(*expr, text);
                        }
                    }
                }
                // An arm too many for any fork, and what no node without a good end is described by.
                End::Repeats => push(text, u64::MAX),
                End::Cut(_) | End::BadJump(..) => push(text, u64::MAX - 1),
            }
        }
        push(text, ops.len() as u64);
        ops.iter().for_each(|op| op.describe(exprs, text));
    }
}
