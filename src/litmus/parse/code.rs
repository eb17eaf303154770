//! The code: the line `P0 | P1 ;` and the rows under it.

use crate::litmus::{Cell, HartCode, Located, Test};

use super::Parser;
use super::instr::{instruction, written};
use super::sections::{misspelt, section};
use super::token::{Mistake, after_line, after_token, at, blank, expected, name_length};

/// More columns than any test has; [`crate::litmus::HartId`] holds 16 bits.
const MAX_HARTS: usize = 1 << 10;

impl<'a> Parser<'a> {
    /// Reads columns and rows up to the first section after the code.
    pub(super) fn code(&mut self, i: &'a str, test: &mut Test) -> &'a str {
        let mut i = self.columns(blank(i), test);
        loop {
            i = blank(i);
            if i.is_empty() || section(i).is_some() {
                return i;
            }
            // A condition without its quantifier is for `sections` to report.
            if at(i, b'(') && !i.starts_with("(*") {
                return i;
            }
            let rest = self.row(i, test);
            if rest.len() == i.len() {
                return i;
            }
            i = rest;
        }
    }

    /// `P0 | P1 ;`
    fn columns(&mut self, mut i: &'a str, test: &mut Test) -> &'a str {
        loop {
            let number = i
                .strip_prefix('P')
                .map_or("", |rest| &rest[..rest.bytes().take_while(u8::is_ascii_digit).count()]);
            if number.is_empty() {
                self.damage.columns = true;
                if i.is_empty() || section(i).is_some() {
                    self.report(expected(i, "the harts' columns `P0 | P1 ;`"));
                    return i;
                }
                self.report(expected(i, "a hart such as `P0`"));
                return after_line(i);
            }
            let hart = test.harts.len();
            if number.parse() != Ok(hart) {
                let message = format!("hart `P{number}` in column {hart}");
                let help = Some(format!("the columns are P0, P1, ... in order: here `P{hart}`"));
                self.note(i, 1 + number.len(), message, help);
            }
            if hart == MAX_HARTS {
                self.note(i, 1 + number.len(), format!("more than {MAX_HARTS} harts"), None);
                self.damage.columns = true;
                return "";
            }
            test.harts.push(HartCode { cells: Vec::with_capacity(8) });
            let next = blank(&i[1 + number.len()..]);
            match next.as_bytes() {
                [b'|', ..] => i = blank(&next[1..]),
                [b';', ..] => return &next[1..],
                _ => {
                    self.damage.columns = true;
                    let rest = self.missing(&i[1 + number.len()..], "`|` or `;`");
                    return if starts_line(i, next) { rest } else { after_line(rest) };
                }
            }
        }
    }

    /// One row with its `;`. Returns `start` when a misspelt section keyword stands there.
    fn row(&mut self, start: &'a str, test: &mut Test) -> &'a str {
        let (mut i, mut column, mut damaged) = (start, 0, false);
        loop {
            let mut cell = Cell::default();
            match self.cell(i, &mut cell) {
                Ok(rest) => i = rest,
                Err(_) if column == 0 && misspelt(start).is_some() => return start,
                Err(mistake) => {
                    let rest = after_cell(self.report(mistake));
                    self.damage.code |= i[..i.len() - rest.len()].contains(':') || rest.is_empty();
                    (i, damaged) = (rest, true);
                }
            }
            if !(cell.labels.is_empty() && cell.instr.is_none())
                && let Some(hart) = test.harts.get_mut(column)
            {
                hart.cells.push(cell);
            }
            column += 1;
            let next = blank(i);
            match next.as_bytes() {
                [b'|', ..] => i = blank(&next[1..]),
                [b';', ..] => {
                    i = &next[1..];
                    break;
                }
                _ if damaged => {
                    self.damage.code = true;
                    return next;
                }
                _ => {
                    self.damage.code = true;
                    let last = column >= test.harts.len();
                    let what = if last { "`;` at the end of the row" } else { "`|` or `;`" };
                    return self.missing(i, what);
                }
            }
        }
        let harts = test.harts.len();
        if column != harts && !damaged && !self.damage.columns {
            let length = start.len() - i.len();
            let cells = if column == 1 { "cell" } else { "cells" };
            let message = format!("this row has {column} {cells}, but there are {harts} harts");
            self.note(start, length, message, Some("every row has one cell for each hart".into()));
            self.damage.code = true;
        }
        i
    }

    /// Labels, then an instruction or nothing, up to where the cell should end.
    fn cell(&self, mut i: &'a str, cell: &mut Cell) -> Result<&'a str, nom::Err<Mistake<'a>>> {
        loop {
            if at_cell_end(i) {
                return Ok(i);
            }
            let length = name_length(i);
            let rest = blank(&i[length..]);
            if length == 0 || !at(rest, b':') {
                break;
            }
            let value = i[..length].into();
            cell.labels.push(Located { value, span: self.span(i, &i[length..]) });
            i = blank(&rest[1..]);
        }
        let (rest, instr) = instruction(i)?;
        let format = instr.def.format;
        cell.instr = Some(Located { value: instr, span: self.span(i, rest) });
        let next = blank(rest);
        if at_cell_end(next) || starts_line(rest, next) {
            return Ok(rest);
        }
        let help = written(&i[..name_length(i)], format);
        let mistake = Mistake::expected(next, "`|` or `;` after the instruction", Some(help));
        Err(nom::Err::Failure(mistake))
    }

    /// Says that `what` is missing behind `i`; returns where to go on, as if it stood there.
    fn missing(&mut self, i: &'a str, what: &'static str) -> &'a str {
        let next = blank(i);
        if next.starts_with("(*") {
            return self.report(expected(next, what));
        }
        let place = if starts_line(i, next) { i.trim_start_matches([' ', '\t']) } else { next };
        self.report(expected(place, what));
        next
    }
}

/// Is this the end of a cell?
fn at_cell_end(i: &str) -> bool {
    matches!(i.as_bytes(), [] | [b'|' | b';', ..])
}

/// Is there a line's end between `i` and its suffix `next`?
fn starts_line(i: &str, next: &str) -> bool {
    i[..i.len() - next.len()].contains('\n')
}

/// Where the cell after a broken one begins: at its `|` or `;`, or on the next line.
fn after_cell(mut i: &str) -> &str {
    loop {
        let next = blank(i);
        if at_cell_end(next) || next.starts_with("(*") || starts_line(i, next) {
            return next;
        }
        i = after_token(next);
    }
}
