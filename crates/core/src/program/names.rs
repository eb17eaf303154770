//! What the names of a test stand for: locations and the labels of each hart's code.

use super::{Hart, Label, Location, layout};
use crate::arch::Name;
use crate::litmus::{HartCode, HartId, Test, Value, numeric_label};

/// The names of a test, with its locations laid out.
pub(super) struct Names<'t> {
    pub(super) test: &'t Test,
    pub(super) locations: Vec<Location>,
}

impl Names<'_> {
    /// The bits of a constant; an unresolved label is 0 (and reported where it is declared).
    #[inline]
    pub(super) fn constant(&self, value: &Value) -> u64 {
        match value {
            Value::Integer(integer) => integer.0,
            Value::Address { symbol, index, offset } => {
                self.address_of(symbol, *index).wrapping_add_signed(*offset)
            }
            Value::Code { hart, label } => {
                let column = self.test.harts.get(hart.index());
                let offset = column.and_then(|column| label_offset(column, label));
                let first = layout::code_address(hart.index(), self.test.harts.len());
                offset.map_or(0, |offset| first + offset)
            }
            Value::Array(_) => 0,
        }
    }

    #[inline]
    pub(super) fn location(&self, symbol: &Name) -> Option<&Location> {
        self.locations.iter().find(|l| l.name == *symbol)
    }

    #[inline]
    pub(super) fn address_of(&self, symbol: &Name, index: Option<u64>) -> u64 {
        self.location(symbol).map_or(0, |l| {
            l.address.wrapping_add(index.unwrap_or(0).wrapping_mul(l.element_bytes()))
        })
    }
}

/// All labels with the steps that they stand before.
pub(super) fn labels(test: &Test, harts: &[Hart]) -> Vec<Label> {
    let mut labels = Vec::new();
    for ((number, column), hart) in (0u16..).zip(&test.harts).zip(harts) {
        let mut instruction = 0;
        for cell in &column.cells {
            for label in &cell.labels {
                let step = hart.first_step(instruction);
                labels.push(Label { hart: HartId(number), step, name: label.value.clone() });
            }
            instruction += usize::from(cell.instr.is_some());
        }
    }
    labels
}

/// The instruction that a label of this column stands before; their number when nothing follows.
pub(super) fn labelled(column: &HartCode, label: &str) -> Option<usize> {
    let mut instruction = 0;
    for cell in &column.cells {
        if cell.labels.iter().any(|l| &*l.value == label) {
            return Some(instruction);
        }
        instruction += usize::from(cell.instr.is_some());
    }
    None
}

/// The instruction that one in the cell number `from` names: `1b` is the last label `1:` above it, `1f` the
/// next below.
pub(super) fn target(column: &HartCode, from: usize, target: &str) -> Option<usize> {
    let Some((number, below)) = numeric_label(target) else { return labelled(column, target) };
    let has = |cell: &usize| column.cells[*cell].labels.iter().any(|l| &*l.value == number);
    let cell = match below {
        true => (from + 1..column.cells.len()).find(has),
        false => (0..=from).rev().find(has),
    };
    Some(column.cells[..cell?].iter().filter(|cell| cell.instr.is_some()).count())
}

/// How many bytes of code stand before a label.
fn label_offset(column: &HartCode, label: &str) -> Option<u64> {
    Some(bytes_before(column, labelled(column, label)?))
}

/// How many bytes the first `instructions` take.
pub(super) fn bytes_before(column: &HartCode, instructions: usize) -> u64 {
    let instrs = column.cells.iter().filter_map(|cell| cell.instr.as_ref());
    instrs.take(instructions).map(|instr| instr.value.bytes()).sum()
}
