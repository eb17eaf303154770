//! Random litmus tests, as text, made of pieces that shrink well.
//!
//! A [`Plan`] is data that proptest knows how to make smaller; its `Display` is the test. Registers:
//! `x5` to `x7` hold the addresses of `x`, `y`, `z`, `x8` the address of a label, each instruction that
//! yields a value writes the next of `x10`, `x11`, ..., and `x28` to `x31` are scratch. Every value read
//! and every location is observed. Instructions that the tables do not know yet are left out.

use std::fmt;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rvlitmus::isa::{Lookup, lookup};
use rvlitmus::model::MemoryModel;

/// How large and how strange tests may be.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Fewest and most harts.
    pub harts: (usize, usize),
    /// Most pieces of one hart.
    pub pieces: usize,
    /// Number of locations, 1 to 3.
    pub locations: u8,
    /// May accesses have different sizes and overlap in part?
    pub mixed_sizes: bool,
    /// May code jump backwards?
    pub loops: bool,
}

impl Shape {
    /// Two to four harts with up to six memory operations each would have millions of states: more harts
    /// get fewer pieces.
    pub const SMALL: Shape =
        Shape { harts: (2, 3), pieces: 4, locations: 2, mixed_sizes: false, loops: false };
}

/// What an instruction depends on: the n-th value that its hart read so far, counted round.
#[derive(Clone, Copy, Debug)]
pub enum Dependency {
    None,
    /// The address is computed from the value, and does not change.
    Address(u8),
    /// The stored value is computed from the value read, and does not change.
    Data(u8),
    /// The value read plus a constant is stored.
    Value(u8),
    /// A branch on the value goes to the next instruction either way.
    Control(u8),
    /// An indirect jump to the next instruction, computed from the value.
    Jump(u8),
    /// The low two bits of the value are added to the address, if the access stays in the location.
    Offset(u8),
}

/// Where an access goes.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    /// Which location.
    location: u8,
    /// 1, 2, 4 or 8 bytes: `b`, `h`, `w`, `d`.
    width: char,
    /// Offset in the location, in units of the width.
    slot: u8,
    /// Bytes beyond that, which make it misaligned; loads and stores without annotation alone.
    skew: u8,
}

/// A piece of a hart's code.
#[derive(Clone, Debug)]
pub enum Piece {
    Load {
        spot: Spot,
        unsigned: bool,
        acquire: &'static str,
        dependency: Dependency,
    },
    Store {
        spot: Spot,
        value: u8,
        release: &'static str,
        dependency: Dependency,
    },
    Amo {
        operation: &'static str,
        order: &'static str,
        spot: Spot,
        value: u8,
        discard: bool,
        dependency: Dependency,
    },
    Lr {
        spot: Spot,
        order: &'static str,
        dependency: Dependency,
    },
    Sc {
        spot: Spot,
        value: u8,
        order: &'static str,
        dependency: Dependency,
    },
    /// LR and SC to one place.
    Pair {
        spot: Spot,
        value: u8,
        orders: (&'static str, &'static str),
        dependency: Dependency,
    },
    Fence(&'static str),
    /// Jumps over the next piece if a value read is zero, or is not.
    Skip {
        value: u8,
        if_zero: bool,
    },
    /// Repeats the previous pieces, so many at most, while a value read is zero.
    Again {
        value: u8,
        pieces: usize,
    },
}

/// One test.
#[derive(Clone, Debug)]
pub struct Plan {
    /// By hart.
    pub harts: Vec<Vec<Piece>>,
    /// Initial values of the locations.
    pub initial: Vec<u8>,
    /// The model that each hart follows when models are mixed.
    pub models: Vec<MemoryModel>,
}

/// Random plans of that shape.
pub fn plans(shape: Shape) -> BoxedStrategy<Plan> {
    (shape.harts.0..=shape.harts.1)
        .prop_flat_map(move |harts| {
            let pieces = shape.pieces.saturating_sub(harts.saturating_sub(2)).max(1);
            (
                vec(vec(piece(shape), 1..=pieces), harts),
                vec(prop_oneof![3 => Just(0u8), 1 => 0u8..3], usize::from(shape.locations)),
                vec(select(vec![MemoryModel::Rvwmo, MemoryModel::Ztso]), harts),
            )
        })
        .prop_map(|(harts, initial, models)| Plan { harts, initial, models })
        .boxed()
}

fn known(mnemonic: &str) -> bool {
    matches!(lookup(mnemonic), Lookup::Found(..))
}

fn order() -> BoxedStrategy<&'static str> {
    select(vec!["", "", "", ".aq", ".rl", ".aqrl"]).boxed()
}

fn spot(shape: Shape, widths: &'static [char]) -> BoxedStrategy<Spot> {
    let width = if shape.mixed_sizes { select(widths).boxed() } else { Just('w').boxed() };
    let slot = if shape.mixed_sizes { (0u8..8).boxed() } else { Just(0).boxed() };
    let skew = if shape.mixed_sizes {
        prop_oneof![3 => Just(0), 1 => 1u8..8].boxed()
    } else {
        Just(0).boxed()
    };
    (0..shape.locations, width, slot, skew)
        .prop_map(|(location, width, slot, skew)| {
            let slot = slot % slots(width);
            Spot { location, width, slot, skew }
        })
        .boxed()
}

/// How often a width fits into 8 bytes.
fn slots(width: char) -> u8 {
    match width {
        'b' => 8,
        'h' => 4,
        'w' => 2,
        _ => 1,
    }
}

/// Of loads and stores, which may be misaligned.
fn plain_dependency(shape: Shape) -> BoxedStrategy<Dependency> {
    let offset = if shape.mixed_sizes { 2 } else { 0 };
    prop_oneof![
        8 => dependency(),
        offset => (0u8..4).prop_map(Dependency::Offset),
    ]
    .boxed()
}

fn dependency() -> BoxedStrategy<Dependency> {
    prop_oneof![
        4 => Just(Dependency::None),
        1 => (0u8..4).prop_map(Dependency::Address),
        1 => (0u8..4).prop_map(Dependency::Data),
        1 => (0u8..4).prop_map(Dependency::Value),
        1 => (0u8..4).prop_map(Dependency::Control),
        1 => (0u8..4).prop_map(Dependency::Jump),
    ]
    .boxed()
}

fn piece(shape: Shape) -> BoxedStrategy<Piece> {
    const ANY: &[char] = &['b', 'h', 'w', 'd', 'w', 'd'];
    const WORDS: &[char] = &['w', 'd'];
    let narrow_amos = known("amoadd.b");
    let amos: &'static [char] = if narrow_amos { ANY } else { WORDS };
    let mut operations = vec!["swap", "add", "or", "xor", "and", "max", "minu"];
    if known("amocas.w") {
        operations.extend(["cas", "cas"]);
    }
    let load = (
        spot(shape, ANY),
        any::<bool>(),
        select(vec!["", "", "", ".aq", ".aqrl"]),
        plain_dependency(shape),
    )
        .prop_map(|(spot, unsigned, acquire, dependency)| Piece::Load {
            spot,
            unsigned,
            acquire,
            dependency,
        });
    let store = (
        spot(shape, ANY),
        1u8..4,
        select(vec!["", "", "", ".rl", ".aqrl"]),
        plain_dependency(shape),
    )
        .prop_map(|(spot, value, release, dependency)| Piece::Store {
            spot,
            value,
            release,
            dependency,
        });
    let amo = (select(operations), order(), spot(shape, amos), 0u8..4, any::<bool>(), dependency())
        .prop_map(|(operation, order, spot, value, discard, dependency)| Piece::Amo {
            operation,
            order,
            spot,
            value,
            discard,
            dependency,
        });
    let lr = (spot(shape, WORDS), order(), dependency())
        .prop_map(|(spot, order, dependency)| Piece::Lr { spot, order, dependency });
    let sc = (spot(shape, WORDS), 1u8..4, order(), dependency())
        .prop_map(|(spot, value, order, dependency)| Piece::Sc { spot, value, order, dependency });
    let pair = (spot(shape, WORDS), 1u8..4, (order(), order()), dependency()).prop_map(
        |(spot, value, orders, dependency)| Piece::Pair { spot, value, orders, dependency },
    );
    let fence = select(vec![
        "fence rw,rw",
        "fence r,rw",
        "fence rw,w",
        "fence w,w",
        "fence r,r",
        "fence w,r",
        "fence r,w",
        "fence w,rw",
        "fence rw,r",
        "fence.tso",
        "fence.i",
        "fence",
        "fence i,o",
    ])
    .prop_map(Piece::Fence);
    let skip = (0u8..4, any::<bool>()).prop_map(|(value, if_zero)| Piece::Skip { value, if_zero });
    let again = (0u8..4, 1usize..4).prop_map(|(value, pieces)| Piece::Again { value, pieces });
    prop_oneof![
        7 => load,
        7 => store,
        3 => amo,
        1 => lr,
        1 => sc,
        2 => pair,
        3 => fence,
        1 => skip,
        (if shape.loops { 1 } else { 0 }) => again,
    ]
    .boxed()
}

impl Piece {
    /// Does it stay where it is when it gets an annotation?
    pub fn stays_when_annotated(&self) -> bool {
        match self {
            Piece::Load { spot, dependency, .. } | Piece::Store { spot, dependency, .. } => {
                spot.skew == 0 && !matches!(dependency, Dependency::Offset(_))
            }
            _ => true,
        }
    }
}

/// An annotated access must be aligned.
fn plain(spot: Spot, annotation: &str) -> Spot {
    if annotation.is_empty() { spot } else { spot.aligned() }
}

fn aligned(dependency: Dependency, annotation: &str) -> Dependency {
    match dependency {
        Dependency::Offset(n) if !annotation.is_empty() => Dependency::Address(n),
        other => other,
    }
}

impl Spot {
    fn aligned(self) -> Spot {
        Spot { skew: 0, ..self }
    }
}

/// One hart's column while it is written.
struct Column {
    hart: usize,
    lines: Vec<String>,
    /// Registers that hold values read.
    values: Vec<u8>,
    /// Labels used so far.
    labels: usize,
    /// The label whose address `x8` holds, once there is one.
    landing: Option<String>,
}

impl Column {
    fn write(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    fn label(&mut self) -> String {
        self.labels += 1;
        format!("L{}{}", self.hart, self.labels)
    }

    /// The register of the n-th value read, if any was read.
    fn value(&self, n: u8) -> Option<u8> {
        (!self.values.is_empty()).then(|| self.values[usize::from(n) % self.values.len()])
    }

    fn next_value(&mut self) -> u8 {
        let register = 10 + self.values.len() as u8;
        assert!(register < 28, "no register left");
        self.values.push(register);
        register
    }

    /// Writes what makes the next access depend, gives its address register and, in `x30`, its data.
    fn depend(&mut self, spot: Spot, value: u8, dependency: Dependency) -> u8 {
        let base = 5 + spot.location;
        let width = 8 / u64::from(slots(spot.width));
        let offset = (u64::from(spot.slot) * width + u64::from(spot.skew)).min(8 - width);
        let mut address = base;
        self.write(format!("li x30,{value}"));
        if offset != 0 {
            self.write(format!("addi x29,x{base},{offset}"));
            address = 29;
        }
        match dependency {
            Dependency::None => {}
            Dependency::Offset(n) => {
                if let Some(v) = self.value(n).filter(|_| offset + width + 3 <= 8) {
                    self.write(format!("andi x31,x{v},3"));
                    self.write(format!("add x29,x{address},x31"));
                    address = 29;
                }
            }
            Dependency::Address(n) => {
                if let Some(v) = self.value(n) {
                    self.write(format!("xor x31,x{v},x{v}"));
                    self.write(format!("add x29,x{address},x31"));
                    address = 29;
                }
            }
            Dependency::Data(n) => {
                if let Some(v) = self.value(n) {
                    self.write(format!("xor x31,x{v},x{v}"));
                    self.write("add x30,x30,x31");
                }
            }
            Dependency::Value(n) => {
                if let Some(v) = self.value(n) {
                    self.write(format!("addi x30,x{v},{value}"));
                }
            }
            Dependency::Control(n) => {
                if let Some(v) = self.value(n) {
                    let label = self.label();
                    self.write(format!("bne x{v},x0,{label}"));
                    self.write(format!("{label}:"));
                }
            }
            Dependency::Jump(n) => {
                if let Some(v) = self.value(n).filter(|_| self.landing.is_none()) {
                    let label = self.label();
                    self.write(format!("xor x31,x{v},x{v}"));
                    self.write("add x31,x8,x31");
                    self.write("jr x31");
                    self.write(format!("{label}:"));
                    self.landing = Some(label);
                }
            }
        }
        address
    }

    fn piece(&mut self, piece: &Piece) {
        match piece {
            Piece::Load { spot, unsigned, acquire, dependency } => {
                let address = self.depend(plain(*spot, acquire), 0, aligned(*dependency, acquire));
                let register = self.next_value();
                let u = if *unsigned && acquire.is_empty() && spot.width != 'd' { "u" } else { "" };
                self.write(format!("l{}{u}{acquire} x{register},0(x{address})", spot.width));
            }
            Piece::Store { spot, value, release, dependency } => {
                let dependency = aligned(*dependency, release);
                let address = self.depend(plain(*spot, release), *value, dependency);
                self.write(format!("s{}{release} x30,0(x{address})", spot.width));
            }
            Piece::Amo { operation, order, spot, value, discard, dependency } => {
                let address = self.depend(spot.aligned(), *value, *dependency);
                let width = spot.width;
                let rd = if *discard && *operation != "cas" { 0 } else { self.next_value() };
                self.write(format!("amo{operation}.{width}{order} x{rd},x30,(x{address})"));
            }
            Piece::Lr { spot, order, dependency } => {
                let address = self.depend(spot.aligned(), 0, *dependency);
                let register = self.next_value();
                self.write(format!("lr.{}{order} x{register},(x{address})", spot.width));
            }
            Piece::Sc { spot, value, order, dependency } => {
                let address = self.depend(spot.aligned(), *value, *dependency);
                let register = self.next_value();
                self.write(format!("sc.{}{order} x{register},x30,(x{address})", spot.width));
            }
            Piece::Pair { spot, value, orders, dependency } => {
                let address = self.depend(spot.aligned(), *value, *dependency);
                let (read, done) = (self.next_value(), self.next_value());
                let width = spot.width;
                self.write(format!("lr.{width}{} x{read},(x{address})", orders.0));
                self.write(format!("sc.{width}{} x{done},x30,(x{address})", orders.1));
            }
            Piece::Fence(text) => self.write(*text),
            Piece::Skip { .. } | Piece::Again { .. } => {}
        }
    }

    fn pieces(&mut self, pieces: &[Piece]) {
        let mut open: Option<String> = None;
        let mut starts: Vec<usize> = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Skip { value, if_zero } => {
                    if let Some(v) = self.value(*value).filter(|_| open.is_none()) {
                        let label = self.label();
                        let branch = if *if_zero { "beq" } else { "bne" };
                        self.write(format!("{branch} x{v},x0,{label}"));
                        open = Some(label);
                    }
                    starts.clear();
                }
                Piece::Again { value, pieces } => {
                    let body = starts.split_off(starts.len().saturating_sub(*pieces));
                    starts.clear();
                    if let (Some(v), Some(&at)) = (self.value(*value), body.first()) {
                        let label = self.label();
                        self.lines.insert(at, format!("{label}:"));
                        self.write(format!("beq x{v},x0,{label}"));
                    }
                }
                _ => {
                    starts.push(self.lines.len());
                    self.piece(piece);
                    if let Some(label) = open.take() {
                        self.write(format!("{label}:"));
                    }
                }
            }
        }
        if let Some(label) = open {
            self.write(format!("{label}:"));
        }
    }
}

/// The litmus test.
impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const NAMES: [&str; 3] = ["x", "y", "z"];
        let columns: Vec<Column> = self
            .harts
            .iter()
            .enumerate()
            .map(|(hart, pieces)| {
                let mut column = Column {
                    hart,
                    lines: Vec::new(),
                    values: Vec::new(),
                    labels: 0,
                    landing: None,
                };
                column.pieces(pieces);
                column
            })
            .collect();
        writeln!(f, "RISCV generated\n{{")?;
        for (name, value) in NAMES.iter().zip(&self.initial) {
            writeln!(f, "uint64_t {name}={value};")?;
        }
        for (hart, column) in columns.iter().enumerate() {
            for (register, name) in (5..).zip(NAMES).take(self.initial.len()) {
                write!(f, "{hart}:x{register}={name}; ")?;
            }
            if let Some(label) = &column.landing {
                write!(f, "{hart}:x8=P{hart}:{label};")?;
            }
            writeln!(f)?;
        }
        writeln!(f, "}}")?;
        let heads: Vec<String> = (0..columns.len()).map(|hart| format!("P{hart}")).collect();
        writeln!(f, " {} ;", heads.join(" | "))?;
        let rows = columns.iter().map(|c| c.lines.len()).max().unwrap_or(0);
        for row in 0..rows {
            let cells: Vec<&str> =
                columns.iter().map(|c| c.lines.get(row).map_or("", String::as_str)).collect();
            writeln!(f, " {} ;", cells.join(" | "))?;
        }
        write!(f, "locations [")?;
        for name in &NAMES[..self.initial.len()] {
            write!(f, "{name}; ")?;
        }
        for (hart, column) in columns.iter().enumerate() {
            for register in &column.values {
                write!(f, "{hart}:x{register}; ")?;
            }
        }
        writeln!(f, "]\nexists (true)")
    }
}
