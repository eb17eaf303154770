//! Executions as pictures: harts side by side, program order downward.
//!
//! What is drawn is a [`Picture`], made from a witness or a refutation; [`dot`] and [`svg()`] write it
//! down. The SVG is complete, and needs no other program to be looked at.
//! Of preserved program order only those edges are drawn that do not follow from others.

mod curve;
mod dot;
mod label;
mod lane;
mod svg;

use super::evidence::{
    Contradiction, Edge, EventId, Execution, ReadsOf, Refutation, Why, Witness, Written,
};
use super::explain::Words;
use super::ppo::ppo;
use super::relation::{Index, Relation};
use super::trace::Nth;
use crate::litmus::HartId;

pub use svg::svg;

/// Where a box is: its hart's column, and the row in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct At {
    hart: usize,
    row: usize,
}

/// A memory operation in its box, or an SC that failed.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Event {
    /// The instruction, with its line.
    instruction: String,
    /// What it does to memory.
    effect: String,
    /// Its number in the global memory order, from 1, where there is one.
    place: Option<usize>,
    /// The axiom that it violates by itself.
    violates: Option<&'static str>,
}

impl Event {
    /// What stands in its box.
    fn lines(&self) -> [String; 2] {
        let number = self.place.map(|n| format!("{n}. ")).unwrap_or_default();
        let rule = self.violates.map(|rule| format!(": {rule}")).unwrap_or_default();
        [self.instruction.clone(), format!("{number}{}{rule}", self.effect)]
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
    /// What one axiom forbids without a cycle.
    Violation,
}

#[derive(Clone, PartialEq, Eq, Debug)]
struct Arrow {
    from: At,
    to: At,
    kind: Kind,
    /// Its text, a line for each rule.
    label: Vec<String>,
    /// Is it part of what is wrong: an edge of the cycle, or of what violates an axiom?
    wrong: bool,
}

/// An execution to be drawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Picture {
    title: String,
    /// By hart: its heading and, in program order, its operations and the SCs that failed.
    harts: Vec<(String, Vec<Event>)>,
    /// By hart and operation, its row.
    rows: Vec<Vec<usize>>,
    arrows: Vec<Arrow>,
    /// What is said where there is no execution to draw.
    words: Vec<String>,
}

/// Most characters of a line of words.
const LINE: usize = 90;

impl Picture {
    /// Words alone, where there is no execution to draw.
    #[must_use]
    pub fn of_words(title: &str, sentences: &[String]) -> Picture {
        let mut words: Vec<String> = Vec::new();
        for sentence in sentences {
            let mut line = String::new();
            for word in sentence.split(' ') {
                if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > LINE {
                    words.push(std::mem::take(&mut line));
                }
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(word);
            }
            words.push(line);
        }
        let (title, harts) = (title.to_string(), Vec::new());
        Picture { title, harts, rows: Vec::new(), arrows: Vec::new(), words }
    }

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

    /// An execution that the model forbids, in front what is wrong with it: a cycle, or what violates an
    /// axiom by itself.
    #[must_use]
    pub fn of_refutation(title: &str, words: &Words<'_>, refutation: &Refutation) -> Picture {
        let execution = &refutation.execution;
        let mut picture = Picture::events(title, words, execution, &|_| None);
        let mut cycle: &[Edge] = &[];
        match &refutation.contradiction {
            Contradiction::Cycle(edges) => cycle = edges,
            Contradiction::InitialHidden { load, store } => {
                let label = ["load-value:", "reads the initial value"].map(str::to_string);
                picture.arrow(*store, *load, Kind::Violation, label.to_vec(), true);
            }
            Contradiction::Unpaired(sc) => {
                let At { hart, row } = picture.at(*sc);
                let event = &mut picture.harts[hart].1[row];
                event.effect = "not paired, succeeds".to_string();
                event.violates = Some("sc-failure");
            }
            Contradiction::Unforced { hart, step } => {
                picture.fails_unforced(execution, *hart, *step);
            }
        }
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

    /// Marks an SC that fails though no store comes between, and shows the LR that it is paired with.
    fn fails_unforced(&mut self, execution: &Execution, hart: HartId, step: usize) {
        let failed = execution.traces[hart.index()].failed.iter();
        for (before, failed) in failed.enumerate().filter(|(_, failed)| failed.step == step) {
            let to = At { hart: hart.index(), row: failed.after + before };
            self.harts[to.hart].1[to.row].violates = Some("sc-failure");
            let from = self.at(EventId { hart, nth: failed.paired });
            let label = vec!["sc-failure:".to_string(), "no store in between".to_string()];
            self.arrows.push(Arrow { from, to, kind: Kind::Violation, label, wrong: true });
        }
    }

    fn events(
        title: &str,
        words: &Words<'_>,
        execution: &Execution,
        place: &dyn Fn(EventId) -> Option<usize>,
    ) -> Picture {
        let without_hart =
            |text: &str| text.split_once(':').map_or(text, |(_, rest)| rest).to_string();
        let mut picture = Picture {
            title: title.to_string(),
            harts: Vec::new(),
            rows: Vec::new(),
            arrows: Vec::new(),
            words: Vec::new(),
        };
        for (hart, trace) in (0u16..).map(HartId).zip(&execution.traces) {
            let mut boxes = Vec::new();
            let mut rows = Vec::new();
            let mut failed = trace.failed.iter().peekable();
            for number in 0..=trace.ops.len() {
                while let Some(sc) = failed.next_if(|sc| sc.after == number) {
                    boxes.push(Event {
                        instruction: without_hart(words.instruction(hart, sc.step)),
                        effect: "fails".to_string(),
                        place: None,
                        violates: None,
                    });
                }
                if number == trace.ops.len() {
                    break;
                }
                let id = EventId { hart, nth: Nth::from_index(number) };
                rows.push(boxes.len());
                boxes.push(Event {
                    instruction: without_hart(words.instruction(hart, execution.op(id).step)),
                    effect: words.effect(execution, id),
                    place: place(id),
                    violates: None,
                });
            }
            picture.harts.push((words.hart(hart.index()), boxes));
            picture.rows.push(rows);
        }
        picture
    }

    /// The box of an operation.
    fn at(&self, event: EventId) -> At {
        let hart = event.hart.index();
        At { hart, row: self.rows[hart][event.nth.index()] }
    }

    /// Adds an arrow, unless it is there. Between harts there is one arrow from one operation to another,
    /// which says everything: `rf, co`.
    fn arrow(&mut self, from: EventId, to: EventId, kind: Kind, label: Vec<String>, wrong: bool) {
        let (from, to) = (self.at(from), self.at(to));
        let joins = |arrow: &&mut Arrow| {
            (arrow.from, arrow.to) == (from, to) && (from.hart != to.hart || arrow.kind == kind)
        };
        match self.arrows.iter_mut().find(joins) {
            Some(arrow) if arrow.kind != kind => {
                let (said, more) = (arrow.label.join(", "), label.join(", "));
                if said.split(", ").all(|part| part != more) {
                    arrow.label = vec![format!("{said}, {more}")];
                }
            }
            Some(_) => {}
            None => self.arrows.push(Arrow { from, to, kind, label, wrong }),
        }
    }

    /// Preserved program order without what follows from it.
    fn program_order(&mut self, words: &Words<'_>, execution: &Execution) {
        for (hart, trace) in (0u16..).map(HartId).zip(&execution.traces) {
            let order = ppo(trace, &ReadsOf { execution, hart }, words.rule_set()).closure();
            for (a, b) in reduced(&order) {
                let (from, to) = (EventId { hart, nth: a }, EventId { hart, nth: b });
                let label = words.between(execution, from, to);
                self.arrow(from, to, Kind::Ppo, label, false);
            }
        }
    }

    /// The boxes of a hart, by the row of the first, that follow one another without an arrow between
    /// them.
    fn unordered(&self, hart: usize) -> impl Iterator<Item = (At, At)> {
        let rows = self.harts[hart].1.len();
        (1..rows).map(move |row| (At { hart, row: row - 1 }, At { hart, row })).filter(
            |(from, to)| !self.arrows.iter().any(|arrow| (arrow.from, arrow.to) == (*from, *to)),
        )
    }

    fn reads_from(&mut self, execution: &Execution, cycle: &[Edge]) {
        for load in execution.events() {
            for written in execution.read(load) {
                if let Written::By(store) = written {
                    let wrong = cycle
                        .iter()
                        .any(|e| (e.from, e.to) == (*store, load) && e.why == Why::ReadsFrom);
                    self.arrow(*store, load, Kind::Rf, vec!["rf".to_string()], wrong);
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
