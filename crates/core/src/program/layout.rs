//! Where locations and code lie.
//!
//! Addresses are ordinary numbers, so that arithmetic on them works as on a machine. Locations get
//! pages of their own, above the code: both below 2^31, so that an address survives a store and load of
//! 32 bits, far from the small numbers of tests, and nowhere near round ones. Where a number that the
//! test itself has would yet be an address, all of it lies elsewhere, so that the number prints as one.

use std::ops::Range;

use super::index::Index;
use super::{InitialBytes, Location};
use crate::arch::Name;
use crate::litmus::{
    CType, Diagnostic, InitEntry, Place, Problem, Proposition, Span, Spanned, Term, Test, Value,
};

const FIRST_LOCATION: u64 = 0x5e3a_7000;
/// Every location starts a page.
pub(super) const PAGE: u64 = 0x1000;
const END: u64 = FIRST_LOCATION + 0x2000_0000;
const FIRST_CODE: u64 = 0x2e3a_7000;
/// How far down all of it may be moved, and in which steps.
const MOST_DOWN: u64 = 0x1000_0000;
const DOWN: u64 = 0x17_3000;
/// Every scalar may be accessed with so many bytes, whatever its type.
pub(super) const SCALAR: usize = 8;

/// Most harts: each has addresses for 192 KiB of code.
pub(super) const MAX_HARTS: usize = 1 << 12;

/// Addresses of one of so many harts' code, and so the most bytes that it may have: 1 MiB, or where they do
/// not all fit below the locations, an equal share.
pub(super) fn code_bytes(harts: usize) -> u64 {
    let share = (FIRST_LOCATION - FIRST_CODE) / harts.next_power_of_two() as u64;
    share.min(0x10_0000)
}

/// Where a test's locations and code lie.
pub(super) struct Layout {
    /// Every location that the test names anywhere, in order of appearance, zeroed.
    pub(super) locations: Vec<Location>,
    /// The first instruction of the first hart.
    first_code: u64,
    /// Bytes of each hart's code.
    code_bytes: u64,
}

impl Layout {
    /// Of a test.
    ///
    /// # Errors
    /// When the locations do not fit below 2^31.
    pub(super) fn of(test: &Test) -> Result<Layout, Diagnostic> {
        let Locations { mut locations, next, .. } = Locations::of(test)?;
        let code_bytes = code_bytes(test.harts.len());
        let code_end = FIRST_CODE + code_bytes * test.harts.len() as u64;
        let down = free([FIRST_CODE..code_end, FIRST_LOCATION..next], numbers(test));
        if down != 0 {
            locations.iter_mut().for_each(|location| location.address -= down);
        }
        Ok(Layout { locations, first_code: FIRST_CODE - down, code_bytes })
    }

    /// Address of the first instruction of a hart.
    pub(super) fn code_address(&self, hart: usize) -> u64 {
        self.first_code + self.code_bytes * hart as u64
    }
}

/// How far down addresses have to be moved for no number to be among or near them; not at all where
/// nothing is free.
fn free(addresses: [Range<u64>; 2], mut numbers: Vec<u64>) -> u64 {
    numbers.sort_unstable();
    let taken = |down: u64| {
        addresses.iter().any(|addresses| {
            let (start, end) = (addresses.start - down - PAGE, addresses.end - down + PAGE);
            let above = numbers.partition_point(|number| *number < start);
            numbers.get(above).is_some_and(|number| *number < end)
        })
    };
    (0..=MOST_DOWN).step_by(DOWN as usize).find(|down| !taken(*down)).unwrap_or(0)
}

/// The numbers of a test that might be addresses, whole or in part.
fn numbers(test: &Test) -> Vec<u64> {
    let mut numbers = Vec::new();
    let mut add = |number: u64| {
        let parts = [number, number & u64::from(u32::MAX), number >> 32];
        let lowest = FIRST_CODE - MOST_DOWN - PAGE;
        numbers.extend(parts.into_iter().filter(|part| (lowest..END + PAGE).contains(part)));
    };
    let mut of_value = |value: &Value| match value {
        Value::Integer(integer) => add(integer.0),
        Value::Array(values) => values.iter().for_each(|value| {
            if let Value::Integer(integer) = value {
                add(integer.0);
            }
        }),
        Value::Address { .. } | Value::Code { .. } => {}
    };
    test.init.iter().filter_map(|entry| entry.value.value.as_ref()).for_each(&mut of_value);
    for proposition in test.filter.iter().chain(test.condition.iter().map(|c| &c.proposition)) {
        for term in proposition.terms() {
            if let Term::Value(value) = &term.value {
                of_value(value);
            }
        }
    }
    let cells = test.harts.iter().flat_map(|hart| &hart.cells);
    cells.filter_map(|cell| cell.instr.as_ref()?.value.constant()).for_each(&mut add);
    numbers
}

/// Lays out locations, as a test names them.
struct Locations {
    locations: Vec<Location>,
    by_name: Index<Name>,
    /// Which letters are names of those, a bit each: so are nearly all, and they are asked for again and
    /// again.
    letters: u32,
    next: u64,
}

impl Locations {
    fn of(test: &Test) -> Result<Locations, Diagnostic> {
        let mut layout = Locations {
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
        Ok(layout)
    }

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
        for (harts, bytes) in [(1, 1 << 20), (512, 1 << 20), (513, 3 << 18), (MAX_HARTS, 3 << 16)] {
            assert_eq!(code_bytes(harts), bytes, "{harts} harts");
            assert!(FIRST_CODE + bytes * harts as u64 <= FIRST_LOCATION, "{harts} harts");
        }
    }
}
