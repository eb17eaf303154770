//! The init section: `{ uint64_t x=1; 0:x5=x; int a[2]={1,2}; }`.

use nom::Parser as _;

use crate::litmus::{CType, InitEntry, Located, Place, Test, Value};

use super::Parser;
use super::ctype::ctype;
use super::header::starts_columns;
use super::place::{array, at_register, place, value};
use super::token::{Res, at, blank, expected, mark, wrong};

impl<'a> Parser<'a> {
    /// Reads the section with its braces.
    pub(super) fn init(&mut self, i: &'a str, test: &mut Test) -> &'a str {
        let i = match i.strip_prefix('{') {
            Some(i) => i,
            // The header has reported that the brace is missing.
            None if at_register(i) => i,
            None => {
                if !i.is_empty() {
                    self.report(expected(i, "the init section `{ ... }`"));
                }
                self.damage.init = true;
                return i;
            }
        };
        let mut i = blank(i);
        test.init.reserve(8);
        loop {
            match i.as_bytes() {
                [b'}', ..] => return &i[1..],
                [b';', ..] => i = blank(&i[1..]),
                [] => {
                    self.report(expected(i, "`}` at the end of the init section"));
                    return i;
                }
                [b'|', ..] => {
                    self.damage.init = true;
                    self.report(expected(i, "`}` before the code"));
                    return i;
                }
                _ if starts_columns(i) => {
                    let help = "the init section ends with `}`";
                    self.report(wrong(i, 2, "expected `}` before the code", Some(help.into())));
                    return i;
                }
                _ => i = self.declaration(i, test),
            }
        }
    }

    /// One entry with the `;` behind it.
    fn declaration(&mut self, i: &'a str, test: &mut Test) -> &'a str {
        let (rest, entry) = match entry(i) {
            Ok(read) => read,
            Err(error) => {
                self.damage.init = true;
                let rest = self.report(error);
                return after_declaration(rest);
            }
        };
        test.init.push(Located { value: entry, span: self.span(i, rest) });
        let next = blank(rest);
        match next.as_bytes() {
            [b';', ..] => return blank(&next[1..]),
            [b'}', ..] | [] => return next,
            _ => {}
        }
        self.damage.init = true;
        if starts_columns(next) {
            return next;
        }
        self.report(expected(next, "`;` or `}`"));
        // Probably just the `;` is missing; then the next declaration stands here.
        match self::entry(next) {
            Ok((rest, _)) if matches!(blank(rest).as_bytes(), [b';' | b'}', ..]) => next,
            _ => after_declaration(next),
        }
    }
}

/// Where the declaration after a broken one begins, or the section ends.
fn after_declaration(mut i: &str) -> &str {
    loop {
        i = blank(i);
        let mut characters = i.chars();
        match characters.next() {
            None | Some('}') => return i,
            _ if i.starts_with("(*") => return i,
            Some(';') => return blank(&i[1..]),
            _ if starts_columns(i) => return i,
            // The braces of an array.
            Some('{') => match i[1..].find(['{', '}', ';']).map(|at| at + 1) {
                Some(close) if at(&i[close..], b'}') => i = &i[close + 1..],
                _ => i = &i[1..],
            },
            Some(_) => i = characters.as_str(),
        }
    }
}

/// `uint64_t x=1`, `0:x5=x`, `int a[2]={1,2}`, without the `;`.
fn entry(i: &str) -> Res<'_, InitEntry> {
    let (i, ctype) = ctype(i)?;
    if ctype.is_some() && at(i, b'[') {
        return Err(expected(i, "a location's name"));
    }
    let before = i;
    if let Some(empty) = unsized_array(i) {
        return sized_by_values(empty, ctype);
    }
    let (i, place) = place(i)?;
    let rest = blank(i);
    if !at(rest, b'=') {
        let (place, array) = match (ctype, place) {
            (Some(_), Place::Memory { symbol, index: Some(length) }) => {
                array_length(before, i, length)?;
                (Place::Memory { symbol, index: None }, Some(length))
            }
            (_, place) => (place, None),
        };
        return Ok((i, InitEntry { ctype, place: place.into(), array, value: None }));
    }
    let start = blank(&rest[1..]);
    let is_braced = at(start, b'{');
    match place {
        Place::Memory { symbol, index: Some(length) } if ctype.is_some() || is_braced => {
            array_length(before, i, length)?;
            let (rest, values) = array(start)?;
            if values.len() as u64 > length {
                let message = format!("{} values for an array of {length}", values.len());
                return Err(wrong(start, start.len() - rest.len(), message, None));
            }
            let place = Place::Memory { symbol, index: None }.into();
            let value = Some(Value::Array(values).into());
            Ok((rest, InitEntry { ctype, place, array: Some(length), value }))
        }
        place if is_braced => {
            let help = "an array is declared with its length: `int x[2]={1,2}`";
            let _ = place;
            Err(wrong(start, 1, "a list of values for a single location", Some(help.into())))
        }
        place => {
            let (rest, value) = value(start)?;
            let (place, value) = (place.into(), Some(value.into()));
            Ok((rest, InitEntry { ctype, place, array: None, value }))
        }
    }
}

/// Largest array that can be declared, a page: more is a slip.
const MAX_ARRAY: u64 = 512;

fn array_length<'a>(
    from: &'a str,
    to: &str,
    length: u64,
) -> Result<(), nom::Err<super::token::Mistake<'a>>> {
    if (1..=MAX_ARRAY).contains(&length) {
        return Ok(());
    }
    let help = Some(format!("arrays have 1 to {MAX_ARRAY} elements"));
    let message = format!("an array of {length} elements");
    Err(wrong(from, from.len() - to.len(), message, help))
}

/// `x[]` of `int x[]={1,2}`: the name, and what follows the `]`.
fn unsized_array(i: &str) -> Option<(&str, &str)> {
    let length = super::token::name_length(i);
    let open = blank(&i[length..]).strip_prefix('[')?;
    let close = blank(open).strip_prefix(']')?;
    (length > 0).then_some((&i[..length], close))
}

/// `={1,2}` of an array that has no length of its own.
fn sized_by_values<'a>(
    (symbol, i): (&'a str, &'a str),
    ctype: Option<CType>,
) -> Res<'a, InitEntry> {
    let (start, ()) = mark(b'=', "`={...}` with the array's values").parse(i)?;
    let (rest, values) = array(start)?;
    let place = Place::Memory { symbol, index: None }.into();
    let array = Some(values.len() as u64);
    Ok((rest, InitEntry { ctype, place, array, value: Some(Value::Array(values).into()) }))
}
