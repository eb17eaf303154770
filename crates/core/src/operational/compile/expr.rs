//! Register values as expressions over the values that loads return.

use super::encode::push;
use super::set::Set;

/// Index into [`Exprs`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ExprId(u32);

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

/// Bytes of the longest description of a machine: see `description`.
pub(crate) const LONGEST_DESCRIPTION: usize = 4096;

/// All expressions of one hart.
#[derive(Debug, Default)]
pub(crate) struct Exprs<S> {
    nodes: Vec<(Expr, S)>,
}

impl<S: Set> Exprs<S> {
    /// Forgets everything, keeps the allocation.
    pub(crate) fn clear(&mut self) {
        self.nodes.clear();
    }

    fn push(&mut self, expr: Expr, sources: S) -> ExprId {
        self.nodes.push((expr, sources));
        ExprId(self.nodes.len() as u32 - 1)
    }

    pub(crate) fn constant(&mut self, value: u64) -> ExprId {
        self.push(Expr::Constant(value), S::EMPTY)
    }

    pub(crate) fn loaded(&mut self, op: usize) -> ExprId {
        self.push(Expr::Loaded(op as u16), S::only(op))
    }

    pub(crate) fn loaded_high(&mut self, op: usize) -> ExprId {
        self.push(Expr::LoadedHigh(op as u16), S::only(op))
    }

    /// `f(a, b)`, computed now if both are constants.
    pub(crate) fn apply(&mut self, f: fn(u64, u64) -> u64, a: ExprId, b: ExprId) -> ExprId {
        match (self.as_constant(a), self.as_constant(b)) {
            (Some(a), Some(b)) => self.constant(f(a, b)),
            _ => {
                let sources = self.sources(a) | self.sources(b);
                self.push(Expr::Apply(f, a, b), sources)
            }
        }
    }

    /// 1 if `f(a, b)`, else 0.
    pub(crate) fn condition(&mut self, f: fn(u64, u64) -> bool, a: ExprId, b: ExprId) -> ExprId {
        let sources = self.sources(a) | self.sources(b);
        self.push(Expr::Test(f, a, b), sources)
    }

    /// The operations whose *values* the expression needs. Never more than its syntactic
    /// dependencies, and less where the value is a constant all the same (`xor x5,x6,x6`).
    pub(crate) fn sources(&self, id: ExprId) -> S {
        self.nodes[id.0 as usize].1
    }

    pub(crate) fn as_constant(&self, id: ExprId) -> Option<u64> {
        match self.nodes[id.0 as usize].0 {
            Expr::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// The operation, if this is what it returned and nothing else.
    pub(crate) fn as_loaded(&self, id: ExprId) -> Option<usize> {
        match self.nodes[id.0 as usize].0 {
            Expr::Loaded(op) => Some(op.into()),
            _ => None,
        }
    }

    /// Writes an expression to a description (see `description`). Functions go by their address: the same one means
    /// the same code.
    pub(crate) fn describe(&self, id: ExprId, text: &mut Vec<u8>) {
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
            && text.len() <= LONGEST_DESCRIPTION
        {
            self.describe(a, text);
            self.describe(b, text);
        }
    }

    /// The value, given what each operation of [`Exprs::sources`] returned; if any returns 16 bytes,
    /// then the upper halves of all follow.
    #[inline]
    pub(crate) fn eval(&self, id: ExprId, loaded: &[u64]) -> u64 {
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
