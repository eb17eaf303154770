//! The code as the table that herd7 prints for its hash.

use crate::litmus::{Cell, Test};

use super::{decimal, instruction};

/// Adds a table of the code with one column for each hart, labels on lines of their own; `None` for
/// what herd7 cannot read. `cells` is room that is used on the way.
pub(super) fn dump(test: &Test, cells: &mut Vec<u8>, out: &mut Vec<u8>) -> Option<()> {
    let labels = labels(test);
    let label = |name: &str, out: &mut Vec<u8>| {
        let index = labels.binary_search(&name).ok()?;
        out.extend_from_slice(if index < 10 { b"L0" } else { b"L" });
        decimal(index as i64, out);
        Some(())
    };
    // All cells behind one another, and where each ends; column by column.
    cells.clear();
    let mut ends = Vec::with_capacity(64);
    let mut columns = Vec::with_capacity(test.harts.len());
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
    let text = |cell: usize| {
        let start = cell.checked_sub(1).map_or(0, |before| ends[before]);
        &cells[start..ends[cell]]
    };
    let rows = columns.iter().map(|column| column.cells.len()).max().unwrap_or(0);
    for row in 0..rows {
        for (index, column) in columns.iter().enumerate() {
            out.extend_from_slice(if index == 0 { b" " } else { b"| " });
            let cell = column.cells.clone().nth(row).map_or(&[][..], text);
            out.extend_from_slice(cell);
            out.resize(out.len() + column.width - cell.len() + 1, b' ');
        }
        out.extend_from_slice(b";\n");
    }
    Some(())
}

struct Column {
    /// Which of all cells.
    cells: std::ops::Range<usize>,
    /// Bytes of the longest.
    width: usize,
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
