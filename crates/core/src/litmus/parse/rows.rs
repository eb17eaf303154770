//! The code: the rows under the line `P0 | P1 ;`.

use super::columns::RowCounts;
use super::header::starts_columns;
use super::parser::Parser;
use super::sections::{misspelt, section};
use crate::litmus::lexer::{
    SyntaxError, after_token, at, blank, digits, name_length, starts_line, text,
};
use crate::litmus::{CodeCell, Language, Spanned, Test, language, riscv};

impl<'a> Parser<'a> {
    /// Reads columns and rows up to the first section after the code.
    pub(super) fn code(&mut self, i: &'a [u8], test: &mut Test) -> &'a [u8] {
        let mut header = blank(i);
        while let [b';', rest @ ..] = header {
            header = blank(rest);
        }
        let mut rows = RowCounts::default();
        let mut i = self.columns(header, test);
        loop {
            i = blank(i);
            // A condition without its quantifier is for `sections` to report.
            let condition = at(i, b'(') && !i.starts_with(b"(*");
            if i.is_empty() || condition || section(i).is_some() {
                break;
            }
            if starts_columns(i) {
                i = self.columns_again(i, test);
                continue;
            }
            let rest = self.row(i, test, &mut rows);
            if rest.len() == i.len() {
                break;
            }
            i = rest;
        }
        self.check_rows(header, test.harts.len(), &rows);
        i
    }

    /// One row with its `;`. Returns `start` when a misspelt section keyword stands there.
    fn row(&mut self, start: &'a [u8], test: &mut Test, rows: &mut RowCounts<'a>) -> &'a [u8] {
        let (mut i, mut column, mut damaged) = (start, 0, false);
        loop {
            let (mut cell, cell_starts) = (CodeCell::default(), i);
            match self.cell(i, &mut cell) {
                Ok(rest) => i = rest,
                Err(_) if column == 0 && misspelt(start, self.language).is_some() => return start,
                Err(mistake) => {
                    let rest = after_cell(self.report(mistake));
                    self.skipped.code |=
                        i[..i.len() - rest.len()].contains(&b':') || rest.is_empty();
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
            match next {
                [b'|', rest @ ..] => i = self.in_time(blank(rest)),
                [b';', rest @ ..] => {
                    i = self.in_time(rest);
                    break;
                }
                _ if damaged => {
                    self.skipped.code = true;
                    return next;
                }
                // Code of one hart may be pasted line by line.
                _ if test.harts.len() == 1 && is_first_on_line(cell_starts, next) => break,
                _ => {
                    self.skipped.code = true;
                    let last = column >= test.harts.len();
                    let what = if last { "`;` at the end of the row" } else { "`|` or `;`" };
                    return self.missing(i, what);
                }
            }
        }
        if !damaged {
            rows.add(start, start.len() - i.len(), column, test.harts.len());
        }
        i
    }

    /// Labels, then an instruction or nothing, up to where the cell should end.
    fn cell(
        &mut self,
        mut i: &'a [u8],
        cell: &mut CodeCell,
    ) -> Result<&'a [u8], nom::Err<SyntaxError<'a>>> {
        loop {
            if at_cell_end(i) {
                return Ok(i);
            }
            let length = match name_length(i) {
                0 => digits(i),
                length => length,
            };
            let rest = blank(&i[length..]);
            if length == 0 || !at(rest, b':') {
                break;
            }
            let value = text(&i[..length]).into();
            cell.labels.push(Spanned { value, span: self.span(i, &i[length..]) });
            i = blank(&rest[1..]);
        }
        let assembled = self.language == Language::Riscv;
        if at(i, b'.') && assembled && riscv::is_directive(&i[..name_length(i)]) {
            let (rest, length) = riscv::directive(i)?;
            let what = format!("`{}`", text(&i[..length]));
            self.skip(i, length, &what, "it is for the assembler");
            return Ok(rest);
        }
        let (rest, instr) = self.language.instruction(i)?;
        let next = blank(rest);
        if at_cell_end(next) || is_first_on_line(i, next) {
            cell.instr = Some(Spanned { value: instr, span: self.span(i, rest) });
            return Ok(rest);
        }
        let help = language::usage(i, &instr);
        let error = SyntaxError::expected(next, "`|` or `;` after the instruction", Some(help));
        Err(nom::Err::Failure(error))
    }
}

/// Does `next`, a suffix of `i`, stand on a later line, and nothing before it there?
fn is_first_on_line(i: &[u8], next: &[u8]) -> bool {
    let before = &i[..i.len() - next.len()];
    let line = before.iter().rposition(|byte| *byte == b'\n');
    line.is_some_and(|line| before[line..].trim_ascii().is_empty())
}

/// Is this the end of a cell?
fn at_cell_end(i: &[u8]) -> bool {
    matches!(i, [] | [b'|' | b';', ..])
}

/// Where the cell after a broken one begins: at its `|` or `;`, or on the next line.
fn after_cell(mut i: &[u8]) -> &[u8] {
    loop {
        let next = blank(i);
        if at_cell_end(next) || next.starts_with(b"(*") || starts_line(i, next) {
            return next;
        }
        i = after_token(next);
    }
}
