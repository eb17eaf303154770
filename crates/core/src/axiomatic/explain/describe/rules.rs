//! The rules of an edge, alone and with what they are about: `r4 fence w,w`, `r9 address dependency`.

use crate::axiomatic::evidence::{Edge, EdgeKind, EventId, Execution, Why};
use crate::model::{AccessKind, Rule, fence_orders};

use super::Describer;

impl Describer<'_> {
    /// Returns the rules of an edge, the most telling first: see [`Comparison::rules`].
    ///
    /// [`Comparison::rules`]: crate::axiomatic::explain::Comparison::rules
    #[must_use]
    pub fn rules(&self, execution: &Execution, edge: &Edge) -> Vec<&'static str> {
        match edge.why.kind() {
            EdgeKind::Ppo => {
                self.machines.rules(execution, edge).into_iter().map(Rule::name).collect()
            }
            kind => vec![kind.name()],
        }
    }

    /// Returns the rules of an edge, each with what it is about.
    #[must_use]
    pub fn rules_with_causes(&self, execution: &Execution, edge: &Edge) -> Vec<String> {
        let kind = edge.why.kind();
        if kind != EdgeKind::Ppo {
            return vec![kind.name().to_owned()];
        }
        let described = |rule: Rule| match self.cause(execution, edge.from, edge.to, rule) {
            Some(cause) => format!("{rule} {cause}"),
            None => rule.to_string(),
        };
        self.machines.rules(execution, edge).into_iter().map(described).collect()
    }

    /// Returns the rules that put `from` before `to`, both of one hart, each with what it is about.
    #[must_use]
    pub fn rules_between(&self, execution: &Execution, from: EventId, to: EventId) -> Vec<String> {
        let by = self.machines.stronger.rules_between(execution, from, to);
        self.rules_with_causes(execution, &Edge { from, to, why: Why::Ppo(by) })
    }

    /// Returns what the rule says of the two operations; the names of the others say it already.
    fn cause(
        &self,
        execution: &Execution,
        from: EventId,
        to: EventId,
        rule: Rule,
    ) -> Option<String> {
        let cause = match rule {
            Rule::R1 => "overlapping store",
            Rule::R2 => "loads of different stores",
            Rule::R3 if execution.op(from).kind == AccessKind::StoreConditional => "read of own SC",
            Rule::R3 => "read of own AMO",
            Rule::R4 => return self.fence(execution, from, to),
            Rule::R5 => "acquire",
            Rule::R6 => "release",
            Rule::R7 => "both RCsc",
            Rule::R8 => "paired LR and SC",
            Rule::R9 => "address dependency",
            Rule::R10 => "data dependency",
            Rule::R11 => "control dependency",
            Rule::R12 => "read of own dependent store",
            Rule::R13 => "store after dependent address",
            Rule::Atomicity
            | Rule::ZtsoLoadAcquire
            | Rule::ZtsoStoreRelease
            | Rule::ZtsoAmo
            | Rule::ScProgramOrder
            | Rule::TsoLoad
            | Rule::TsoStore
            | Rule::TsoLocked => return None,
        };
        Some(cause.to_owned())
    }

    /// Returns the first fence that orders the two operations.
    fn fence(&self, execution: &Execution, from: EventId, to: EventId) -> Option<String> {
        let (a, b) = (execution.op(from).kind, execution.op(to).kind);
        let between = usize::from(from.nth.0) + 1..=usize::from(to.nth.0);
        let fence = execution.traces[from.hart.index()]
            .fences
            .iter()
            .find(|fence| between.contains(&fence.after) && fence_orders(fence.pairs, a, b))?;
        Some(self.program().harts[from.hart.index()].text(fence.step))
    }
}
