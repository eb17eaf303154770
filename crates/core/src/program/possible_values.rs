//! What registers and addresses may hold, whichever way code is taken and whatever comes first.
//!
//! A set of values for each register before each step, and for each piece of memory one for all times: the
//! least that initial values and whatever is computed, stored and loaded ask for. Sets that grow large are
//! taken for everything; but where some values are *marked*, one without any of these for all that is computed and
//! stored without looking at a marked one.

use std::collections::BTreeMap;
use std::rc::Rc;

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
    /// These, in order.
    Few(Vec<u64>),
    /// Whatever comes of values that are not marked.
    Unmarked,
    /// Whatever there is.
    Any,
}

/// Which values are marked.
pub(super) type Marked<'m> = &'m dyn Fn(u64) -> bool;

impl Values {
    pub(super) fn only(value: u64) -> Values {
        Values::Few(vec![value])
    }

    /// May some of them be marked?
    pub(super) fn are_marked(&self, marked: Marked<'_>) -> bool {
        match self {
            Values::Few(values) => values.iter().any(|value| marked(*value)),
            Values::Unmarked => false,
            Values::Any => true,
        }
    }

    /// More of them than are told apart.
    fn many(&self, marked: Marked<'_>) -> Values {
        if self.are_marked(marked) { Values::Any } else { Values::Unmarked }
    }

    /// Adds the values of another set; says whether any was new.
    fn add(&mut self, other: &Values, marked: Marked<'_>) -> bool {
        let (Values::Few(own), Values::Few(new)) = (&mut *self, other) else {
            let (own, other) = (self.many(marked), other.many(marked));
            let both = if own == Values::Any { own } else { other };
            let grows = *self != both;
            *self = both;
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
            *self = self.many(marked);
        }
        grows
    }

    fn map(&self, marked: Marked<'_>, f: impl Fn(u64) -> u64) -> Values {
        let Values::Few(values) = self else { return self.clone() };
        let mut all = Values::Few(Vec::new());
        values.iter().for_each(|value| {
            all.add(&Values::only(f(*value)), marked);
        });
        all
    }

    fn map_with(&self, other: &Values, marked: Marked<'_>, f: impl Fn(u64, u64) -> u64) -> Values {
        let (Values::Few(_), Values::Few(others)) = (self, other) else {
            let mut both = self.many(marked);
            both.add(other, marked);
            return both;
        };
        let mut all = Values::Few(Vec::new());
        for other in others {
            all.add(&self.map(marked, |value| f(value, *other)), marked);
        }
        all
    }
}

pub(super) type Registers = [Rc<Values>; Register::COUNT];

/// What registers may hold before each step of each hart, and at its end; nothing where no way leads to.
#[derive(Debug)]
pub(super) struct PossibleValues {
    pub(super) harts: Vec<Vec<Option<Box<Registers>>>>,
    /// What memory may hold, by address and bytes of the accesses; all that is not here is as it was.
    pub(super) memory: BTreeMap<(u64, u64), Values>,
}

/// What memory may hold.
struct Memory<'a> {
    locations: &'a [Location],
    marked: Marked<'a>,
    pieces: BTreeMap<(u64, u64), Values>,
    /// Was something stored to an address of which nothing is known?
    lost: bool,
    changed: bool,
}

impl PossibleValues {
    /// Of a program, or `None` if it computes where it jumps, or stores to an address of which nothing is known.
    /// What the steps `hidden` of a hart write is seen by nobody.
    pub(super) fn of(
        program: &Program,
        hidden: (HartId, &[usize]),
        marked: Marked<'_>,
    ) -> Option<PossibleValues> {
        let actions = program.harts.iter().flat_map(|hart| &hart.code);
        if actions.into_iter().any(|step| matches!(step.action, Action::JumpRegister { .. })) {
            return None;
        }
        let start = |hart: &Hart| {
            let mut before = vec![None; hart.code.len() + 1];
            before[0] = Some(Box::new(hart.registers.map(|value| Rc::new(Values::only(value)))));
            before
        };
        let harts = program.harts.iter().map(start).collect();
        let mut values = PossibleValues { harts, memory: BTreeMap::new() };
        let mut memory = Memory {
            locations: &program.locations,
            marked,
            pieces: BTreeMap::new(),
            lost: false,
            changed: true,
        };
        let first = |hart: &Hart| (0..=hart.code.len()).map(|step| step == 0).collect();
        let mut due: Vec<Vec<bool>> = program.harts.iter().map(first).collect();
        while memory.changed || due.iter().flatten().any(|due| *due) {
            let reads_again = std::mem::take(&mut memory.changed);
            for (h, hart) in program.harts.iter().enumerate() {
                let hidden = if h == hidden.0.index() { hidden.1 } else { &[] };
                for at in 0..hart.code.len() {
                    let due = &mut due[h];
                    if std::mem::take(&mut due[at])
                        || reads_again && hart.code[at].action.reads_memory()
                    {
                        values.take(h, hart.code[at].action, at, &mut memory, (hidden, due));
                    }
                    if memory.lost {
                        return None;
                    }
                }
                due[h][hart.code.len()] = false;
            }
        }
        values.memory = memory.pieces;
        Some(values)
    }

    /// The addresses that a step may access.
    pub(super) fn addresses(&self, hart: usize, step: usize, access: MemoryAccess) -> Values {
        match &self.harts[hart][step] {
            Some(registers) => addresses(registers, access),
            None => Values::Few(Vec::new()),
        }
    }

    /// Takes a step of a hart once more; notes the steps behind it that are `due` then.
    fn take(
        &mut self,
        h: usize,
        action: Action,
        at: usize,
        memory: &mut Memory<'_>,
        (hidden, due): (&[usize], &mut [bool]),
    ) {
        let Some(mut registers) = self.harts[h][at].clone() else { return };
        memory.take(action, &mut registers, !hidden.contains(&at));
        for next in successors(action, at).into_iter().flatten() {
            match &mut self.harts[h][next] {
                Some(before) => {
                    for (before, new) in before.iter_mut().zip(&*registers) {
                        if !Rc::ptr_eq(before, new)
                            && **before != **new
                            && Rc::make_mut(before).add(new, memory.marked)
                        {
                            due[next] = true;
                        }
                    }
                }
                none => {
                    *none = Some(registers.clone());
                    due[next] = true;
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

/// The addresses that an access may be to.
fn addresses(registers: &Registers, access: MemoryAccess) -> Values {
    registers[access.base.number()].map(&|_| false, |base| base.wrapping_add(access.offset as u64))
}

impl Memory<'_> {
    /// Does what an action does to the registers and, if it `stores`, to memory.
    fn take(&mut self, action: Action, registers: &mut Registers, stores: bool) {
        let marked = self.marked;
        let get =
            |registers: &Registers, register: Register| Rc::clone(&registers[register.number()]);
        let set = |registers: &mut Registers, register: Register, values: Values| {
            if !register.is_zero() {
                registers[register.number()] = Rc::new(values);
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
            Action::Compute { destination, function, left, right, .. } if !cancels(&action) => {
                let left = get(registers, left);
                let computed = match right {
                    Operand::Immediate(right) => {
                        left.map(marked, |left| function.apply(left, right))
                    }
                    Operand::Register(right) => {
                        left.map_with(&get(registers, right), marked, |left, right| {
                            function.apply(left, right)
                        })
                    }
                };
                set(registers, destination, computed);
            }
            Action::Compute { destination, .. } => set(registers, destination, Values::only(0)),
            Action::Load { destination, extend, access } => {
                let read = self.read(registers, access, extend);
                set(registers, destination, read);
            }
            Action::LoadReserved { destination, access } => {
                let read = self.read(registers, access, Extend::Sign);
                set(registers, destination, read);
            }
            Action::Store { source, access } => {
                self.write(registers, access, &get(registers, source), stores);
            }
            Action::StoreConditional { destination, source, access } => {
                self.write(registers, access, &get(registers, source), stores);
                set(registers, destination, Values::Few(vec![0, 1]));
            }
            Action::Amo { destination, source, function, access } => {
                let old = self.read(registers, access, Extend::Sign);
                let data =
                    get(registers, source).map(marked, |data| access.width.sign_extend(data));
                let new = old.map_with(&data, marked, |left, right| function.apply(left, right));
                self.write(registers, access, &new, stores);
                set(registers, destination, old);
            }
            Action::CompareAndSwap { expected, new, access } => match (expected, new) {
                (RegisterOrPair::Register(expected), RegisterOrPair::Register(new)) => {
                    self.swap(registers, (expected, new), access, stores);
                }
                (RegisterOrPair::Pair(low, high), RegisterOrPair::Pair(new_low, new_high))
                    if access.width == Width::Q =>
                {
                    let half = MemoryAccess { width: Width::D, ..access };
                    let upper = MemoryAccess { offset: half.offset.wrapping_add(8), ..half };
                    // Where the low half goes may be where the address was.
                    let mut before = registers.clone();
                    self.swap(registers, (low, new_low), half, stores);
                    self.swap(&mut before, (high, new_high), upper, stores);
                    set(registers, high, (*before[high.number()]).clone());
                }
                _ => {
                    self.write(registers, access, &Values::Any, stores);
                    action
                        .destinations()
                        .for_each(|register| set(registers, register, Values::Any));
                }
            },
        }
    }

    fn swap(
        &mut self,
        registers: &mut Registers,
        (expected, new): (Register, Register),
        access: MemoryAccess,
        stores: bool,
    ) {
        let old = self.read(registers, access, Extend::Sign);
        let new = Rc::clone(&registers[new.number()]);
        self.write(registers, access, &new, stores);
        if !expected.is_zero() {
            registers[expected.number()] = Rc::new(old);
        }
    }

    fn read(&mut self, registers: &Registers, access: MemoryAccess, extend: Extend) -> Values {
        let Values::Few(addresses) = addresses(registers, access) else { return Values::Any };
        let marked = self.marked;
        let mut read = Values::Few(Vec::new());
        for address in addresses {
            if let Some(piece) = self.piece(address, access.width) {
                read.add(piece, marked);
            }
        }
        read.map(marked, |raw| extend.apply(access.width, raw))
    }

    fn write(
        &mut self,
        registers: &Registers,
        access: MemoryAccess,
        values: &Values,
        stores: bool,
    ) {
        if !stores {
            return;
        }
        let Values::Few(addresses) = addresses(registers, access) else {
            self.lost = true;
            return;
        };
        let marked = self.marked;
        let raw = values.map(marked, |value| access.width.zero_extend(value));
        for address in addresses {
            if let Some(piece) = self.piece(address, access.width) {
                let grows = piece.add(&raw, marked);
                self.changed |= grows;
            }
        }
    }

    /// What an access may find, if it is to a location at all. Pieces that overlap are not told apart.
    fn piece(&mut self, address: u64, width: Width) -> Option<&mut Values> {
        let bytes = width.bytes();
        let location = self.locations.iter().find(|location| location.contains(address, bytes))?;
        if !self.pieces.contains_key(&(address, bytes)) {
            self.changed = true;
            let mut piece = Values::only(location.initial_value(address, bytes) as u64);
            if !address.is_multiple_of(bytes) || bytes > 8 {
                piece = Values::Any;
            }
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

/// Is the result of a computation 0 whatever the registers hold?
pub(super) fn cancels(action: &Action) -> bool {
    match *action {
        Action::Compute { left, right, cancels, .. } => match cancels {
            Cancels::Never => false,
            Cancels::EqualArguments => right == Operand::Register(left),
            Cancels::Always => true,
        },
        _ => false,
    }
}
