//! What the names of a test stand for: locations and the labels of each hart's code.

use std::cell::OnceCell;

use rustc_hash::FxHashMap;

use super::index::{FEW, Index};
use super::layout::Layout;
use super::{Hart, Label, Location};
use crate::arch::{Assembly, Name};
use crate::litmus::{HartCode, HartId, Spanned, Test, Value, numeric_label};

/// The names of a test, with its locations laid out.
pub(super) struct Names<'t> {
    pub(super) test: &'t Test,
    pub(super) layout: Layout,
    by_name: Index<Name>,
    columns: Vec<Column<'t>>,
}

impl<'t> Names<'t> {
    /// The names of `test`, which is laid out so.
    pub(super) fn new(test: &'t Test, layout: Layout) -> Names<'t> {
        let by_name = Index::of(&layout.locations, |location| location.name.clone());
        let column = |code| Column { code, index: OnceCell::new() };
        Names { test, by_name, layout, columns: test.harts.iter().map(column).collect() }
    }

    /// A hart's code.
    pub(super) fn column(&self, hart: HartId) -> Option<&Column<'t>> {
        self.columns.get(hart.index())
    }

    /// The bits of a constant; an unresolved label is 0 (and reported where it is declared).
    #[inline]
    pub(super) fn constant(&self, value: &Value) -> u64 {
        match value {
            Value::Integer(integer) => integer.0,
            Value::Address { symbol, index, offset } => {
                self.address_of(symbol, *index).wrapping_add_signed(*offset)
            }
            Value::Code { hart, label } => {
                let offset = self.column(*hart).and_then(|column| column.label_offset(label));
                offset.map_or(0, |offset| self.layout.code_address(hart.index()) + offset)
            }
            Value::Array(_) => 0,
        }
    }

    #[inline]
    pub(super) fn location(&self, symbol: &Name) -> Option<&Location> {
        self.location_number(symbol).map(|number| &self.layout.locations[number])
    }

    /// Index into [`Layout::locations`].
    #[inline]
    pub(super) fn location_number(&self, symbol: &Name) -> Option<usize> {
        self.by_name.position(&self.layout.locations, symbol, |location| location.name == *symbol)
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

/// A hart's code, in which labels are found.
pub(super) struct Column<'t> {
    code: &'t HartCode,
    /// Made when something is looked for in long code.
    index: OnceCell<ColumnIndex<'t>>,
}

/// Where things stand in long code.
struct ColumnIndex<'t> {
    /// The cells of each label, ascending.
    labels: FxHashMap<&'t str, Vec<usize>>,
    /// Instructions above each cell.
    above: Vec<usize>,
    /// The cell of each instruction, and the bytes before it.
    instructions: Vec<(usize, u64)>,
}

impl<'t> Column<'t> {
    /// The instruction that a label of this column stands before; their number when nothing follows.
    pub(super) fn labelled(&self, label: &str) -> Option<usize> {
        let cells = &self.code.cells;
        let cell = match self.index() {
            Some(index) => *index.labels.get(label)?.first()?,
            None => (0..cells.len()).find(|cell| self.has(*cell, label))?,
        };
        Some(self.instructions_above(cell))
    }

    /// The instruction that one in the cell number `from` names: `1b` is the last label `1:` above it, `1f`
    /// the next below.
    pub(super) fn target(&self, from: usize, target: &str) -> Option<usize> {
        let Some((number, below)) = numeric_label(target) else { return self.labelled(target) };
        let cell = match (self.index(), below) {
            (Some(index), _) => {
                let cells = index.labels.get(number)?;
                let after = cells.partition_point(|cell| *cell <= from);
                *cells.get(if below { after } else { after.checked_sub(1)? })?
            }
            (None, true) => {
                (from + 1..self.code.cells.len()).find(|cell| self.has(*cell, number))?
            }
            (None, false) => (0..=from).rev().find(|cell| self.has(*cell, number))?,
        };
        Some(self.instructions_above(cell))
    }

    /// The instruction of that number.
    pub(super) fn instruction(&self, number: usize) -> Option<&'t Spanned<Assembly>> {
        match self.index() {
            Some(index) => self.code.cells[index.instructions.get(number)?.0].instr.as_ref(),
            None => self.code.cells.iter().filter_map(|cell| cell.instr.as_ref()).nth(number),
        }
    }

    /// How many bytes the first `instructions` take.
    pub(super) fn bytes_before(&self, instructions: usize) -> u64 {
        let instrs = self.code.cells.iter().filter_map(|cell| cell.instr.as_ref());
        let known = self.index().and_then(|index| index.instructions.get(instructions));
        match known {
            Some((_, bytes)) => *bytes,
            None => instrs.take(instructions).map(|instr| instr.value.bytes()).sum(),
        }
    }

    /// How many bytes of code stand before a label.
    fn label_offset(&self, label: &str) -> Option<u64> {
        Some(self.bytes_before(self.labelled(label)?))
    }

    fn has(&self, cell: usize, label: &str) -> bool {
        self.code.cells[cell].labels.iter().any(|l| &*l.value == label)
    }

    fn instructions_above(&self, cell: usize) -> usize {
        match self.index() {
            Some(index) => index.above[cell],
            None => self.code.cells[..cell].iter().filter(|cell| cell.instr.is_some()).count(),
        }
    }

    fn index(&self) -> Option<&ColumnIndex<'t>> {
        let cells = &self.code.cells;
        let make = || {
            let (mut bytes, mut above) = (0, Vec::with_capacity(cells.len()));
            let (mut labels, mut instructions) =
                (FxHashMap::<_, Vec<usize>>::default(), Vec::new());
            for (number, cell) in cells.iter().enumerate() {
                above.push(instructions.len());
                for label in &cell.labels {
                    labels.entry(&*label.value).or_default().push(number);
                }
                if let Some(instr) = &cell.instr {
                    instructions.push((number, bytes));
                    bytes += instr.value.bytes();
                }
            }
            ColumnIndex { labels, above, instructions }
        };
        (cells.len() > FEW).then(|| self.index.get_or_init(make))
    }
}
