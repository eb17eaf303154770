//! The `Hash=` by which herd7 and litmus7 recognise a test: an MD5 digest over the digests of its
//! initial state, its code and the places that its condition and `locations` name.
//!
//! Name, comments, layout and the filter do not count; registers of the state and of the condition
//! count as they are spelled, which is why the text is needed beside the test. A test that herd7 cannot
//! read has no such hash.
//!
//! Releases of herd7 differ in how they print instructions, and so in the hashes of tests that have those.

mod table;

use md5::{Digest, Md5};

use crate::arch::Assembly;
use crate::litmus::{Place, Span, Spanned, Term, Test, Value, riscv, x86};

/// Releases of herd7 that print instructions alike.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Release {
    /// 7.56 and before: `.aq.rl`, `li` as `ori`, `mv` as `addi`.
    UpTo7_56,
    /// 7.57 and 7.58: `.aqrl`, `mv`, `fence iorw,iorw`.
    UpTo7_58,
    /// Those after: `li`.
    Today,
}

/// The hashes by which releases of herd7 recognise a test, each of 32 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HerdHashes {
    /// That of today's release.
    pub today: String,
    /// Those of earlier releases that are others, the later release first. They stand in logs of that time.
    pub earlier: Vec<String>,
}

/// The hashes of a test that herd7 can read.
///
/// `text` is what `test` was parsed from.
#[must_use]
pub fn herd_hashes(test: &Test, text: &str) -> Option<HerdHashes> {
    let (mut state, mut places) = (Vec::with_capacity(256), Vec::with_capacity(64));
    initial_state(test, text, &mut state)?;
    observed(test, text, &mut places)?;
    let code = |release| {
        let mut printed = Vec::with_capacity(1024);
        table::code(test, text, release, &mut printed).map(|()| printed)
    };
    let (state, places) = (Md5::digest(&state), Md5::digest(&places));
    let hash = |code: &[u8]| {
        let digests = [&state, &Md5::digest(code), &places];
        let digest = digests.into_iter().fold(Md5::new(), |all, digest| all.chain_update(digest));
        format!("{:032x}", u128::from_be_bytes(digest.finalize().into()))
    };
    let mut codes = vec![code(Release::Today)?];
    let cells = test.harts.iter().flat_map(|hart| &hart.cells);
    let mut instrs = cells.filter_map(|cell| cell.instr.as_ref());
    if instrs.any(|instr| was_printed_otherwise(&instr.value)) {
        for release in [Release::UpTo7_58, Release::UpTo7_56] {
            codes.extend(code(release).filter(|code| !codes.contains(code)));
        }
    }
    let mut hashes = codes.iter().map(|code| hash(code));
    Some(HerdHashes { today: hashes.next()?, earlier: hashes.collect() })
}

/// Do not all releases print the instruction alike?
fn was_printed_otherwise(instr: &Assembly) -> bool {
    instr.riscv().is_some_and(riscv::was_printed_otherwise)
}

/// Adds the text of an instruction, with the target of a jump as `label` writes it; `None` for what herd7 cannot
/// read. `written` is what stands in the test.
fn printed(
    instr: &Assembly,
    written: &[u8],
    release: Release,
    label: impl Fn(&str, &mut Vec<u8>) -> Option<()>,
    out: &mut Vec<u8>,
) -> Option<()> {
    match instr {
        Assembly::Riscv(instr) => riscv::hash_text(instr, written, release, label, out),
        Assembly::X86(instr) => x86::hash_text(instr, written, label, out),
    }
}

/// A place as herd7 spells it, in herd7's order: registers by hart and spelling, then locations by name,
/// then elements of arrays.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'t> {
    /// The hart of a register, [`LOCATION`] or [`ELEMENT`].
    hart: u16,
    name: &'t [u8],
    index: u64,
}

/// Stands behind all harts.
const LOCATION: u16 = u16::MAX - 1;
/// Stands behind all locations.
const ELEMENT: u16 = u16::MAX;

impl<'t> Key<'t> {
    /// The key of a place that is spelled as in `source`.
    fn new(place: &'t Place, source: &'t [u8]) -> Option<Key<'t>> {
        match place {
            Place::Register(hart, _) => {
                let colon = source.iter().position(|byte| *byte == b':')?;
                let rest = source[colon + 1..].trim_ascii_start();
                let end = rest.iter().position(|byte| !byte.is_ascii_alphanumeric());
                let name = &rest[..end.unwrap_or(rest.len())];
                (!name.is_empty()).then_some(Key { hart: hart.0, name, index: 0 })
            }
            Place::Memory { symbol, index } => {
                let hart = if index.is_some() { ELEMENT } else { LOCATION };
                Some(Key { hart, name: symbol.as_bytes(), index: index.unwrap_or(0) })
            }
        }
    }

    fn write(self, out: &mut Vec<u8>) {
        if self.hart < LOCATION {
            decimal(self.hart.into(), out);
            out.push(b':');
        }
        out.extend_from_slice(self.name);
        if self.hart == ELEMENT {
            length(self.index, out);
        }
    }
}

/// `[2]`
fn length(elements: u64, out: &mut Vec<u8>) {
    out.push(b'[');
    out.extend_from_slice(itoa::Buffer::new().format(elements).as_bytes());
    out.push(b']');
}

/// What stands at `span`.
fn source(text: &str, span: Span) -> &[u8] {
    text.as_bytes().get(span.start as usize..span.end as usize).unwrap_or_default()
}

/// `0:x5=1; 0:x6=x; uint64_t x=0; int a[2]`
fn initial_state(test: &Test, text: &str, out: &mut Vec<u8>) -> Option<()> {
    let mut keys = Vec::with_capacity(test.init.len());
    for (index, Spanned { value: entry, span }) in test.init.iter().enumerate() {
        let source = source(text, *span);
        let declares = entry.ctype.is_some() || entry.array.is_some();
        if (declares && declared(source).is_none())
            || matches!(entry.place, Place::Memory { index: Some(_), .. })
        {
            return None;
        }
        keys.push((Key::new(&entry.place, source)?, index));
    }
    // The first of several entries of a place stays the first.
    keys.sort_unstable();
    keys.dedup_by_key(|(key, _)| *key);
    for (key, index) in keys {
        let Spanned { value: entry, span } = &test.init[index];
        let source = source(text, *span);
        separate(out);
        if entry.ctype.is_some() {
            declared(source)?.iter().for_each(|part| out.extend_from_slice(part));
        }
        key.write(out);
        if let Some(elements) = entry.array {
            match &entry.value {
                Some(Value::Array(values)) if values.len() as u64 != elements => return None,
                _ => length(elements, out),
            }
            continue;
        }
        out.push(b'=');
        match &entry.value {
            None => out.push(b'0'),
            Some(Value::Integer(_)) => out.extend_from_slice(last_number(source)),
            Some(Value::Address { symbol, index: None, offset: 0 }) => {
                out.extend_from_slice(symbol.as_bytes());
            }
            Some(Value::Code { hart, label }) => {
                decimal(hart.0.into(), out);
                out.push(b':');
                out.extend_from_slice(label.as_bytes());
            }
            Some(_) => return None,
        }
    }
    Some(())
}

/// The number at the end of a declaration, as it is written.
fn last_number(source: &[u8]) -> &[u8] {
    let digits = source.iter().rev().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let start = source.len() - digits;
    let sign = usize::from(source[..start].ends_with(b"-"));
    &source[start - sign..]
}

/// The type of a declaration as herd7 prints it before the name: `uint64_t` and ` `, `int` and ` *`, nothing
/// and `*`. Only types of one word.
fn declared(source: &[u8]) -> Option<[&[u8]; 2]> {
    let between = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'*');
    let left = source.split(|byte| *byte == b'=').next()?.trim_ascii_end();
    let name = left.iter().rposition(between)?;
    let ctype = left[..=name].trim_ascii();
    let (base, after): (&[u8], &[u8]) = match ctype.strip_suffix(b"*") {
        Some(b"") => (b"", b"*"),
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
