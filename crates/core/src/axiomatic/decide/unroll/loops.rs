//! Loops that come back to where they were: see [`crate::program::repeat`] for when and why.

use crate::arch::Register;
use crate::axiomatic::decide::terms::{EventId, Fact, Test};
use crate::model::AccessKind;
use crate::program::Fault;
use crate::program::repeat::{LoopHead, may_skip_stores};

use super::{Event, Path, Unroller, fact_of};

impl Unroller<'_, '_> {
    /// Is the hart where it was at an earlier visit, and nothing has changed in between?
    pub(super) fn unchanged(
        &mut self,
        visit: usize,
        path: &Path,
        head: &LoopHead,
    ) -> Result<Fact, Fault> {
        let live = head.live;
        let visit = &self.visits[visit];
        self.work.add(self.unrolled.events.len() - visit.events + Register::COUNT)?;
        let (registers, reservation) = (visit.registers.clone(), visit.reservation.clone());
        let first = visit.events;
        let mut all = vec![visit.here];
        self.skips(first, head, &mut all);
        for register in live.registers() {
            let (now, now_deps) = &path.registers[register.number()];
            let (then, then_deps) = &registers[register.number()];
            all.push(self.terms().holds(Test::Equal, *now, *then));
            for (event, fact) in then_deps.iter() {
                let not = self.terms().not(*fact);
                all.push(self.terms().or(&[not, fact_of(now_deps, *event)]));
            }
        }
        if live.reservation() {
            for (event, _) in reservation.iter().chain(path.reservation.iter()) {
                let (now, then) =
                    (fact_of(&path.reservation, *event), fact_of(&reservation, *event));
                let (not_now, not_then) = (self.terms().not(now), self.terms().not(then));
                let same = [self.terms().or(&[not_now, then]), self.terms().or(&[not_then, now])];
                all.extend(same);
            }
        }
        Ok(self.terms().and(&all))
    }

    /// What must be true of the events from number `first` on so that they may be left out: see [`LoopHead::skippable`].
    fn skips(&mut self, first: usize, head: &LoopHead, all: &mut Vec<Fact>) {
        let may_store = may_skip_stores(self.options);
        let writes: Vec<EventId> = (self.first..self.unrolled.events.len() as u32)
            .map(EventId)
            .filter(|event| self.unrolled.events[event.index()].kind.writes())
            .collect();
        let mut stored: Vec<(AccessKind, Fact)> = Vec::new();
        for event in writes.iter().filter(|event| event.index() >= first) {
            let Event { kind, executed, written, bytes, step, .. } =
                self.unrolled.events[event.index()];
            let not = self.terms().not(executed);
            let unseen = head.unseen.iter().find(|store| store.step == step);
            match (kind, unseen) {
                (AccessKind::Amo, _) if may_store => {
                    let read = self.terms().read(*event);
                    let written = written.map_or(read, |written| self.cut(written, bytes));
                    let same = self.terms().holds(Test::Equal, read, written);
                    all.push(self.terms().or(&[not, same]));
                }
                (AccessKind::Store, Some(unseen)) if may_store => {
                    for other in &writes {
                        let Event { step, executed, .. } = self.unrolled.events[other.index()];
                        if unseen.publishers.contains(&step) {
                            let no_other = self.terms().not(executed);
                            all.push(self.terms().or(&[not, no_other]));
                        }
                    }
                }
                _ => {
                    all.push(not);
                    continue;
                }
            }
            // One or the other.
            for (_, other) in stored.iter().filter(|(other, _)| *other != kind) {
                let no_other = self.unrolled.terms.not(*other);
                all.push(self.terms().or(&[not, no_other]));
            }
            stored.push((kind, executed));
        }
    }
}
