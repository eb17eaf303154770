//! Running one hart alone: every trace that it can have when loads return values of the pool.

use crate::isa::{Extend, Instr, Kind, Reg, Width};
use crate::litmus::HartId;
use crate::model::{AccessKind, MemoryModel, Options, Reservation, Rule, ScFailure, annotate};
use crate::program::{Fault, Program, Step};

use super::footprint::{Footprint, bit_mask};
use super::overlay::{Sheet, overlays};
use super::pool::{Image, Past, Pool, StoreName};
use super::relation::Index;
use super::trace::{End, FailedSc, Fence, MAX_OPS, Nth, NthSet, Op, Trace};

/// A hart to run, and under which rules.
#[derive(Clone, Copy)]
pub(super) struct Runner<'a> {
    /// Its program.
    pub(super) program: &'a Program,
    /// Which of its harts.
    pub(super) hart: HartId,
    /// The model that this hart follows.
    pub(super) model: MemoryModel,
    /// Choices.
    pub(super) options: &'a Options,
    /// What loads may return.
    pub(super) pool: &'a Pool,
}

/// A trace with what each of its stores would add to the pool.
pub(super) struct Run {
    /// What happened.
    pub(super) trace: Trace,
    /// Its stores.
    pub(super) images: Vec<Image>,
}

/// What is known of a register's content besides its value.
#[derive(Clone, Copy, Default)]
struct Origin {
    /// Operations that the value depends on, syntactically.
    deps: NthSet,
    /// Stores that the value depends on.
    past: Past,
}

impl Origin {
    fn and(self, other: Origin) -> Origin {
        Origin { deps: self.deps | other.deps, past: self.past.and(other.past) }
    }
}

/// A hart in the middle of its code.
#[derive(Clone)]
struct State {
    pc: usize,
    registers: [u64; 32],
    origins: [Origin; 32],
    control: Origin,
    /// The last LR, unless another LR or an SC came after it.
    reservation: Option<Nth>,
    /// How often each backward jump was taken.
    jumps: Vec<(usize, u32)>,
    ops: Vec<Op>,
    fences: Vec<Fence>,
    failed: Vec<FailedSc>,
    images: Vec<Image>,
}

/// What a state becomes by one instruction.
enum Next {
    One(State),
    Many(Vec<State>),
    Done(Box<State>, End),
}

/// A memory instruction whose address is known.
#[derive(Clone, Copy)]
struct Access {
    footprint: Footprint,
    address: Origin,
}

impl Runner<'_> {
    /// Every trace of the hart, in an order that depends on the program and the pool alone.
    ///
    /// # Errors
    /// [`Fault::TooLarge`] if a trace has too many operations or stores.
    pub(super) fn traces(&self, stop: &dyn Fn() -> bool) -> Result<Vec<Run>, Fault> {
        let mut runs = Vec::new();
        let mut waiting = vec![State::initial(self.program.harts[self.hart.index()].registers)];
        while let Some(state) = waiting.pop() {
            if runs.len() % 256 == 0 && stop() {
                break;
            }
            match self.step(state)? {
                Next::One(state) => waiting.push(state),
                Next::Many(states) => waiting.extend(states.into_iter().rev()),
                Next::Done(state, end) => runs.push(state.finish(end)),
            }
        }
        Ok(runs)
    }

    /// Executes the instruction at the state's `pc`.
    fn step(&self, mut state: State) -> Result<Next, Fault> {
        let code = &self.program.harts[self.hart.index()].code;
        let Some(step) = code.get(state.pc) else {
            return Ok(Next::Done(Box::new(state), End::Complete));
        };
        let o = &step.instr.operands;
        let (a, b) = (state.get(o.rs1), state.get(o.rs2));
        let (from_a, from_b) = (state.origin(o.rs1), state.origin(o.rs2));
        match step.instr.def.kind {
            Kind::AluReg(f) => state.set(o.rd, f(a, b), from_a.and(from_b)),
            Kind::AluImm(f) => state.set(o.rd, f(a, o.imm as u64), from_a),
            Kind::Constant(f) => state.set(o.rd, f(o.imm), Origin::default()),
            Kind::Auipc => {
                let upper = (o.imm << 12) as i32 as u64;
                state.set(o.rd, step.address.wrapping_add(upper), Origin::default());
            }
            Kind::LoadAddress => state.set(o.rd, step.address, Origin::default()),
            Kind::Branch(f) => {
                state.control = state.control.and(from_a).and(from_b);
                if f(a, b) {
                    return Ok(self.jump(state, step.target));
                }
            }
            Kind::Jal => {
                state.set(o.rd, step.address.wrapping_add(4), Origin::default());
                return Ok(self.jump(state, step.target));
            }
            Kind::Jalr => {
                let address = a.wrapping_add(o.imm as u64) & !1;
                state.control = state.control.and(from_a);
                let Some(target) = self.program.step_at(self.hart, address) else {
                    let fault = self.fault(state.pc, &step.instr, address, BadAddress::Jump);
                    return Ok(Next::Done(Box::new(state), End::Fault(Box::new(fault))));
                };
                state.set(o.rd, step.address.wrapping_add(4), Origin::default());
                return Ok(self.jump(state, target));
            }
            Kind::Fence | Kind::FenceTso => {
                let tso = matches!(step.instr.def.kind, Kind::FenceTso);
                let (step, after) = (state.pc, state.ops.len());
                state.fences.push(Fence { step, after, tso, pred: o.pred, succ: o.succ });
            }
            Kind::Hint => {}
            Kind::Load(width, _)
            | Kind::Store(width)
            | Kind::LoadReserved(width)
            | Kind::StoreConditional(width)
            | Kind::Amo(width, _)
            | Kind::CompareAndSwap(width) => return self.access(state, step, width),
        }
        state.pc += 1;
        Ok(Next::One(state))
    }

    /// Goes to step `target`, unless that is a backward jump too many.
    fn jump(&self, mut state: State, target: usize) -> Next {
        let from = state.pc;
        if target <= from {
            let taken = match state.jumps.iter_mut().find(|(step, _)| *step == from) {
                Some((_, taken)) => {
                    *taken += 1;
                    *taken
                }
                None => {
                    state.jumps.push((from, 1));
                    1
                }
            };
            if taken > self.options.unroll {
                return Next::Done(Box::new(state), End::Cut(from));
            }
        }
        state.pc = target;
        Next::One(state)
    }

    fn access(&self, state: State, step: &Step, width: Width) -> Result<Next, Fault> {
        let instr = &step.instr;
        let o = &instr.operands;
        let address = state.get(o.rs1).wrapping_add(o.imm as u64);
        let bytes = width.bytes();
        let plain = matches!(instr.def.kind, Kind::Load(..) | Kind::Store(_));
        let bad = if self.program.location_at(address, bytes).is_none() {
            Some(BadAddress::Outside)
        } else if address % bytes != 0 {
            Some(if plain { BadAddress::MisalignedPlain } else { BadAddress::Misaligned })
        } else {
            None
        };
        if let Some(bad) = bad {
            let fault = self.fault(state.pc, instr, address, bad);
            return Ok(Next::Done(Box::new(state), End::Fault(Box::new(fault))));
        }
        if state.ops.len() >= MAX_OPS {
            let what =
                format!("more than {MAX_OPS} memory operations on one path of {}", self.hart);
            return Err(Fault::TooLarge { what, limit: MAX_OPS });
        }
        let footprint = Footprint { address, width: bytes as u8 };
        let access = Access { footprint, address: state.origin(o.rs1) };
        let states = match instr.def.kind {
            Kind::Store(_) => {
                let data = (u128::from(state.get(o.rs2)), state.origin(o.rs2));
                self.store(state, instr, AccessKind::Store, access, data)?.into_iter().collect()
            }
            Kind::StoreConditional(_) => self.store_conditional(state, instr, access)?,
            _ => {
                let mut states = Vec::new();
                let is_amo = matches!(instr.def.kind, Kind::Amo(..) | Kind::CompareAndSwap(_));
                let itself = is_amo.then_some(state.images.len());
                for (value, past) in self.readable(&state, footprint, itself) {
                    states.extend(self.load(state.clone(), instr, width, access, value, past)?);
                }
                states
            }
        };
        Ok(Next::Many(states))
    }

    /// `instr` reads `value`. `None` if that cannot be.
    fn load(
        &self,
        mut state: State,
        instr: &Instr,
        width: Width,
        access: Access,
        value: u128,
        past: Past,
    ) -> Result<Option<State>, Fault> {
        let o = &instr.operands;
        let nth = Nth::from_index(state.ops.len());
        let origin = Origin { deps: NthSet::of(nth), past: past.and(access.address.past) };
        let old = width.sign_extend(value as u64);
        let written = match instr.def.kind {
            Kind::Amo(_, f) => {
                let operand = width.sign_extend(state.get(o.rs2));
                Some((u128::from(f(old, operand)), state.origin(o.rs2)))
            }
            Kind::CompareAndSwap(_) => {
                let (expected, from_expected) = state.operand(o.rd, width);
                let (new, from_new) = state.operand(o.rs2, width);
                let from = from_expected.and(from_new);
                let mask = bit_mask(access.footprint.mask());
                if value & mask == expected & mask {
                    Some((new, from))
                } else {
                    let kind = AccessKind::FailedCas;
                    let mut op = self.op(&state, instr, kind, access);
                    (op.read, op.data_dep) = (value, from.deps);
                    state.ops.push(op);
                    None
                }
            }
            Kind::LoadReserved(_) => {
                let mut op = self.op(&state, instr, AccessKind::LoadReserved, access);
                op.read = value;
                state.ops.push(op);
                state.reservation = Some(nth);
                None
            }
            _ => {
                let mut op = self.op(&state, instr, AccessKind::Load, access);
                op.read = value;
                state.ops.push(op);
                None
            }
        };
        if let Some((new, from)) = written {
            let data = (new, Origin { deps: from.deps, past: from.past.and(past) });
            let Some(stored) = self.store(state, instr, AccessKind::Amo, access, data)? else {
                return Ok(None);
            };
            state = stored;
            state.ops[nth.index()].read = value;
        } else {
            state.pc += 1;
        }
        match instr.def.kind {
            Kind::Load(_, Extend::Zero) => state.set(o.rd, width.zero_extend(value as u64), origin),
            Kind::CompareAndSwap(Width::Q) if !o.rd.is_zero() => {
                state.set(o.rd, value as u64, origin);
                state.set(Reg::new(o.rd.number() as u8 | 1), (value >> 64) as u64, origin);
            }
            _ => state.set(o.rd, old, origin),
        }
        Ok(Some(state))
    }

    /// `instr` writes. `None` if the store would have to come before itself.
    fn store(
        &self,
        mut state: State,
        instr: &Instr,
        kind: AccessKind,
        access: Access,
        (value, data): (u128, Origin),
    ) -> Result<Option<State>, Fault> {
        let name = StoreName { hart: self.hart, nth: state.images.len() };
        if name.nth >= self.pool.slots() {
            let what = format!("more than {} stores on one path of {}", name.nth, self.hart);
            return Err(Fault::TooLarge { what, limit: self.pool.slots() });
        }
        let before = access.address.past.and(data.past).and(state.control.past);
        let Some(past) = self.pool.extend(before, name) else {
            return Ok(None);
        };
        let value = value & bit_mask(access.footprint.mask());
        let mut op = self.op(&state, instr, kind, access);
        op.written = value;
        op.data_dep = data.deps;
        state.ops.push(op);
        state.images.push(Image { name, footprint: access.footprint, value, past });
        state.pc += 1;
        Ok(Some(state))
    }

    /// An SC succeeds or fails; any SC ends the reservation.
    fn store_conditional(
        &self,
        mut state: State,
        instr: &Instr,
        access: Access,
    ) -> Result<Vec<State>, Fault> {
        let o = &instr.operands;
        let paired = state
            .reservation
            .take()
            .filter(|lr| self.may_pair(state.ops[lr.index()].footprint, access.footprint));
        let mut states = Vec::new();
        if let Some(lr) = paired {
            let data = (u128::from(state.get(o.rs2)), state.origin(o.rs2));
            let nth = Nth::from_index(state.ops.len());
            let kind = AccessKind::StoreConditional;
            if let Some(mut stored) = self.store(state.clone(), instr, kind, access, data)? {
                stored.ops[nth.index()].paired = Some(lr);
                let past = stored.images[stored.images.len() - 1].past;
                stored.set(o.rd, 0, Origin { deps: NthSet::of(nth), past });
                states.push(stored);
            }
            if self.options.sc_failure == ScFailure::OnlyWhenForced {
                state.failed.push(FailedSc { step: state.pc, paired: lr });
            }
        }
        state.set(o.rd, 1, Origin::default());
        state.pc += 1;
        states.push(state);
        Ok(states)
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
    fn op(&self, state: &State, instr: &Instr, kind: AccessKind, access: Access) -> Op {
        Op {
            step: state.pc,
            kind,
            footprint: access.footprint,
            read: 0,
            written: 0,
            annotation: annotate(instr, kind, self.model, self.options),
            paired: None,
            address_dep: access.address.deps,
            data_dep: NthSet::default(),
            control_dep: state.control.deps,
        }
    }

    /// The values that a read of `target` may return at this point, each with what it needs.
    ///
    /// A store of this hart that comes later in program order is not read from, nor one that a later
    /// store of this hart hides, as the load value axiom and rule 1 say. `itself` is the number of the
    /// store that the reading instruction is, if it is one.
    fn readable(
        &self,
        state: &State,
        target: Footprint,
        itself: Option<usize>,
    ) -> Vec<(u128, Past)> {
        let own_in_order = self.options.rules.contains(Rule::R1);
        let mut hidden = 0;
        let mut seen: Vec<Image> = Vec::new();
        let mut sheets = Vec::new();
        for image in state.images.iter().rev() {
            let covers = target.covered_by(image.footprint);
            if covers != 0 {
                let visible = if own_in_order { covers & !hidden } else { covers };
                sheets.push(Sheet { covers, visible });
                seen.push(*image);
                hidden |= covers;
            }
        }
        for image in self.pool.images() {
            let covers = target.covered_by(image.footprint);
            let nth = image.name.nth;
            let later = !own_in_order && nth >= state.images.len() && Some(nth) != itself;
            if covers != 0 && (image.name.hart != self.hart || later) {
                sheets.push(Sheet { covers, visible: covers });
                seen.push(*image);
            }
        }
        let initial = initial_value(self.program, target);
        let mut values: Vec<(u128, Past)> = Vec::new();
        for patches in overlays(target.mask(), &sheets, target.mask() & !hidden) {
            let mut value = 0;
            let mut past = Past::default();
            for patch in patches {
                let bits = bit_mask(patch.bytes);
                value |= bits
                    & patch
                        .sheet
                        .map_or(initial, |s| seen[s].footprint.project(seen[s].value, target));
                past = patch.sheet.map_or(past, |s| past.and(seen[s].past));
            }
            match values.iter_mut().find(|(known, _)| *known == value) {
                Some((_, known)) => *known = known.or(past),
                None => values.push((value, past)),
            }
        }
        values
    }

    fn fault(&self, step: usize, instr: &Instr, address: u64, bad: BadAddress) -> Fault {
        let (hart, instr) = (self.hart, instr.to_string());
        match bad {
            BadAddress::Outside => Fault::BadAddress { hart, step, instr, address },
            BadAddress::Misaligned => Fault::Misaligned { hart, step, instr, address },
            BadAddress::MisalignedPlain => {
                Fault::MisalignedUnsupported { hart, step, instr, address }
            }
            BadAddress::Jump => Fault::BadJump { hart, step, instr, address },
        }
    }
}

/// What is wrong with an address.
#[derive(Clone, Copy)]
enum BadAddress {
    Outside,
    Misaligned,
    MisalignedPlain,
    Jump,
}

/// What the initial state holds at `target`, which lies in a location.
#[must_use]
pub(super) fn initial_value(program: &Program, target: Footprint) -> u128 {
    let Some(location) = program.location_at(target.address, u64::from(target.width)) else {
        return 0;
    };
    let start = (target.address - location.address) as usize;
    let bytes = &location.initial[start..start + usize::from(target.width)];
    bytes.iter().rev().fold(0, |value, byte| value << 8 | u128::from(*byte))
}

impl State {
    fn initial(registers: [u64; 32]) -> State {
        State {
            pc: 0,
            registers,
            origins: [Origin::default(); 32],
            control: Origin::default(),
            reservation: None,
            jumps: Vec::new(),
            ops: Vec::new(),
            fences: Vec::new(),
            failed: Vec::new(),
            images: Vec::new(),
        }
    }

    fn get(&self, reg: Reg) -> u64 {
        if reg.is_zero() { 0 } else { self.registers[reg.number()] }
    }

    fn origin(&self, reg: Reg) -> Origin {
        if reg.is_zero() { Origin::default() } else { self.origins[reg.number()] }
    }

    fn set(&mut self, reg: Reg, value: u64, origin: Origin) {
        if !reg.is_zero() {
            self.registers[reg.number()] = value;
            self.origins[reg.number()] = origin;
        }
    }

    /// The value of an `amocas` operand: a register, or for 16 bytes a pair of which `x0` is none.
    fn operand(&self, reg: Reg, width: Width) -> (u128, Origin) {
        let low = (u128::from(self.get(reg)), self.origin(reg));
        if width != Width::Q || reg.is_zero() {
            return low;
        }
        let high = Reg::new(reg.number() as u8 | 1);
        (low.0 | u128::from(self.get(high)) << 64, low.1.and(self.origin(high)))
    }

    fn finish(self, end: End) -> Run {
        let State { registers, ops, fences, failed, images, .. } = self;
        Run { trace: Trace { ops, fences, failed, registers, end }, images }
    }
}
