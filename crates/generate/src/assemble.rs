//! From the neutral form to instructions, with registers, initial values and labels laid out as diy7 does.

use super::generated_test::Hart;
use super::program::{Access, AmoOp, Bytes, Dep, Fence, Op, Order, Program, Step, location_name};

/// The first register that is given out, and the last.
const REGISTERS: std::ops::RangeInclusive<u8> = 5..=31;

/// A program needs more registers than a hart has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("hart {0} needs more registers than there are")]
pub(crate) struct NoRegister(usize);

/// Registers in which an access leaves something.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Results {
    /// What it read.
    pub(crate) value: Option<u8>,
    /// 0 if its SC succeeded.
    pub(crate) failed: Option<u8>,
}

/// The code of each hart, and what its accesses leave.
pub(crate) struct Assembled {
    pub(crate) harts: Vec<Hart>,
    pub(crate) results: Vec<Vec<Results>>,
}

/// Writes a program as code.
pub(crate) fn assemble(program: &Program) -> Result<Assembled, NoRegister> {
    let mut labels = 0;
    let (mut harts, mut results) = (Vec::new(), Vec::new());
    for (number, steps) in program.harts.iter().enumerate() {
        let mut hart = Assembler { labels, ..Assembler::new(REGISTERS.collect(), &[]) };
        for step in steps {
            match step {
                Step::Fence(fence) => hart.code.push(fence.to_string()),
                Step::Access(access) => hart.access(access),
            }
        }
        labels = hart.labels;
        let (code, own) = hart.finish().ok_or(NoRegister(number))?;
        harts.push(code);
        results.push(own);
    }
    Ok(Assembled { harts, results })
}

/// The initial value of a register.
struct Entry {
    register: u8,
    value: String,
    /// Does it keep that value?
    stays: bool,
}

/// Writes the code of one hart.
pub(crate) struct Assembler<'n> {
    /// The registers that it may use.
    free: Vec<u8>,
    /// What locations are called, where it is not [`location_name`] that says it.
    names: &'n [String],
    used: usize,
    labels: usize,
    registers: Vec<Entry>,
    /// The code so far.
    pub(crate) code: Vec<String>,
    results: Vec<Results>,
}

impl<'n> Assembler<'n> {
    pub(crate) fn new(free: Vec<u8>, names: &'n [String]) -> Assembler<'n> {
        Assembler {
            free,
            names,
            used: 0,
            labels: 0,
            registers: Vec::new(),
            code: Vec::new(),
            results: Vec::new(),
        }
    }

    /// The hart, and what its accesses leave; `None` if it needs more registers than there are.
    pub(crate) fn finish(self) -> Option<(Hart, Vec<Results>)> {
        if self.used > self.free.len() {
            return None;
        }
        let hart = Hart::new().code(self.code);
        let registers = self.registers.into_iter();
        let hart = registers.fold(hart, |hart, entry| hart.register(entry.register, entry.value));
        Some((hart, self.results))
    }

    /// The next free register. Beyond the last any is given out, and nothing is printed.
    fn fresh(&mut self) -> u8 {
        let register = self.free.get(self.used).or(self.free.last()).copied().unwrap_or(0);
        self.used += 1;
        register
    }

    /// The register that has this value from the beginning.
    fn initial(&mut self, value: String) -> u8 {
        let known = self.registers.iter().find(|entry| entry.stays && entry.value == value);
        if let Some(known) = known {
            return known.register;
        }
        let register = self.fresh();
        self.registers.push(Entry { register, value, stays: true });
        register
    }

    /// The register that holds an address, and the offset that is added by the instruction.
    fn address(&mut self, location: usize, bytes: Bytes, op: Op) -> (u8, u32) {
        let name = self.names.get(location).cloned().unwrap_or_else(|| location_name(location));
        match (bytes.offset, op) {
            (offset, Op::Load(Order::Plain) | Op::Store(Order::Plain)) => {
                (self.initial(name), offset)
            }
            (0, _) => (self.initial(name), 0),
            (offset, _) => (self.initial(format!("{name}+{offset}")), 0),
        }
    }

    /// An access whose address depends on a register.
    pub(crate) fn access_behind(&mut self, register: u8, access: &Access) {
        let index = self.fresh();
        self.code.push(format!("xor x{index},x{register},x{register}"));
        let results = self.body(access, Some(index), None);
        self.results.push(results);
    }

    /// An access, and the dependency that it has.
    pub(crate) fn access(&mut self, access: &Access) {
        let mut index = None;
        let mut data = None;
        match access.dep {
            None => {}
            Some((Dep::Addr, source)) => {
                let (from, to) = (self.value_of(source), self.fresh());
                self.code.push(format!("xor x{to},x{from},x{from}"));
                index = Some(to);
            }
            Some((Dep::Data, source)) => {
                let (from, to) = (self.value_of(source), self.fresh());
                self.code.push(format!("xor x{to},x{from},x{from}"));
                let set = match access.value {
                    value @ -2048..2048 => format!("ori x{to},x{to},{value}"),
                    value => format!("or x{to},x{to},x{}", self.initial(value.to_string())),
                };
                self.code.push(set);
                data = Some(to);
            }
            Some((dep @ (Dep::Ctrl | Dep::CtrlFenceI), source)) => {
                let from = self.value_of(source);
                let label = format!("LC{:02}", self.labels);
                self.labels += 1;
                self.code.push(format!("bne x{from},x0,{label}"));
                self.code.push(format!("{label}:"));
                if dep == Dep::CtrlFenceI {
                    self.code.push(Fence::I.to_string());
                }
            }
        }
        let results = self.body(access, index, data);
        self.results.push(results);
    }

    fn value_of(&self, access: usize) -> u8 {
        self.results[access].value.unwrap_or(0)
    }

    /// The access itself, whose address `index` is added to, and which stores `data`.
    fn body(&mut self, access: &Access, index: Option<u8>, data: Option<u8>) -> Results {
        let Access { op, bytes, value, .. } = *access;
        let letter = bytes.width.letter();
        let stored = |this: &mut Assembler| data.unwrap_or_else(|| this.initial(value.to_string()));
        match op {
            Op::Load(order) | Op::AmoLoad(order) | Op::LoadReserved(order) => {
                let result = self.fresh();
                let (base, offset) = self.address(access.location, bytes, op);
                let base = self.indexed(base, index);
                let order = order.suffix();
                self.code.push(match op {
                    Op::AmoLoad(_) => format!("amoor.{letter}{order} x{result},x0,(x{base})"),
                    Op::LoadReserved(_) => format!("lr.{letter}{order} x{result},0(x{base})"),
                    _ => format!("l{letter}{order} x{result},{offset}(x{base})"),
                });
                Results { value: Some(result), failed: None }
            }
            Op::Store(order) | Op::AmoStore(order) => {
                let stored = stored(self);
                let (base, offset) = self.address(access.location, bytes, op);
                let base = self.indexed(base, index);
                let order = order.suffix();
                let instruction = match op {
                    Op::AmoStore(_) => format!("amoswap.{letter}{order} x0,x{stored},(x{base})"),
                    _ => format!("s{letter}{order} x{stored},{offset}(x{base})"),
                };
                self.code.push(instruction);
                Results::default()
            }
            Op::PairLoad(..) | Op::PairStore(..) => self.pair(access, index, data),
            Op::Amo(..) | Op::FailedCas(_) => self.amo(access, index, data),
        }
    }

    /// An address register plus the register of an address dependency.
    fn indexed(&mut self, base: u8, index: Option<u8>) -> u8 {
        let Some(index) = index else { return base };
        let sum = self.fresh();
        self.code.push(format!("add x{sum},x{base},x{index}"));
        sum
    }

    fn pair(&mut self, access: &Access, index: Option<u8>, data: Option<u8>) -> Results {
        let (base, _) = self.address(access.location, access.bytes, access.op);
        let to = access.sc_bytes.unwrap_or(access.bytes);
        let store_base = match to.offset == access.bytes.offset {
            true => None,
            false => Some(self.address(access.location, to, access.op).0),
        };
        // An index is added before the value is loaded, and its register comes first.
        let sum = index.map(|_| self.fresh());
        let (orders, own) = match access.op {
            Op::PairStore(load, store) => {
                let own = data.unwrap_or_else(|| self.initial(access.value.to_string()));
                ((load, store), Some(own))
            }
            Op::PairLoad(load, store) => ((load, store), None),
            _ => return Results::default(),
        };
        if let (Some(sum), Some(index)) = (sum, index) {
            self.code.push(format!("add x{sum},x{base},x{index}"));
        }
        let base = sum.unwrap_or(base);
        let store_base = store_base.unwrap_or(base);
        let (read, failed) = (self.fresh(), self.fresh());
        let (letter, order) = (access.bytes.width.letter(), orders.0.suffix());
        self.code.push(format!("lr.{letter}{order} x{read},0(x{base})"));
        let (letter, order) = (to.width.letter(), orders.1.suffix());
        let own = own.unwrap_or(read);
        self.code.push(format!("sc.{letter}{order} x{failed},x{own},0(x{store_base})"));
        Results { value: Some(read), failed: Some(failed) }
    }

    fn amo(&mut self, access: &Access, index: Option<u8>, data: Option<u8>) -> Results {
        let Access { op, bytes, value, expected, .. } = *access;
        let (base, _) = self.address(access.location, bytes, op);
        let early = index.is_none().then(|| self.fresh());
        let operand = match op {
            // The comparison fails, and what would be stored does not matter.
            Op::FailedCas(_) => 0,
            _ => data.unwrap_or_else(|| self.initial(value.to_string())),
        };
        let result = early.unwrap_or_else(|| self.fresh());
        let base = self.indexed(base, index);
        let letter = bytes.width.letter();
        let (name, order) = match op {
            Op::Amo(op, order) => (op.name().to_ascii_lowercase(), order),
            Op::FailedCas(order) => ("cas".to_owned(), order),
            _ => return Results::default(),
        };
        if matches!(op, Op::Amo(AmoOp::Cas, _) | Op::FailedCas(_)) {
            let value = expected.to_string();
            self.registers.push(Entry { register: result, value, stays: false });
        }
        let order = order.suffix();
        self.code.push(format!("amo{name}.{letter}{order} x{result},x{operand},(x{base})"));
        Results { value: Some(result), failed: None }
    }
}
