//! The `Hash=` by which herd7 and litmus7 recognise a test: an MD5 digest over the digests of its
//! initial state, its code and the places that its condition and `locations` name.
//!
//! Name, comments, layout and the filter do not count; registers of the state and of the condition
//! count as they are spelled, which is why the text is needed beside the test. A test that herd7 cannot
//! read has no such hash.

mod table;

use md5::{Digest, Md5};

use crate::litmus::{Place, Span, Spanned, Term, Test, Value};

/// The hash, as 32 hexadecimal digits.
///
/// `text` is what `test` was parsed from.
#[must_use]
pub fn herd_hash(test: &Test, text: &str) -> Option<String> {
    let mut printed = Vec::with_capacity(1024);
    let mut digests = Md5::new();
    let mut digest = |printed: &mut Vec<u8>| {
        digests.update(Md5::digest(&*printed));
        printed.clear();
    };
    initial_state(test, text, &mut printed)?;
    digest(&mut printed);
    table::code(test, &mut printed)?;
    digest(&mut printed);
    observed(test, text, &mut printed)?;
    digest(&mut printed);
    Some(format!("{:032x}", u128::from_be_bytes(digests.finalize().into())))
}

/// A place as herd7 spells it, in herd7's order: registers by hart and spelling, then locations by name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'t> {
    /// The hart of a register, or [`LOCATION`].
    hart: u16,
    name: &'t [u8],
}

/// Stands behind all harts.
const LOCATION: u16 = u16::MAX;

impl<'t> Key<'t> {
    /// The key of a place that is spelled as in `source`; `None` for what herd7 does not have.
    fn new(place: &'t Place, source: &'t [u8]) -> Option<Key<'t>> {
        match place {
            Place::Register(hart, _) => {
                let colon = source.iter().position(|byte| *byte == b':')?;
                let rest = source[colon + 1..].trim_ascii_start();
                let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric());
                let name = &rest[..end.unwrap_or(rest.len())];
                (!name.is_empty()).then_some(Key { hart: hart.0, name })
            }
            Place::Memory { symbol, index: None } => {
                Some(Key { hart: LOCATION, name: symbol.as_bytes() })
            }
            Place::Memory { index: Some(_), .. } => None,
        }
    }

    fn write(self, out: &mut Vec<u8>) {
        if self.hart != LOCATION {
            decimal(self.hart.into(), out);
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
    let mut keys = Vec::with_capacity(test.init.len());
    for (index, Spanned { value: entry, span }) in test.init.iter().enumerate() {
        let source = source(text, *span);
        if entry.array.is_some() || (entry.ctype.is_some() && declared(source).is_none()) {
            return None;
        }
        keys.push((Key::new(&entry.place, source)?, index));
    }
    // The first of several entries of a place stays the first.
    keys.sort_unstable();
    keys.dedup_by_key(|(key, _)| *key);
    for (key, index) in keys {
        let Spanned { value: entry, span } = &test.init[index];
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
    for Spanned { value, span } in &test.locations {
        keys.push(Key::new(&value.place, source(text, *span))?);
    }
    let terms = test.condition.iter().flat_map(|condition| condition.proposition.terms());
    for Spanned { value, span } in terms {
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

fn decimal(number: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}
