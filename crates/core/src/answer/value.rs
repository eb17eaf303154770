//! One value of a final state as it is printed.

use std::borrow::Cow;
use std::cmp::Ordering;

/// A symbolic value (`x`, `x+4`, `P1:LC00`), interned in its report's [`Symbols`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SymbolId(u32);

/// A value as printed: a decimal number or the symbol of an address.
///
/// [`Value::Unsigned`] holds only what does not fit [`Value::Signed`], so equal numbers are equal
/// values whatever their declared types.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Value {
    /// A number that fits 64 bits with a sign.
    Signed(i64),
    /// A number of 2^63 and more, of an unsigned type.
    Unsigned(u64),
    /// An address.
    Symbol(SymbolId),
}

impl Value {
    /// The number that 64 bits mean when they are read as `signed` says.
    #[must_use]
    pub fn number(bits: u64, signed: bool) -> Value {
        match i64::try_from(bits) {
            Ok(value) => Value::Signed(value),
            Err(_) if signed => Value::Signed(bits as i64),
            Err(_) => Value::Unsigned(bits),
        }
    }

    /// Reads a decimal number.
    #[must_use]
    pub fn parse(text: &str) -> Option<Value> {
        let signed = text.parse::<i64>().ok().map(Value::Signed);
        signed.or_else(|| text.parse::<u64>().ok().map(Value::Unsigned))
    }

    /// Appends the value as reports print it.
    pub fn write(self, symbols: &Symbols, out: &mut Vec<u8>) {
        match self {
            Value::Signed(value @ 0..=9) => out.push(b'0' + value as u8),
            Value::Signed(value) => {
                if value < 0 {
                    out.push(b'-');
                }
                write_decimal(value.unsigned_abs(), out);
            }
            Value::Unsigned(value) => write_decimal(value, out),
            Value::Symbol(id) => out.extend_from_slice(symbols.text(id).as_bytes()),
        }
    }

    /// As [`Value::write`], to a string.
    #[must_use]
    pub fn text(self, symbols: &Symbols) -> String {
        match self {
            Value::Signed(value) => value.to_string(),
            Value::Unsigned(value) => value.to_string(),
            Value::Symbol(id) => symbols.text(id).to_owned(),
        }
    }

    /// Numbers by size, then symbols by text.
    #[must_use]
    pub fn order(self, other: Value, symbols: &Symbols) -> Ordering {
        let number = |value| match value {
            Value::Signed(value) => Some(i128::from(value)),
            Value::Unsigned(value) => Some(i128::from(value)),
            Value::Symbol(_) => None,
        };
        match (self, other) {
            (Value::Signed(a), Value::Signed(b)) => a.cmp(&b),
            (Value::Symbol(a), Value::Symbol(b)) => symbols.text(a).cmp(symbols.text(b)),
            (Value::Symbol(_), _) => Ordering::Greater,
            (_, Value::Symbol(_)) => Ordering::Less,
            (a, b) => number(a).cmp(&number(b)),
        }
    }
}

fn write_decimal(mut value: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

/// The symbols of one report, in the order in which they turned up.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Symbols(Vec<Box<str>>);

impl Symbols {
    /// The symbol with this text; a report has few, so a scan finds it.
    pub fn intern(&mut self, text: &str) -> SymbolId {
        let found = self.0.iter().position(|known| &**known == text).unwrap_or_else(|| {
            self.0.push(text.into());
            self.0.len() - 1
        });
        SymbolId(u32::try_from(found).unwrap_or(u32::MAX))
    }

    /// A symbol that is known not to be there yet.
    pub fn add(&mut self, text: &str) -> SymbolId {
        self.0.push(text.into());
        SymbolId(u32::try_from(self.0.len() - 1).unwrap_or(u32::MAX))
    }

    /// Its text.
    #[must_use]
    pub fn text(&self, id: SymbolId) -> &str {
        self.0.get(id.0 as usize).map_or("?", |text| text)
    }

    /// Gives each symbol another text.
    pub fn rename(&mut self, text: impl Fn(&str) -> Cow<'_, str>) {
        for symbol in &mut self.0 {
            if let Cow::Owned(other) = text(symbol) {
                *symbol = other.into();
            }
        }
    }

    /// Reads back what [`Value::write`] wrote: a decimal number, or else a symbol.
    pub fn read(&mut self, text: &str) -> Value {
        Value::parse(text).unwrap_or_else(|| Value::Symbol(self.intern(text)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_back_as_they_were_written() {
        let mut symbols = Symbols::default();
        let symbol = Value::Symbol(symbols.intern("x+4"));
        for value in [
            Value::number(0, true),
            Value::number(u64::MAX, true),
            Value::number(u64::MAX, false),
            Value::number(1 << 63, true),
            Value::number(1 << 63, false),
            Value::number(1234567890, false),
            symbol,
        ] {
            let mut out = Vec::new();
            value.write(&symbols, &mut out);
            let text = String::from_utf8(out).unwrap();
            assert_eq!(text, value.text(&symbols));
            assert_eq!(symbols.read(&text), value, "{text}");
        }
    }

    #[test]
    fn numbers_sort_by_size_and_before_symbols() {
        let mut symbols = Symbols::default();
        let (y, x) = (symbols.intern("y"), symbols.intern("x"));
        let sorted = [
            Value::Signed(i64::MIN),
            Value::Signed(-1),
            Value::Signed(0),
            Value::Signed(2),
            Value::Signed(10),
            Value::Unsigned(u64::MAX),
            Value::Symbol(x),
            Value::Symbol(y),
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(a.order(*b, &symbols), i.cmp(&j));
            }
        }
    }
}
