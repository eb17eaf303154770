//! The execution that a solution is.

use crate::arch::Register;
use crate::axiomatic::evidence::{EventId as Operation, Execution, Witness, Written};
use crate::axiomatic::footprint::Footprint;
use crate::axiomatic::relation::Index;
use crate::axiomatic::trace::{self, End, FailedSc, MAX_OPS, Nth, NthSet, Op, Trace};
use crate::litmus::HartId;
use crate::program::{FinalState, ObservedFrom};

use super::Decider;
use super::encode::Source;
use super::terms::{EventId, Fact, Term};
use super::unroll::UnrolledHart;

impl Decider<'_> {
    /// The state in which the solution ends.
    pub(super) fn state(&self) -> FinalState {
        let observed = self.encoding.unrolled.observed.iter();
        observed.map(|term| self.value(*term)).collect::<Vec<u64>>().as_slice().into()
    }

    fn value(&self, term: Term) -> u64 {
        let mut values = self.encoding.values(term).into_iter();
        values.find(|(_, is)| self.encoding.sat.holds(*is)).map_or(0, |(value, _)| value)
    }

    fn is(&self, fact: Fact) -> bool {
        self.encoding.sat.holds(self.encoding.fact(fact))
    }

    fn executed(&self, event: EventId) -> bool {
        self.is(self.encoding.event(event).executed)
    }

    /// The solution as an execution; `None` if a hart has more operations than a trace holds.
    pub(super) fn execution(&self) -> Option<Witness> {
        let unrolled = self.encoding.unrolled;
        let mut nths: Vec<Option<Nth>> = vec![None; unrolled.events.len()];
        for hart in &unrolled.harts {
            let events = (hart.events.0..hart.events.1).map(EventId);
            for (number, event) in events.filter(|event| self.executed(*event)).enumerate() {
                if number >= MAX_OPS {
                    return None;
                }
                nths[event.index()] = Some(Nth::from_index(number));
            }
        }
        let operation = |event: EventId| {
            let nth = nths[event.index()]?;
            Some(Operation { hart: self.encoding.event(event).hart, nth })
        };
        let traces = (0u16..)
            .zip(&unrolled.harts)
            .map(|(index, hart)| self.trace(HartId(index), hart, &nths))
            .collect();
        let reads = unrolled
            .harts
            .iter()
            .map(|hart| {
                let events = (hart.events.0..hart.events.1).map(EventId);
                let executed = events.filter(|event| nths[event.index()].is_some());
                executed.map(|event| self.written(event, &operation)).collect()
            })
            .collect();
        let mut gmo: Vec<(u32, Operation)> = self
            .encoding
            .events()
            .filter_map(|(event, _)| {
                Some((self.encoding.sat.order.rank(event.index()), operation(event)?))
            })
            .collect();
        gmo.sort_unstable();
        Some(Witness {
            execution: Execution { traces, reads },
            gmo: gmo.into_iter().map(|(_, operation)| operation).collect(),
            state: self.state(),
        })
    }

    /// What wrote each byte that an event read.
    fn written(
        &self,
        event: EventId,
        operation: &dyn Fn(EventId) -> Option<Operation>,
    ) -> Vec<Written> {
        let mut written = Vec::new();
        for part in &self.encoding.reads[event.index()] {
            if !self.encoding.sat.holds(part.covered) {
                continue;
            }
            let mut sources = part.sources.iter();
            let source = sources.find(|(_, literal)| self.encoding.sat.holds(*literal));
            let by = match source {
                Some((Source::Store(store), _)) => operation(*store).map(Written::By),
                _ => None,
            };
            let bytes = self.encoding.domains.cells[part.cell].bytes;
            written.extend((0..bytes).map(|_| by.unwrap_or(Written::Initially)));
        }
        written
    }

    fn trace(&self, hart: HartId, of: &UnrolledHart, nths: &[Option<Nth>]) -> Trace {
        let events = (of.events.0..of.events.1).map(EventId);
        let executed = events.filter_map(|event| Some((event, nths[event.index()]?)));
        let ops: Vec<Op> = executed.map(|(event, nth)| self.op(event, nth, nths)).collect();
        let operations_before = |event: EventId| {
            let before = &nths[of.events.0 as usize..event.index().min(nths.len())];
            before.iter().flatten().count()
        };
        let fences = of.fences.iter().filter(|fence| self.is(fence.executed));
        let fences = fences.map(|fence| trace::Fence {
            step: fence.step,
            after: operations_before(fence.before),
            pairs: fence.pairs,
        });
        let failed = of.failed.iter().filter(|failed| self.is(failed.fails));
        let failed = failed.filter_map(|failed| {
            let paired = nths[failed.paired.index()]?;
            Some(FailedSc { step: failed.step, paired, after: operations_before(failed.before) })
        });
        let mut registers = [0; Register::COUNT];
        let program = self.encoding.program;
        for (observed, raw) in program.observed.iter().zip(&self.encoding.unrolled.raw) {
            if let ObservedFrom::Register(of, register) = observed.from
                && of == hart
            {
                registers[register.number()] = self.value(*raw);
            }
        }
        Trace {
            ops,
            fences: fences.collect(),
            failed: failed.collect(),
            registers,
            end: End::Complete,
        }
    }

    fn op(&self, id: EventId, nth: Nth, nths: &[Option<Nth>]) -> Op {
        let event = self.encoding.event(id);
        let set = |events: &[(EventId, Fact)]| {
            let there = events.iter().filter(|(_, fact)| self.is(*fact));
            let there = there.filter_map(|(event, _)| nths[event.index()]);
            there.fold(NthSet::default(), |set, nth| set | NthSet::of(nth))
        };
        let cut = |value: u64| match event.bytes {
            8.. => value,
            bytes => value & ((1 << (8 * bytes)) - 1),
        };
        let read = self.encoding.unrolled.terms.known_read(id).filter(|_| event.kind.reads());
        let paired = event.paired.iter().find(|(_, fact)| self.is(*fact));
        Op {
            step: event.step,
            kind: event.kind,
            footprint: Footprint { address: self.value(event.address), width: event.bytes },
            first: nths[event.first.index()].unwrap_or(nth),
            read: read.map_or(0, |read| self.value(read)).into(),
            written: event.written.map_or(0, |written| cut(self.value(written))).into(),
            annotation: event.annotation,
            paired: paired.and_then(|(lr, _)| nths[lr.index()]),
            address_dep: set(&event.address_dep),
            data_dep: set(&event.data_dep),
            control_dep: set(&event.control_dep),
        }
    }
}
