//! The init section: `{ uint64_t x=1; 0:x5=x; int a[2]={1,2}; }`.

use super::ctype::ctype;
use super::header::starts_columns;
use super::parser::Parser;
use super::place::{array, at_register, name_of, place, value};
use crate::litmus::lexer::{
    Parsed, SyntaxError, after_character, at, blank, expected, invalid, mark, name_length, text,
};
use crate::litmus::{CType, InitEntry, Language, Place, Spanned, Test, Value};

/// Entries that there is room for at first: as many as most tests have, and as fit in a kilobyte, up to
/// which allocators are fast.
const ROOM: usize = 1024 / (size_of::<Spanned<InitEntry>>() + 8);

impl<'a> Parser<'a> {
    /// Reads the section with its braces.
    pub(super) fn init(&mut self, i: &'a [u8], test: &mut Test) -> &'a [u8] {
        let i = match i.strip_prefix(b"{") {
            Some(i) => i,
            // The header has reported that the brace is missing.
            None if at_register(i) => i,
            None => {
                if !i.is_empty() {
                    self.report(expected(i, "the init section `{ ... }`"));
                }
                self.skipped.init = true;
                return i;
            }
        };
        let mut i = blank(i);
        test.init.reserve(ROOM);
        loop {
            match i {
                [b'}', rest @ ..] => return rest,
                [b';', rest @ ..] => i = blank(rest),
                [] => {
                    self.report(expected(i, "`}` at the end of the init section"));
                    return i;
                }
                [b'|', ..] => {
                    self.skipped.init = true;
                    self.report(expected(i, "`}` before the code"));
                    return i;
                }
                _ if starts_columns(i) => {
                    let help = "the init section ends with `}`";
                    self.report(invalid(i, 2, "expected `}` before the code", Some(help.into())));
                    return i;
                }
                _ => {
                    i = self.declaration(i, test);
                    i = self.in_time(i);
                }
            }
        }
    }

    /// One entry with the `;` behind it.
    fn declaration(&mut self, i: &'a [u8], test: &mut Test) -> &'a [u8] {
        let (rest, entry) = match entry(i, self.language) {
            Ok(read) => read,
            Err(error) => {
                self.skipped.init = true;
                let rest = self.report(error);
                return after_declaration(rest);
            }
        };
        test.init.push(Spanned { value: entry, span: self.span(i, rest) });
        let next = blank(rest);
        match next {
            [b';', rest @ ..] => return blank(rest),
            [b'}', ..] | [] => return next,
            _ => {}
        }
        self.skipped.init = true;
        if starts_columns(next) {
            return next;
        }
        self.report(expected(next, "`;` or `}`"));
        // Probably just the `;` is missing; then the next declaration stands here.
        match self::entry(next, self.language) {
            Ok((rest, _)) if matches!(blank(rest), [b';' | b'}', ..]) => next,
            _ => after_declaration(next),
        }
    }
}

/// Where the declaration after a broken one begins, or the section ends.
fn after_declaration(mut i: &[u8]) -> &[u8] {
    loop {
        i = blank(i);
        match i {
            [] | [b'}', ..] | [b'(', b'*', ..] => return i,
            [b';', rest @ ..] => return blank(rest),
            _ if starts_columns(i) => return i,
            // The braces of an array.
            [b'{', rest @ ..] => {
                let close = rest.iter().position(|byte| matches!(byte, b'{' | b'}' | b';'));
                i = match close.map(|close| &rest[close..]) {
                    Some([b'}', after @ ..]) => after,
                    _ => rest,
                }
            }
            _ => i = after_character(i),
        }
    }
}

/// `uint64_t x=1`, `0:x5=x`, `int a[2]={1,2}`, without the `;`.
fn entry(i: &[u8], language: Language) -> Parsed<'_, InitEntry> {
    let (i, ctype) = ctype(i)?;
    if ctype.is_some() && at(i, b'[') {
        return Err(expected(i, "a location's name"));
    }
    let before = i;
    if let Some(empty) = unsized_array(i) {
        return sized_by_values(empty, ctype);
    }
    let (i, place) = place(i, language)?;
    let rest = blank(i);
    if !at(rest, b'=') {
        let (place, array) = match (ctype, place) {
            (Some(_), Place::Memory { symbol, index: Some(length) }) => {
                array_length(before, i, length)?;
                (Place::Memory { symbol, index: None }, Some(length))
            }
            (_, place) => (place, None),
        };
        return Ok((i, InitEntry { ctype, place: place.map(name_of), array, value: None }));
    }
    let start = blank(&rest[1..]);
    let is_braced = at(start, b'{');
    match place {
        Place::Memory { symbol, index: Some(length) } if ctype.is_some() || is_braced => {
            array_length(before, i, length)?;
            let (rest, values) = array(start)?;
            if values.len() as u64 > length {
                let message = format!("{} values for an array of {length}", values.len());
                return Err(invalid(start, start.len() - rest.len(), message, None));
            }
            let place = Place::Memory { symbol: name_of(symbol), index: None };
            let value = Some(Value::Array(values).map(&name_of));
            Ok((rest, InitEntry { ctype, place, array: Some(length), value }))
        }
        Place::Memory { symbol, index: None } if is_braced => {
            sized_by_values((text(symbol), i), ctype)
        }
        Place::Register(..) if is_braced => {
            let help = "an array is a location: `int a[2]={1,2}`";
            Err(invalid(start, 1, "a list of values for a register", Some(help.into())))
        }
        place => {
            let (rest, value) = value(start)?;
            let (place, value) = (place.map(name_of), Some(value.map(&name_of)));
            Ok((rest, InitEntry { ctype, place, array: None, value }))
        }
    }
}

/// Largest array that can be declared: more is a slip.
const MAX_ARRAY: u64 = 1 << 16;

fn array_length<'a>(
    from: &'a [u8],
    to: &[u8],
    length: u64,
) -> Result<(), nom::Err<SyntaxError<'a>>> {
    if (1..=MAX_ARRAY).contains(&length) {
        return Ok(());
    }
    let help = Some(format!("arrays have 1 to {MAX_ARRAY} elements"));
    let message = format!("an array of {length} elements");
    Err(invalid(from, from.len() - to.len(), message, help))
}

/// `x[]` of `int x[]={1,2}`: the name, and what follows the `]`.
fn unsized_array(i: &[u8]) -> Option<(&str, &[u8])> {
    let length = name_length(i);
    if length == 0 {
        return None;
    }
    let open = blank(&i[length..]).strip_prefix(b"[")?;
    let close = blank(open).strip_prefix(b"]")?;
    Some((text(&i[..length]), close))
}

/// `={1,2}` of an array that has no length of its own.
fn sized_by_values<'a>(
    (symbol, i): (&'a str, &'a [u8]),
    ctype: Option<CType>,
) -> Parsed<'a, InitEntry> {
    let (start, ()) = mark(i, b'=', "`={...}` with the array's values")?;
    let (rest, values) = array(start)?;
    let place = Place::Memory { symbol: symbol.into(), index: None };
    let array = Some(values.len() as u64);
    Ok((rest, InitEntry { ctype, place, array, value: Some(Value::Array(values).map(&name_of)) }))
}
