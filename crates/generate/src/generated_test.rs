//! A generated test as its parts, and the text of its litmus file.

use std::fmt;

/// One hart: its initial registers and its code.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Hart {
    registers: Vec<(u8, String)>,
    code: Vec<String>,
}

impl Hart {
    pub(super) fn new() -> Hart {
        Hart::default()
    }

    /// Register `x{number}` starts with `value`: a number or a symbol.
    pub(super) fn register(mut self, number: u8, value: impl fmt::Display) -> Hart {
        self.registers.push((number, value.to_string()));
        self
    }

    /// Further instructions.
    pub(super) fn code<S: Into<String>>(mut self, code: impl IntoIterator<Item = S>) -> Hart {
        self.code.extend(code.into_iter().map(Into::into));
        self
    }
}

/// A test as its parts. `Display` is the text of a litmus file, one line of the initial state for
/// each hart and every column as wide as its widest cell.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct GeneratedTest {
    pub(super) name: String,
    /// What the test shows, in one line.
    pub(super) about: String,
    /// Lines such as `Cycle=`.
    pub(super) metadata: Vec<(&'static str, String)>,
    /// Declarations of memory that is not a zeroed word: `int d[4]`.
    pub(super) memory: Vec<String>,
    pub(super) harts: Vec<Hart>,
    /// What is observed besides what the condition names.
    pub(super) locations: Vec<String>,
    /// The condition with its quantifier.
    pub(super) condition: String,
}

impl fmt::Display for GeneratedTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "RISCV {}\n\"{}\"", self.name, self.about)?;
        for (key, value) in &self.metadata {
            writeln!(f, "{key}={value}")?;
        }
        writeln!(f, "{{")?;
        for declaration in &self.memory {
            writeln!(f, "{declaration};")?;
        }
        for (number, hart) in self.harts.iter().enumerate() {
            let entries =
                hart.registers.iter().map(|(reg, value)| format!("{number}:x{reg}={value};"));
            writeln!(f, "{}", entries.collect::<Vec<_>>().join(" "))?;
        }
        writeln!(f, "}}")?;
        self.write_columns(f)?;
        if !self.locations.is_empty() {
            writeln!(f, "locations [{};]", self.locations.join("; "))?;
        }
        writeln!(f, "{}", self.condition)
    }
}

impl GeneratedTest {
    fn write_columns(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads: Vec<String> = (0..self.harts.len()).map(|number| format!("P{number}")).collect();
        let cells = |row: usize| {
            self.harts.iter().zip(&heads).map(move |(hart, head)| match row.checked_sub(1) {
                None => head.as_str(),
                Some(row) => hart.code.get(row).map_or("", String::as_str),
            })
        };
        let rows = 1 + self.harts.iter().map(|hart| hart.code.len()).max().unwrap_or(0);
        let mut widths = vec![0; self.harts.len()];
        for row in 0..rows {
            for (width, cell) in widths.iter_mut().zip(cells(row)) {
                *width = (*width).max(cell.len());
            }
        }
        for row in 0..rows {
            for (index, (cell, width)) in cells(row).zip(&widths).enumerate() {
                write!(f, "{} {cell:width$} ", if index == 0 { "" } else { "|" })?;
            }
            writeln!(f, ";")?;
        }
        Ok(())
    }
}

/// The conjunction of the terms: `a /\ b /\ c`.
pub(super) fn conjunction(terms: impl IntoIterator<Item = String>) -> String {
    terms.into_iter().collect::<Vec<_>>().join(" /\\ ")
}
