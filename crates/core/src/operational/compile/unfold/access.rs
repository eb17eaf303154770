//! The memory operations of one action.

use super::super::expr::ExprId;
use super::super::set::Set;
use super::super::tree::{Address, High, Op};
use super::{Decided, Path, Unfolder, Value};
use crate::arch::{Extend, Function, MemoryAccess, Width};
use crate::model::{AccessKind, Reservation, fence_orders};
use crate::program::Fault;
use crate::program::misaligned::{self, Alignment};

impl<S: Set> Unfolder<'_, '_, S> {
    pub(super) fn address(&mut self, path: &Path<S>, access: MemoryAccess) -> Address {
        let offset = self.tree.exprs.constant(access.offset as u64);
        let base = path.get(access.base).expr;
        let expr = self.tree.exprs.apply(Function::ADD, base, offset);
        match self.tree.exprs.as_constant(expr) {
            Some(address) => Address::Known(address),
            None => Address::Computed(expr),
        }
    }

    /// For a load or store to a computed address that has been misaligned: does it fall into bytes?
    pub(super) fn may_split(
        &mut self,
        path: &Path<S>,
        kind: AccessKind,
        access: MemoryAccess,
    ) -> Option<ExprId> {
        let alignment = Alignment::of(kind, access, self.code, self.options);
        let here = (self.hart.index(), path.step);
        if !alignment.may_split() || !self.refinement.splits.contains(&here) {
            return None;
        }
        let Address::Computed(address) = self.address(path, access) else { return None };
        let packed = self.tree.exprs.constant(alignment.packed());
        Some(self.tree.exprs.condition(Alignment::splits, address, packed))
    }

    /// Appends a memory operation, or its bytes when it is misaligned; gives what a register gets from it.
    pub(super) fn access(
        &mut self,
        path: &mut Path<S>,
        operation: Access,
        access: MemoryAccess,
        data: Option<Value<S>>,
    ) -> Result<Value<S>, Fault> {
        let address = self.address(path, access);
        let alignment = Alignment::of(operation.kind, access, self.code, self.options);
        let splits = match address {
            Address::Known(address) => alignment.at(address) == misaligned::Access::Bytes,
            Address::Computed(_) => operation.decided == Some(Decided::Bytes),
        };
        let address_deps = path.get(access.base).deps;
        let operation = Access { width: access.width, alignment, ..operation };
        if !splits {
            let op = self.push(path, operation, address, address_deps, data, S::EMPTY)?;
            return Ok(Value { expr: self.tree.exprs.loaded(op), deps: S::only(op) });
        }
        let bytes = access.width.bytes() as usize;
        let first = path.ops.len();
        let siblings = S::since(first) & S::below((first + bytes).min(S::BITS));
        let mut loaded = Value { expr: self.zero, deps: S::EMPTY };
        let before = path.addresses;
        for byte in 0..bytes {
            let offset = access.offset.wrapping_add(byte as i64);
            let address = self.address(path, MemoryAccess { offset, ..access });
            let piece = Access::new(operation.kind, Extend::Zero);
            let shift = self.tree.exprs.constant(8 * byte as u64);
            let part = data.map(|d| Value {
                expr: self.tree.exprs.apply(Function::new(|a, b| a >> b), d.expr, shift),
                ..d
            });
            path.addresses = before;
            let op = self.push(path, piece, address, address_deps, part, siblings)?;
            let value = self.tree.exprs.loaded(op);
            let shifted = self.tree.exprs.apply(Function::new(|a, b| a << b), value, shift);
            loaded.expr = self.tree.exprs.apply(Function::OR, loaded.expr, shifted);
            loaded.deps |= S::only(op);
        }
        let extended: fn(u64, u64) -> u64 = match (operation.extend, access.width) {
            (Extend::Sign, Width::H) => |a, _| Width::H.sign_extend(a),
            (Extend::Sign, Width::W) => |a, _| Width::W.sign_extend(a),
            _ => return Ok(loaded),
        };
        loaded.expr = self.tree.exprs.apply(Function::new(extended), loaded.expr, self.zero);
        Ok(loaded)
    }

    /// What the step before did, if it is of the same instruction: the other word of a pair.
    fn of_step_before(&self, path: &Path<S>) -> S {
        if !self.code.continues(path.step) {
            return S::EMPTY;
        }
        let of_step = |step: usize| move |op: &&u32| self.tree.ops[**op as usize].step == step;
        let own = path.ops.iter().rev().take_while(of_step(path.step)).count();
        let end = path.ops.len() - own;
        let before = path.ops[..end].iter().rev().take_while(of_step(path.step - 1)).count();
        S::since(end - before) & S::below(end)
    }

    fn push(
        &mut self,
        path: &mut Path<S>,
        access: Access,
        address: Address,
        address_deps: S,
        data: Option<Value<S>>,
        siblings: S,
    ) -> Result<usize, Fault> {
        let place = path.ops.len();
        if place >= S::BITS {
            return Err(self.too_large("memory operations on one path", S::BITS));
        }
        let siblings = siblings.without(place) | self.of_step_before(path);
        let mut fence_deps = S::EMPTY;
        for fence in &path.fences {
            for a in (S::below(fence.ops) & !fence_deps).members() {
                let kind = self.tree.ops[path.ops[a] as usize].kind;
                if fence_orders(fence.pairs, kind, access.kind) {
                    fence_deps.insert(a);
                }
            }
        }
        self.tree.ops.push(Op {
            step: path.step,
            kind: access.kind,
            width: access.width,
            extend: access.extend,
            address,
            alignment: access.alignment,
            data: data.map(|d| d.expr),
            amo: access.amo,
            expected: access.expected,
            high: access.high,
            paired: access.paired,
            address_deps,
            data_deps: data.map_or(S::EMPTY, |d| d.deps),
            control_deps: path.control,
            earlier_address_deps: path.addresses,
            fence_deps,
            siblings,
        });
        path.ops.push(self.tree.ops.len() as u32 - 1);
        path.addresses |= address_deps;
        Ok(place)
    }
}

/// What of an operation its mnemonic says.
pub(super) struct Access {
    pub(super) kind: AccessKind,
    pub(super) width: Width,
    pub(super) alignment: Alignment,
    pub(super) extend: Extend,
    pub(super) amo: Option<Function>,
    pub(super) expected: Option<ExprId>,
    pub(super) high: Option<High>,
    pub(super) paired: Option<u16>,
    pub(super) decided: Option<Decided>,
}

impl Access {
    pub(super) fn new(kind: AccessKind, extend: Extend) -> Access {
        Access {
            kind,
            width: Width::B,
            alignment: Alignment::BYTE,
            extend,
            amo: None,
            expected: None,
            high: None,
            paired: None,
            decided: None,
        }
    }
}

/// Option `reservation`: may an SC of these bytes be paired with an LR of those?
pub(in crate::operational) fn reservation_covers(
    reservation: Reservation,
    lr_address: u64,
    lr_width: Width,
    sc_address: u64,
    sc_width: Width,
) -> bool {
    match reservation {
        Reservation::Exact => {
            sc_address >= lr_address
                && sc_address.wrapping_add(sc_width.bytes())
                    <= lr_address.wrapping_add(lr_width.bytes())
        }
        Reservation::Line(bytes) => {
            let line = |address: u64| address & !(bytes.max(lr_width.bytes()) - 1);
            line(sc_address) == line(lr_address)
                && line(sc_address.wrapping_add(sc_width.bytes() - 1)) == line(lr_address)
        }
        Reservation::Any => true,
    }
}
