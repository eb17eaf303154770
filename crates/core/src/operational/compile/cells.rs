//! Memory, cut into cells.
//!
//! The model is about bytes. Bytes that every access of a test takes together behave alike, so they
//! are kept as one cell: an access always covers whole cells, and a test without mixed sizes has one
//! cell a location. The cut is made from the accesses whose addresses are known beforehand; when an
//! execution computes an address that cuts a cell, the exploration starts over with a finer cut, so
//! that the answer is the one that bytes give.

use std::ops::Range;

use super::set::Set;
use crate::program::{Fault, ObservedFrom, Program};

/// Bytes that are always accessed together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Cell {
    pub(crate) address: u64,
    /// 1 to 8.
    pub(crate) bytes: u64,
}

/// Consecutive cells.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct CellSpan {
    pub(crate) first: u16,
    pub(crate) count: u16,
}

impl CellSpan {
    /// As a set.
    #[inline]
    pub(crate) fn set<S: Set>(self) -> S {
        let Range { start, end } = self.indices();
        S::below(end) & S::since(start)
    }

    /// Indices of the cells.
    #[inline]
    pub(crate) fn indices(self) -> Range<usize> {
        usize::from(self.first)..usize::from(self.first) + usize::from(self.count)
    }

    /// Do the two have a common cell?
    #[inline]
    pub(crate) fn meets(self, other: CellSpan) -> bool {
        let (a, b) = (self.indices(), other.indices());
        a.start < b.end && b.start < a.end
    }

    fn new(first: usize, count: usize) -> CellSpan {
        CellSpan { first: first as u16, count: count as u16 }
    }
}

/// All cells, by ascending address.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cells {
    pub(crate) list: Vec<Cell>,
}

impl Cells {
    /// Cuts memory so that each of `accesses` (address and bytes) and each observed place covers
    /// whole cells. The allocation of `spare` is used again.
    ///
    /// # Errors
    /// [`Fault::TooLarge`] when that takes more than `most` cells.
    pub(crate) fn new(
        program: &Program,
        accesses: &mut Vec<(u64, u64)>,
        most: usize,
        spare: Cells,
    ) -> Result<Cells, Fault> {
        for observed in &program.observed {
            if let ObservedFrom::Memory { address, bytes } = observed.from {
                accesses.push((address, bytes));
            }
        }
        accesses.sort_unstable();
        accesses.dedup();
        let mut cells = spare;
        cells.list.clear();
        let mut rest = &accesses[..];
        while let Some(&(start, bytes)) = rest.first() {
            let mut end = start + bytes;
            let overlapping = rest
                .iter()
                .position(|&(address, bytes)| {
                    let apart = address >= end;
                    if !apart {
                        end = end.max(address + bytes);
                    }
                    apart
                })
                .unwrap_or(rest.len());
            cells.cut(start, end, &rest[..overlapping]);
            rest = &rest[overlapping..];
        }
        if cells.list.len() > most {
            let what = format!("{} separately accessed pieces of memory", cells.list.len());
            return Err(Fault::TooLarge { what, limit: most });
        }
        Ok(cells)
    }

    /// Cuts the stretch `start..end` at every border of the accesses that make it up.
    fn cut(&mut self, start: u64, end: u64, accesses: &[(u64, u64)]) {
        let mut at = start;
        while at < end {
            // No access has more than 8 bytes, so others have no border up to `at + 8`.
            let near = accesses.partition_point(|(address, _)| address + 8 <= at);
            let near = accesses[near..].iter().take_while(|(address, _)| *address <= at + 8);
            let borders = near.flat_map(|&(address, bytes)| [address, address + bytes]);
            let next = borders.filter(|b| *b > at).min().unwrap_or(end).min(at + 8);
            self.list.push(Cell { address: at, bytes: next - at });
            at = next;
        }
    }

    /// The cells that an access covers; `None` when it cuts one or leaves the known ones.
    pub(crate) fn span(&self, address: u64, bytes: u64) -> Option<CellSpan> {
        let first = self.list.binary_search_by_key(&address, |c| c.address).ok()?;
        let mut end = address;
        for (count, cell) in self.list[first..].iter().enumerate() {
            if cell.address != end || end - address >= bytes {
                return (end - address == bytes).then_some(CellSpan::new(first, count));
            }
            end += cell.bytes;
        }
        (end - address == bytes).then_some(CellSpan::new(first, self.list.len() - first))
    }

    /// The initial contents, each cell little-endian in a word of its own.
    pub(crate) fn initial(&self, program: &Program) -> impl Iterator<Item = u64> {
        self.list.iter().map(|cell| program.initial_value(cell.address, cell.bytes) as u64)
    }
}

/// The low `bytes` bytes of `value`; `bytes` is 0 to 8.
pub(crate) fn low_bytes(value: u64, bytes: u64) -> u64 {
    if bytes >= 8 { value } else { value & ((1 << (8 * bytes)) - 1) }
}
