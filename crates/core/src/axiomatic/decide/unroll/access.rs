//! What accesses to memory are: one event, one for each byte, or two of which one happens.

use std::rc::Rc;

use crate::arch::{Action, Extend, MemoryAccess, Order, Register, RegisterOrPair};
use crate::axiomatic::decide::terms::{EventId, Fact, Operation, Term, Test};
use crate::axiomatic::decide::width_of;
use crate::model::{AccessKind, ScFailure, annotate};
use crate::program::Fault;
use crate::program::misaligned::{self, Alignment};

use super::{End, Event, EventSet, FailedSc, Path, Point, Unroller, alone, get, set, unsupported};

/// What the events of one access have in common.
#[derive(Clone)]
struct NewEvent {
    step: usize,
    address: Term,
    bytes: u8,
    order: Order,
    first: EventId,
    address_dep: EventSet,
    alignment: Alignment,
}

impl Unroller<'_, '_> {
    /// The lowest bytes of a value.
    pub(super) fn cut(&mut self, term: Term, bytes: u8) -> Term {
        match width_of(bytes) {
            Some(width) => self.terms().apply_to(Operation::Extend(Extend::Zero, width), term),
            None => term,
        }
    }

    pub(super) fn access(
        &mut self,
        mut point: Point,
        mut path: Path,
        action: Action,
        kind: AccessKind,
        access: MemoryAccess,
    ) -> Result<(), Fault> {
        let MemoryAccess { base, offset, width, order } = access;
        let bytes = width.bytes();
        if bytes > 8 {
            return Err(unsupported("operations of 16 bytes"));
        }
        let (base, address_dep) = get(&path, base);
        let offset = self.terms().constant(offset as u64);
        let address = self.terms().apply(Operation::Sum, base, offset);
        let alignment = Alignment::of(kind, access, self.code, self.options);
        let id = EventId(self.unrolled.events.len() as u32);
        let first = path.previous.filter(|_| self.code.continues(point.step));
        let first = match first {
            Some(event) => self.unrolled.events[event.index()].first,
            None => id,
        };
        let new = NewEvent {
            step: point.step,
            address,
            bytes: bytes as u8,
            order,
            first,
            address_dep,
            alignment,
        };
        let mut splits = false;
        if let Some(address) = self.terms().value(address) {
            let valid = self.program.location_at(address, bytes).is_some();
            let access = alignment.at(address);
            if !valid || access == misaligned::Access::Exception {
                self.end(path.here, End::Fault);
                return Ok(());
            }
            splits = access == misaligned::Access::Bytes;
        } else {
            // The first event that is made asks it for the others.
            let zero = self.terms().constant(0);
            let valid = self.terms().holds(Test::Valid(id), address, zero);
            let not = self.terms().not(valid);
            let faults = self.terms().and(&[path.here, not]);
            self.end(faults, End::Fault);
            path.here = self.terms().and(&[path.here, valid]);
        }
        if splits {
            self.split(&mut path, action, &new);
        } else {
            self.whole(&mut path, action, kind, &new)?;
        }
        path.previous = self.unrolled.events.len().checked_sub(1).map(|last| EventId(last as u32));
        point.step += 1;
        self.go(point, path);
        Ok(())
    }

    /// The access is one operation.
    fn whole(
        &mut self,
        path: &mut Path,
        action: Action,
        kind: AccessKind,
        new: &NewEvent,
    ) -> Result<(), Fault> {
        match action {
            Action::Store { source, .. } => {
                let (value, deps) = get(path, source);
                self.event(path, path.here, kind, new, Some((value, deps)));
            }
            Action::StoreConditional { destination, source, .. } => {
                self.store_conditional(path, destination, source, new);
            }
            Action::Load { destination, extend, access } => {
                let event = self.event(path, path.here, kind, new, None);
                let read = self.terms().read(event);
                let value = self.terms().apply_to(Operation::Extend(extend, access.width), read);
                set(path, destination, value, alone(event));
            }
            Action::LoadReserved { destination, access, .. } => {
                let event = self.event(path, path.here, kind, new, None);
                path.reservation = alone(event);
                let read = self.terms().read(event);
                let extend = Operation::Extend(Extend::Sign, access.width);
                let value = self.terms().apply_to(extend, read);
                set(path, destination, value, alone(event));
            }
            Action::Amo { destination, source, function, access } => {
                let event = EventId(self.unrolled.events.len() as u32);
                let extend = Operation::Extend(Extend::Sign, access.width);
                let read = self.terms().read(event);
                let old = self.terms().apply_to(extend, read);
                let (argument, deps) = get(path, source);
                let argument = self.terms().apply_to(extend, argument);
                let value = self.terms().apply(Operation::Function(function), old, argument);
                self.event(path, path.here, kind, new, Some((value, deps)));
                set(path, destination, old, alone(event));
            }
            Action::CompareAndSwap {
                expected: RegisterOrPair::Register(expected),
                new: RegisterOrPair::Register(source),
                access,
            } => {
                let (compared, from_expected) = get(path, expected);
                let compared = self.cut(compared, new.bytes);
                let (value, from_new) = get(path, source);
                let deps = self.union(&from_expected, &from_new);
                let equal = self.terms().free();
                let differs = self.terms().not(equal);
                let swaps = self.terms().and(&[path.here, equal]);
                let fails = self.terms().and(&[path.here, differs]);
                let amo = self.event(path, swaps, kind, new, Some((value, deps.clone())));
                let load = self.event(path, fails, self.options.failed_cas.kind(), new, None);
                self.unrolled.events[load.index()].data_dep = deps;
                let reads = [amo, load].map(|event| self.terms().read(event));
                let [same, other] =
                    reads.map(|read| self.terms().holds(Test::Equal, read, compared));
                let (no_swap, no_failure) = (self.terms().not(swaps), self.terms().not(fails));
                let other = self.terms().not(other);
                let always =
                    [self.terms().or(&[no_swap, same]), self.terms().or(&[no_failure, other])];
                self.unrolled.always.extend(always);
                let read = self.terms().choice(&[(equal, reads[0]), (differs, reads[1])]);
                let extend = Operation::Extend(Extend::Sign, access.width);
                let read = self.terms().apply_to(extend, read);
                set(path, expected, read, Rc::new(vec![(amo, equal), (load, differs)]));
            }
            _ => return Err(unsupported("comparisons of pairs of registers")),
        }
        Ok(())
    }

    /// Each byte is an operation of its own.
    fn split(&mut self, path: &mut Path, action: Action, new: &NewEvent) {
        let pieces = |this: &mut Self, byte: u32| {
            let byte_of_address = this.terms().constant(u64::from(byte));
            let address = this.terms().apply(Operation::Sum, new.address, byte_of_address);
            NewEvent { address, bytes: 1, alignment: Alignment::BYTE, ..new.clone() }
        };
        match action {
            Action::Store { source, .. } => {
                let (value, deps) = get(path, source);
                for byte in 0..u32::from(new.bytes) {
                    let new = pieces(self, byte);
                    let value = self.terms().apply_to(Operation::Drop(byte), value);
                    self.event(
                        path,
                        path.here,
                        AccessKind::Store,
                        &new,
                        Some((value, deps.clone())),
                    );
                }
            }
            Action::Load { destination, extend, access } => {
                let mut value = self.terms().constant(0);
                let mut deps: EventSet = Rc::default();
                for byte in 0..u32::from(new.bytes) {
                    let new = pieces(self, byte);
                    let event = self.event(path, path.here, AccessKind::Load, &new, None);
                    let read = self.terms().read(event);
                    value = self.terms().apply(Operation::Join(byte), value, read);
                    deps = self.union(&deps, &alone(event));
                }
                let value = self.terms().apply_to(Operation::Extend(extend, access.width), value);
                set(path, destination, value, deps);
            }
            // Nothing else may be misaligned.
            _ => {}
        }
    }

    /// An SC succeeds or fails; any SC ends the reservation.
    fn store_conditional(
        &mut self,
        path: &mut Path,
        destination: Register,
        source: Register,
        new: &NewEvent,
    ) {
        let id = EventId(self.unrolled.events.len() as u32);
        let reservation = std::mem::take(&mut path.reservation);
        let paired: Vec<(EventId, Fact)> = reservation
            .iter()
            .map(|(lr, fact)| {
                let address = self.unrolled.events[lr.index()].address;
                let pair = self.terms().holds(Test::Pair(*lr, id), address, new.address);
                (*lr, self.terms().and(&[*fact, pair]))
            })
            .filter(|(_, fact)| *fact != Fact::FALSE)
            .collect();
        let pairs: Vec<Fact> = paired.iter().map(|(_, fact)| *fact).collect();
        let any = self.terms().or(&pairs);
        let luck = if any == Fact::FALSE { Fact::FALSE } else { self.terms().free() };
        let succeeds = self.terms().and(&[any, luck]);
        let fails = self.terms().not(succeeds);
        if self.options.sc_failure == ScFailure::OnlyWhenForced {
            let before = EventId(id.0 + 1);
            for (lr, pair) in &paired {
                let fails = self.terms().and(&[path.here, fails, *pair]);
                self.this.failed.push(FailedSc { step: new.step, fails, paired: *lr, before });
            }
        }
        let executed = self.terms().and(&[path.here, succeeds]);
        let stored = get(path, source);
        let event = self.event(path, executed, AccessKind::StoreConditional, new, Some(stored));
        self.unrolled.events[event.index()].paired = paired;
        let [zero, one] = [0, 1].map(|value| self.terms().constant(value));
        let value = self.terms().choice(&[(succeeds, zero), (fails, one)]);
        let deps = match succeeds {
            Fact::FALSE => Vec::new(),
            _ => vec![(event, succeeds)],
        };
        set(path, destination, value, Rc::new(deps));
    }

    fn event(
        &mut self,
        path: &Path,
        executed: Fact,
        kind: AccessKind,
        new: &NewEvent,
        written: Option<(Term, EventSet)>,
    ) -> EventId {
        let id = EventId(self.unrolled.events.len() as u32);
        let (written, data_dep) = match written {
            Some((value, deps)) => (Some(value), deps),
            None => (None, Rc::default()),
        };
        self.unrolled.events.push(Event {
            hart: self.hart,
            step: new.step,
            executed,
            kind,
            annotation: annotate(new.order, kind, self.model, self.options),
            address: new.address,
            bytes: new.bytes,
            written,
            first: new.first,
            paired: Vec::new(),
            address_dep: new.address_dep.clone(),
            data_dep,
            control_dep: path.control.clone(),
            alignment: new.alignment,
        });
        id
    }
}
