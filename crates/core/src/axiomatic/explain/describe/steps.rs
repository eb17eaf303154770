//! Arguments step by step.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::axiomatic::evidence::{Contradiction, Edge, Execution, Refutation, cycle_from_start};

use super::Describer;

/// One step of an argument.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Step {
    /// `r1` to `r13`, `ztso-load-acquire`, `ztso-store-release`, `ztso-amo`, `sc-program-order`, `rf`,
    /// `co`, `fr`, `atomicity`, `load-value`, `sc-failure`. A `ztso-` name says that nothing but Ztso
    /// orders the two, `sc-program-order` that nothing but sequential consistency does.
    pub rule: Cow<'static, str>,
    /// Other rules that order the same two operations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Cow<'static, str>>,
    /// What it orders: `P0:7 sw x5,0(x6) -> P1:8 lw x7,0(x8)`, hart, line and instruction.
    pub orders: String,
}

impl Describer<'_> {
    /// Returns the argument, step by step. A cycle starts with the program order of its first hart.
    #[must_use]
    pub fn steps(&self, refutation: &Refutation) -> Vec<Step> {
        let execution = &refutation.execution;
        let single =
            |rule: &'static str, orders| vec![Step { rule: rule.into(), also: Vec::new(), orders }];
        match &refutation.contradiction {
            Contradiction::Cycle(cycle) => {
                cycle_from_start(cycle).map(|edge| self.step(execution, edge)).collect()
            }
            Contradiction::InitialHidden { load, store } => {
                let arrow = self.arrow(execution, *store, *load);
                single("load-value", format!("{arrow}, which returns the initial value"))
            }
            Contradiction::Unpaired(sc) => {
                let sc = self.event(execution, *sc);
                single("sc-failure", format!("{sc} is not paired with an LR and fails"))
            }
            Contradiction::Unforced { hart, step } => {
                single("sc-failure", format!("{} fails unforced", self.instruction(*hart, *step)))
            }
        }
    }

    /// Returns an edge as a step and, on one line, as a part of an argument: `r4 P0 sw->sw`.
    pub(in crate::axiomatic::explain) fn edge(
        &self,
        execution: &Execution,
        edge: &Edge,
    ) -> (Step, String) {
        let step = self.step(execution, edge);
        let mut line = String::new();
        self.push_edge(execution, edge, &step.rule, &mut line);
        (step, line)
    }

    fn step(&self, execution: &Execution, edge: &Edge) -> Step {
        let mut rules = self.rules(execution, edge).into_iter().map(Cow::Borrowed);
        Step {
            rule: rules.next().unwrap_or_default(),
            also: rules.collect(),
            orders: self.arrow(execution, edge.from, edge.to),
        }
    }
}
