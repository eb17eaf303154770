//! What may be stored to cells, as far as that is known before a hart runs.

use super::cells::{Cells, low_bytes};
use super::hart::CompiledHart;
use super::set::Set;
use super::tree::Address;
use crate::program::Program;

impl<S: Set> CompiledHart<S> {
    /// Calls `each` with a cell and what an operation may store there, for all of them: just this value, or
    /// any.
    pub(crate) fn each_stored(&self, cells: &Cells, mut each: impl FnMut(usize, Option<u64>)) {
        for (op, span) in self.tree.ops.iter().zip(&self.spans) {
            if !op.kind.writes() {
                continue;
            }
            let Some(span) = span else {
                if matches!(op.address, Address::Computed(_)) {
                    (0..cells.list.len()).for_each(|cell| each(cell, None));
                }
                continue;
            };
            let constant = op.data.and_then(|data| self.tree.exprs.as_constant(data));
            let mut rest = constant.filter(|_| !op.kind.reads());
            for cell in span.indices() {
                let bytes = cells.list[cell].bytes;
                each(cell, rest.map(|value| low_bytes(value, bytes)));
                rest = rest.map(|rest| if bytes < 8 { rest >> (8 * bytes) } else { 0 });
            }
        }
    }
}

/// Cells to which nothing but what they hold from the start is stored.
pub(crate) fn unchanging<S: Set>(program: &Program, harts: &[CompiledHart<S>], cells: &Cells) -> S {
    let initial: Vec<u64> = cells.initial(program).collect();
    let mut unchanging = S::below(initial.len());
    for hart in harts {
        hart.each_stored(cells, |cell, value| {
            if value != Some(initial[cell]) {
                unchanging = unchanging.without(cell);
            }
        });
    }
    unchanging
}
