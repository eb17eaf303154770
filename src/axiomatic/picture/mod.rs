//! Executions as pictures: harts side by side, program order downward.
//!
//! What is drawn is a [`Picture`], made from a witness or a refutation; [`dot`] and [`svg()`] write it
//! down. The SVG is complete, and needs no other program to be looked at.
//! Of preserved program order only those edges are drawn that do not follow from others.

mod dot;
mod lane;
mod svg;

use super::evidence::{
    Contradiction, Edge, EventId, Execution, ReadsOf, Refutation, Why, Witness, Written,
};
use super::explain::Words;
use super::ppo::ppo;
use super::relation::{Index, Relation};
use super::trace::Nth;

pub use svg::svg;

/// A memory operation in its box.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Event {
    id: EventId,
    /// The instruction, with its line.
    instruction: String,
    /// What it does to memory.
    effect: String,
    /// Its number in the global memory order, from 1, where there is one.
    place: Option<usize>,
}

impl Event {
    /// What stands in its box.
    fn lines(&self) -> [String; 2] {
        let number = self.place.map(|n| format!("{n}. ")).unwrap_or_default();
        [self.instruction.clone(), format!("{number}{}", self.effect)]
    }
}

/// What an arrow means.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Kind {
    /// Preserved program order.
    Ppo,
    /// Reads from.
    Rf,
    /// Coherence: the order of two stores.
    Co,
    /// From-read: reads from an earlier store than the other.
    Fr,
    /// The atomicity axiom.
    Atomicity,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Arrow {
    from: EventId,
    to: EventId,
    kind: Kind,
    /// Its text, a line for each rule.
    label: Vec<String>,
    /// Is it part of the cycle?
    in_cycle: bool,
}

/// An execution to be drawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Picture {
    title: String,
    /// By hart: its heading and its operations in program order.
    harts: Vec<(String, Vec<Event>)>,
    arrows: Vec<Arrow>,
}

impl Picture {
    /// An execution that the model allows: what loads read, how stores follow one another.
    #[must_use]
    pub fn of_witness(title: &str, words: &Words<'_>, witness: &Witness) -> Picture {
        let execution = &witness.execution;
        let place = |event| witness.gmo.iter().position(|e| *e == event).map(|index| index + 1);
        let mut picture = Picture::events(title, words, execution, &place);
        picture.program_order(words, execution);
        picture.reads_from(execution, &[]);
        for (index, later) in witness.gmo.iter().enumerate() {
            let before = witness.gmo[..index].iter().rev().find(|earlier| {
                let (a, b) = (execution.op(**earlier), execution.op(*later));
                a.writes() && b.writes() && a.footprint.overlaps(b.footprint)
            });
            if let Some(earlier) = before {
                picture.arrow(*earlier, *later, Kind::Co, vec!["co".to_string()], false);
            }
        }
        picture
    }

    /// An execution that the model forbids, its cycle in front.
    #[must_use]
    pub fn of_refutation(title: &str, words: &Words<'_>, refutation: &Refutation) -> Picture {
        let execution = &refutation.execution;
        let mut picture = Picture::events(title, words, execution, &|_| None);
        let cycle: &[Edge] = match &refutation.contradiction {
            Contradiction::Cycle(cycle) => cycle,
            _ => &[],
        };
        for edge in cycle {
            let mut rules = words.glossed(execution, edge);
            rules.truncate(3);
            let kind = match edge.why {
                Why::Ppo(_) => Kind::Ppo,
                Why::ReadsFrom => Kind::Rf,
                Why::FromRead(_) => Kind::Fr,
                Why::ReadPast(_) | Why::Final | Why::Chosen => Kind::Co,
                Why::AtomicSource(_) | Why::Atomic(..) => Kind::Atomicity,
            };
            picture.arrow(edge.from, edge.to, kind, rules, true);
        }
        picture.program_order(words, execution);
        picture.reads_from(execution, cycle);
        picture
    }

    fn events(
        title: &str,
        words: &Words<'_>,
        execution: &Execution,
        place: &dyn Fn(EventId) -> Option<usize>,
    ) -> Picture {
        let mut harts: Vec<(String, Vec<Event>)> =
            (0..execution.traces.len()).map(|hart| (words.hart(hart), Vec::new())).collect();
        for id in execution.events() {
            let instruction = words.event(execution, id);
            let instruction =
                instruction.split_once(':').map_or(instruction.as_str(), |(_, rest)| rest);
            harts[id.hart.index()].1.push(Event {
                id,
                instruction: instruction.to_string(),
                effect: words.effect(execution, id),
                place: place(id),
            });
        }
        Picture { title: title.to_string(), harts, arrows: Vec::new() }
    }

    fn arrow(
        &mut self,
        from: EventId,
        to: EventId,
        kind: Kind,
        label: Vec<String>,
        in_cycle: bool,
    ) {
        let drawn = |arrow: &Arrow| (arrow.from, arrow.to, arrow.kind) == (from, to, kind);
        if !self.arrows.iter().any(drawn) {
            self.arrows.push(Arrow { from, to, kind, label, in_cycle });
        }
    }

    /// Preserved program order without what follows from it.
    fn program_order(&mut self, words: &Words<'_>, execution: &Execution) {
        for (hart, trace) in (0u16..).map(crate::litmus::HartId).zip(&execution.traces) {
            let order = ppo(trace, &ReadsOf { execution, hart }, words.rule_set()).closure();
            for (a, b) in reduced(&order) {
                let (from, to) = (EventId { hart, nth: a }, EventId { hart, nth: b });
                let label = words.between(execution, from, to);
                self.arrow(from, to, Kind::Ppo, label, false);
            }
        }
    }

    /// The operations of a hart that follow one another without an arrow between them.
    fn unordered<'e>(&self, events: &'e [Event]) -> impl Iterator<Item = &'e [Event]> {
        events
            .windows(2)
            .filter(|pair| !self.arrows.iter().any(|a| (a.from, a.to) == (pair[0].id, pair[1].id)))
    }

    fn reads_from(&mut self, execution: &Execution, cycle: &[Edge]) {
        for load in execution.events() {
            for written in execution.read(load) {
                if let Written::By(store) = written {
                    let in_cycle = cycle
                        .iter()
                        .any(|e| (e.from, e.to) == (*store, load) && e.why == Why::ReadsFrom);
                    self.arrow(*store, load, Kind::Rf, vec!["rf".to_string()], in_cycle);
                }
            }
        }
    }
}

/// One graph after the other, for Graphviz.
#[must_use]
pub fn dot(pictures: &[Picture]) -> String {
    pictures.iter().map(Picture::graph).collect()
}

/// The pairs of a transitive relation that do not follow from two others.
fn reduced(order: &Relation<Nth>) -> Vec<(Nth, Nth)> {
    order
        .pairs()
        .filter(|(a, b)| {
            !(0..order.size())
                .map(Nth::from_index)
                .any(|m| order.contains(*a, m) && order.contains(m, *b))
        })
        .collect()
}
