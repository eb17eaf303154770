//! The `Hash=` by which herd7 and litmus7 recognise a test: an MD5 digest over the digests of its
//! initial state, its code and the places that its condition and `locations` name.
//!
//! Name, comments, layout and the filter do not count; registers of the state and of the condition
//! count as they are spelled, which is why the text is needed beside the test. A test that herd7 cannot
//! read has no such hash.

mod cell;
mod code;
mod instruction;

use std::cell::Cell;

use md5::{Digest, Md5};

use super::hex;
use crate::litmus::{Located, Place, Span, Term, Test, Value};

/// The hash, as 32 hexadecimal digits.
///
/// `text` is what `test` was parsed from.
#[must_use]
pub fn herd_hash(test: &Test, text: &str) -> Option<String> {
    let mut room = ROOM.take();
    let hash = hash(test, text, &mut room);
    ROOM.set(room);
    String::from_utf8(hex::digits(hash?).to_vec()).ok()
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
fn hash(test: &Test, text: &str, room: &mut Room) -> Option<[u8; 16]> {
    let Room { part, code } = room;
    let mut keys = Vec::with_capacity(16);
    part.clear();
    initial_state(test, text, &mut keys, part)?;
    let initial_state = Md5::digest(&*part);
    part.clear();
    code::dump(test, code, part)?;
    let code = Md5::digest(&*part);
    part.clear();
    observed(test, text, &mut keys, part)?;
    let observed = Md5::digest(&*part);
    let all = [initial_state, code, observed].iter().fold(Md5::new(), Md5::chain_update);
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
                let rest = match source {
                    [_, b':', rest @ ..] => rest,
                    _ => &source[source.iter().position(|byte| *byte == b':')? + 1..],
                };
                let rest = rest.trim_ascii_start();
                let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric());
                let name = &rest[..end.unwrap_or(rest.len())];
                (hart.0, (!name.is_empty()).then_some(name)?)
            }
            Place::Memory { symbol, index: None } => (LOCATION, symbol.as_bytes()),
            Place::Memory { index: Some(_), .. } => return None,
        };
        let first = match *name {
            [a] => [a, 0, 0, 0, 0, 0],
            [a, b] => [a, b, 0, 0, 0, 0],
            [a, b, c] => [a, b, c, 0, 0, 0],
            _ => std::array::from_fn(|index| name.get(index).copied().unwrap_or(0)),
        };
        let [a, b, c, d, e, f] = first;
        let rank = u64::from(hart) << 48 | u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
        Some(Key { rank, name })
    }

    #[inline]
    fn write(self, out: &mut Vec<u8>) {
        let hart = (self.rank >> 48) as u16;
        if hart != LOCATION {
            decimal(hart.into(), out);
            out.push(b':');
        }
        if self.name.len() > 6 {
            out.extend_from_slice(self.name);
            return;
        }
        let end = out.len() + self.name.len();
        out.extend_from_slice(&(self.rank << 16).to_be_bytes());
        out.truncate(end);
    }
}

/// What stands at `span`.
fn source(text: &str, span: Span) -> &[u8] {
    text.as_bytes().get(span.start as usize..span.end as usize).unwrap_or_default()
}

/// `0:x5=1; 0:x6=x; uint64_t x=0`
fn initial_state<'t>(
    test: &'t Test,
    text: &'t str,
    keys: &mut Vec<(Key<'t>, usize)>,
    out: &mut Vec<u8>,
) -> Option<()> {
    for (index, Located { value: entry, span }) in test.init.iter().enumerate() {
        let source = source(text, *span);
        if entry.array.is_some() || (entry.ctype.is_some() && declared(source).is_none()) {
            return None;
        }
        keys.push((Key::new(&entry.place, source)?, index));
    }
    // The first of several entries of a place stays the first.
    keys.sort_unstable();
    keys.dedup_by_key(|(key, _)| *key);
    for (key, index) in keys.drain(..) {
        let Located { value: entry, span } = &test.init[index];
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
fn observed<'t>(
    test: &'t Test,
    text: &'t str,
    keys: &mut Vec<(Key<'t>, usize)>,
    out: &mut Vec<u8>,
) -> Option<()> {
    for Located { value, span } in &test.locations {
        keys.push((Key::new(&value.place, source(text, *span))?, 0));
    }
    let terms = test.condition.iter().flat_map(|condition| condition.proposition.terms());
    for Located { value, span } in terms {
        if let Term::Place(place) = value {
            keys.push((Key::new(place, source(text, *span))?, 0));
        }
    }
    keys.sort_unstable();
    keys.dedup();
    for (key, _) in keys.drain(..) {
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
