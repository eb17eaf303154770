//! Which registers of a RISC-V hart hold those of an x86 hart, and the addresses of locations.
//!
//! A register that is used with 64 bits somewhere holds what x86 would have in it. One that is used with 32 bits
//! only is kept sign-extended, as RISC-V's own instructions leave it.

use std::collections::BTreeMap;

use rvlitmus_core::arch::x86::{Instr, Operand, Operation, Reg, Width};
use rvlitmus_core::arch::{Name, Reg as AnyReg};
use rvlitmus_core::litmus::{HartCode, HartId, Place, Term, Test, Value};

/// Registers that hold something on its way within one instruction of x86.
pub(crate) const TEMPORARIES: [&str; 4] = ["x28", "x29", "x30", "x31"];

/// The registers that others are put into.
const POOL: [u8; 26] = [
    5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 1, 2, 3,
];

/// The registers of one hart.
#[derive(Debug, Default)]
pub(crate) struct Registers {
    /// By number in encodings.
    general: BTreeMap<u8, u8>,
    /// The widest that is used of each.
    widest: BTreeMap<u8, Width>,
    symbols: BTreeMap<Name, u8>,
}

impl Registers {
    /// For a hart of a test; `None` if there are not enough.
    pub(crate) fn of(test: &Test, hart: HartId) -> Option<Registers> {
        let code = test.harts.get(hart.index())?;
        let mut widest: BTreeMap<u8, Width> = BTreeMap::new();
        let mut symbols: Vec<Name> = Vec::new();
        let mut note = |reg: Reg| {
            let known = widest.entry(reg.number()).or_insert(reg.width());
            *known = reg.width().max(*known);
        };
        for instr in instrs(code) {
            instr.operands.iter().flat_map(registers_of).for_each(&mut note);
            if instr.operation == Operation::Cmpxchg {
                let width = if instr.width == Width::D { "rax" } else { "eax" };
                Reg::parse(width, instr.syntax).into_iter().for_each(&mut note);
            }
            if let Some(symbol) = instr.symbol()
                && !symbols.contains(symbol)
            {
                symbols.push(symbol.clone());
            }
        }
        let observed = observed(test).filter_map(register);
        let given = test.init.iter().filter(|entry| !is_small(entry.value.value.as_ref()));
        let given = given.filter_map(|entry| register(&entry.value.place));
        observed.chain(given).filter(|(h, _)| *h == hart).for_each(|(_, reg)| note(reg));
        let small = test.init.iter().filter_map(|entry| register(&entry.value.place));
        for (_, reg) in small.filter(|(h, _)| *h == hart) {
            widest.entry(reg.number()).or_insert(Width::W);
        }
        let mut pool = POOL.into_iter();
        let mut registers = Registers::default();
        for number in widest.keys() {
            registers.general.insert(*number, pool.next()?);
        }
        registers.widest = widest;
        for symbol in symbols {
            registers.symbols.insert(symbol, pool.next()?);
        }
        Some(registers)
    }

    /// The register that holds one of x86, or of which it holds a part.
    pub(crate) fn general(&self, reg: Reg) -> String {
        format!("x{}", self.general.get(&reg.number()).copied().unwrap_or_default())
    }

    /// Is it used with 64 bits?
    pub(crate) fn is_wide(&self, reg: Reg) -> bool {
        self.widest.get(&reg.number()) == Some(&Width::D)
    }

    /// Is nothing wider ever used of it?
    pub(crate) fn is_widest(&self, reg: Reg) -> bool {
        self.widest.get(&reg.number()) == Some(&reg.width())
    }

    /// The register that holds the address of a location.
    pub(crate) fn symbol(&self, symbol: &Name) -> String {
        format!("x{}", self.symbols.get(symbol).copied().unwrap_or_default())
    }

    /// The locations whose addresses are held, with their registers.
    pub(crate) fn symbols(&self) -> impl Iterator<Item = (&Name, u8)> {
        self.symbols.iter().map(|(name, register)| (name, *register))
    }
}

/// The instructions of a column.
pub(crate) fn instrs(code: &HartCode) -> impl Iterator<Item = &Instr> {
    code.cells.iter().filter_map(|cell| cell.instr.as_ref()?.value.x86())
}

fn registers_of(operand: &Operand) -> Vec<Reg> {
    match operand {
        Operand::Register(reg) => vec![*reg],
        Operand::Memory(address) => {
            address.base.into_iter().chain(address.index.map(|(index, _)| index)).collect()
        }
        Operand::Immediate(_) | Operand::Offset(_) | Operand::Label(_) => Vec::new(),
    }
}

/// Is it a number that is the same with 32 bits and with 64?
fn is_small(value: Option<&Value>) -> bool {
    match value {
        None => true,
        Some(Value::Integer(integer)) => i32::try_from(integer.0 as i64).is_ok_and(|n| n >= 0),
        Some(_) => false,
    }
}

/// The places that the condition, the filter and `locations` name.
pub(crate) fn observed(test: &Test) -> impl Iterator<Item = &Place> {
    let propositions =
        test.filter.iter().chain(test.condition.iter().map(|condition| &condition.proposition));
    let terms = propositions.flat_map(|proposition| proposition.terms());
    let compared = terms.filter_map(|term| match &term.value {
        Term::Place(place) => Some(place),
        Term::Value(_) => None,
    });
    compared.chain(test.locations.iter().map(|item| &item.value.place))
}

/// The register that a place is.
pub(crate) fn register(place: &Place) -> Option<(HartId, Reg)> {
    match place {
        Place::Register(hart, AnyReg::X86(reg)) => Some((*hart, *reg)),
        _ => None,
    }
}
