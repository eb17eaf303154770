//! One table per extension, and the search for a mnemonic over all of them.

use super::{Base, Def, Operation, Order, Suffix};
use crate::arch::Function;

mod aliases;
mod c;
mod directives;
mod hints;
mod index;
mod m;
mod pseudo;
mod rv32;
mod rv64i;
mod unsupported;
mod zaamo;
mod zabha;
mod zacas;
mod zalasr;
mod zalrsc;
mod zb;
mod zicond;

pub use directives::{Directive, directive};

/// `rd = f(rs1, rs2)`
const fn reg(f: fn(u64, u64) -> u64) -> Operation {
    Operation::AluReg(Function::new(f))
}

/// `rd = f(rs1, imm)`
const fn imm(f: fn(u64, u64) -> u64) -> Operation {
    Operation::AluImm(Function::new(f))
}

/// Every table. An extension is added by its file and its line here.
static TABLES: &[&[Def]] = &[
    rv64i::TABLE,
    pseudo::TABLE,
    m::TABLE,
    zb::TABLE,
    zicond::TABLE,
    zalrsc::TABLE,
    zaamo::TABLE,
    zabha::TABLE,
    zacas::TABLE,
    zalasr::TABLE,
    hints::TABLE,
    c::TABLE,
    rv32::ONLY,
];

/// Every row of every table.
pub fn all() -> impl Iterator<Item = &'static Def> {
    TABLES.iter().copied().flatten()
}

impl Def {
    /// The row that this instruction is on a hart of that base; `None` if such a hart lacks it.
    ///
    /// A test is read with the rows of [`all`], which are RV64's but for the few that only RV32 has.
    #[must_use]
    pub fn on(&'static self, base: Base) -> Option<&'static Def> {
        rv32::on(self, base)
    }
}

/// What a mnemonic turned out to be.
#[derive(Clone, Copy, Debug)]
pub enum Lookup {
    /// A known instruction with its annotation.
    Found(&'static Def, Order),
    /// A real instruction whose annotation its encoding reserves or does not have; the text says why.
    BadOrder(&'static str),
    /// A real RISC-V instruction that is outside this program; the text says why.
    Unsupported(&'static str),
    /// No instruction that we know of.
    Unknown,
}

/// Finds the definition for a mnemonic as written, `.aq`, `.rl`, `.aqrl` or `.aq.rl` included.
#[must_use]
pub fn lookup(mnemonic: impl AsRef<[u8]>) -> Lookup {
    let mnemonic = mnemonic.as_ref();
    let mut plain = index::rows(mnemonic);
    match plain.find(|def| matches!(def.suffix, Suffix::Never | Suffix::Optional)) {
        Some(def) => Lookup::Found(def, Order::None),
        None => lookup_ordered(mnemonic),
    }
}

/// The definition of an instruction without an annotation whose mnemonic has up to seven bytes: those
/// bytes as one number, the first the lowest.
#[inline]
#[must_use]
pub fn lookup_word(word: u64) -> Option<&'static Def> {
    index::row_of_word(word)
}

/// [`lookup`] of what may have an annotation.
fn lookup_ordered(mnemonic: &[u8]) -> Lookup {
    let (base, order) = split_order(mnemonic);
    let defs = index::rows(base);
    if let Some(def) = defs.clone().find(|def| orders(def.suffix).contains(&order)) {
        return Lookup::Found(def, order);
    }
    match defs.last().map(|def| def.suffix) {
        Some(Suffix::Acquire) => {
            Lookup::BadOrder("a load-acquire needs .aq or .aqrl: .rl alone is a reserved encoding")
        }
        Some(Suffix::Release) => {
            Lookup::BadOrder("a store-release needs .rl or .aqrl: .aq alone is a reserved encoding")
        }
        Some(_) => Lookup::BadOrder("this instruction takes no .aq or .rl"),
        // Capitals throughout, as herd7 has `NOP` and `MV`.
        None if is_capital(mnemonic) => lookup(mnemonic.to_ascii_lowercase()),
        None => unsupported::why(&String::from_utf8_lossy(mnemonic))
            .map_or(Lookup::Unknown, Lookup::Unsupported),
    }
}

fn is_capital(mnemonic: &[u8]) -> bool {
    let has = |test: fn(&u8) -> bool| mnemonic.iter().any(test);
    has(u8::is_ascii_uppercase) && !has(u8::is_ascii_lowercase)
}

/// Splits the annotation off; both spellings of both bits are accepted.
fn split_order(mnemonic: &[u8]) -> (&[u8], Order) {
    const SUFFIXES: [(&str, Order); 4] =
        [(".aqrl", Order::AqRl), (".aq.rl", Order::AqRl), (".aq", Order::Aq), (".rl", Order::Rl)];
    let base = |suffix: &str| mnemonic.strip_suffix(suffix.as_bytes());
    SUFFIXES
        .iter()
        .find_map(|(suffix, order)| base(suffix).map(|base| (base, *order)))
        .unwrap_or((mnemonic, Order::None))
}

/// The known mnemonic, annotation included, that is nearest in spelling, if one is near enough to
/// suggest; of several the first in the alphabet. An alias's meaning goes first.
#[must_use]
pub fn nearest(mnemonic: &str) -> Option<String> {
    if let Some(meaning) = aliases::meaning(mnemonic) {
        return Some(meaning.to_owned());
    }
    let written = mnemonic.replace(".aq.rl", Order::AqRl.suffix());
    all()
        .flat_map(|def| orders(def.suffix).iter().map(move |order| (def, order.suffix())))
        .filter(|(def, suffix)| {
            // No fewer changes than the lengths differ: most candidates need no more than that.
            let length = def.mnemonic.len() + suffix.len();
            written.len().abs_diff(length) <= 1 + def.mnemonic.len() / 4
        })
        .map(|(def, suffix)| (def.mnemonic.len(), format!("{}{suffix}", def.mnemonic)))
        .map(|(length, known)| (strsim::damerau_levenshtein(&written, &known), length, known))
        .filter(|(distance, length, _)| *distance <= 1 + length / 4 && distance < length)
        .min_by(|(a, _, known), (b, _, other)| a.cmp(b).then_with(|| known.cmp(other)))
        .map(|(_, _, known)| known)
}

/// The annotations that a mnemonic may carry.
fn orders(suffix: Suffix) -> &'static [Order] {
    match suffix {
        Suffix::Never => &[Order::None],
        Suffix::Optional => &[Order::None, Order::Aq, Order::Rl, Order::AqRl],
        Suffix::Acquire => &[Order::Aq, Order::AqRl],
        Suffix::Release => &[Order::Rl, Order::AqRl],
    }
}

#[cfg(test)]
mod tests;
