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
    let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble)];
    let mut hash = [0; 32];
    for (digits, byte) in hash.as_chunks_mut().0.iter_mut().zip(digest?) {
        *digits = [digit(byte >> 4), digit(byte & 15)];
    }
    String::from_utf8(hash.to_vec()).ok()
}

/// What herd7 prints, part by part.
#[derive(Default)]
struct Room {
    part: Vec<u8>,
    code: code::Room,
}

thread_local! {
    /// Used again for the next test of this thread: a test's code is too long for an allocator to be quick.
    static ROOM: Cell<Room> = const { Cell::new(Room { part: Vec::new(), code: code::Room::NONE }) };
}

/// The digest of the digests of all parts.
fn digest(test: &Test, text: &str, room: &mut Room) -> Option<[u8; 16]> {
    let mut all = Md5::new();
    let Room { part, code } = room;
    part.clear();
    initial_state(test, text, part)?;
    all.update(Md5::digest(&*part));
    part.clear();
    code::dump(test, code, part)?;
    all.update(Md5::digest(&*part));
    part.clear();
    observed(test, text, part)?;
    all.update(Md5::digest(&*part));
    Some(all.finalize().into())
}

/// A place in herd7's order: registers by hart and spelling, then locations by name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'t> {
    /// The hart, or [`LOCATION`], and the first six bytes of the name: as one number they decide nearly
    /// every comparison.
    rank: u64,
    name: &'t [u8],
}

/// Stands behind all harts.
const LOCATION: u16 = u16::MAX;

impl<'t> Key<'t> {
    /// The key of a place that is spelled as in `source`; `None` for what herd7 does not have.
    #[inline]
    fn new(place: &'t Place, source: &'t [u8]) -> Option<Key<'t>> {
        let (hart, name) = match place {
            Place::Register(hart, _) => {
                let colon = source.iter().position(|byte| *byte == b':')?;
                let rest = source[colon + 1..].trim_ascii_start();
                let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric());
                let name = &rest[..end.unwrap_or(rest.len())];
                (hart.0, (!name.is_empty()).then_some(name)?)
            }
            Place::Memory { symbol, index: None } => (LOCATION, symbol.as_bytes()),
            Place::Memory { index: Some(_), .. } => return None,
        };
        let (mut rank, mut shift) = (u64::from(hart) << 48, 48);
        for byte in name.iter().take(6) {
            shift -= 8;
            rank |= u64::from(*byte) << shift;
        }
        Some(Key { rank, name })
    }

    #[inline]
    fn write(self, out: &mut Vec<u8>) {
        let hart = (self.rank >> 48) as u16;
        if hart != LOCATION {
            decimal(hart.into(), out);
            out.push(b':');
        }
        out.extend_from_slice(self.name);
    }
}

/// What stands at `span`.
fn source(text: &str, span: Span) -> &[u8] {
    text.as_bytes().get(span.start as usize..span.end as usize).unwrap_or_default()
}

/// `0:x5=1; 0:x6=x; uint64_t x=0`
fn initial_state(test: &Test, text: &str, out: &mut Vec<u8>) -> Option<()> {
    let mut entries: Vec<(Key<'_>, &Located<InitEntry>)> = Vec::with_capacity(test.init.len());
    for located in &test.init {
        let Located { value: entry, span } = located;
        let source = source(text, *span);
        if entry.array.is_some() || (entry.ctype.is_some() && declared(source).is_none()) {
            return None;
        }
        entries.push((Key::new(&entry.place, source)?, located));
    }
    // The first of several entries of a place stays the first.
    entries.sort_by_key(|(key, _)| *key);
    entries.dedup_by_key(|(key, _)| *key);
    for (key, Located { value: entry, span }) in entries {
        separate(out);
        if entry.ctype.is_some() {
            declared(source(text, *span))?.iter().for_each(|part| out.extend_from_slice(part));
        }
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
fn declared(source: &[u8]) -> Option<[&[u8]; 2]> {
    let between = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'*');
    let left = source.split(|byte| *byte == b'=').next()?.trim_ascii_end();
    let name = left.iter().rposition(between)?;
    let ctype = left[..=name].trim_ascii();
    let (base, after): (_, &[u8]) = match ctype.strip_suffix(b"*") {
        Some(base) => (base.trim_ascii_end(), b" *"),
        None => (ctype, b" "),
    };
    (!base.iter().any(between)).then_some([base, after])
}

/// `0:x7; 1:x7; x`
fn observed(test: &Test, text: &str, out: &mut Vec<u8>) -> Option<()> {
    let mut keys = Vec::with_capacity(8);
    for Located { value, span } in &test.locations {
        keys.push(Key::new(&value.place, source(text, *span))?);
    }
    let terms = test.condition.iter().flat_map(|condition| condition.proposition.terms());
    for Located { value, span } in terms {
        if let Term::Place(place) = value {
            keys.push(Key::new(place, source(text, *span))?);
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
