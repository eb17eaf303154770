//! One program for each class under renaming of harts and locations.

use crate::program::{Access, Bytes, Op, Program, Step};

impl Program {
    /// The least of all programs that this one becomes when harts and locations are renamed.
    pub(super) fn canonical(&self) -> Program {
        let mut harts: Vec<&Vec<Step>> =
            self.harts.iter().filter(|hart| !hart.is_empty()).collect();
        // Harts that differ apart from their locations have an order of their own.
        let shape = |hart: &Vec<Step>| renamed(&mut Vec::new(), hart);
        harts.sort_by_cached_key(|hart| shape(hart));
        let shapes: Vec<Vec<Step>> = harts.iter().map(|hart| shape(hart)).collect();
        let mut best: Option<Program> = None;
        let mut order: Vec<usize> = Vec::new();
        arrange(&shapes, &mut order, &mut |order| {
            let mut names = Vec::new();
            let renamed = order.iter().map(|at| renamed(&mut names, harts[*at])).collect();
            let program = Program { harts: renamed };
            if best.as_ref().is_none_or(|best| program < *best) {
                best = Some(program);
            }
        });
        best.unwrap_or_default()
    }

    /// How many memory operations it has.
    pub(crate) fn operations(&self) -> usize {
        self.accesses().map(|access| access.op.operations()).sum()
    }

    /// How many events it has: fences count, and an AMO is a read and a write.
    pub(super) fn events(&self) -> usize {
        let amos = self.accesses().filter(|access| matches!(access.op, Op::Amo(..))).count();
        let fences = self.harts.iter().flatten().filter(|step| step.access().is_none()).count();
        self.operations() + amos + fences
    }

    /// Its accesses, hart by hart.
    pub(crate) fn accesses(&self) -> impl Iterator<Item = &Access> {
        self.harts.iter().flatten().filter_map(Step::access)
    }

    /// How many locations it has.
    pub(crate) fn locations(&self) -> usize {
        self.accesses().map(|access| access.location + 1).max().unwrap_or(0)
    }

    /// Is a location accessed more than once? Of one that nothing else sees a test says nothing.
    pub(super) fn is_shared(&self, location: usize) -> bool {
        self.accesses().filter(|access| access.location == location).count() > 1
    }

    /// The same program with a value of its own for each store to a location; where pieces of locations are
    /// accessed, every byte of it tells it from others.
    pub(crate) fn valued(&self) -> Program {
        let mut next = vec![0; self.locations()];
        let pieces = self.accesses().any(|a| a.bytes != Bytes::default() || a.sc_bytes.is_some());
        let unit = if pieces { 0x0101_0101 } else { 1 };
        let mut program = self.clone();
        for access in program.harts.iter_mut().flatten().filter_map(Step::access_mut) {
            access.value = 0;
            if access.op.writes() {
                next[access.location] += unit;
                access.value = next[access.location];
            }
            if let Op::FailedCas(_) = access.op {
                access.expected = -1;
            }
        }
        program
    }
}

/// Steps whose locations are numbered as they come, after those that have names already.
fn renamed(names: &mut Vec<usize>, hart: &[Step]) -> Vec<Step> {
    let mut steps = hart.to_vec();
    for access in steps.iter_mut().filter_map(Step::access_mut) {
        let known = names.iter().position(|name| *name == access.location);
        access.location = known.unwrap_or_else(|| {
            names.push(access.location);
            names.len() - 1
        });
    }
    steps
}

/// Every order of harts in which those of different shapes stay where they are.
fn arrange(shapes: &[Vec<Step>], order: &mut Vec<usize>, each: &mut dyn FnMut(&[usize])) {
    let place = order.len();
    if place == shapes.len() {
        return each(order);
    }
    for hart in 0..shapes.len() {
        if shapes[hart] == shapes[place] && !order.contains(&hart) {
            order.push(hart);
            arrange(shapes, order, each);
            order.pop();
        }
    }
}
