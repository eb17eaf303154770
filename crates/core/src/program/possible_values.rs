//! What registers and addresses may hold, whichever way code is taken and whatever comes first.
//!
//! A set of values for each register before each step, and for each piece of memory one for all times: the
//! least that initial values and whatever is computed, stored and loaded ask for. Sets that grow large are
//! taken for everything.

use std::collections::BTreeMap;

use super::{Hart, Location, Program};
use crate::arch::{
    Action, Cancels, Extend, MemoryAccess, Operand, Register, RegisterOrPair, Width,
};
use crate::litmus::HartId;

/// Values of a set that is not taken for everything.
const MOST_VALUES: usize = 32;

/// A set of values.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Values {
    /// Whatever there is.
    Any,
    /// These, in order.
    Few(Vec<u64>),
}

impl Values {
    fn only(value: u64) -> Values {
        Values::Few(vec![value])
    }

    /// Adds the values of another set; says whether any was new.
    fn add(&mut self, other: &Values) -> bool {
        let (Values::Few(own), Values::Few(new)) = (&mut *self, other) else {
            let grows = *self != Values::Any && *other == Values::Any;
            if grows {
                *self = Values::Any;
            }
            return grows;
        };
        let before = own.len();
        for value in new {
            if let Err(place) = own.binary_search(value) {
                own.insert(place, *value);
            }
        }
        let grows = own.len() > before;
        if own.len() > MOST_VALUES {
            *self = Values::Any;
        }
        grows
    }

    fn map(&self, f: impl Fn(u64) -> u64) -> Values {
        let mut all = Values::Few(Vec::new());
        match self {
            Values::Any => return Values::Any,
            Values::Few(values) => values.iter().for_each(|v| {
                all.add(&Values::only(f(*v)));
            }),
        }
        all
    }

    fn map_with(&self, other: &Values, f: impl Fn(u64, u64) -> u64) -> Values {
        let Values::Few(others) = other else { return Values::Any };
        let mut all = Values::Few(Vec::new());
        for other in others {
            all.add(&self.map(|value| f(value, *other)));
        }
        all
    }
}

type Registers = [Values; Register::COUNT];

/// What registers may hold before each step of each hart; nothing where no way leads to.
#[derive(Debug)]
pub(super) struct PossibleValues {
    harts: Vec<Vec<Option<Box<Registers>>>>,
}

/// What memory may hold, by address and bytes of the accesses.
#[derive(Debug, Default)]
struct Memory {
    pieces: BTreeMap<(u64, u64), Values>,
    /// Was something stored to an address of which nothing is known?
    lost: bool,
    changed: bool,
}

impl PossibleValues {
    /// Of a program, or `None` if it computes where it jumps. What the steps `hidden` of a hart write is seen by
    /// nobody.
    pub(super) fn of(program: &Program, hidden: (HartId, &[usize])) -> Option<PossibleValues> {
        let actions = program.harts.iter().flat_map(|hart| &hart.code);
        if actions.into_iter().any(|step| matches!(step.action, Action::JumpRegister { .. })) {
            return None;
        }
        let start = |hart: &Hart| {
            let mut before = vec![None; hart.code.len() + 1];
            before[0] = Some(Box::new(hart.registers.map(Values::only)));
            before
        };
        let mut values = PossibleValues { harts: program.harts.iter().map(start).collect() };
        let mut memory = Memory { changed: true, ..Memory::default() };
        while std::mem::take(&mut memory.changed) {
            for (h, hart) in program.harts.iter().enumerate() {
                let hidden = if h == hidden.0.index() { hidden.1 } else { &[] };
                values.run(program, (h, hart), hidden, &mut memory);
            }
        }
        Some(values)
    }

    /// The addresses that a step may access.
    pub(super) fn addresses(&self, hart: usize, step: usize, access: MemoryAccess) -> Values {
        match &self.harts[hart][step] {
            Some(registers) => addresses(registers, access),
            None => Values::Few(Vec::new()),
        }
    }

    /// Takes every step of a hart once more.
    fn run(
        &mut self,
        program: &Program,
        (h, hart): (usize, &Hart),
        hidden: &[usize],
        memory: &mut Memory,
    ) {
        for (at, step) in hart.code.iter().enumerate() {
            let Some(mut registers) = self.harts[h][at].clone() else { continue };
            let stores = !hidden.contains(&at);
            memory.take(&program.locations, step.action, &mut registers, stores);
            for next in successors(step.action, at).into_iter().flatten() {
                match &mut self.harts[h][next] {
                    Some(before) => {
                        for (before, new) in before.iter_mut().zip(&*registers) {
                            memory.changed |= before.add(new);
                        }
                    }
                    none => {
                        *none = Some(registers.clone());
                        memory.changed = true;
                    }
                }
            }
        }
    }
}

/// Where a step may lead, but for jumps to addresses.
pub(super) fn successors(action: Action, at: usize) -> [Option<usize>; 2] {
    match action {
        Action::Branch { target, .. } => [Some(at + 1), Some(target)],
        Action::Jump { target, .. } => [Some(target), None],
        _ => [Some(at + 1), None],
    }
}

fn addresses(registers: &Registers, access: MemoryAccess) -> Values {
    registers[access.base.number()].map(|base| base.wrapping_add(access.offset as u64))
}

impl Memory {
    /// Does what an action does to the registers and, if it `stores`, to memory.
    fn take(
        &mut self,
        locations: &[Location],
        action: Action,
        registers: &mut Registers,
        stores: bool,
    ) {
        let get = |registers: &Registers, register: Register| registers[register.number()].clone();
        let set = |registers: &mut Registers, register: Register, values: Values| {
            if !register.is_zero() {
                registers[register.number()] = values;
            }
        };
        match action {
            Action::Nop | Action::Branch { .. } | Action::Fence(_) => {}
            Action::JumpRegister { link, .. } | Action::Jump { link, .. } => {
                set(registers, link.register, Values::only(link.address));
            }
            Action::Constant { destination, value } => {
                set(registers, destination, Values::only(value));
            }
            Action::Compute { destination, function, left, right, cancels } => {
                let left = get(registers, left);
                let computed = match right {
                    _ if cancels == Cancels::Always => Values::only(0),
                    Operand::Immediate(right) => left.map(|left| (function.0)(left, right)),
                    Operand::Register(right) => left
                        .map_with(&get(registers, right), |left, right| (function.0)(left, right)),
                };
                set(registers, destination, computed);
            }
            Action::Load { destination, extend, access } => {
                let read = self.read(locations, registers, access, extend);
                set(registers, destination, read);
            }
            Action::LoadReserved { destination, access } => {
                let read = self.read(locations, registers, access, Extend::Sign);
                set(registers, destination, read);
            }
            Action::Store { source, access } => {
                self.write(locations, registers, access, &get(registers, source), stores);
            }
            Action::StoreConditional { destination, source, access } => {
                self.write(locations, registers, access, &get(registers, source), stores);
                set(registers, destination, Values::Few(vec![0, 1]));
            }
            Action::Amo { destination, source, function, access } => {
                let old = self.read(locations, registers, access, Extend::Sign);
                let data = get(registers, source).map(|data| access.width.sign_extend(data));
                let new = old.map_with(&data, |old, data| (function.0)(old, data));
                self.write(locations, registers, access, &new, stores);
                set(registers, destination, old);
            }
            Action::CompareAndSwap { expected, new, access } => {
                let old = self.read(locations, registers, access, Extend::Sign);
                let new = match new {
                    RegisterOrPair::Register(new) => get(registers, new),
                    RegisterOrPair::Pair(..) => Values::Any,
                };
                self.write(locations, registers, access, &new, stores);
                match expected {
                    RegisterOrPair::Register(expected) => set(registers, expected, old),
                    RegisterOrPair::Pair(low, high) => {
                        set(registers, low, Values::Any);
                        set(registers, high, Values::Any);
                    }
                }
            }
        }
    }

    fn read(
        &mut self,
        locations: &[Location],
        registers: &Registers,
        access: MemoryAccess,
        extend: Extend,
    ) -> Values {
        let addresses = match addresses(registers, access) {
            Values::Few(addresses) if !self.lost => addresses,
            _ => return Values::Any,
        };
        let mut read = Values::Few(Vec::new());
        for address in addresses {
            if let Some(piece) = self.piece(locations, address, access.width) {
                read.add(piece);
            }
        }
        read.map(|raw| extend.apply(access.width, raw))
    }

    fn write(
        &mut self,
        locations: &[Location],
        registers: &Registers,
        access: MemoryAccess,
        values: &Values,
        stores: bool,
    ) {
        if !stores {
            return;
        }
        let Values::Few(addresses) = addresses(registers, access) else {
            self.changed |= !std::mem::replace(&mut self.lost, true);
            return;
        };
        let raw = values.map(|value| access.width.zero_extend(value));
        for address in addresses {
            if let Some(piece) = self.piece(locations, address, access.width) {
                let grows = piece.add(&raw);
                self.changed |= grows;
            }
        }
    }

    /// What an access may find, if it is to a location at all. Pieces that overlap hold anything.
    fn piece(&mut self, locations: &[Location], address: u64, width: Width) -> Option<&mut Values> {
        let bytes = width.bytes();
        let location = locations.iter().find(|location| location.contains(address, bytes))?;
        if !self.pieces.contains_key(&(address, bytes)) {
            self.changed = true;
            let start = (address - location.address) as usize;
            let initial = &location.initial[start..start + bytes as usize];
            let initial = initial.iter().rev().fold(0, |all, byte| all << 8 | u128::from(*byte));
            let mut piece = match address.is_multiple_of(bytes) && bytes <= 8 {
                true => Values::only(initial as u64),
                false => Values::Any,
            };
            for (&(other, its), values) in &mut self.pieces {
                if other < address + bytes && address < other + its {
                    *values = Values::Any;
                    piece = Values::Any;
                }
            }
            self.pieces.insert((address, bytes), piece);
        }
        self.pieces.get_mut(&(address, bytes))
    }
}
