//! Register values as expressions over the values that loads return.

mod possible;

use super::encode::push;
use super::set::Set;
use crate::arch::Function;

pub(crate) use possible::Possible;

/// Index into [`Exprs`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ExprId(u32);

impl ExprId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Clone, Copy, Debug)]
enum Expr {
    Constant(u64),
    /// What the operation at this place of the path returned.
    Loaded(u16),
    /// The upper 8 bytes of what it returned, where it returned 16.
    LoadedHigh(u16),
    Apply(Function, ExprId, ExprId, Steps),
    /// 1 or 0.
    Test(fn(u64, u64) -> bool, ExprId, ExprId, Steps),
    /// The second if the first is not 0, else the third.
    Select(ExprId, ExprId, ExprId, Steps),
}

/// How many parts an expression has, those that are common to several counted for each; or many.
#[derive(Clone, Copy, Debug)]
struct Steps(u8);

impl Steps {
    /// More than are evaluated as a tree.
    const MANY: u8 = 65;

    fn of(a: Steps, b: Steps) -> Steps {
        Steps(a.0.saturating_add(b.0).saturating_add(1).min(Steps::MANY))
    }

    fn are_many(self) -> bool {
        self.0 >= Steps::MANY
    }
}

impl Expr {
    fn steps(self) -> Steps {
        match self {
            Expr::Constant(_) | Expr::Loaded(_) | Expr::LoadedHigh(_) => Steps(0),
            Expr::Apply(.., steps) | Expr::Test(.., steps) | Expr::Select(.., steps) => steps,
        }
    }
}

/// Bytes of the longest description of a machine: see `description`.
pub(crate) const LONGEST_DESCRIPTION: usize = 4096;

/// All expressions of one hart.
#[derive(Debug, Default)]
pub(crate) struct Exprs<S> {
    nodes: Vec<(Expr, S)>,
    /// Is one of them computed from values of several operations?
    join_values: bool,
}

impl<S: Set> Exprs<S> {
    /// Forgets everything, keeps the allocation.
    pub(crate) fn clear(&mut self) {
        self.nodes.clear();
        self.join_values = false;
    }

    /// Is one of them computed from values of several operations?
    pub(crate) fn join_values(&self) -> bool {
        self.join_values
    }

    fn push(&mut self, expr: Expr, sources: S) -> ExprId {
        self.join_values |= sources.len() > 1;
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
    pub(crate) fn apply(&mut self, f: Function, a: ExprId, b: ExprId) -> ExprId {
        match (self.as_constant(a), self.as_constant(b)) {
            (Some(a), Some(b)) => self.constant(f.apply(a, b)),
            _ => {
                let sources = self.sources(a) | self.sources(b);
                self.push(Expr::Apply(f, a, b, self.steps(a, b)), sources)
            }
        }
    }

    /// 1 if `f(a, b)`, else 0.
    pub(crate) fn condition(&mut self, f: fn(u64, u64) -> bool, a: ExprId, b: ExprId) -> ExprId {
        let sources = self.sources(a) | self.sources(b);
        self.push(Expr::Test(f, a, b, self.steps(a, b)), sources)
    }

    /// `a` if `condition` is not 0, else `b`.
    pub(crate) fn select(&mut self, condition: ExprId, a: ExprId, b: ExprId) -> ExprId {
        let sources = self.sources(condition) | self.sources(a) | self.sources(b);
        let steps = Steps::of(self.steps(condition, a), self.nodes[b.0 as usize].0.steps());
        self.push(Expr::Select(condition, a, b, steps), sources)
    }

    /// By expression: does it hang on a [`Exprs::select`]?
    pub(crate) fn selecting(&self) -> Vec<bool> {
        let mut selecting: Vec<bool> = Vec::with_capacity(self.nodes.len());
        for (expr, _) in &self.nodes {
            selecting.push(match expr {
                Expr::Select(..) => true,
                Expr::Apply(_, a, b, _) | Expr::Test(_, a, b, _) => {
                    selecting[a.0 as usize] || selecting[b.0 as usize]
                }
                Expr::Constant(_) | Expr::Loaded(_) | Expr::LoadedHigh(_) => false,
            });
        }
        selecting
    }

    fn steps(&self, a: ExprId, b: ExprId) -> Steps {
        Steps::of(self.nodes[a.0 as usize].0.steps(), self.nodes[b.0 as usize].0.steps())
    }

    /// Bytes of memory that they take.
    pub(crate) fn bytes(&self) -> usize {
        self.nodes.len() * size_of::<(Expr, S)>()
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

    /// What it is computed from directly.
    pub(crate) fn parts(&self, id: ExprId) -> impl Iterator<Item = ExprId> {
        let parts = match self.nodes[id.0 as usize].0 {
            Expr::Constant(_) | Expr::Loaded(_) | Expr::LoadedHigh(_) => [None, None, None],
            Expr::Apply(_, a, b, _) | Expr::Test(_, a, b, _) => [Some(a), Some(b), None],
            Expr::Select(condition, a, b, _) => [Some(condition), Some(a), Some(b)],
        };
        parts.into_iter().flatten()
    }

    /// Are so many parts counted for it that it is not to be looked at as a tree?
    pub(crate) fn is_large(&self, id: ExprId) -> bool {
        self.nodes[id.0 as usize].0.steps().are_many()
    }

    /// Writes an expression to a description (see `description`). The same number of a function means
    /// the same function.
    pub(crate) fn describe(&self, id: ExprId, text: &mut Vec<u8>) {
        let (tag, word, parts) = match self.nodes[id.0 as usize].0 {
            Expr::Constant(value) => (0, value, None),
            Expr::Loaded(op) => (1, op.into(), None),
            Expr::LoadedHigh(op) => (2, op.into(), None),
            Expr::Apply(f, a, b, _) => (3, f.number() as u64, Some((a, b))),
            Expr::Test(f, a, b, _) => (4, f as usize as u64, Some((a, b))),
            Expr::Select(condition, a, b, _) => {
                push(text, 5);
                if text.len() <= LONGEST_DESCRIPTION {
                    self.describe(condition, text);
                }
                (6, 0, Some((a, b)))
            }
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
        let expr = self.nodes[id.0 as usize].0;
        match expr.steps().are_many() {
            true => self.eval_graph(id, loaded),
            false => expr.value(loaded, |part| self.eval(part, loaded)),
        }
    }

    /// As [`Exprs::eval`], but each part once, however many others it is part of, and none inside another:
    /// parts stand before what they are part of.
    #[cold]
    fn eval_graph(&self, id: ExprId, loaded: &[u64]) -> u64 {
        let end = id.0 as usize;
        let mut needed = vec![false; end + 1];
        needed[end] = true;
        let mut first = end;
        for index in (0..=end).rev() {
            if needed[index] {
                first = index;
                match self.nodes[index].0 {
                    Expr::Apply(_, a, b, _) | Expr::Test(_, a, b, _) => {
                        [a, b].iter().for_each(|part| needed[part.0 as usize] = true);
                    }
                    Expr::Select(condition, a, b, _) => {
                        [condition, a, b].iter().for_each(|part| needed[part.0 as usize] = true);
                    }
                    Expr::Constant(_) | Expr::Loaded(_) | Expr::LoadedHigh(_) => {}
                }
            }
        }
        let mut values = vec![0; end + 1 - first];
        for index in first..=end {
            if needed[index] {
                let expr = self.nodes[index].0;
                values[index - first] = expr.value(loaded, |part| values[part.0 as usize - first]);
            }
        }
        values[end - first]
    }
}

impl Expr {
    #[inline]
    fn value(self, loaded: &[u64], part: impl Fn(ExprId) -> u64) -> u64 {
        match self {
            Expr::Constant(value) => value,
            Expr::Loaded(op) => loaded[op as usize],
            Expr::LoadedHigh(op) => loaded[loaded.len() / 2 + op as usize],
            Expr::Apply(f, a, b, _) => f.apply(part(a), part(b)),
            Expr::Test(f, a, b, _) => u64::from(f(part(a), part(b))),
            Expr::Select(condition, a, b, _) => part(if part(condition) != 0 { a } else { b }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_evaluated_once() {
        let mut exprs = Exprs::<u64>::default();
        let load = exprs.loaded(1);
        let two = exprs.constant(2);
        let mut sum = load;
        for doubled in 1..=100_000_u64 {
            sum = exprs.apply(Function::ADD, sum, sum);
            if doubled < 64 {
                assert_eq!(exprs.eval(sum, &[0, 3]), 3 << doubled);
            }
        }
        let small = exprs.condition(|a, b| a < b, sum, two);
        assert_eq!((exprs.eval(sum, &[0, 3]), exprs.eval(small, &[0, 3])), (0, 1));
    }
}
