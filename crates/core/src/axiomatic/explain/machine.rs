//! A machine whose verdicts are explained: what annotates and orders the operations of its harts.

use crate::arch::Architecture;
use crate::axiomatic::evidence::{EventId, Execution, ReadsOf};
use crate::axiomatic::ppo::rules_between_annotated;
use crate::axiomatic::trace::{Op, Trace};
use crate::litmus::HartId;
use crate::model::{Annotation, BaseModel, Options, Rule, RuleSet, annotate};
use crate::program::Program;
use crate::program::misaligned::{Access, Alignment};

/// The rules that Ztso and sequential consistency add to RVWMO, and those of x86-TSO.
pub(super) fn added_rules() -> impl Iterator<Item = Rule> {
    Rule::ALL.into_iter().filter(|rule| !BaseModel::Rvwmo.has(*rule))
}

/// Returns `rules` without those that are added to RVWMO, except for one of them.
pub(super) fn without_added(rules: RuleSet, except: Option<Rule>) -> RuleSet {
    added_rules().filter(|rule| Some(*rule) != except).fold(rules, RuleSet::without)
}

/// A program on harts that follow certain models, under certain rules and readings.
#[derive(Clone, Copy, Debug)]
pub struct Machine<'p> {
    /// What the harts run.
    pub program: &'p Program,
    /// The model of each hart.
    pub models: &'p [BaseModel],
    /// The rules in force and the readings of the manual.
    pub options: &'p Options,
}

impl Machine<'_> {
    /// Returns the annotation of an operation of `hart`.
    pub(super) fn annotation(&self, hart: HartId, op: &Op) -> Annotation {
        self.annotation_under(self.options.rules, hart, op)
    }

    /// Returns the annotation that an operation of `hart` would have under other rules.
    pub(super) fn annotation_under(&self, rules: RuleSet, hart: HartId, op: &Op) -> Annotation {
        let options = Options { rules, ..*self.options };
        let order = self.program.harts[hart.index()].code[op.step].action.order();
        annotate(order, op.kind, self.models[hart.index()], &options)
    }

    /// Returns a trace of another machine with the annotations of this one.
    pub(super) fn annotate_trace(&self, hart: HartId, trace: &Trace) -> Trace {
        let mut trace = trace.clone();
        for op in &mut trace.ops {
            op.annotation = self.annotation(hart, op);
        }
        trace
    }

    /// Returns the rules that put `from` before `to`, which follows it in program order.
    #[must_use]
    pub fn rules_between(&self, execution: &Execution, from: EventId, to: EventId) -> RuleSet {
        self.rules_between_under(self.options.rules, execution, from, to)
    }

    /// Returns those that would if only `rules` were in force.
    pub(super) fn rules_between_under(
        &self,
        rules: RuleSet,
        execution: &Execution,
        from: EventId,
        to: EventId,
    ) -> RuleSet {
        let hart = from.hart;
        let code = &self.program.harts[hart.index()];
        // Dependencies and the like are nothing that x86 promises: what its models add says it all.
        let rules = match code.architecture {
            Architecture::Riscv => rules,
            Architecture::X86 => rules.within(RuleSet::OF_X86),
        };
        let annotations =
            [from, to].map(|event| self.annotation_under(rules, hart, execution.op(event)));
        let (trace, reads) = (&execution.traces[hart.index()], ReadsOf { execution, hart });
        rules_between_annotated(trace, &reads, rules, (from.nth, to.nth), annotations)
    }

    /// Is an operation of another machine one operation on this one, too? A misaligned access may be
    /// several.
    pub(super) fn keeps_whole(&self, hart: HartId, op: &Op) -> bool {
        let code = &self.program.harts[hart.index()];
        let Some(access) = code.code[op.step].action.access() else { return true };
        // What is a part of an access already stays one.
        u64::from(op.footprint.width) != access.width.bytes()
            || Alignment::of(op.kind, access, code, self.options).at(op.footprint.address)
                == Access::Whole
    }
}
