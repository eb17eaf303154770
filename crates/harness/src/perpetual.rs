//! Tests that can run without end: stores of growing values instead of a fresh start for every run (PerpLE, MICRO
//! 2020).
//!
//! Every hart repeats its code. In iteration `n`, counted from 0, the `a`-th of the `k` stores that it has to a
//! location stores `n*k + a`, so that a loaded value says which store it is from. A *frame* is a choice of one
//! iteration for each hart. It is a state of the test: a load that reads from a store of the chosen iteration of the
//! storing hart has that store's value, one that reads from an earlier iteration has what memory holds at the
//! beginning, and one that reads from a later iteration has the value of the last of the hart's stores.
//!
//! # Every frame is an execution of the test
//!
//! A state that is found so is therefore one that the harts really reached, and a model that forbids it is wrong of
//! them. This holds of the tests for which [`perpetual`] makes a form: each location is stored to by one hart alone,
//! with constants, and always accessed as a whole by accesses of one width; there are no AMOs, no LR and SC, no
//! branches but those that go to the next instruction either way; and what is observed is a constant or what a load
//! returned. For take the global memory order of the whole run, and leave out all but the operations of the chosen
//! iterations.
//!
//! - *Load value.* Stores of one hart to one location keep their order. A load that reads from an iteration before
//!   the chosen one has none of the chosen iteration's stores before it, neither in the global memory order nor in
//!   program order: it would have read from that. One that reads from a later iteration has all of them before it,
//!   the last one last; it is of another hart, since no load reads from a store that comes after it in program order.
//!   In between it reads from the very store.
//! - *Preserved program order.* Fences, annotations, dependencies and accesses of one address are those of the test,
//!   and two loads that return values of different stores of the test do so in the run. What one iteration has besides,
//!   the loads of its frame and the stores of its results, orders more and never less.
//!
//! With two harts storing to one location there is no such argument: which store comes last is then decided by
//! iterations that are left out.

use rvlitmus_core::advise::{SiteKind, present};
use rvlitmus_core::arch::riscv::{Operands, Operation, Reg};
use rvlitmus_core::arch::{Extend, Width};
use rvlitmus_core::litmus::{HartId, Span, Test};
use rvlitmus_core::program::{Observed, ObservedFrom, Program};

use crate::body::{Bias, Body, body, instrs};

/// A test's form for perpetual runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Perpetual {
    /// One function a hart.
    pub(crate) bodies: Vec<Body>,
    /// By hart: of each bias what is added to `n*k`, and the location that is stored to.
    pub(crate) biases: Vec<Vec<(usize, u64)>>,
    /// By location: who stores to it, and how often in an iteration; `None` where nobody does.
    pub(crate) stored: Vec<Option<(usize, usize)>>,
    /// What observed places come to.
    pub(crate) seen: Vec<Seen>,
}

/// What an observed place of a frame comes to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Seen {
    /// Always this, as states have it.
    Constant(u64),
    /// What a load returned.
    Load {
        /// Whose.
        hart: usize,
        /// Which of its results.
        result: usize,
        /// Where it loads from.
        location: usize,
        /// Values as states have them: before any store of the frame, and from each of them.
        values: Vec<u64>,
    },
}

/// What a register has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Content {
    Known(u64),
    Loaded(usize, Width, Extend),
    Unknown,
}

/// A store of a constant to a location.
struct Store {
    hart: usize,
    instruction: usize,
    location: usize,
    value: u64,
}

/// The form of a test that has one.
pub(crate) fn perpetual(test: &Test, program: &Program) -> Option<Perpetual> {
    if program.filter.is_some() || program.harts.len() < 2 {
        return None;
    }
    let mut reader =
        Reader { program, widths: vec![None; program.locations.len()], stores: Vec::new() };
    let passed: Vec<(HartId, Span)> = present(test)
        .iter()
        .filter(|site| site.kind == SiteKind::ControlDependency)
        .map(|site| (site.hart, site.span))
        .collect();
    let harts = 0..program.harts.len();
    let contents: Vec<[Content; 32]> =
        harts.clone().map(|hart| reader.hart(test, hart, &passed)).collect::<Option<_>>()?;
    let Reader { stores, .. } = reader;
    let of_location = |location| stores.iter().filter(move |store| store.location == location);
    let mut stored = Vec::new();
    for location in 0..program.locations.len() {
        let harts: Vec<usize> = of_location(location).map(|store| store.hart).collect();
        if harts.windows(2).any(|pair| pair[0] != pair[1]) {
            return None;
        }
        stored.push(harts.first().map(|hart| (*hart, harts.len())));
    }
    let mut results = vec![Vec::<Reg>::new(); program.harts.len()];
    let mut seen = Vec::new();
    for observed in &program.observed {
        seen.push(match observed.from {
            ObservedFrom::Register(hart, register) => {
                let hart = hart.index();
                match contents[hart][register.number()] {
                    Content::Known(value) => Seen::Constant(shown(observed, value)),
                    Content::Unknown => return None,
                    Content::Loaded(location, width, extend) => {
                        let reg = Reg::new(register.number() as u8);
                        let known = results[hart].iter().position(|other| *other == reg);
                        let result = known.unwrap_or_else(|| {
                            results[hart].push(reg);
                            results[hart].len() - 1
                        });
                        let initial = std::iter::once(initial(program, location));
                        let values = initial.chain(of_location(location).map(|store| store.value));
                        let values =
                            values.map(|value| shown(observed, extend.apply(width, value)));
                        Seen::Load { hart, result, location, values: values.collect() }
                    }
                }
            }
            ObservedFrom::Memory { address, bytes } => {
                let location = program.location_index_at(address, bytes)?;
                if program.locations[location].address != address {
                    return None;
                }
                let last = of_location(location).next_back().map(|store| store.value);
                let value = last.unwrap_or_else(|| initial(program, location));
                let cut = if bytes < 8 { value & ((1 << (8 * bytes)) - 1) } else { value };
                Seen::Constant(shown(observed, cut))
            }
        });
    }
    if !seen.iter().any(|seen| matches!(seen, Seen::Load { .. })) {
        return None;
    }
    let mut bodies = Vec::new();
    let mut biases = Vec::new();
    for hart in harts {
        let own = stores.iter().filter(|store| store.hart == hart);
        let words: Vec<Bias> = (0..)
            .zip(own.clone())
            .map(|(word, store)| Bias { instruction: store.instruction, word })
            .collect();
        let added = own.map(|store| {
            let place = of_location(store.location)
                .position(|other| other.instruction == store.instruction);
            let place = place.unwrap_or_default() as u64 + 1;
            (store.location, place.wrapping_sub(store.value))
        });
        biases.push(added.collect());
        bodies.push(body(program, &test.harts[hart], hart, results[hart].clone(), &words).ok()?);
    }
    Some(Perpetual { bodies, biases, stored, seen })
}

/// A value as states have it.
fn shown(observed: &Observed, value: u64) -> u64 {
    observed.ctype().normalize(value)
}

/// The first bytes of a location.
fn initial(program: &Program, location: usize) -> u64 {
    let mut bytes = [0; 8];
    let initial = &program.locations[location].initial;
    let length = initial.len().min(8);
    bytes[..length].copy_from_slice(&initial[..length]);
    u64::from_le_bytes(bytes)
}

struct Reader<'p> {
    program: &'p Program,
    /// By location: how it is accessed.
    widths: Vec<Option<Width>>,
    stores: Vec<Store>,
}

impl Reader<'_> {
    /// What the registers of a hart have at the end of an iteration; nothing for code that has no perpetual form.
    fn hart(
        &mut self,
        test: &Test,
        hart: usize,
        passed: &[(HartId, Span)],
    ) -> Option<[Content; 32]> {
        let mut registers = self.program.harts[hart].registers.map(Content::Known);
        let spans =
            test.harts[hart].cells.iter().filter_map(|cell| Some(cell.instr.as_ref()?.span));
        for (number, (instr, span)) in instrs(&test.harts[hart]).zip(spans).enumerate() {
            let Operands { rd, rs1, rs2, imm, relocation, .. } = instr.operands;
            let [a, b] = [rs1, rs2].map(|reg| registers[reg.number()]);
            let result = match instr.def.operation {
                Operation::AluReg(_) | Operation::AluImm(_) if instr.depends_for_nothing() => {
                    Content::Known(0)
                }
                Operation::AluReg(f) => match (a, b) {
                    (Content::Known(a), Content::Known(b)) => Content::Known(f.apply(a, b)),
                    _ => Content::Unknown,
                },
                Operation::AluImm(f) => match a {
                    Content::Known(a) => Content::Known(f.apply(a, imm as u64)),
                    // `mv` and the like leave the value as it is.
                    _ if instr.def.mnemonic == "mv" => a,
                    _ => Content::Unknown,
                },
                _ if relocation.is_some() => return None,
                Operation::Constant(f) => Content::Known(f(imm)),
                Operation::LoadAddress => {
                    let symbol = instr.symbol()?;
                    let mut locations = self.program.locations.iter();
                    Content::Known(locations.find(|it| it.name == *symbol)?.address)
                }
                Operation::Load(width, extend) => {
                    let location = self.access(a, imm, width)?;
                    Content::Loaded(location, width, extend)
                }
                Operation::Store(width) => {
                    let location = self.access(a, imm, width)?;
                    let Content::Known(value) = b else { return None };
                    if instr.def.mnemonic.starts_with("c.") {
                        return None;
                    }
                    self.stores.push(Store { hart, instruction: number, location, value });
                    continue;
                }
                Operation::Fence | Operation::FenceTso | Operation::Hint => continue,
                Operation::Branch(_) if passed.contains(&(HartId(hart as u16), span)) => continue,
                _ => return None,
            };
            if !rd.is_zero() {
                registers[rd.number()] = result;
            }
        }
        Some(registers)
    }

    /// The location that an access is to, if it is as every other one to it.
    fn access(&mut self, base: Content, offset: i64, width: Width) -> Option<usize> {
        let Content::Known(base) = base else { return None };
        let address = base.wrapping_add_signed(offset);
        let location = self.program.location_index_at(address, width.bytes())?;
        let whole = self.program.locations[location].address == address;
        let known = *self.widths[location].get_or_insert(width);
        let holds_address = self.program.location_at(initial(self.program, location), 1).is_some();
        let fits = matches!(width, Width::W | Width::D) && known == width;
        (whole && fits && !holds_address).then_some(location)
    }
}

#[cfg(test)]
mod tests;
