//! A litmus test as data.

use std::fmt;

use super::{Language, Metadata, Proposition};
use crate::arch::{Assembly, Name, Reg};

/// A range of bytes of the source text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A value with the part of the source text in which it stands. Equality ignores that part, so that a test
/// equals what its own printed form parses to.
#[derive(Clone, Copy, Debug)]
pub struct Spanned<T> {
    /// The value itself.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Spanned<T> {}

/// What stands in a test's text and was skipped, each with its place, in order. It is nothing of the test:
/// equality ignores it.
#[derive(Clone, Debug, Default)]
pub struct Notes(pub Vec<Spanned<String>>);

impl PartialEq for Notes {
    fn eq(&self, _: &Notes) -> bool {
        true
    }
}

impl Eq for Notes {}

/// A hart of the test, `P0` being 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct HartId(pub u16);

impl HartId {
    /// As an index into [`Test::harts`].
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Display for HartId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "P{}", self.0)
    }
}

/// The C types of declarations, by size and signedness.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CType {
    /// `int8_t`, `char`, `signed char`
    Int8,
    /// `int16_t`, `short`
    Int16,
    /// `int32_t`, `int`
    Int32,
    /// `int64_t`, `long`, `long long`, `intptr_t`, `ptrdiff_t`
    Int64,
    /// `uint8_t`, `unsigned char`
    Uint8,
    /// `uint16_t`, `unsigned short`
    Uint16,
    /// `uint32_t`, `unsigned int`, `unsigned`
    Uint32,
    /// `uint64_t`, `unsigned long`, `unsigned long long`, `uintptr_t`, `size_t`, and every pointer type `T*`
    Uint64,
}

impl CType {
    /// Size in bytes: 1, 2, 4 or 8.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        match self {
            CType::Int8 | CType::Uint8 => 1,
            CType::Int16 | CType::Uint16 => 2,
            CType::Int32 | CType::Uint32 => 4,
            CType::Int64 | CType::Uint64 => 8,
        }
    }

    /// Cuts bits to the type and extends them to the 64-bit value that is compared and printed.
    #[must_use]
    pub const fn normalize(self, raw: u64) -> u64 {
        match self {
            CType::Int8 => raw as i8 as u64,
            CType::Int16 => raw as i16 as u64,
            CType::Int32 => raw as i32 as u64,
            CType::Uint8 => raw as u8 as u64,
            CType::Uint16 => raw as u16 as u64,
            CType::Uint32 => raw as u32 as u64,
            CType::Int64 | CType::Uint64 => raw,
        }
    }

    /// Is it a number of this type, with or without a sign? -1 and 255 are both numbers of 8 bits.
    #[must_use]
    pub const fn holds(self, bits: u64) -> bool {
        let above = bits >> (8 * self.bytes() - 1) >> 1;
        let least = -1 << (8 * self.bytes() - 1);
        above == 0 || (least <= bits as i64 && (bits as i64) < 0)
    }

    /// Is it printed with a sign?
    #[must_use]
    pub const fn signed(self) -> bool {
        matches!(self, CType::Int8 | CType::Int16 | CType::Int32 | CType::Int64)
    }
}

/// The `stdint.h` name.
impl fmt::Display for CType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}int{}_t", if self.signed() { "" } else { "u" }, 8 * self.bytes())
    }
}

/// A piece of state that a test names. While a test is read, names are parts of its text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Place<N = Name> {
    /// `0:x5`, `0:EAX`
    Register(HartId, Reg),
    /// `x` or `[x]`: the whole location; `x[1]`: an element of an array.
    Memory {
        /// The location's name.
        symbol: N,
        /// Element of an array; `None` for the location itself.
        index: Option<u64>,
    },
}

/// `0:x5`, `[x]`, `x[1]`: the keys of reports.
impl<N: fmt::Display> fmt::Display for Place<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Register(hart, reg) => write!(f, "{}:{reg}", hart.0),
            Place::Memory { symbol, index: None } => write!(f, "[{symbol}]"),
            Place::Memory { symbol, index: Some(index) } => write!(f, "{symbol}[{index}]"),
        }
    }
}

/// The 64 bits of an integer literal: `-1` and `0xffffffffffffffff` have the same bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Integer(pub u64);

impl fmt::Display for Integer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0 as i64)
    }
}

impl Place {
    /// The same without an allocation of its own.
    #[must_use]
    pub fn borrowed(&self) -> Place<&str> {
        match self {
            Place::Register(hart, reg) => Place::Register(*hart, *reg),
            Place::Memory { symbol, index } => Place::Memory { symbol, index: *index },
        }
    }
}

impl<N> Place<N> {
    /// The same with another kind of name.
    pub(super) fn map<M>(self, name: impl FnOnce(N) -> M) -> Place<M> {
        match self {
            Place::Register(hart, reg) => Place::Register(hart, reg),
            Place::Memory { symbol, index } => Place::Memory { symbol: name(symbol), index },
        }
    }
}

/// What a register or location may be given, or be compared with. For the names see [`Place`].
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Value<N = Name> {
    /// `1`, `-1`, `0xff`
    Integer(Integer),
    /// The address of a location: `x`, `&x`, `x+4`; of an array's element `&x[1]`.
    Address {
        /// The location's name.
        symbol: N,
        /// Element of an array.
        index: Option<u64>,
        /// Bytes added.
        offset: i64,
    },
    /// `P1:LC00`: the address of a label in a hart's code.
    Code {
        /// Whose code.
        hart: HartId,
        /// Label in it.
        label: N,
    },
    /// `{1,2,3}`: an array's elements.
    Array(Vec<Value<N>>),
}

impl<N> Value<N> {
    /// The same with another kind of name.
    pub(super) fn map<M>(self, name: &impl Fn(N) -> M) -> Value<M> {
        match self {
            Value::Integer(integer) => Value::Integer(integer),
            Value::Address { symbol, index, offset } => {
                Value::Address { symbol: name(symbol), index, offset }
            }
            Value::Code { hart, label } => Value::Code { hart, label: name(label) },
            Value::Array(values) => {
                Value::Array(values.into_iter().map(|value| value.map(name)).collect())
            }
        }
    }
}

/// One declaration of the init section, `uint64_t x=1;` or `0:x5=x;`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct InitEntry {
    /// Declared type, if any. (A pointer type is [`CType::Uint64`].)
    pub ctype: Option<CType>,
    /// What is declared.
    pub place: Place,
    /// `int x[3]`: number of elements.
    pub array: Option<u64>,
    /// Initial value; `None` for a bare declaration, which means 0.
    pub value: Option<Value>,
}

/// One line of a hart's column.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CodeCell {
    /// Labels in front of the instruction, or alone.
    pub labels: Vec<Spanned<Name>>,
    /// The instruction, if the cell has one.
    pub instr: Option<Spanned<Assembly>>,
}

/// A hart's column. Empty cells are dropped.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HartCode {
    /// From top to bottom; no cell is empty.
    pub cells: Vec<CodeCell>,
}

/// The number of `1b` and `1f`, and whether the label `1:` that is meant is the next below or the last above;
/// `None` for a name.
#[must_use]
pub fn numeric_label(target: &str) -> Option<(&str, bool)> {
    let (number, direction) = target.split_at_checked(target.len().checked_sub(1)?)?;
    let numeric = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (numeric && matches!(direction, "b" | "f")).then_some((number, direction == "f"))
}

/// How the condition ranges over the final states.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Quantifier {
    /// `exists p`: some state satisfies p.
    Exists,
    /// `~exists p`, `not exists p`: none does.
    NotExists,
    /// `forall p`: every state does.
    Forall,
}

impl fmt::Display for Quantifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Quantifier::Exists => "exists",
            Quantifier::NotExists => "~exists",
            Quantifier::Forall => "forall",
        })
    }
}

/// The final condition.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Condition {
    /// How it ranges over the states.
    pub quantifier: Quantifier,
    /// What it says of one state.
    pub proposition: Proposition,
}

/// One item of `locations [...]`: `x;`, `0:x5;`, `uint64_t y;`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ObservedPlace {
    /// Type to print it with, where given.
    pub ctype: Option<CType>,
    /// What to print.
    pub place: Place,
}

/// A litmus test as written. Names are not resolved yet: `program` does that, and reports what does
/// not resolve.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Test {
    /// The language that its code is written in.
    pub language: Language,
    /// The name after that.
    pub name: String,
    /// The quoted text after it.
    pub description: Option<String>,
    /// `Key=value` lines in order.
    pub metadata: Metadata,
    /// Declarations in order.
    pub init: Vec<Spanned<InitEntry>>,
    /// Columns, `P0` first.
    pub harts: Vec<HartCode>,
    /// `locations [...]`.
    pub locations: Vec<Spanned<ObservedPlace>>,
    /// `filter p`: only states that satisfy it count.
    pub filter: Option<Proposition>,
    /// `None` when the file ends without a condition: every state is then reported for the
    /// places of `locations`.
    pub condition: Option<Condition>,
    /// Where the condition begins, with its keyword; where there is none it means nothing.
    pub condition_at: Spanned<()>,
    /// What was skipped, such as the directives of an assembler.
    pub notes: Notes,
}

impl Test {
    /// The value of the first metadata line with this key.
    #[must_use]
    pub fn metadata(&self, key: &str) -> Option<&str> {
        self.metadata.get(key)
    }
}
