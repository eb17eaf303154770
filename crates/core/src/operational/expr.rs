//! Register values as expressions over the values that loads return.

use super::key::push;
use super::memo::MOST_LETTERS;
use super::set::Set;

/// Index into [`Exprs`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct ExprId(u32);

#[derive(Clone, Copy, Debug)]
enum Expr {
    Constant(u64),
    /// What the operation at this place of the path returned.
    Loaded(u16),
    /// The upper 8 bytes of what it returned, where it returned 16.
    LoadedHigh(u16),
    Apply(fn(u64, u64) -> u64, ExprId, ExprId),
    /// 1 or 0.
    Test(fn(u64, u64) -> bool, ExprId, ExprId),
}

/// All expressions of one hart.
#[derive(Debug)]
pub(super) struct Exprs<S> {
    nodes: Vec<(Expr, S)>,
}

impl<S> Default for Exprs<S> {
    fn default() -> Self {
        Exprs { nodes: Vec::new() }
    }
}

impl<S: Set> Exprs<S> {
    /// Forgets everything, keeps the allocation.
    pub(super) fn clear(&mut self) {
        self.nodes.clear();
    }

    fn push(&mut self, expr: Expr, sources: S) -> ExprId {
        self.nodes.push((expr, sources));
        ExprId(self.nodes.len() as u32 - 1)
    }

    pub(super) fn constant(&mut self, value: u64) -> ExprId {
        self.push(Expr::Constant(value), S::EMPTY)
    }

    pub(super) fn loaded(&mut self, op: usize) -> ExprId {
        self.push(Expr::Loaded(op as u16), S::only(op))
    }

    pub(super) fn loaded_high(&mut self, op: usize) -> ExprId {
        self.push(Expr::LoadedHigh(op as u16), S::only(op))
    }

    /// `f(a, b)`, computed now if both are constants.
    pub(super) fn apply(&mut self, f: fn(u64, u64) -> u64, a: ExprId, b: ExprId) -> ExprId {
        match (self.as_constant(a), self.as_constant(b)) {
            (Some(a), Some(b)) => self.constant(f(a, b)),
            _ => {
                let sources = self.sources(a) | self.sources(b);
                self.push(Expr::Apply(f, a, b), sources)
            }
        }
    }

    /// 1 if `f(a, b)`, else 0.
    pub(super) fn condition(&mut self, f: fn(u64, u64) -> bool, a: ExprId, b: ExprId) -> ExprId {
        let sources = self.sources(a) | self.sources(b);
        self.push(Expr::Test(f, a, b), sources)
    }

    /// The operations whose *values* the expression needs. Never more than its syntactic
    /// dependencies, and less where the value is a constant all the same (`xor x5,x6,x6`).
    pub(super) fn sources(&self, id: ExprId) -> S {
        self.nodes[id.0 as usize].1
    }

    pub(super) fn as_constant(&self, id: ExprId) -> Option<u64> {
        match self.nodes[id.0 as usize].0 {
            Expr::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// The operation, if this is what it returned and nothing else.
    pub(super) fn as_loaded(&self, id: ExprId) -> Option<usize> {
        match self.nodes[id.0 as usize].0 {
            Expr::Loaded(op) => Some(op.into()),
            _ => None,
        }
    }

    /// Writes an expression to a description (see `memo`). Functions go by their address: the same one means
    /// the same code.
    pub(super) fn describe(&self, id: ExprId, text: &mut Vec<u8>) {
        let (tag, word, parts) = match self.nodes[id.0 as usize].0 {
            Expr::Constant(value) => (0, value, None),
            Expr::Loaded(op) => (1, op.into(), None),
            Expr::LoadedHigh(op) => (2, op.into(), None),
            Expr::Apply(f, a, b) => (3, f as usize as u64, Some((a, b))),
            Expr::Test(f, a, b) => (4, f as usize as u64, Some((a, b))),
        };
        push(text, tag);
        push(text, word);
        if let Some((a, b)) = parts
            && text.len() <= MOST_LETTERS
        {
            self.describe(a, text);
            self.describe(b, text);
        }
    }

    /// The value, given what each operation of [`Exprs::sources`] returned; if any returns 16 bytes,
    /// then the upper halves of all follow.
    #[inline]
    pub(super) fn eval(&self, id: ExprId, loaded: &[u64]) -> u64 {
        match self.nodes[id.0 as usize].0 {
            Expr::Constant(value) => value,
            Expr::Loaded(op) => loaded[op as usize],
            _ => self.eval_all(id, loaded),
        }
    }

    fn eval_all(&self, id: ExprId, loaded: &[u64]) -> u64 {
        match self.nodes[id.0 as usize].0 {
            Expr::Constant(value) => value,
            Expr::Loaded(op) => loaded[op as usize],
            Expr::LoadedHigh(op) => loaded[loaded.len() / 2 + op as usize],
            Expr::Apply(f, a, b) => f(self.eval(a, loaded), self.eval(b, loaded)),
            Expr::Test(f, a, b) => u64::from(f(self.eval(a, loaded), self.eval(b, loaded))),
        }
    }
}
