//! A hart at one of its positions, to ask about it.

use super::position::Position;
use crate::operational::compile::{
    CompiledHart, CompiledMachine, ExprId, Guard, Node, NodeFacts, Set,
};

/// A hart at a position, with what is known of the node that it is in.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a, S> {
    pub(crate) machine: &'a CompiledMachine<'a, S>,
    pub(crate) hart: &'a CompiledHart<S>,
    pub(crate) node: &'a Node<S>,
    pub(crate) facts: &'a NodeFacts<S>,
    pub(crate) position: &'a Position<S>,
}

impl<'a, S: Set> Cursor<'a, S> {
    /// Hart `h` of `machine` at `position`.
    #[inline]
    pub(crate) fn new(
        machine: &'a CompiledMachine<'a, S>,
        h: usize,
        position: &'a Position<S>,
    ) -> Cursor<'a, S> {
        let hart = &machine.harts[h];
        let node = position.node as usize;
        let (node, facts) = (&hart.tree.nodes[node], &hart.facts[node]);
        Cursor { machine, hart, node, facts, position }
    }

    /// Operations of the path that are not performed.
    #[inline]
    pub(crate) fn open(&self) -> S {
        S::below(self.node.len) & !self.position.performed
    }

    /// The value of an expression; what it needs has to be performed.
    #[inline]
    pub(crate) fn eval(&self, expr: ExprId, state: &[u64]) -> u64 {
        self.hart.tree.exprs.eval(expr, self.hart.loaded(state))
    }

    /// Are these conditions known to hold?
    pub(crate) fn guards_hold(&self, guards: &[Guard]) -> bool {
        let exprs = &self.hart.tree.exprs;
        guards.iter().all(|guard| exprs.sources(guard.value).within(self.position.performed))
    }
}
