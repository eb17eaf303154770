//! The `Hash=` by which herd7 and litmus7 recognise a test: an MD5 digest over the digests of its
//! initial state, its code and the places that its condition and `locations` name.
//!
//! Name, comments, layout and the filter do not count; registers of the state and of the condition
//! count as they are spelled, which is why the text is needed beside the test. A test that herd7 cannot
//! read has no such hash.

mod instruction;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::litmus::{Cell, InitEntry, Located, Place, Proposition, Span, Term, Test, Value};
use md5::{Digest, Md5};

/// The hash, as 32 hexadecimal digits.
///
/// `text` is what `test` was parsed from.
#[must_use]
pub fn herd_hash(test: &Test, text: &str) -> Option<String> {
    let mut all = Md5::new();
    for part in [initial_state(test, text)?, code(test)?, observed(test, text)?] {
        all.update(Md5::digest(part));
    }
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    Some(all.finalize().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect())
}

/// A place in herd7's order: registers by hart and spelling, then locations by name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'t> {
    Register(u16, &'t str),
    Location(&'t str),
}

impl Key<'_> {
    fn write(&self, out: &mut String) {
        match self {
            Key::Register(hart, name) => {
                match hart {
                    // Nearly every test: one digit.
                    0..10 => out.push(char::from(b'0' + *hart as u8)),
                    _ => drop(write!(out, "{hart}")),
                }
                out.push(':');
                out.push_str(name);
            }
            Key::Location(name) => out.push_str(name),
        }
    }
}

fn slice(text: &str, span: Span) -> &str {
    text.get(span.start as usize..span.end as usize).unwrap_or_default()
}

/// The key of a place, its register spelled as in `source`, of which `skip` registers come before.
fn key<'t>(place: &'t Place, source: &'t str, skip: usize) -> Option<Key<'t>> {
    match place {
        Place::Register(hart, _) => {
            let mut rest = source;
            for _ in 0..=skip {
                let colon = rest.bytes().position(|byte| byte == b':')?;
                rest = rest[colon + 1..].trim_ascii_start();
            }
            let end = rest.bytes().position(|byte| !byte.is_ascii_alphanumeric());
            let name = &rest[..end.unwrap_or(rest.len())];
            (!name.is_empty()).then_some(Key::Register(hart.0, name))
        }
        Place::Memory { symbol, index: None } => Some(Key::Location(symbol)),
        Place::Memory { index: Some(_), .. } => None,
    }
}

/// `0:x5=1; 0:x6=x; uint64_t x=0`
fn initial_state(test: &Test, text: &str) -> Option<String> {
    let mut entries: BTreeMap<Key<'_>, (String, &InitEntry)> = BTreeMap::new();
    for Located { value: entry, span } in &test.init {
        let source = slice(text, *span);
        if entry.array.is_some() {
            return None;
        }
        let ctype = if entry.ctype.is_some() { declared(source)? } else { String::new() };
        entries.entry(key(&entry.place, source, 0)?).or_insert((ctype, entry));
    }
    let mut out = String::with_capacity(128);
    for (key, (ctype, entry)) in entries {
        out.push_str(if out.is_empty() { "" } else { "; " });
        out.push_str(&ctype);
        key.write(&mut out);
        out.push('=');
        match &entry.value {
            None => out.push('0'),
            Some(Value::Integer(integer)) => {
                let _ = write!(out, "{integer}");
            }
            Some(Value::Address { symbol, index: None, offset: 0 }) => out.push_str(symbol),
            Some(_) => return None,
        }
    }
    Some(out)
}

/// The type of a declaration as herd7 prints it before the name: `uint64_t `, `int *`. Only types of
/// one word.
fn declared(source: &str) -> Option<String> {
    let left = source.split('=').next()?.trim_end();
    let name = left.rfind([' ', '\t', '\n', '*'])?;
    let ctype = left[..=name].trim();
    let (base, pointer) = match ctype.strip_suffix('*') {
        Some(base) => (base.trim_end(), "*"),
        None => (ctype, ""),
    };
    (!base.contains(['*', ' ', '\t', '\n'])).then(|| format!("{base} {pointer}"))
}

/// A table of the code with one column for each hart, labels on lines of their own.
fn code(test: &Test) -> Option<String> {
    let labels = labels(test);
    // All cells behind one another, and where each ends; column by column.
    let mut cells = String::with_capacity(512);
    let mut columns: Vec<Vec<usize>> = Vec::with_capacity(test.harts.len());
    for hart in &test.harts {
        let mut ends = Vec::with_capacity(2 * hart.cells.len() + 1);
        ends.push(cells.len());
        for Cell { labels: own, instr } in &hart.cells {
            for label in own {
                cells.push_str(labels.get(&*label.value)?);
                cells.push(':');
                ends.push(cells.len());
            }
            if let Some(instr) = instr {
                instruction::dump(&instr.value, &labels, &mut cells)?;
                ends.push(cells.len());
            }
        }
        columns.push(ends);
    }
    let width = |ends: &Vec<usize>| ends.windows(2).map(|w| w[1] - w[0]).max().unwrap_or(0);
    let widths: Vec<usize> = columns.iter().map(width).collect();
    let rows = columns.iter().map(|ends| ends.len() - 1).max().unwrap_or(0);
    let row_bytes = widths.iter().map(|width| width + 3).sum::<usize>() + 2;
    let mut out = String::with_capacity(rows * row_bytes);
    for row in 0..rows {
        for (index, (ends, width)) in columns.iter().zip(&widths).enumerate() {
            out.push_str(if index == 0 { " " } else { "| " });
            let cell = ends.get(row..row + 2).map_or("", |ends| &cells[ends[0]..ends[1]]);
            out.push_str(cell);
            pad(&mut out, width - cell.len() + 1);
        }
        out.push_str(";\n");
    }
    Some(out)
}

fn pad(out: &mut String, mut blanks: usize) {
    const BLANKS: &str = "                                ";
    while blanks > 0 {
        let some = blanks.min(BLANKS.len());
        out.push_str(&BLANKS[..some]);
        blanks -= some;
    }
}

/// New names for all labels, in the order of the old ones.
fn labels(test: &Test) -> BTreeMap<&str, String> {
    let mut names = BTreeSet::new();
    for cell in test.harts.iter().flat_map(|hart| &hart.cells) {
        names.extend(cell.labels.iter().map(|label| &*label.value));
        names.extend(cell.instr.iter().filter_map(|i| i.value.operands.target.as_deref()));
    }
    let names = names.into_iter().enumerate();
    names.map(|(index, name)| (name, format!("L{index:02}"))).collect()
}

/// `0:x7; 1:x7; x`
fn observed(test: &Test, text: &str) -> Option<String> {
    let mut keys = Vec::with_capacity(8);
    for Located { value, span } in &test.locations {
        add(key(&value.place, slice(text, *span), 0)?, &mut keys);
    }
    if let Some(condition) = &test.condition {
        places(&condition.proposition, text, &mut keys)?;
    }
    keys.sort_unstable();
    let mut out = String::with_capacity(32);
    for key in keys {
        out.push_str(if out.is_empty() { "" } else { "; " });
        key.write(&mut out);
    }
    Some(out)
}

/// Adds a place once. There are few, however often they are named.
fn add<'t>(key: Key<'t>, keys: &mut Vec<Key<'t>>) {
    if !keys.contains(&key) {
        keys.push(key);
    }
}

fn places<'t>(proposition: &'t Proposition, text: &'t str, keys: &mut Vec<Key<'t>>) -> Option<()> {
    match proposition {
        Proposition::True | Proposition::False => {}
        Proposition::Compare(Located { value: (left, _, right), span }) => {
            let source = slice(text, *span);
            let mut registers = 0;
            for term in [left, right] {
                if let Term::Place(place) = term {
                    add(key(place, source, registers)?, keys);
                    registers += usize::from(matches!(place, Place::Register(..)));
                }
            }
        }
        Proposition::Not(inner) => places(inner, text, keys)?,
        Proposition::And(all) | Proposition::Or(all) => {
            all.iter().try_for_each(|part| places(part, text, keys))?;
        }
        Proposition::Implies(p, q) => {
            places(p, text, keys)?;
            places(q, text, keys)?;
        }
    }
    Some(())
}
