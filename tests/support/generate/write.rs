//! A plan as the text of a test.

use std::fmt;

use super::*;

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
struct Column<'v> {
    hart: usize,
    variety: &'v Variety,
    lines: Vec<String>,
    /// Registers that hold values read.
    values: Vec<u8>,
    /// Labels used so far.
    labels: usize,
    /// Counters of loops used so far.
    counters: u8,
    /// The label whose address `x8` holds, once there is one.
    landing: Option<String>,
}

impl Column<'_> {
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
        let width = self.width(spot.width);
        let width = 8 / u64::from(slots(width));
        let mut offset = (u64::from(spot.slot) * width + u64::from(spot.skew)).min(8 - width);
        if self.variety.arrays {
            offset += 8 * u64::from(spot.element);
        }
        let mut address = base;
        self.write(format!("li x30,{value}"));
        if offset != 0 {
            self.write(format!("addi x29,x{base},{offset}"));
            address = 29;
        }
        match dependency {
            Dependency::None => {}
            Dependency::Pointer if self.variety.pointer => {
                self.write(format!("{} x29,0(x9)", if self.variety.rv32 { "lw" } else { "ld" }));
                if offset != 0 {
                    self.write(format!("addi x29,x29,{offset}"));
                }
                address = 29;
            }
            Dependency::Pointer => {}
            Dependency::MaskedAddress(n) | Dependency::MultipliedAddress(n) => {
                if let Some(v) = self.value(n) {
                    let masked = matches!(dependency, Dependency::MaskedAddress(_));
                    let operation = if masked { "and" } else { "mul" };
                    self.write(format!("{operation} x31,x{v},x0"));
                    self.write(format!("add x29,x{address},x31"));
                    address = 29;
                }
            }
            Dependency::Offset(n) => {
                if let Some(v) = self.value(n).filter(|_| offset % 8 + width + 3 <= 8) {
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
            Dependency::JumpFurther(n) => {
                if let Some(v) = self.value(n).filter(|_| self.landing.is_none()) {
                    let label = self.label();
                    self.write(format!("andi x31,x{v},1"));
                    self.write("slli x31,x31,2");
                    self.write("add x31,x8,x31");
                    self.write("jr x31");
                    self.write(format!("{label}:"));
                    let stays = self.next_value();
                    self.write(format!("li x{stays},1"));
                    self.landing = Some(label);
                }
            }
        }
        address
    }

    /// The letter of a width: RV32 has no `d`.
    fn width(&self, width: char) -> char {
        if self.variety.rv32 && width == 'd' { 'w' } else { width }
    }

    fn piece(&mut self, piece: &Piece) {
        match piece {
            Piece::Load { spot, unsigned, acquire, dependency } => {
                let address = self.depend(plain(*spot, acquire), 0, aligned(*dependency, acquire));
                let register = self.next_value();
                let width = self.width(spot.width);
                let narrow = width != 'd' && !(self.variety.rv32 && width == 'w');
                let u = if *unsigned && acquire.is_empty() && narrow { "u" } else { "" };
                self.write(format!("l{width}{u}{acquire} x{register},0(x{address})"));
            }
            Piece::Store { spot, value, release, dependency } => {
                let dependency = aligned(*dependency, release);
                let address = self.depend(plain(*spot, release), *value, dependency);
                let width = self.width(spot.width);
                self.write(format!("s{width}{release} x30,0(x{address})"));
            }
            Piece::Amo { operation, order, spot, value, discard, dependency } => {
                let address = self.depend(spot.aligned(), *value, *dependency);
                let width = self.width(spot.width);
                let rd = if *discard && *operation != "cas" { 0 } else { self.next_value() };
                self.write(format!("amo{operation}.{width}{order} x{rd},x30,(x{address})"));
            }
            Piece::Lr { spot, order, dependency } => {
                let address = self.depend(spot.aligned(), 0, *dependency);
                let register = self.next_value();
                let width = self.width(spot.width);
                self.write(format!("lr.{width}{order} x{register},(x{address})"));
            }
            Piece::Sc { spot, value, order, dependency } => {
                let address = self.depend(spot.aligned(), *value, *dependency);
                let register = self.next_value();
                let width = self.width(spot.width);
                self.write(format!("sc.{width}{order} x{register},x30,(x{address})"));
            }
            Piece::Pair { spot, value, orders, dependency } => {
                let address = self.depend(spot.aligned(), *value, *dependency);
                let (read, done) = (self.next_value(), self.next_value());
                let width = self.width(spot.width);
                self.write(format!("lr.{width}{} x{read},(x{address})", orders.0));
                self.write(format!("sc.{width}{} x{done},x30,(x{address})", orders.1));
            }
            Piece::Fence(text) => self.write(*text),
            Piece::Aim { location } if self.variety.pointer => {
                let store = if self.variety.rv32 { "sw" } else { "sd" };
                self.write(format!("{store} x{},0(x9)", 5 + location));
            }
            Piece::Count { value, if_zero, own, otherwise } => {
                let Some(v) = self.value(*value) else { return };
                let counter = match own {
                    true => self.next_value(),
                    false => self.value(*value + 1).unwrap_or(v),
                };
                if *own {
                    self.write(format!("li x{counter},1"));
                }
                let (over, end) = (self.label(), self.label());
                self.write(format!("{} x{v},x0,{over}", if *if_zero { "beq" } else { "bne" }));
                self.write(format!("xori x{counter},x{counter},1"));
                if *otherwise {
                    self.write(format!("j {end}"));
                }
                self.write(format!("{over}:"));
                if *otherwise {
                    self.write(format!("addi x{counter},x{counter},2"));
                    self.write(format!("{end}:"));
                }
            }
            Piece::Combine { operation, test, values } => {
                let (Some(a), Some(b)) = (self.value(values.0), self.value(values.1)) else {
                    return;
                };
                let register = self.next_value();
                self.write(format!("{operation} x{register},x{a},x{b}"));
                self.write(format!("{test} x{register},x{register}"));
            }
            Piece::Aim { .. } | Piece::Skip { .. } | Piece::Again { .. } | Piece::Times { .. } => {}
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
                Piece::Again { value, pieces, computed } => {
                    let body = starts.split_off(starts.len().saturating_sub(*pieces));
                    starts.clear();
                    if let (Some(v), Some(&at)) = (self.value(*value), body.first()) {
                        let label = self.label();
                        self.lines.insert(at, format!("{label}:"));
                        if *computed && self.landing.is_none() {
                            let over = self.label();
                            self.write(format!("bne x{v},x0,{over}"));
                            self.write("jr x8");
                            self.write(format!("{over}:"));
                            self.landing = Some(label);
                        } else {
                            self.write(format!("beq x{v},x0,{label}"));
                        }
                    }
                }
                Piece::Times { pieces, times } => {
                    let body = starts.split_off(starts.len().saturating_sub(*pieces));
                    starts.clear();
                    if let Some(&at) = body.first().filter(|_| self.counters < 4) {
                        self.counters += 1;
                        let (counter, label) = (self.counters, self.label());
                        self.lines.insert(at, format!("{label}:"));
                        self.lines.insert(at, format!("li x{counter},{times}"));
                        self.write(format!("addi x{counter},x{counter},-1"));
                        self.write(format!("bne x{counter},x0,{label}"));
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
        let variety = &self.variety;
        let columns: Vec<Column> = self
            .harts
            .iter()
            .enumerate()
            .map(|(hart, pieces)| {
                let mut column = Column {
                    hart,
                    variety,
                    lines: Vec::new(),
                    values: Vec::new(),
                    labels: 0,
                    counters: 0,
                    landing: None,
                };
                column.pieces(pieces);
                column
            })
            .collect();
        writeln!(f, "RISCV generated")?;
        if variety.rv32 {
            writeln!(f, "Base=rv32")?;
        }
        writeln!(f, "{{")?;
        for ((name, value), ctype) in NAMES.iter().zip(&self.initial).zip(&variety.types) {
            match variety.arrays {
                true => writeln!(f, "{ctype} {name}[2]={{{value},0}};")?,
                false => writeln!(f, "{ctype} {name}={value};")?,
            }
        }
        if variety.pointer {
            writeln!(f, "uint64_t p=x;")?;
        }
        for (hart, column) in columns.iter().enumerate() {
            for (register, name) in (5..).zip(NAMES).take(self.initial.len()) {
                write!(f, "{hart}:x{register}={name}; ")?;
            }
            if variety.pointer {
                write!(f, "{hart}:x9=p; ")?;
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
        let mut places: Vec<String> =
            NAMES[..self.initial.len()].iter().map(|n| n.to_string()).collect();
        places.extend(variety.pointer.then(|| "p".to_owned()));
        for (hart, column) in columns.iter().enumerate() {
            places.extend(column.values.iter().map(|register| format!("{hart}:x{register}")));
        }
        write!(f, "locations [")?;
        for (index, place) in places.iter().enumerate() {
            if variety.observed >> (index % 32) & 1 != 0 {
                write!(f, "{place}; ")?;
            }
        }
        writeln!(f, "]")?;
        if let Some((index, equal, value)) = variety.filter {
            let place = &places[index % places.len()];
            let place = match place.contains(':') || !variety.arrays || place == "p" {
                true => place.clone(),
                false => format!("{place}[0]"),
            };
            writeln!(f, "filter {place}{}{value}", if equal { "=" } else { "!=" })?;
        }
        writeln!(f, "exists (true)")
    }
}
