//! Where paths meet.

use std::rc::Rc;

use crate::arch::Register;
use crate::axiomatic::decide::terms::{EventId, Fact, Term};

use super::{EventSet, Path, Unroller, fact_of};

impl Unroller<'_, '_> {
    /// Paths that meet, as one.
    pub(super) fn merged(&mut self, mut paths: Vec<Path>) -> Path {
        if paths.len() == 1
            && let Some(only) = paths.pop()
        {
            return only;
        }
        let here: Vec<Fact> = paths.iter().map(|path| path.here).collect();
        let all = self.terms().or(&here);
        let registers = (0..Register::COUNT)
            .map(|number| {
                let values: Vec<(Fact, Term)> =
                    paths.iter().map(|path| (path.here, path.registers[number].0)).collect();
                let sets: Vec<(Fact, EventSet)> = paths
                    .iter()
                    .map(|path| (path.here, path.registers[number].1.clone()))
                    .collect();
                (self.terms().choice(&values), self.merged_sets(&sets))
            })
            .collect();
        let of = |set: fn(&Path) -> &EventSet| -> Vec<(Fact, EventSet)> {
            paths.iter().map(|path| (path.here, set(path).clone())).collect()
        };
        let (control, reservation) = (of(|path| &path.control), of(|path| &path.reservation));
        Path {
            here: all,
            registers,
            control: self.merged_sets(&control),
            reservation: self.merged_sets(&reservation),
            previous: None,
        }
    }

    /// The set of the path that was taken.
    fn merged_sets(&mut self, sets: &[(Fact, EventSet)]) -> EventSet {
        let (_, first) = &sets[0];
        if sets.iter().all(|(_, set)| set == first) {
            return first.clone();
        }
        let mut events: Vec<EventId> =
            sets.iter().flat_map(|(_, set)| set.iter().map(|(event, _)| *event)).collect();
        events.sort_unstable();
        events.dedup();
        let merged = events
            .into_iter()
            .map(|event| {
                let facts: Vec<Fact> = sets.iter().map(|(_, set)| fact_of(set, event)).collect();
                if facts.iter().all(|fact| *fact == facts[0]) {
                    return (event, facts[0]);
                }
                let on_paths: Vec<Fact> = sets
                    .iter()
                    .zip(facts)
                    .map(|((here, _), fact)| self.terms().and(&[*here, fact]))
                    .collect();
                (event, self.terms().or(&on_paths))
            })
            .collect();
        Rc::new(merged)
    }

    /// Everything that is in one of two sets.
    pub(super) fn union(&mut self, a: &EventSet, b: &EventSet) -> EventSet {
        if a.is_empty() || Rc::ptr_eq(a, b) {
            return b.clone();
        }
        if b.is_empty() {
            return a.clone();
        }
        let mut events: Vec<EventId> = a.iter().chain(b.iter()).map(|(event, _)| *event).collect();
        events.sort_unstable();
        events.dedup();
        let both = events
            .into_iter()
            .map(|event| (event, self.terms().or(&[fact_of(a, event), fact_of(b, event)])))
            .collect();
        Rc::new(both)
    }
}
