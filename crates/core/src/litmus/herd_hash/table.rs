//! The code as the table that herd7 prints for its hash.

use std::ops::Range;

use super::{Release, source};
use crate::litmus::Test;
use crate::litmus::herd_hash::printed;

/// The cells of one hart, each on a line of its own.
struct Column {
    /// Where their texts stand in the text of all cells.
    cells: Vec<Range<usize>>,
    /// Bytes of the longest.
    width: usize,
}

/// Adds a table of the code with one column for each hart, labels on lines of their own; `None` for
/// what herd7 cannot read.
pub(super) fn code(
    test: &Test,
    source_text: &str,
    release: Release,
    out: &mut Vec<u8>,
) -> Option<()> {
    let labels = labels(test);
    let label = |name: &str, out: &mut Vec<u8>| {
        if name.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        let index = labels.binary_search(&name).ok()?;
        out.extend_from_slice(if index < 10 { b"L0" } else { b"L" });
        out.extend_from_slice(itoa::Buffer::new().format(index).as_bytes());
        Some(())
    };
    let mut text = Vec::with_capacity(512);
    let mut columns = Vec::with_capacity(test.harts.len());
    for hart in &test.harts {
        let mut column = Column { cells: Vec::with_capacity(hart.cells.len()), width: 0 };
        let mut add = |from: usize, to: usize| {
            column.width = column.width.max(to - from);
            column.cells.push(from..to);
        };
        for cell in &hart.cells {
            for name in &cell.labels {
                let from = text.len();
                label(&name.value, &mut text)?;
                text.push(b':');
                add(from, text.len());
            }
            if let Some(instr) = &cell.instr {
                let from = text.len();
                let written = source(source_text, instr.span);
                printed(&instr.value, written, release, label, &mut text)?;
                add(from, text.len());
            }
        }
        columns.push(column);
    }
    lay_out(&columns, &text, out);
    Some(())
}

/// ` cell | cell ;`, as many rows as the longest column has.
fn lay_out(columns: &[Column], text: &[u8], out: &mut Vec<u8>) {
    let rows = columns.iter().map(|column| column.cells.len()).max().unwrap_or(0);
    for row in 0..rows {
        for (index, Column { cells, width }) in columns.iter().enumerate() {
            out.extend_from_slice(if index == 0 { b" " } else { b"| " });
            let end = out.len() + width + 1;
            if let Some(cell) = cells.get(row) {
                out.extend_from_slice(&text[cell.clone()]);
            }
            out.resize(end, b' ');
        }
        out.extend_from_slice(b";\n");
    }
}

/// All labels in order: their places are their new names.
fn labels(test: &Test) -> Vec<&str> {
    let mut names = Vec::new();
    for cell in test.harts.iter().flat_map(|hart| &hart.cells) {
        names.extend(cell.labels.iter().map(|label| &*label.value));
        names.extend(cell.instr.iter().filter_map(|i| i.value.target().map(|name| &**name)));
    }
    names.sort_unstable();
    names.dedup();
    names
}
