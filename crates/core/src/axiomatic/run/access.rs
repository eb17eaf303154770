//! Memory instructions: what they read, write and leave in registers.

use crate::arch::riscv::{Extend, Instr, Kind, Width};
use crate::axiomatic::footprint::{Footprint, bit_mask};
use crate::axiomatic::pool::{Image, Past, StoreName};
use crate::axiomatic::relation::Index;
use crate::axiomatic::trace::{End, FailedSc, MAX_OPS, Nth, NthSet, Op};
use crate::model::{AccessKind, Reservation, ScFailure, annotate};
use crate::program::misaligned::{self, Alignment};
use crate::program::{Fault, Step};

use super::state::{Origin, State};
use super::{BadAddress, Next, Runner, Scope};

/// A memory instruction whose address is known.
#[derive(Clone, Copy)]
pub(super) struct Access {
    pub(super) footprint: Footprint,
    pub(super) address: Origin,
    /// The operation, or of several the first.
    pub(super) first: Nth,
}

impl Runner<'_> {
    /// Executes a memory instruction of `width` bytes, as [`Runner::step`] says.
    pub(super) fn access(
        &self,
        state: &mut State,
        waiting: &mut Vec<State>,
        step: &Step,
        width: Width,
    ) -> Result<Next, Fault> {
        let instr = &step.instr;
        let o = &instr.operands;
        let address = state.get(o.rs1).wrapping_add(o.imm as u64);
        let bytes = width.bytes();
        let hart = &self.program.harts[self.hart.index()];
        let alignment = Alignment::of(instr, bytes, hart, self.options).at(address);
        let bad = if self.program.location_at(address, bytes).is_none() {
            Some(BadAddress::Outside)
        } else if alignment == misaligned::Access::Exception {
            Some(BadAddress::Misaligned)
        } else {
            None
        };
        if let Some(bad) = bad {
            let fault = self.fault(state.pc, instr, address, bad);
            return Ok(Next::End(End::Fault(Box::new(fault))));
        }
        let pieces =
            if alignment == misaligned::Access::Bytes { width.bytes() as usize } else { 1 };
        if state.ops.len() + pieces > MAX_OPS {
            let what =
                format!("more than {MAX_OPS} memory operations on one path of {}", self.hart);
            return Err(Fault::TooLarge { what, limit: MAX_OPS });
        }
        let footprint = Footprint { address, width: bytes as u8 };
        let first = Nth::from_index(state.ops.len());
        let access = Access { footprint, address: state.origin(o.rs1), first };
        if pieces > 1 {
            let states = self.split(state.clone(), instr, access)?;
            waiting.extend(states.into_iter().rev());
            return Ok(Next::Gone);
        }
        let there = match instr.def.kind {
            Kind::Store(_) => {
                let data = (u128::from(state.get(o.rs2)), state.origin(o.rs2));
                self.store(state, instr, AccessKind::Store, access, data)?
            }
            Kind::StoreConditional(_) => {
                self.store_conditional(state, waiting, instr, access)?;
                true
            }
            _ => {
                let is_amo = matches!(
                    instr.def.kind,
                    Kind::Amo(..) | Kind::CompareAndSwap(_) | Kind::CompareAndSwapPair(_)
                );
                let itself = is_amo.then_some(state.stores);
                let values = self.readable(state, footprint, itself);
                let Some((first, others)) = values.split_first() else { return Ok(Next::Gone) };
                for value in others.iter().rev() {
                    let mut other = state.clone();
                    if self.load(&mut other, instr, width, access, *value)? {
                        waiting.push(other);
                    }
                }
                self.load(state, instr, width, access, *first)?
            }
        };
        Ok(if there { Next::Chosen } else { Next::Gone })
    }

    /// `instr` reads `value`. `false` if that cannot be.
    fn load(
        &self,
        state: &mut State,
        instr: &Instr,
        width: Width,
        access: Access,
        (value, past): (u128, Past),
    ) -> Result<bool, Fault> {
        let o = &instr.operands;
        let nth = Nth::from_index(state.ops.len());
        let origin = Origin { deps: NthSet::of(nth), past: past.and(access.address.past) };
        let old = width.sign_extend(value as u64);
        let written = match instr.def.kind {
            Kind::Amo(_, f) => {
                let operand = width.sign_extend(state.get(o.rs2));
                Some((u128::from(f(old, operand)), state.origin(o.rs2)))
            }
            kind @ (Kind::CompareAndSwap(_) | Kind::CompareAndSwapPair(_)) => {
                let (expected, from_expected) = state.operand(o.rd, kind);
                let (new, from_new) = state.operand(o.rs2, kind);
                let from = from_expected.and(from_new);
                let mask = bit_mask(access.footprint.mask());
                if value & mask == expected & mask {
                    Some((new, from))
                } else {
                    let kind = AccessKind::FailedCas;
                    let mut op = self.op(state, instr, kind, access);
                    (op.read, op.data_dep) = (value, from.deps);
                    state.ops.push(op);
                    state.stores += 1;
                    None
                }
            }
            Kind::LoadReserved(_) => {
                let mut op = self.op(state, instr, AccessKind::LoadReserved, access);
                op.read = value;
                state.ops.push(op);
                state.reservation = Some(nth);
                None
            }
            _ => {
                let mut op = self.op(state, instr, AccessKind::Load, access);
                op.read = value;
                state.ops.push(op);
                None
            }
        };
        if let Some((new, from)) = written {
            let data = (new, Origin { deps: from.deps, past: from.past.and(past) });
            if !self.store(state, instr, AccessKind::Amo, access, data)? {
                return Ok(false);
            }
            state.ops[nth.index()].read = value;
        } else {
            state.pc += 1;
        }
        match instr.def.kind {
            Kind::Load(_, Extend::Zero) => state.set(o.rd, width.zero_extend(value as u64), origin),
            kind @ (Kind::CompareAndSwap(_) | Kind::CompareAndSwapPair(_)) => {
                state.set_operand(o.rd, kind, value, origin);
            }
            _ => state.set(o.rd, old, origin),
        }
        Ok(true)
    }

    /// `instr` writes. `false`, and nothing is done, if the store would have to come before itself.
    pub(super) fn store(
        &self,
        state: &mut State,
        instr: &Instr,
        kind: AccessKind,
        access: Access,
        (value, data): (u128, Origin),
    ) -> Result<bool, Fault> {
        let name = StoreName { hart: self.hart, nth: state.stores };
        if name.nth >= self.pool.slots() {
            let what = format!("more than {} stores on one path of {}", name.nth, self.hart);
            return Err(Fault::TooLarge { what, limit: self.pool.slots() });
        }
        let before = access.address.past.and(data.past).and(state.control.past);
        let Some(past) = self.pool.extend(before, name, self.scope) else {
            return Ok(false);
        };
        let value = value & bit_mask(access.footprint.mask());
        let mut op = self.op(state, instr, kind, access);
        op.written = value;
        op.data_dep = data.deps;
        state.ops.push(op);
        state.images.push(Image { name, footprint: access.footprint, value, past });
        state.stores += 1;
        state.pc += 1;
        Ok(true)
    }

    /// An SC succeeds or fails; any SC ends the reservation.
    fn store_conditional(
        &self,
        state: &mut State,
        waiting: &mut Vec<State>,
        instr: &Instr,
        access: Access,
    ) -> Result<(), Fault> {
        let o = &instr.operands;
        let paired = state
            .reservation
            .take()
            .filter(|lr| self.may_pair(state.ops[lr.index()].footprint, access.footprint));
        let fails = |state: &mut State| {
            if let (Some(paired), ScFailure::OnlyWhenForced) = (paired, self.options.sc_failure) {
                let after = state.ops.len();
                state.failed.push(FailedSc { step: state.pc, paired, after });
            }
            state.set(o.rd, 1, Origin::default());
            state.stores += 1;
            state.pc += 1;
        };
        if paired.is_some() || self.scope == Scope::Any {
            let data = (u128::from(state.get(o.rs2)), state.origin(o.rs2));
            let nth = Nth::from_index(state.ops.len());
            let mut failed = state.clone();
            if self.store(state, instr, AccessKind::StoreConditional, access, data)? {
                state.ops[nth.index()].paired = paired;
                let past = state.images[state.images.len() - 1].past;
                state.set(o.rd, 0, Origin { deps: NthSet::of(nth), past });
                fails(&mut failed);
                waiting.push(failed);
                return Ok(());
            }
        }
        fails(state);
        Ok(())
    }

    /// May an SC to `sc` be paired with an LR of `lr`?
    fn may_pair(&self, lr: Footprint, sc: Footprint) -> bool {
        match self.options.reservation {
            Reservation::Exact => sc.lies_in(lr),
            Reservation::Line(size) => {
                let line = |address: u64| address / size.max(1);
                line(lr.address) == line(sc.address)
                    && line(lr.address) == line(sc.byte(usize::from(sc.width) - 1))
            }
            Reservation::Any => true,
        }
    }

    /// A new operation that has neither read nor written yet.
    pub(super) fn op(&self, state: &State, instr: &Instr, kind: AccessKind, access: Access) -> Op {
        Op {
            step: state.pc,
            kind,
            footprint: access.footprint,
            first: access.first,
            read: 0,
            written: 0,
            annotation: annotate(instr, kind, self.model, self.options),
            paired: None,
            address_dep: access.address.deps,
            data_dep: NthSet::default(),
            control_dep: state.control.deps,
        }
    }
}
