//! The `Hash=` by which herd7 and litmus7 recognise a test: an MD5 digest over the digests of its
//! initial state, its code and the places that its condition and `locations` name.
//!
//! Name, comments, layout and the filter do not count; registers of the state and of the condition
//! count as they are spelled, which is why the text is needed beside the test. A test that herd7 cannot
//! read has no such hash.

mod code;
mod instruction;

use std::cell::Cell;

use crate::litmus::{InitEntry, Located, Place, Span, Term, Test, Value};
use md5::{Digest, Md5};

/// The hash, as 32 hexadecimal digits.
///
/// `text` is what `test` was parsed from.
#[must_use]
pub fn herd_hash(test: &Test, text: &str) -> Option<String> {
    let mut room = ROOM.take();
    let digest = digest(test, text, &mut room);
    ROOM.set(room);
    let digest = digest?;
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    let mut hash = String::with_capacity(32);
    for byte in digest {
        hash.push(digit(byte >> 4));
        hash.push(digit(byte & 15));
    }
    Some(hash)
}

/// What herd7 prints, part by part.
#[derive(Default)]
struct Room {
    part: Vec<u8>,
    cells: Vec<u8>,
}

thread_local! {
    /// Used again for the next test of this thread: a test's code is too long for an allocator to be quick.
    static ROOM: Cell<Room> = const { Cell::new(Room { part: Vec::new(), cells: Vec::new() }) };
}

/// The digest of the digests of all parts.
fn digest(test: &Test, text: &str, room: &mut Room) -> Option<[u8; 16]> {
    let mut all = Md5::new();
    let Room { part, cells } = room;
    part.clear();
    initial_state(test, text, part)?;
    all.update(Md5::digest(&*part));
    part.clear();
    code::dump(test, cells, part)?;
    all.update(Md5::digest(&*part));
    part.clear();
    observed(test, text, part)?;
    all.update(Md5::digest(&*part));
    Some(all.finalize().into())
}

/// A place in herd7's order: registers by hart and spelling, then locations by name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'t> {
    Register(u16, &'t str),
    Location(&'t str),
}

impl<'t> Key<'t> {
    /// The key of a place that is spelled as in `source`; `None` for what herd7 does not have.
    fn new(place: &'t Place, source: &'t str) -> Option<Key<'t>> {
        match place {
            Place::Register(hart, _) => {
                let colon = source.bytes().position(|byte| byte == b':')?;
                let rest = source[colon + 1..].trim_ascii_start();
                let end = rest.bytes().position(|byte| !byte.is_ascii_alphanumeric());
                let name = &rest[..end.unwrap_or(rest.len())];
                (!name.is_empty()).then_some(Key::Register(hart.0, name))
            }
            Place::Memory { symbol, index: None } => Some(Key::Location(symbol)),
            Place::Memory { index: Some(_), .. } => None,
        }
    }

    fn write(self, out: &mut Vec<u8>) {
        let name = match self {
            Key::Register(hart, name) => {
                decimal(hart.into(), out);
                out.push(b':');
                name
            }
            Key::Location(name) => name,
        };
        out.extend_from_slice(name.as_bytes());
    }
}

fn slice(text: &str, span: Span) -> &str {
    text.get(span.start as usize..span.end as usize).unwrap_or_default()
}

/// `0:x5=1; 0:x6=x; uint64_t x=0`
fn initial_state(test: &Test, text: &str, out: &mut Vec<u8>) -> Option<()> {
    let mut entries: Vec<(Key<'_>, [&str; 2], &InitEntry)> = Vec::with_capacity(test.init.len());
    for Located { value: entry, span } in &test.init {
        let source = slice(text, *span);
        if entry.array.is_some() {
            return None;
        }
        let ctype = if entry.ctype.is_some() { declared(source)? } else { [""; 2] };
        entries.push((Key::new(&entry.place, source)?, ctype, entry));
    }
    // The first of several entries of a place stays the first.
    entries.sort_by_key(|(key, ..)| *key);
    entries.dedup_by_key(|(key, ..)| *key);
    for (key, ctype, entry) in entries {
        separate(out);
        ctype.iter().for_each(|part| out.extend_from_slice(part.as_bytes()));
        key.write(out);
        out.push(b'=');
        match &entry.value {
            None => out.push(b'0'),
            Some(Value::Integer(integer)) => decimal(integer.0 as i64, out),
            Some(Value::Address { symbol, index: None, offset: 0 }) => {
                out.extend_from_slice(symbol.as_bytes());
            }
            Some(_) => return None,
        }
    }
    Some(())
}

/// The type of a declaration as herd7 prints it before the name: `uint64_t` and ` `, `int` and ` *`.
/// Only types of one word.
fn declared(source: &str) -> Option<[&str; 2]> {
    let left = source.split('=').next()?.trim_end();
    let name = left.rfind([' ', '\t', '\n', '*'])?;
    let ctype = left[..=name].trim();
    let (base, after) = match ctype.strip_suffix('*') {
        Some(base) => (base.trim_end(), " *"),
        None => (ctype, " "),
    };
    (!base.contains(['*', ' ', '\t', '\n'])).then_some([base, after])
}

/// `0:x7; 1:x7; x`
fn observed(test: &Test, text: &str, out: &mut Vec<u8>) -> Option<()> {
    let mut keys = Vec::with_capacity(8);
    for Located { value, span } in &test.locations {
        keys.push(Key::new(&value.place, slice(text, *span))?);
    }
    let terms = test.condition.iter().flat_map(|condition| condition.proposition.terms());
    for Located { value, span } in terms {
        if let Term::Place(place) = value {
            keys.push(Key::new(place, slice(text, *span))?);
        }
    }
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        separate(out);
        key.write(out);
    }
    Some(())
}

/// Puts `; ` between what is there and what follows.
fn separate(out: &mut Vec<u8>) {
    if !out.is_empty() {
        out.extend_from_slice(b"; ");
    }
}

/// A number in decimal, nearly always of one digit.
#[inline]
fn decimal(number: i64, out: &mut Vec<u8>) {
    match number {
        0..10 => out.push(b'0' + number as u8),
        _ => long_decimal(number, out),
    }
}

fn long_decimal(number: i64, out: &mut Vec<u8>) {
    match number {
        10..100 => out.extend([b'0' + (number / 10) as u8, b'0' + (number % 10) as u8]),
        _ => out.extend_from_slice(number.to_string().as_bytes()),
    }
}
