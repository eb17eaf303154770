//! Executions as pictures: what is to be drawn of a witness or a refutation, but not where.
//!
//! Harts stand side by side, program order runs downward. Of preserved program order a picture has only
//! those edges that do not follow from others.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::evidence::{
    Contradiction, Edge, EdgeKind, EventId, Execution, ReadsOf, Refutation, Witness, Written,
};
use super::explain::Describer;
use super::ppo::ppo;
use super::relation::{Index, Relation};
use super::trace::Nth;
use crate::litmus::HartId;

/// A place in a picture: a hart's column, and a row in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(from = "[usize; 2]", into = "[usize; 2]")]
pub struct Position {
    /// Which column, from 0.
    pub hart: usize,
    /// Which row, from 0.
    pub row: usize,
}

impl From<[usize; 2]> for Position {
    fn from([hart, row]: [usize; 2]) -> Position {
        Position { hart, row }
    }
}

impl From<Position> for [usize; 2] {
    fn from(at: Position) -> [usize; 2] {
        [at.hart, at.row]
    }
}

/// A memory operation, or an SC that failed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Event {
    /// The instruction, with its line.
    pub instruction: String,
    /// What it does to memory.
    pub effect: String,
    /// Its number in the global memory order, from 1, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<usize>,
    /// The axiom that it violates by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub violates: Option<Cow<'static, str>>,
}

/// The operations of a hart.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct HartColumn {
    /// The hart with its model.
    pub heading: String,
    /// Its operations and the SCs that failed, in program order.
    pub events: Vec<Event>,
}

/// What an arrow means.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ArrowKind {
    /// What one axiom forbids without a cycle.
    Violation,
    /// A pair of a relation.
    #[serde(untagged)]
    Relation(EdgeKind),
}

/// An arrow between two operations.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Arrow {
    /// Where it starts.
    pub from: Position,
    /// Where its head is.
    pub to: Position,
    /// What it means.
    pub kind: ArrowKind,
    /// Its text, a line for each rule.
    pub label: Vec<String>,
    /// Is it part of what is wrong: an edge of the cycle, or of what violates an axiom?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wrong: bool,
}

/// An execution to be drawn.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Picture {
    /// The harts, `P0` first.
    pub harts: Vec<HartColumn>,
    /// The arrows between their operations.
    pub arrows: Vec<Arrow>,
}

impl Picture {
    /// Draws an execution that the machine allows: what loads read, how stores follow one another.
    #[must_use]
    pub fn of_witness(describer: &Describer<'_>, witness: &Witness) -> Picture {
        let execution = &witness.execution;
        let number = |event| witness.gmo.iter().position(|e| *e == event).map(|index| index + 1);
        let mut builder = Builder::new(describer, execution, &number);
        builder.program_order();
        builder.reads_from(&[]);
        for (index, later) in witness.gmo.iter().enumerate() {
            let before = witness.gmo[..index].iter().rev().find(|earlier| {
                let (a, b) = (execution.op(**earlier), execution.op(*later));
                a.writes() && b.writes() && a.footprint.overlaps(b.footprint)
            });
            if let Some(earlier) = before {
                builder.relation(*earlier, *later, EdgeKind::Co, false);
            }
        }
        builder.picture
    }

    /// Draws an execution that the machine forbids, in front what is wrong with it: a cycle, or what
    /// violates an axiom by itself.
    #[must_use]
    pub fn of_refutation(describer: &Describer<'_>, refutation: &Refutation) -> Picture {
        let mut builder = Builder::new(describer, &refutation.execution, &|_| None);
        let mut cycle: &[Edge] = &[];
        match &refutation.contradiction {
            Contradiction::Cycle(edges) => cycle = edges,
            Contradiction::InitialHidden { load, store } => {
                let label = ["load-value:", "reads the initial value"].map(str::to_owned);
                builder.arrow(*store, *load, ArrowKind::Violation, label.to_vec(), true);
            }
            Contradiction::Unpaired(sc) => {
                let event = builder.event(builder.position(*sc));
                event.effect = "not paired, succeeds".to_owned();
                event.violates = Some("sc-failure".into());
            }
            Contradiction::Unforced { hart, step } => builder.fails_unforced(*hart, *step),
        }
        for edge in cycle {
            let mut rules = describer.rules_with_causes(&refutation.execution, edge);
            rules.truncate(3);
            let kind = ArrowKind::Relation(edge.why.kind());
            builder.arrow(edge.from, edge.to, kind, rules, true);
        }
        builder.program_order();
        builder.reads_from(cycle);
        builder.picture
    }
}

/// A picture under construction.
struct Builder<'e> {
    describer: &'e Describer<'e>,
    execution: &'e Execution,
    picture: Picture,
    /// By hart and operation, its row.
    rows: Vec<Vec<usize>>,
}

impl<'e> Builder<'e> {
    /// Returns a picture of the operations alone.
    fn new(
        describer: &'e Describer<'e>,
        execution: &'e Execution,
        number: &dyn Fn(EventId) -> Option<usize>,
    ) -> Self {
        let mut picture = Picture::default();
        let mut all_rows = Vec::new();
        for (hart, trace) in (0u16..).map(HartId).zip(&execution.traces) {
            let instruction = |step| {
                let text = describer.instruction(hart, step);
                text.split_once(':').map_or(text, |(_, rest)| rest).to_owned()
            };
            let (mut events, mut rows) = (Vec::new(), Vec::new());
            let mut failed = trace.failed.iter().peekable();
            for nth in 0..=trace.ops.len() {
                while let Some(sc) = failed.next_if(|sc| sc.after == nth) {
                    let (instruction, effect) = (instruction(sc.step), "fails".to_owned());
                    events.push(Event { instruction, effect, number: None, violates: None });
                }
                let Some(op) = trace.ops.get(nth) else { break };
                let id = EventId { hart, nth: Nth::from_index(nth) };
                rows.push(events.len());
                let (instruction, effect) = (instruction(op.step), describer.effect(execution, id));
                events.push(Event { instruction, effect, number: number(id), violates: None });
            }
            picture.harts.push(HartColumn { heading: describer.hart(hart), events });
            all_rows.push(rows);
        }
        Builder { describer, execution, picture, rows: all_rows }
    }

    /// Returns where an operation stands.
    fn position(&self, event: EventId) -> Position {
        let hart = event.hart.index();
        Position { hart, row: self.rows[hart][event.nth.index()] }
    }

    fn event(&mut self, at: Position) -> &mut Event {
        &mut self.picture.harts[at.hart].events[at.row]
    }

    /// Marks an SC that fails though no store comes between, and shows the LR that it is paired with.
    fn fails_unforced(&mut self, hart: HartId, step: usize) {
        let failed = self.execution.traces[hart.index()].failed.iter();
        for (before, failed) in failed.enumerate().filter(|(_, failed)| failed.step == step) {
            let to = Position { hart: hart.index(), row: failed.after + before };
            self.event(to).violates = Some("sc-failure".into());
            let from = self.position(EventId { hart, nth: failed.paired });
            let label = ["sc-failure:", "no store in between"].map(str::to_owned).to_vec();
            let kind = ArrowKind::Violation;
            self.picture.arrows.push(Arrow { from, to, kind, label, wrong: true });
        }
    }

    /// Adds an arrow, unless it is there. Between harts there is one arrow from one operation to another,
    /// which says everything: `rf, co`.
    fn arrow(
        &mut self,
        from: EventId,
        to: EventId,
        kind: ArrowKind,
        label: Vec<String>,
        wrong: bool,
    ) {
        let (from, to) = (self.position(from), self.position(to));
        let joins = |arrow: &&mut Arrow| {
            (arrow.from, arrow.to) == (from, to) && (from.hart != to.hart || arrow.kind == kind)
        };
        match self.picture.arrows.iter_mut().find(joins) {
            Some(arrow) if arrow.kind != kind => {
                let (said, more) = (arrow.label.join(", "), label.join(", "));
                if said.split(", ").all(|part| part != more) {
                    arrow.label = vec![format!("{said}, {more}")];
                }
            }
            Some(_) => {}
            None => self.picture.arrows.push(Arrow { from, to, kind, label, wrong }),
        }
    }

    /// Adds an arrow that is labelled with the name of its relation.
    fn relation(&mut self, from: EventId, to: EventId, kind: EdgeKind, wrong: bool) {
        let label = vec![kind.name().to_owned()];
        self.arrow(from, to, ArrowKind::Relation(kind), label, wrong);
    }

    /// Adds preserved program order without what follows from it.
    fn program_order(&mut self) {
        let (execution, describer) = (self.execution, self.describer);
        let rules = describer.machines().stronger.options.rules;
        for (hart, trace) in (0u16..).map(HartId).zip(&execution.traces) {
            let order = ppo(trace, &ReadsOf { execution, hart }, rules).closure();
            for (a, b) in reduced(&order) {
                let (from, to) = (EventId { hart, nth: a }, EventId { hart, nth: b });
                let label = describer.rules_between(execution, from, to);
                self.arrow(from, to, ArrowKind::Relation(EdgeKind::Ppo), label, false);
            }
        }
    }

    /// Adds what loads read from; what is an edge of the cycle is wrong.
    fn reads_from(&mut self, cycle: &[Edge]) {
        for load in self.execution.events() {
            for written in self.execution.read(load) {
                if let Written::By(store) = written {
                    let wrong = cycle.iter().any(|edge| {
                        (edge.from, edge.to) == (*store, load) && edge.why.kind() == EdgeKind::Rf
                    });
                    self.relation(*store, load, EdgeKind::Rf, wrong);
                }
            }
        }
    }
}

/// Returns the pairs of a transitive relation that do not follow from two others.
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
