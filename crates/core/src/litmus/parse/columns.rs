//! The line `P0 | P1 ;` over the code, and whether the rows have as many cells as it names harts.

use super::parser::{Parser, Skipped};
use super::sections::section;
use crate::litmus::lexer::{after_line, blank, digits, expected, line_length, starts_line, text};
use crate::litmus::{CodeCell, HartCode, Test};

/// More columns than any test has; [`crate::litmus::HartId`] holds 16 bits.
const MAX_HARTS: usize = 1 << 12;

/// Cells that there is room for at first: as many as fit in a kilobyte, up to which allocators are fast.
const ROOM: usize = 1024 / size_of::<CodeCell>();

/// The rows that could be read, by their number of cells.
#[derive(Default)]
pub(super) struct RowCounts<'a> {
    /// How many have a cell for each hart.
    good: usize,
    /// The others: where they begin, their length in the text, their number of cells.
    odd: Vec<(&'a [u8], usize, usize)>,
}

impl<'a> RowCounts<'a> {
    /// Counts a row.
    pub(super) fn add(&mut self, start: &'a [u8], length: usize, cells: usize, harts: usize) {
        if cells == harts {
            self.good += 1;
        } else {
            self.odd.push((start, length, cells));
        }
    }

    /// The number of cells of all rows, if it is the same and the line above them that is wrong.
    fn all_have(&self) -> Option<usize> {
        let (_, _, cells) = self.odd.first()?;
        let same = self.odd.iter().all(|(_, _, other)| other == cells);
        (same && self.good == 0 && self.odd.len() > 1).then_some(*cells)
    }
}

impl<'a> Parser<'a> {
    /// `P0 | P1 ;`
    pub(super) fn columns(&mut self, mut i: &'a [u8], test: &mut Test) -> &'a [u8] {
        loop {
            let number = match i {
                [b'P', rest @ ..] => &rest[..digits(rest)],
                _ => &[],
            };
            if number.is_empty() {
                self.skipped.columns = true;
                if i.is_empty() || section(i).is_some() {
                    self.report(expected(i, "the harts' columns `P0 | P1 ;`"));
                    return i;
                }
                self.report(expected(i, "a hart such as `P0`"));
                return after_line(i);
            }
            let hart = test.harts.len();
            if value(number) != Some(hart) {
                let message = format!("hart `P{}` in column {hart}", text(number));
                let help = Some(format!("the columns are P0, P1, ... in order: here `P{hart}`"));
                self.note(i, 1 + number.len(), message, help);
            }
            if hart == MAX_HARTS {
                self.note(i, 1 + number.len(), format!("more than {MAX_HARTS} harts"), None);
                self.skipped.columns = true;
                return &[];
            }
            test.harts.push(HartCode { cells: Vec::with_capacity(ROOM) });
            let next = blank(&i[1 + number.len()..]);
            match next {
                [b'|', rest @ ..] => i = blank(rest),
                [b';', rest @ ..] => return rest,
                _ => {
                    self.skipped.columns = true;
                    let rest = self.missing(&i[1 + number.len()..], "`|` or `;`");
                    return if starts_line(i, next) { rest } else { after_line(rest) };
                }
            }
        }
    }

    /// A line of harts below another: the one that counts, if the first could not be read.
    pub(super) fn columns_again(&mut self, i: &'a [u8], test: &mut Test) -> &'a [u8] {
        if self.skipped.columns {
            self.skipped = Skipped { columns: false, code: true, ..self.skipped };
            test.harts.clear();
            return self.columns(i, test);
        }
        self.note(i, 2, "a second line of harts".into(), None);
        after_line(i)
    }

    /// Notes rows with too many or too few cells, or once that the line above them is wrong.
    pub(super) fn check_rows(&mut self, header: &[u8], harts: usize, rows: &RowCounts<'_>) {
        if rows.odd.is_empty() || self.skipped.columns {
            return;
        }
        self.skipped.code = true;
        let help = || Some("every row has one cell for each hart".to_string());
        if let Some(cells) = rows.all_have() {
            let line = text(&header[..line_length(header)]);
            let named = line.split(';').next().unwrap_or_default().trim_end();
            let message = format!("{} named, but every row has {}", are(harts), count(cells));
            self.note(header, named.len(), message, help());
            self.skipped.columns = true;
            return;
        }
        for (start, length, cells) in &rows.odd {
            let message = format!("this row has {}, but there {}", count(*cells), there_are(harts));
            self.note(start, *length, message, help());
        }
    }
}

/// The number that digits write, if it is no absurd one.
fn value(digits: &[u8]) -> Option<usize> {
    digits.iter().try_fold(0_usize, |value, digit| {
        value.checked_mul(10)?.checked_add(usize::from(digit - b'0'))
    })
}

fn count(cells: usize) -> String {
    format!("{cells} {}", if cells == 1 { "cell" } else { "cells" })
}

fn are(harts: usize) -> String {
    format!("{harts} {}", if harts == 1 { "hart is" } else { "harts are" })
}

fn there_are(harts: usize) -> String {
    if harts == 1 { "is 1 hart".into() } else { format!("are {harts} harts") }
}
