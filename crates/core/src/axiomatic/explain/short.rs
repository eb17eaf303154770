//! Arguments on one line.

use std::fmt::Write;

use crate::axiomatic::evidence::{Contradiction, Edge, EventId, Refutation};

use super::words::cycle_from_start;
use super::{Reason, Step, Words};

impl Words<'_> {
    /// The arguments of several reasons, each on one line. Those that differ in more than the mnemonics
    /// tell name lines instead of mnemonics.
    #[must_use]
    pub fn shorts(&self, reasons: &[Reason]) -> Vec<String> {
        let shorts: Vec<String> = reasons.iter().map(|r| self.short(&r.example)).collect();
        let same = |short: &String| shorts.iter().filter(|other| *other == short).count() > 1;
        reasons
            .iter()
            .zip(&shorts)
            .map(|(reason, short)| match same(short) {
                true => self.short_with_lines(&reason.example),
                false => short.clone(),
            })
            .collect()
    }

    /// The argument on one line, for tables:
    /// `ztso-store-release P0 sw->sw; rf; ztso-load-acquire P1 lw->lw; fr`.
    #[must_use]
    pub fn short(&self, refutation: &Refutation) -> String {
        let execution = &refutation.execution;
        self.short_by(refutation, |_, edge| self.rules(execution, edge)[0])
    }

    /// The same of an argument whose steps are known.
    #[must_use]
    pub fn short_of_steps(&self, refutation: &Refutation, steps: &[Step]) -> String {
        self.short_by(refutation, |index, _| &steps[index].rule)
    }

    fn short_by<'r>(
        &self,
        refutation: &Refutation,
        rule: impl Fn(usize, &Edge) -> &'r str,
    ) -> String {
        let execution = &refutation.execution;
        let mnemonic = |event: EventId| {
            let step = execution.op(event).step;
            self.instruction_of(event.hart, step).assembly.mnemonic()
        };
        match &refutation.contradiction {
            Contradiction::Cycle(cycle) => {
                let mut line = String::with_capacity(96);
                for (index, edge) in cycle_from_start(cycle).enumerate() {
                    if index > 0 {
                        line.push_str("; ");
                    }
                    line.push_str(rule(index, edge));
                    if edge.from.hart == edge.to.hart {
                        let ([from, of], [to, suffix]) = (mnemonic(edge.from), mnemonic(edge.to));
                        let hart = edge.from.hart;
                        // Writing to a string does not fail.
                        let _ = write!(line, " {hart} {from}{of}->{to}{suffix}");
                    }
                }
                line
            }
            Contradiction::InitialHidden { load, store } => {
                let (store, load_text) = (mnemonic(*store).concat(), mnemonic(*load).concat());
                format!("load-value {} {store}->{load_text}", load.hart)
            }
            Contradiction::Unpaired(sc) => {
                format!("sc-failure {} {}", sc.hart, mnemonic(*sc).concat())
            }
            Contradiction::Unforced { hart, .. } => format!("sc-failure {hart}"),
        }
    }

    /// The same with every instruction's line: `r4 P2:5->P2:8; rf P2:8->P3:5`.
    fn short_with_lines(&self, refutation: &Refutation) -> String {
        let execution = &refutation.execution;
        let name = |event: EventId| {
            format!("{}:{}", event.hart, self.line_of(event.hart, execution.op(event).step))
        };
        match &refutation.contradiction {
            Contradiction::Cycle(cycle) => {
                let parts = cycle_from_start(cycle).map(|edge| {
                    let rules = self.rules(execution, edge).join("+");
                    format!("{rules} {}->{}", name(edge.from), name(edge.to))
                });
                parts.collect::<Vec<String>>().join("; ")
            }
            Contradiction::InitialHidden { load, store } => {
                format!("load-value {}->{}", name(*store), name(*load))
            }
            Contradiction::Unpaired(sc) => format!("sc-failure {}", name(*sc)),
            Contradiction::Unforced { hart, step } => {
                let line = self.line_of(*hart, *step);
                format!("sc-failure {hart}:{line}")
            }
        }
    }
}
