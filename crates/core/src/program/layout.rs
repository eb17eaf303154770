//! Where locations and code lie.
//!
//! Addresses are ordinary numbers, so that arithmetic on them works as on a machine. Locations get
//! pages of their own from `0x6000_0000` up, code from `0x4000_0000`: both below 2^31, so that an
//! address survives a store and load of 32 bits, and far from the small numbers of tests.

use super::index::Index;
use super::{InitialBytes, Location};
use crate::arch::Name;
use crate::litmus::{
    CType, Diagnostic, InitEntry, Place, Problem, Proposition, Span, Spanned, Term, Test, Value,
};

const FIRST_LOCATION: u64 = 0x6000_0000;
/// Every location starts a page.
pub(super) const PAGE: u64 = 0x1000;
const END: u64 = 0x8000_0000;
const FIRST_CODE: u64 = 0x4000_0000;
/// Every scalar may be accessed with so many bytes, whatever its type.
pub(super) const SCALAR: usize = 8;

/// Most harts: each has addresses for 128 KiB of code.
pub(super) const MAX_HARTS: usize = 1 << 12;

/// Addresses of one of so many harts' code, and so the most bytes that it may have: 1 MiB, or where they do
/// not all fit below the locations, an equal share.
pub(super) fn code_bytes(harts: usize) -> u64 {
    let share = (FIRST_LOCATION - FIRST_CODE) / harts.next_power_of_two() as u64;
    share.min(0x10_0000)
}

/// Address of the first instruction of hart number `hart` of so many.
pub(super) fn code_address(hart: usize, harts: usize) -> u64 {
    FIRST_CODE + code_bytes(harts) * hart as u64
}

/// Lays out every location that the test names anywhere, in order of appearance, zeroed.
///
/// # Errors
/// When they do not fit below 2^31.
pub(super) fn locations(test: &Test) -> Result<Vec<Location>, Diagnostic> {
    let mut layout = Layout {
        locations: Vec::with_capacity(4),
        by_name: Index::new(),
        letters: 0,
        next: FIRST_LOCATION,
    };
    for entry in &test.init {
        layout.declare(entry)?;
    }
    for entry in &test.init {
        if let Some(value) = &entry.value.value {
            layout.mention_value(value, entry.span)?;
        }
    }
    for cell in test.harts.iter().flat_map(|hart| &hart.cells) {
        let Some(instr) = &cell.instr else { continue };
        if let Some(name) = instr.value.symbol() {
            layout.mention(name, instr.span)?;
        }
    }
    for observed in &test.locations {
        layout.mention_place(&observed.value.place, observed.span)?;
    }
    for proposition in test.filter.iter().chain(test.condition.iter().map(|c| &c.proposition)) {
        layout.mention_proposition(proposition)?;
    }
    Ok(layout.locations)
}

struct Layout {
    locations: Vec<Location>,
    by_name: Index<Name>,
    /// Which letters are names of those, a bit each: so are nearly all, and they are asked for again and
    /// again.
    letters: u32,
    next: u64,
}

impl Layout {
    fn declare(&mut self, entry: &Spanned<InitEntry>) -> Result<(), Diagnostic> {
        let InitEntry { ctype, place, array, value } = &entry.value;
        let Place::Memory { symbol, index: None } = place else { return Ok(()) };
        let elements = match value {
            Some(Value::Array(values)) => Some(array.unwrap_or(0).max(values.len() as u64)),
            _ => *array,
        };
        if let Some(known) = self.position(symbol) {
            let known = &mut self.locations[known];
            known.ctype = known.ctype.or(*ctype);
            return Ok(());
        }
        // A pointer needs a whole register even where no type says so.
        let pointer = matches!(value, Some(Value::Address { .. } | Value::Code { .. }));
        let ctype = ctype.or(pointer.then_some(CType::Uint64));
        self.add(symbol, ctype, elements, entry.span)
    }

    fn position(&self, symbol: &Name) -> Option<usize> {
        self.by_name.position(&self.locations, symbol, |location| location.name == *symbol)
    }

    #[inline]
    fn mention(&mut self, symbol: &Name, span: Span) -> Result<(), Diagnostic> {
        match symbol.letter() {
            Some(letter) if self.letters >> letter & 1 == 1 => Ok(()),
            _ => self.mention_any(symbol, span),
        }
    }

    fn mention_any(&mut self, symbol: &Name, span: Span) -> Result<(), Diagnostic> {
        match self.position(symbol) {
            Some(_) => Ok(()),
            None => self.add(symbol, None, None, span),
        }
    }

    fn add(
        &mut self,
        symbol: &Name,
        ctype: Option<CType>,
        array: Option<u64>,
        span: Span,
    ) -> Result<(), Diagnostic> {
        let bytes = match array {
            Some(elements) => elements.saturating_mul(ctype.unwrap_or(CType::Int32).bytes()),
            None => SCALAR as u64,
        };
        if bytes > END - FIRST_LOCATION || self.next + bytes > END {
            return Err(Diagnostic {
                problem: Problem::Unsupported,
                span,
                message: format!("the locations up to `{symbol}` do not fit into 512 MiB"),
                help: None,
            });
        }
        if let Some(letter) = symbol.letter() {
            self.letters |= 1 << letter;
        }
        self.locations.push(Location {
            name: symbol.clone(),
            address: self.next,
            initial: match array {
                Some(_) => InitialBytes::Array(vec![0; bytes as usize].into()),
                None => InitialBytes::Scalar([0; SCALAR]),
            },
            ctype,
            array,
        });
        self.by_name.extend(&self.locations, |location| location.name.clone());
        self.next += bytes.max(1).next_multiple_of(PAGE);
        Ok(())
    }

    fn mention_place(&mut self, place: &Place, span: Span) -> Result<(), Diagnostic> {
        match place {
            Place::Register(..) => Ok(()),
            Place::Memory { symbol, .. } => self.mention(symbol, span),
        }
    }

    #[inline]
    fn mention_value(&mut self, value: &Value, span: Span) -> Result<(), Diagnostic> {
        match value {
            Value::Address { symbol, .. } => self.mention(symbol, span),
            Value::Array(values) => self.mention_values(values, span),
            Value::Integer(_) | Value::Code { .. } => Ok(()),
        }
    }

    fn mention_values(&mut self, values: &[Value], span: Span) -> Result<(), Diagnostic> {
        values.iter().try_for_each(|value| self.mention_value(value, span))
    }

    fn mention_proposition(&mut self, proposition: &Proposition) -> Result<(), Diagnostic> {
        proposition.terms().iter().try_for_each(|term| match &term.value {
            Term::Place(place) => self.mention_place(place, term.span),
            Term::Value(value) => self.mention_value(value, term.span),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_has_a_mebibyte_or_its_share_of_the_room() {
        for (harts, bytes) in [(1, 1 << 20), (512, 1 << 20), (513, 1 << 19), (MAX_HARTS, 1 << 17)] {
            assert_eq!(code_bytes(harts), bytes, "{harts} harts");
            let end = code_address(harts - 1, harts) + bytes;
            assert!(end <= FIRST_LOCATION, "{harts} harts");
        }
        assert_eq!(code_address(1, 2), FIRST_CODE + (1 << 20));
    }
}
