//! A small program in neutral form: what each hart does, before registers and spellings.
//!
//! Cycles by name and tests that are found by difference are both made into this, and printed by one
//! printer, [`super::assemble`].

use std::fmt;

/// The annotation of an access.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub(crate) enum Order {
    /// None.
    #[default]
    Plain,
    /// `.aq`
    Acquire,
    /// `.rl`
    Release,
    /// `.aqrl`
    Both,
}

impl Order {
    /// What stands behind a mnemonic.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Order::Plain => "",
            Order::Acquire => ".aq",
            Order::Release => ".rl",
            Order::Both => ".aqrl",
        }
    }

    /// The annotation of an instruction that has both.
    pub(crate) fn with(self, other: Order) -> Order {
        match (self, other) {
            (Order::Plain, order) | (order, Order::Plain) => order,
            (a, b) if a == b => a,
            _ => Order::Both,
        }
    }
}

/// How many bytes an access covers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Width {
    /// One.
    Byte,
    /// Two.
    Half,
    /// Four.
    #[default]
    Word,
    /// Eight.
    Double,
}

impl Width {
    pub(crate) const ALL: [Width; 4] = [Width::Byte, Width::Half, Width::Word, Width::Double];

    pub(crate) fn bytes(self) -> u32 {
        match self {
            Width::Byte => 1,
            Width::Half => 2,
            Width::Word => 4,
            Width::Double => 8,
        }
    }

    /// The letter of the mnemonics.
    pub(crate) fn letter(self) -> char {
        match self {
            Width::Byte => 'b',
            Width::Half => 'h',
            Width::Word => 'w',
            Width::Double => 'd',
        }
    }
}

/// What an AMO does with its operand.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum AmoOp {
    /// `amoswap`
    Swap,
    /// `amoadd`
    Add,
    /// `amoand`
    And,
    /// `amoor`
    Or,
    /// `amoxor`
    Xor,
    /// `amomax`
    Max,
    /// `amomaxu`
    Maxu,
    /// `amomin`
    Min,
    /// `amominu`
    Minu,
    /// `amocas` whose comparison succeeds
    Cas,
}

impl AmoOp {
    /// All of them.
    pub(crate) const ALL: [AmoOp; 10] = [
        AmoOp::Swap,
        AmoOp::Add,
        AmoOp::And,
        AmoOp::Or,
        AmoOp::Xor,
        AmoOp::Max,
        AmoOp::Maxu,
        AmoOp::Min,
        AmoOp::Minu,
        AmoOp::Cas,
    ];

    /// `Swap`, `Add`: as edges spell it.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            AmoOp::Swap => "Swap",
            AmoOp::Add => "Add",
            AmoOp::And => "And",
            AmoOp::Or => "Or",
            AmoOp::Xor => "Xor",
            AmoOp::Max => "Max",
            AmoOp::Maxu => "Maxu",
            AmoOp::Min => "Min",
            AmoOp::Minu => "Minu",
            AmoOp::Cas => "Cas",
        }
    }
}

/// What an access is. Values are what it stores, if it does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Op {
    /// A load.
    Load(Order),
    /// A store.
    Store(Order),
    /// An LR and an SC that stores back what was read.
    PairLoad(Order, Order),
    /// An LR and an SC that stores the value.
    PairStore(Order, Order),
    /// An LR alone.
    LoadReserved(Order),
    /// An AMO that changes nothing, in place of a load: `amoor` of `x0`.
    AmoLoad(Order),
    /// An AMO whose result nobody has, in place of a store: `amoswap` to `x0`.
    AmoStore(Order),
    /// An AMO; its operand is the value.
    Amo(AmoOp, Order),
    /// An `amocas` whose comparison fails.
    FailedCas(Order),
}

impl Op {
    /// Does it read memory into a register?
    pub(crate) fn reads(self) -> bool {
        !matches!(self, Op::Store(_) | Op::AmoStore(_))
    }

    /// Does it write a value of its own?
    pub(crate) fn writes(self) -> bool {
        matches!(self, Op::Store(_) | Op::AmoStore(_) | Op::PairStore(..) | Op::Amo(..))
    }

    /// How many memory operations it is.
    pub(crate) fn operations(self) -> usize {
        if matches!(self, Op::PairLoad(..) | Op::PairStore(..)) { 2 } else { 1 }
    }
}

/// What a dependency goes through.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Dep {
    /// The address.
    Addr,
    /// The value stored.
    Data,
    /// A branch.
    Ctrl,
    /// A branch and `fence.i`.
    CtrlFenceI,
}

impl Dep {
    /// All of them.
    pub(crate) const ALL: [Dep; 4] = [Dep::Addr, Dep::Data, Dep::Ctrl, Dep::CtrlFenceI];

    /// As edges spell it.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Dep::Addr => "Addr",
            Dep::Data => "Data",
            Dep::Ctrl => "Ctrl",
            Dep::CtrlFenceI => "CtrlFenceI",
        }
    }
}

/// The operations on one side of a fence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Set {
    /// `r`
    R,
    /// `w`
    W,
    /// `rw`
    RW,
    /// `iorw`
    Iorw,
}

impl Set {
    /// Those of main memory.
    pub(crate) const ALL: [Set; 3] = [Set::R, Set::W, Set::RW];

    fn name(self) -> &'static str {
        match self {
            Set::R => "r",
            Set::W => "w",
            Set::RW => "rw",
            Set::Iorw => "iorw",
        }
    }
}

/// A fence. The order is diy7's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Fence {
    /// `fence.i`
    I,
    /// `fence.tso`
    Tso,
    /// `fence` with its predecessors and successors.
    Sets(Set, Set),
}

impl Fence {
    /// All of them.
    pub(crate) fn all() -> impl Iterator<Item = Fence> {
        let sets = Set::ALL.into_iter().flat_map(|a| Set::ALL.map(|b| Fence::Sets(a, b)));
        let whole = Fence::Sets(Set::Iorw, Set::Iorw);
        [Fence::I, Fence::Tso].into_iter().chain(sets).chain([whole])
    }

    /// `fence.rw.w`: as edges spell it, apart from the case.
    #[must_use]
    pub(crate) fn name(self) -> String {
        match self {
            Fence::I => "fence.i".to_owned(),
            Fence::Tso => "fence.tso".to_owned(),
            Fence::Sets(a, b) => format!("fence.{}.{}", a.name(), b.name()),
        }
    }
}

/// The instruction.
impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fence::I => f.write_str("fence.i"),
            Fence::Tso => f.write_str("fence.tso"),
            Fence::Sets(a, b) => write!(f, "fence {},{}", a.name(), b.name()),
        }
    }
}

/// Which bytes of a location.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub(crate) struct Bytes {
    /// How many.
    pub(crate) width: Width,
    /// Behind how many others.
    pub(crate) offset: u32,
}

/// An access of memory.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Access {
    /// What it is.
    pub(crate) op: Op,
    /// The number of its location.
    pub(crate) location: usize,
    /// Which bytes of it.
    pub(crate) bytes: Bytes,
    /// The bytes of an SC that stands behind its LR, where they are others.
    pub(crate) sc_bytes: Option<Bytes>,
    /// What it stores, or the operand of an AMO.
    pub(crate) value: i64,
    /// What a successful `amocas` expects.
    pub(crate) expected: i64,
    /// On which earlier access of its hart it depends, and how.
    pub(crate) dep: Option<(Dep, usize)>,
}

impl Access {
    /// An access of a whole word.
    pub(crate) fn new(op: Op, location: usize, value: i64) -> Access {
        Access {
            op,
            location,
            bytes: Bytes::default(),
            sc_bytes: None,
            value,
            expected: 0,
            dep: None,
        }
    }
}

/// A step of a hart.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Step {
    /// A fence.
    Fence(Fence),
    /// An access.
    Access(Access),
}

impl Step {
    /// The access that it is.
    pub(crate) fn access(&self) -> Option<&Access> {
        match self {
            Step::Access(access) => Some(access),
            Step::Fence(_) => None,
        }
    }

    /// The same, to change it.
    pub(crate) fn access_mut(&mut self) -> Option<&mut Access> {
        match self {
            Step::Access(access) => Some(access),
            Step::Fence(_) => None,
        }
    }
}

/// What each hart does.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub(crate) struct Program {
    /// The steps of each hart.
    pub(crate) harts: Vec<Vec<Step>>,
}

/// The name of a location: `x`, `y`, `z`, `a`, `b`.
#[must_use]
pub(crate) fn location_name(number: usize) -> String {
    const NAMES: &[u8] = b"xyzabcdefghijklmnopqrstuvw";
    match NAMES.get(number) {
        Some(letter) => char::from(*letter).to_string(),
        None => format!("x{:02}", number - NAMES.len()),
    }
}
