//! Actions on memory: what they read, write and leave in registers.

use crate::arch::{Action, MemoryAccess, Order, Register};
use crate::axiomatic::footprint::{Footprint, bit_mask};
use crate::axiomatic::relation::Index;
use crate::axiomatic::trace::{End, FailedSc, MAX_OPS, Nth, NthSet, Op};
use crate::model::{AccessKind, ScFailure, annotate};
use crate::program::Fault;
use crate::program::misaligned::{self, Alignment};

use super::possible_stores::{CausalPast, PossibleStore, StoreName};
use super::state::{InterpreterState, Provenance};
use super::{BadAddress, Interpreter, Progress, Scope};

/// An access to memory at a known address.
#[derive(Clone, Copy)]
pub(super) struct Access {
    pub(super) footprint: Footprint,
    pub(super) address: Provenance,
    pub(super) order: Order,
    /// The operation, or of several the first.
    pub(super) first: Nth,
}

impl Interpreter<'_> {
    /// Executes an action on memory, which is an operation of that kind if it writes wherever it may, as
    /// [`Interpreter::step`] says.
    pub(super) fn access(
        &self,
        state: &mut InterpreterState,
        waiting: &mut Vec<InterpreterState>,
        action: Action,
        kind: AccessKind,
        access: MemoryAccess,
    ) -> Result<Progress, Fault> {
        let MemoryAccess { base, offset, width, order } = access;
        let address = state.get(base).wrapping_add(offset as u64);
        let bytes = width.bytes();
        let hart = &self.program.harts[self.hart.index()];
        let alignment = Alignment::of(kind, access, hart, self.options).at(address);
        let bad = if self.program.location_at(address, bytes).is_none() {
            Some(BadAddress::Outside)
        } else if alignment == misaligned::Access::Exception {
            Some(BadAddress::Misaligned)
        } else {
            None
        };
        if let Some(bad) = bad {
            let fault = self.fault(state.pc, address, bad);
            return Ok(Progress::Ends(End::Fault(Box::new(fault))));
        }
        let pieces = if alignment == misaligned::Access::Bytes { bytes as usize } else { 1 };
        if state.ops.len() + pieces > MAX_OPS {
            let what =
                format!("more than {MAX_OPS} memory operations on one path of {}", self.hart);
            return Err(Fault::TooLarge { what, limit: MAX_OPS });
        }
        let footprint = Footprint { address, width: bytes as u8 };
        let mut first = Nth::from_index(state.ops.len());
        // The second word of a pair is of the same instruction.
        if hart.continues(state.pc)
            && let Some(before) = state.ops.last()
        {
            first = before.first;
        }
        let access = Access { footprint, address: state.provenance(base), order, first };
        if pieces > 1 {
            let states = self.split(state.clone(), action, access)?;
            waiting.extend(states.into_iter().rev());
            return Ok(Progress::Impossible);
        }
        let there = match action {
            Action::Store { source, .. } => {
                let data = (u128::from(state.get(source)), state.provenance(source));
                let there = self.store(state, AccessKind::Store, access, data)?;
                state.pc += 1;
                there
            }
            Action::StoreConditional { destination, source, .. } => {
                self.store_conditional(state, waiting, destination, source, access)?;
                true
            }
            _ => {
                let itself = (kind == AccessKind::Amo).then_some(state.next_store);
                let values = self.readable(state, footprint, itself);
                let Some((first, others)) = values.split_first() else {
                    return Ok(Progress::Impossible);
                };
                for value in others.iter().rev() {
                    let mut other = state.clone();
                    if self.load(&mut other, action, access, *value)? {
                        waiting.push(other);
                    }
                }
                self.load(state, action, access, *first)?
            }
        };
        Ok(if there { Progress::Forked } else { Progress::Impossible })
    }

    /// `action` reads `value`. `false` if that cannot be.
    fn load(
        &self,
        state: &mut InterpreterState,
        action: Action,
        access: Access,
        (value, past): (u128, CausalPast),
    ) -> Result<bool, Fault> {
        let nth = Nth::from_index(state.ops.len());
        let provenance = Provenance { deps: NthSet::of(nth), past: past.and(access.address.past) };
        match action {
            Action::Load { destination, extend, access: MemoryAccess { width, .. } } => {
                self.read(state, AccessKind::Load, access, value);
                state.set(destination, extend.apply(width, value as u64), provenance);
            }
            Action::LoadReserved { destination, access: MemoryAccess { width, .. } } => {
                self.read(state, AccessKind::LoadReserved, access, value);
                state.reservation = Some(nth);
                state.set(destination, width.sign_extend(value as u64), provenance);
            }
            Action::Amo { destination, source, function, access: MemoryAccess { width, .. } } => {
                let old = width.sign_extend(value as u64);
                let new = function.apply(old, width.sign_extend(state.get(source)));
                let data = (u128::from(new), state.provenance(source));
                if !self.swap(state, access, (value, past), data)? {
                    return Ok(false);
                }
                state.set(destination, old, provenance);
            }
            Action::CompareAndSwap { expected, new, access: MemoryAccess { width, .. } } => {
                let (compared, from_expected) = state.operand(expected, width);
                let (new, from_new) = state.operand(new, width);
                let from = from_expected.and(from_new);
                let mask = bit_mask(access.footprint.mask());
                if value & mask == compared & mask {
                    if !self.swap(state, access, (value, past), (new, from))? {
                        return Ok(false);
                    }
                } else {
                    self.read(state, self.options.failed_cas.kind(), access, value);
                    state.ops[nth.index()].data_dep = from.deps;
                    state.next_store += 1;
                }
                state.set_operand(expected, width, value, provenance);
            }
            // Nothing else reads memory.
            _ => return Ok(false),
        }
        state.pc += 1;
        Ok(true)
    }

    /// Appends an operation that only reads.
    pub(super) fn read(
        &self,
        state: &mut InterpreterState,
        kind: AccessKind,
        access: Access,
        value: u128,
    ) {
        let mut op = self.op(state, kind, access);
        op.read = value;
        state.ops.push(op);
    }

    /// Appends an operation that reads a value and writes `new`. `false` if that cannot be.
    fn swap(
        &self,
        state: &mut InterpreterState,
        access: Access,
        (value, past): (u128, CausalPast),
        (new, from): (u128, Provenance),
    ) -> Result<bool, Fault> {
        let data = Provenance { deps: from.deps, past: from.past.and(past) };
        let nth = state.ops.len();
        if !self.store(state, AccessKind::Amo, access, (new, data))? {
            return Ok(false);
        }
        state.ops[nth].read = value;
        Ok(true)
    }

    /// Appends an operation that writes. `false`, and nothing is done, if the store would have to come
    /// before itself.
    pub(super) fn store(
        &self,
        state: &mut InterpreterState,
        kind: AccessKind,
        access: Access,
        (value, data): (u128, Provenance),
    ) -> Result<bool, Fault> {
        let name = StoreName { hart: self.hart, nth: state.next_store };
        if !self.possible_stores.has_room(name) {
            let what = format!("more than {} stores on one path of {}", name.nth, self.hart);
            return Err(Fault::TooLarge { what, limit: self.possible_stores.most_per_trace() });
        }
        let before = access.address.past.and(data.past).and(state.control.past);
        let Some(past) = self.possible_stores.extend(before, name, self.scope) else {
            return Ok(false);
        };
        let value = value & bit_mask(access.footprint.mask());
        let mut op = self.op(state, kind, access);
        op.written = value;
        op.data_dep = data.deps;
        state.ops.push(op);
        state.stores.push(PossibleStore { name, footprint: access.footprint, value, past });
        state.next_store += 1;
        Ok(true)
    }

    /// An SC succeeds or fails; any SC ends the reservation.
    fn store_conditional(
        &self,
        state: &mut InterpreterState,
        waiting: &mut Vec<InterpreterState>,
        destination: Register,
        source: Register,
        access: Access,
    ) -> Result<(), Fault> {
        let paired = state.reservation.take().filter(|lr| {
            let lr = state.ops[lr.index()].footprint;
            lr.reserves(access.footprint, self.options.reservation)
        });
        let fails = |state: &mut InterpreterState| {
            if let (Some(paired), ScFailure::OnlyWhenForced) = (paired, self.options.sc_failure) {
                let after = state.ops.len();
                state.failed.push(FailedSc { step: state.pc, paired, after });
            }
            state.set(destination, 1, Provenance::default());
            state.next_store += 1;
            state.pc += 1;
        };
        if paired.is_some() || self.scope == Scope::Any {
            let data = (u128::from(state.get(source)), state.provenance(source));
            let nth = Nth::from_index(state.ops.len());
            let mut failed = state.clone();
            if self.store(state, AccessKind::StoreConditional, access, data)? {
                state.ops[nth.index()].paired = paired;
                let past = state.stores[state.stores.len() - 1].past;
                state.set(destination, 0, Provenance { deps: NthSet::of(nth), past });
                state.pc += 1;
                fails(&mut failed);
                waiting.push(failed);
                return Ok(());
            }
        }
        fails(state);
        Ok(())
    }

    /// A new operation that has neither read nor written yet.
    fn op(&self, state: &InterpreterState, kind: AccessKind, access: Access) -> Op {
        Op {
            step: state.pc,
            kind,
            footprint: access.footprint,
            first: access.first,
            read: 0,
            written: 0,
            annotation: annotate(access.order, kind, self.model, self.options),
            paired: None,
            address_dep: access.address.deps,
            data_dep: NthSet::default(),
            control_dep: state.control.deps,
        }
    }
}
