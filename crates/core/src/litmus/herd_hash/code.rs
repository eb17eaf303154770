//! The code as the table that herd7 prints for its hash.

use std::ops::Range;

use crate::litmus::{self, Test};

use super::cell::Cell;
use super::instruction;

/// Used again for the next test.
#[derive(Default)]
pub(super) struct Room {
    /// All cells, column by column.
    cells: Vec<Cell>,
    columns: Vec<Column>,
}

impl Room {
    pub(super) const NONE: Room = Room { cells: Vec::new(), columns: Vec::new() };
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
    let label = |name: &str, out: &mut Cell| {
        let index = labels.binary_search(&name).ok()?;
        out.push_all(if index < 10 { b"L0" } else { b"L" });
        out.decimal(index as i64);
        Some(())
    };
    let Room { cells, columns } = room;
    cells.clear();
    columns.clear();
    for hart in &test.harts {
        let (first, mut width) = (cells.len(), 0);
        for litmus::Cell { labels: own, instr } in &hart.cells {
            for name in own {
                let mut cell = Cell::BLANK;
                label(&name.value, &mut cell)?;
                cell.push(b':');
                width = width.max(cell.len());
                cells.push(cell);
            }
            if let Some(instr) = instr {
                let mut cell = Cell::BLANK;
                instruction::dump(&instr.value, label, &mut cell)?;
                width = width.max(cell.len());
                cells.push(cell);
            }
        }
        columns.push(Column { cells: first..cells.len(), width });
    }
    lay_out(room, out);
    Some(())
}

/// ` cell | cell ;`, as many rows as the longest column has.
fn lay_out(room: &Room, out: &mut Vec<u8>) {
    let Room { cells, columns } = room;
    let rows = columns.iter().map(|column| column.cells.len()).max().unwrap_or(0);
    for row in 0..rows {
        for (index, Column { cells: own, width }) in columns.iter().enumerate() {
            out.extend_from_slice(if index == 0 { b" " } else { b"| " });
            let end = out.len() + width + 1;
            let cell = cells[own.clone()].get(row).unwrap_or(const { &Cell::BLANK });
            out.extend_from_slice(cell.padded());
            out.truncate(end);
        }
        out.extend_from_slice(b";\n");
    }
}

/// All labels in order: their places are their new names.
fn labels(test: &Test) -> Vec<&str> {
    let mut names = Vec::new();
    for cell in test.harts.iter().flat_map(|hart| &hart.cells) {
        names.extend(cell.labels.iter().map(|label| &*label.value));
        names.extend(cell.instr.iter().filter_map(|i| i.value.operands.target.as_deref()));
    }
    if names.len() > 1 {
        names.sort_unstable();
        names.dedup();
    }
    names
}
