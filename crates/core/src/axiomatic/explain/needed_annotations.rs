//! The annotations of the stronger machine that forbid a state, where no single pair of operations does.
//!
//! An annotation orders one instruction with many others, and where one of these orders is taken away
//! another stands in for it. So whole annotations are taken away: the harts are searched again with some
//! instructions annotated as on the weaker machine.

use crate::axiomatic::check;
use crate::axiomatic::trace::Trace;
use crate::litmus::HartId;
use crate::model::Rule;
use crate::program::FinalState;

use super::added_orders::AddedOrder;
use super::explainer::Explainer;
use super::machine::{added_rules, without_added};
use super::reason_search::Reason;
use super::witness_search::traces_ending_in;

/// An instruction that the stronger machine annotates in another way than the weaker one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct AnnotatedInstruction {
    /// Whose.
    pub hart: HartId,
    /// Which step of its code.
    pub step: usize,
    /// What the model of its hart adds to it; nothing if the machines read its own annotation in
    /// different ways.
    pub rules: Vec<Rule>,
}

/// The instructions whose annotations on the stronger machine forbid a state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NeededAnnotations {
    /// Without the annotations of any one of these the state would be allowed.
    AnyOne(Vec<AnnotatedInstruction>),
    /// Without those of all of these it would, and any one of them forbids it.
    All(Vec<AnnotatedInstruction>),
}

impl Explainer<'_> {
    /// Returns the annotations that forbid a state which the weaker machine allows. `None` if no pair of
    /// `added` is needed and the state is forbidden without any annotation, too; if some pair is needed,
    /// which says it all; and if `stop` ended the search.
    #[must_use]
    pub fn needed_annotations(
        &self,
        state: &FinalState,
        reasons: &[Reason],
        added: &[AddedOrder],
        stop: &dyn Fn() -> bool,
    ) -> Option<NeededAnnotations> {
        if added.is_empty() || added.iter().any(|pair| pair.needed) {
            return None;
        }
        let mut all = self.annotated();
        let allowed = |without: &[AnnotatedInstruction]| self.allowed_without(without, state, stop);
        if !allowed(&all) {
            return None;
        }
        let alone = |one: &&AnnotatedInstruction| allowed(std::slice::from_ref(one));
        let each: Vec<AnnotatedInstruction> = all.iter().filter(alone).cloned().collect();
        if !each.is_empty() {
            return (!stop()).then_some(NeededAnnotations::AnyOne(each));
        }
        // What no reason speaks of goes first: the rest can be followed in the reasons.
        let spoken_of = |one: &AnnotatedInstruction| {
            added.iter().any(|pair| {
                let execution = &reasons[pair.reason].example.execution;
                [pair.from, pair.to]
                    .iter()
                    .any(|event| (event.hart, execution.op(*event).step) == (one.hart, one.step))
            })
        };
        let mut order = all.clone();
        order.sort_by_cached_key(spoken_of);
        for one in order {
            let fewer: Vec<AnnotatedInstruction> =
                all.iter().filter(|a| **a != one).cloned().collect();
            if allowed(&fewer) {
                all = fewer;
            }
        }
        (!stop()).then_some(NeededAnnotations::All(all))
    }

    /// Is the state allowed once these instructions are annotated as on the weaker machine? An execution
    /// that the checker does not accept is none.
    fn allowed_without(
        &self,
        without: &[AnnotatedInstruction],
        state: &FinalState,
        stop: &dyn Fn() -> bool,
    ) -> bool {
        let (machine, weaker) = (self.machines().stronger, self.machines().weaker);
        let traces = traces_ending_in(machine.program, &self.witnesses.traces, state).into_iter();
        let mut traces: Vec<Vec<Trace>> =
            traces.map(|traces| traces.into_iter().cloned().collect()).collect();
        for (hart, traces) in (0u16..).map(HartId).zip(&mut traces) {
            for op in traces.iter_mut().flat_map(|trace| &mut trace.ops) {
                if without.iter().any(|one| (one.hart, one.step) == (hart, op.step)) {
                    op.annotation = weaker.annotation(hart, op);
                }
            }
        }
        let witness = self.witnesses.witness_among(&traces, &[], state, stop);
        witness.is_some_and(|w| check::witness(machine.program, machine.options, &w).is_ok())
    }

    /// Returns the instructions that the machines annotate in different ways, by hart and step.
    fn annotated(&self) -> Vec<AnnotatedInstruction> {
        let (machine, weaker) = (self.machines().stronger, self.machines().weaker);
        let in_force = machine.options.rules;
        let mut all = Vec::new();
        for (hart, traces) in (0u16..).map(HartId).zip(&self.witnesses.traces) {
            for op in traces.iter().flat_map(|trace| &trace.ops) {
                let weak = weaker.annotation(hart, op);
                if machine.annotation(hart, op) == weak {
                    continue;
                }
                let plain = machine.annotation_under(without_added(in_force, None), hart, op);
                let adds = |rule: &Rule| {
                    let only = without_added(in_force, Some(*rule));
                    in_force.contains(*rule) && machine.annotation_under(only, hart, op) != plain
                };
                let rules: Vec<Rule> = added_rules().filter(adds).collect();
                all.push(AnnotatedInstruction { hart, step: op.step, rules });
            }
        }
        all.sort();
        all.dedup();
        all
    }
}
