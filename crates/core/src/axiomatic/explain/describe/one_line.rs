//! Arguments on one line.

use std::fmt::Write;

use crate::axiomatic::evidence::{
    Contradiction, Edge, EventId, Execution, Refutation, cycle_from_start,
};
use crate::axiomatic::explain::reason_search::Reason;

use super::{Describer, Step};

impl Describer<'_> {
    /// Returns the arguments of several reasons, each on one line. Those that differ in more than the
    /// mnemonics tell name lines instead of mnemonics.
    #[must_use]
    pub fn one_lines(&self, reasons: &[Reason]) -> Vec<String> {
        let lines: Vec<String> = reasons.iter().map(|r| self.one_line(&r.example)).collect();
        let same = |line: &String| lines.iter().filter(|other| *other == line).count() > 1;
        reasons
            .iter()
            .zip(&lines)
            .map(|(reason, line)| match same(line) {
                true => self.one_line_with_places(&reason.example),
                false => line.clone(),
            })
            .collect()
    }

    /// Returns the argument on one line, for tables:
    /// `ztso-store-release P0 sw->sw; rf; ztso-load-acquire P1 lw->lw; fr`.
    #[must_use]
    pub fn one_line(&self, refutation: &Refutation) -> String {
        let execution = &refutation.execution;
        self.one_line_by(refutation, |_, edge| self.rules(execution, edge)[0])
    }

    /// Returns the same of an argument whose steps are known.
    #[must_use]
    pub fn one_line_of_steps(&self, refutation: &Refutation, steps: &[Step]) -> String {
        self.one_line_by(refutation, |index, _| &steps[index].rule)
    }

    fn one_line_by<'r>(
        &self,
        refutation: &Refutation,
        rule: impl Fn(usize, &Edge) -> &'r str,
    ) -> String {
        let execution = &refutation.execution;
        let mnemonic = |event| self.mnemonic(execution, event);
        match &refutation.contradiction {
            Contradiction::Cycle(cycle) => {
                let mut line = String::with_capacity(96);
                for (index, edge) in cycle_from_start(cycle).enumerate() {
                    if index > 0 {
                        line.push_str("; ");
                    }
                    self.push_edge(execution, edge, rule(index, edge), &mut line);
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

    /// Returns the name of an operation's instruction and its ordering suffix: `amoadd.w`, `.aq`.
    fn mnemonic(&self, execution: &Execution, event: EventId) -> [&'static str; 2] {
        let hart = &self.program().harts[event.hart.index()];
        let instruction = hart.instruction(execution.op(event).step);
        instruction.map_or([""; 2], |instruction| instruction.assembly.mnemonic())
    }

    /// Appends an edge with its rule; one within a hart with its instructions.
    pub(super) fn push_edge(
        &self,
        execution: &Execution,
        edge: &Edge,
        rule: &str,
        line: &mut String,
    ) {
        line.push_str(rule);
        if edge.from.hart == edge.to.hart {
            let [[from, of], [to, suffix]] =
                [edge.from, edge.to].map(|event| self.mnemonic(execution, event));
            // Writing to a string does not fail.
            let _ = write!(line, " {} {from}{of}->{to}{suffix}", edge.from.hart);
        }
    }

    /// Returns the same with every instruction's line: `r4 P2:5->P2:8; rf P2:8->P3:5`.
    fn one_line_with_places(&self, refutation: &Refutation) -> String {
        let execution = &refutation.execution;
        let place = |event: EventId| format!("{}:{}", event.hart, self.line(execution, event));
        match &refutation.contradiction {
            Contradiction::Cycle(cycle) => {
                let parts = cycle_from_start(cycle).map(|edge| {
                    let rules = self.rules(execution, edge).join("+");
                    format!("{rules} {}->{}", place(edge.from), place(edge.to))
                });
                parts.collect::<Vec<String>>().join("; ")
            }
            Contradiction::InitialHidden { load, store } => {
                format!("load-value {}->{}", place(*store), place(*load))
            }
            Contradiction::Unpaired(sc) => format!("sc-failure {}", place(*sc)),
            Contradiction::Unforced { hart, step } => {
                format!("sc-failure {hart}:{}", self.line_of_step(*hart, *step))
            }
        }
    }
}
