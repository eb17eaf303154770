//! What the names of a test stand for: locations and the labels of each hart's code.

use super::{Label, Location, layout};
use crate::arch::Name;
use crate::litmus::{HartCode, HartId, Test, Value};

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
pub(super) fn labels(test: &Test) -> Vec<Label> {
    let mut labels = Vec::new();
    for (number, column) in (0u16..).zip(&test.harts) {
        let mut step = 0;
        for cell in &column.cells {
            let names = cell.labels.iter().map(|label| label.value.clone());
            labels.extend(names.map(|name| Label { hart: HartId(number), step, name }));
            step += usize::from(cell.instr.is_some());
        }
    }
    labels
}

/// The step that a label of this column stands before; `code.len()` when nothing follows.
pub(super) fn label_step(column: &HartCode, label: &str) -> Option<usize> {
    let mut step = 0;
    for cell in &column.cells {
        if cell.labels.iter().any(|l| &*l.value == label) {
            return Some(step);
        }
        step += usize::from(cell.instr.is_some());
    }
    None
}

/// How many bytes of code stand before that step.
fn label_offset(column: &HartCode, label: &str) -> Option<u64> {
    let step = label_step(column, label)?;
    let instrs = column.cells.iter().filter_map(|cell| cell.instr.as_ref());
    Some(instrs.take(step).map(|instr| instr.value.bytes()).sum())
}
