//! The code as the table that herd7 prints for its hash.

use std::ops::Range;

use crate::litmus::{Cell, Test};

use super::{decimal, instruction};

/// Used again for the next test.
#[derive(Default)]
pub(super) struct Room {
    /// All cells behind one another, column by column.
    cells: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
    columns: Vec<Column>,
}

impl Room {
    pub(super) const NONE: Room = Room { cells: Vec::new(), ends: Vec::new(), columns: Vec::new() };
}

struct Column {
    /// Which of all cells.
    cells: Range<usize>,
    /// Bytes of the longest.
    width: usize,
}

/// Adds a table of the code with one column for each hart, labels on lines of their own; `None` for
/// what herd7 cannot read.
pub(super) fn dump(test: &Test, room: &mut Room, out: &mut Vec<u8>) -> Option<()> {
    let labels = labels(test);
    let label = |name: &str, out: &mut Vec<u8>| {
        let index = labels.binary_search(&name).ok()?;
        out.extend_from_slice(if index < 10 { b"L0" } else { b"L" });
        decimal(index as i64, out);
        Some(())
    };
    let Room { cells, ends, columns } = room;
    cells.clear();
    ends.clear();
    columns.clear();
    for hart in &test.harts {
        let (first, mut width) = (ends.len(), 0);
        let mut start = cells.len();
        let mut end = |cells: &[u8]| {
            width = width.max(cells.len() - start);
            start = cells.len();
            ends.push(start);
        };
        for Cell { labels: own, instr } in &hart.cells {
            for name in own {
                label(&name.value, cells)?;
                cells.push(b':');
                end(cells);
            }
            if let Some(instr) = instr {
                instruction::dump(&instr.value, label, cells)?;
                end(cells);
            }
        }
        columns.push(Column { cells: first..ends.len(), width });
    }
    lay_out(room, out);
    Some(())
}

/// ` cell | cell ;`, as many rows as the longest column has: all blank at first, then filled.
fn lay_out(room: &Room, out: &mut Vec<u8>) {
    let Room { cells, ends, columns } = room;
    let rows = columns.iter().map(|column| column.cells.len()).max().unwrap_or(0);
    // A column is `| cell ` with its mark and two blanks, but the first has no mark; then `;` and a newline.
    let length = columns.iter().map(|column| column.width + 3).sum::<usize>() + 1;
    let table = out.len();
    out.resize(table + rows * length, b' ');
    let table = &mut out[table..];
    let (mut left, mut start) = (1, 0);
    for Column { cells: own, width } in columns {
        for (row, end) in table.chunks_exact_mut(length).zip(&ends[own.clone()]) {
            row[left..][..end - start].copy_from_slice(&cells[start..*end]);
            start = *end;
        }
        left += width + 3;
    }
    for row in table.chunks_exact_mut(length) {
        let mut mark = 0;
        for column in &columns[..columns.len() - 1] {
            mark += column.width + 3;
            row[mark - 1] = b'|';
        }
        row[length - 2..].copy_from_slice(b";\n");
    }
}

/// All labels in order: their places are their new names.
fn labels(test: &Test) -> Vec<&str> {
    let mut names = Vec::new();
    for cell in test.harts.iter().flat_map(|hart| &hart.cells) {
        names.extend(cell.labels.iter().map(|label| &*label.value));
        names.extend(cell.instr.iter().filter_map(|i| i.value.operands.target.as_deref()));
    }
    names.sort_unstable();
    names.dedup();
    names
}
