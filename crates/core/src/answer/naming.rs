//! Addresses among the values of states, as the symbols that the test calls them by.

use crate::arch::Name;
use crate::litmus::{CType, HartId, Test};
use crate::program::{Hart, Observed, Program};

use super::{Symbols, Value};

/// Turns the bits of final states into printable values.
///
/// A number that happens to be an address prints as that address: the machine cannot tell them
/// apart either.
pub(super) struct Naming<'a> {
    test: &'a Test,
    program: &'a Program,
    /// No address is below.
    lowest: u64,
}

impl<'a> Naming<'a> {
    pub(super) fn new(test: &'a Test, program: &'a Program) -> Self {
        let data = program.locations.iter().map(|location| location.address);
        let code = program.harts.iter().map(|hart| hart.address(0));
        Naming { test, program, lowest: data.chain(code).min().unwrap_or(u64::MAX) }
    }

    /// One value, already normalized as its type says.
    pub(super) fn value(&self, bits: u64, ctype: CType, symbols: &mut Symbols) -> Value {
        if bits >= self.lowest
            && let Some(symbol) = self.symbol(bits)
        {
            return Value::Symbol(symbols.intern(&symbol));
        }
        Value::number(bits, ctype.signed())
    }

    /// What is printed of a state.
    pub(super) fn values(
        &self,
        state: &[u64],
        printed: &[(usize, &Observed)],
        symbols: &mut Symbols,
    ) -> impl Iterator<Item = Value> {
        let printed = printed.iter();
        printed.map(|(index, observed)| self.value(state[*index], observed.ctype(), symbols))
    }

    fn symbol(&self, address: u64) -> Option<String> {
        if let Some(location) = self.program.location_at(address, 1) {
            return Some(with_offset(&location.name, address - location.address));
        }
        let mut harts = self.program.harts.iter().enumerate();
        harts.find_map(|(index, hart)| self.code_symbol(index, hart, address))
    }

    /// `P1:LC00`, or `P1+8` for an instruction without a label.
    fn code_symbol(&self, index: usize, hart: &Hart, address: u64) -> Option<String> {
        let offset = address.checked_sub(hart.address(0))?;
        let id = HartId(u16::try_from(index).ok()?);
        let step = self.program.step_at(id, address)?;
        Some(match self.label(id, step) {
            Some(label) => format!("{id}:{label}"),
            None => with_offset(&id.to_string(), offset),
        })
    }

    fn label(&self, hart: HartId, step: usize) -> Option<&Name> {
        let mut before = 0;
        for cell in &self.test.harts.get(hart.index())?.cells {
            if before == step
                && let Some(label) = cell.labels.first()
            {
                return Some(&label.value);
            }
            before += usize::from(cell.instr.is_some());
        }
        None
    }
}

fn with_offset(symbol: &str, offset: u64) -> String {
    if offset == 0 { symbol.to_owned() } else { format!("{symbol}+{offset}") }
}
