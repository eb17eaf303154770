//! Which annotations of a stronger model forbid a state, where no single edge does.
//!
//! An annotation orders one instruction with many others, and where one of these edges is taken away
//! another stands in for it. So whole annotations are taken away: the harts are searched again with some
//! instructions as RVWMO has them.

use crate::axiomatic::check;
use crate::axiomatic::trace::Trace;
use crate::litmus::HartId;
use crate::model::{BaseModel, Options, Rule, annotate};
use crate::program::FinalState;

use super::refuter::ending_in;
use super::words::{ADDED, without_added};
use super::{Added, Explainer, Reason};

/// An instruction that its hart's model annotates and RVWMO does not, or less.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Annotated {
    /// Whose.
    pub hart: HartId,
    /// Which step of its code.
    pub step: usize,
    /// What the model adds.
    pub rules: Vec<Rule>,
}

/// Instructions whose added annotations forbid a state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Deciders {
    /// Without the annotations of any one of these the state would be allowed.
    Each(Vec<Annotated>),
    /// Without those of all of these it would, and any one of them forbids it.
    Together(Vec<Annotated>),
}

impl Explainer<'_> {
    /// The annotations that forbid a state which RVWMO allows. `None` if no edge of `added` is needed and
    /// the state is forbidden without any annotation, too; if some edge is needed, which says it all; and
    /// if `stop` ended the search.
    #[must_use]
    pub fn deciders(
        &self,
        state: &FinalState,
        reasons: &[Reason],
        added: &[Added],
        stop: &dyn Fn() -> bool,
    ) -> Option<Deciders> {
        if added.is_empty() || added.iter().any(|edge| edge.needed) {
            return None;
        }
        let mut all = self.annotated();
        let allowed = |without: &[Annotated]| self.weaker(state, without, stop);
        if !allowed(&all) {
            return None;
        }
        let alone = |one: &&Annotated| allowed(std::slice::from_ref(one));
        let each: Vec<Annotated> = all.iter().filter(alone).cloned().collect();
        if !each.is_empty() {
            return (!stop()).then_some(Deciders::Each(each));
        }
        // What no reason speaks of goes first: the rest can be followed in the reasons.
        let spoken_of = |one: &Annotated| {
            added.iter().any(|edge| {
                let execution = &reasons[edge.reason].example.execution;
                [edge.from, edge.to]
                    .iter()
                    .any(|event| (event.hart, execution.op(*event).step) == (one.hart, one.step))
            })
        };
        let mut order = all.clone();
        order.sort_by_cached_key(spoken_of);
        for one in order {
            let fewer: Vec<Annotated> = all.iter().filter(|a| **a != one).cloned().collect();
            if allowed(&fewer) {
                all = fewer;
            }
        }
        (!stop()).then_some(Deciders::Together(all))
    }

    /// Is the state allowed once these instructions have what RVWMO gives them? An execution that the
    /// checker does not accept is none.
    fn weaker(&self, state: &FinalState, without: &[Annotated], stop: &dyn Fn() -> bool) -> bool {
        let traces = ending_in(self.program, &self.plausible, state).into_iter();
        let mut traces: Vec<Vec<Trace>> =
            traces.map(|traces| traces.into_iter().cloned().collect()).collect();
        for (hart, traces) in (0u16..).map(HartId).zip(&mut traces) {
            let code = &self.program.harts[hart.index()].code;
            for op in traces.iter_mut().flat_map(|trace| &mut trace.ops) {
                if without.iter().any(|one| (one.hart, one.step) == (hart, op.step)) {
                    let (order, weak) = (code[op.step].action.order(), BaseModel::Rvwmo);
                    op.annotation = annotate(order, op.kind, weak, self.options);
                }
            }
        }
        let witness = self.witness_among(&traces, state, &[], stop);
        witness.is_some_and(|witness| check::witness(self.program, self.options, &witness).is_ok())
    }

    /// The instructions that have more than RVWMO gives them, by hart and step.
    fn annotated(&self) -> Vec<Annotated> {
        let mut all = Vec::new();
        for (hart, traces) in (0u16..).map(HartId).zip(&self.plausible) {
            let code = &self.program.harts[hart.index()].code;
            for op in traces.iter().flat_map(|trace| &trace.ops) {
                let order = code[op.step].action.order();
                let under = |rules, model| {
                    annotate(order, op.kind, model, &Options { rules, ..*self.options })
                };
                let (rules, model) = (self.options.rules, self.models[hart.index()]);
                let weak = under(rules, BaseModel::Rvwmo);
                let adds = |rule: &Rule| {
                    rules.contains(*rule) && under(without_added(rules, Some(*rule)), model) != weak
                };
                let rules: Vec<Rule> = ADDED.into_iter().filter(adds).collect();
                if !rules.is_empty() {
                    all.push(Annotated { hart, step: op.step, rules });
                }
            }
        }
        all.sort();
        all.dedup();
        all
    }
}
