//! Rules with what they are about, for people: `r4 fence w,w`, `r9 address dependency`.

use crate::axiomatic::evidence::{Edge, EventId, Execution, Why};
use crate::model::{AccessKind, Rule, fence_orders};

use super::Words;

impl Words<'_> {
    /// The rules of an edge as [`Words::rules`] names them, each with what it is about.
    #[must_use]
    pub fn glossed(&self, execution: &Execution, edge: &Edge) -> Vec<String> {
        let Why::Ppo(_) = &edge.why else {
            return self.rules(execution, edge).into_iter().map(str::to_string).collect();
        };
        let glossed = |rule: Rule| match self.gloss(execution, edge.from, edge.to, rule) {
            Some(gloss) => format!("{rule} {gloss}"),
            None => rule.to_string(),
        };
        self.telling(execution, edge).into_iter().map(glossed).collect()
    }

    /// What the rule says of the two operations; the names of the others say it already.
    fn gloss(
        &self,
        execution: &Execution,
        from: EventId,
        to: EventId,
        rule: Rule,
    ) -> Option<String> {
        let gloss = match rule {
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
            | Rule::ScProgramOrder => return None,
        };
        Some(gloss.to_string())
    }

    /// The first fence that orders the two operations.
    fn fence(&self, execution: &Execution, from: EventId, to: EventId) -> Option<String> {
        let (a, b) = (execution.op(from).kind, execution.op(to).kind);
        let between = usize::from(from.nth.0) + 1..=usize::from(to.nth.0);
        let fence = execution.traces[from.hart.index()]
            .fences
            .iter()
            .find(|fence| between.contains(&fence.after) && fence_orders(fence.pairs, a, b))?;
        Some(self.program.harts[from.hart.index()].text(fence.step))
    }
}
