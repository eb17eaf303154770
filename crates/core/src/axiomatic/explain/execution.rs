//! Candidates as evidence: executions that own all that they speak of.

use crate::axiomatic::candidate::{Candidate, Layout, OpId, Source};
use crate::axiomatic::evidence::{EventId, Execution, Written};
use crate::axiomatic::trace::Trace;
use crate::litmus::HartId;

/// Returns an operation of a layout by hart and number.
pub(super) fn event(layout: &Layout, op: OpId) -> EventId {
    EventId { hart: layout.hart(op), nth: layout.nth(op) }
}

/// Returns what a source stands for.
pub(super) fn written(layout: &Layout, source: Source) -> Written {
    match source {
        Source::Initial => Written::Initially,
        Source::Store(op) => Written::By(event(layout, op)),
    }
}

/// Returns the execution that a complete candidate stands for.
pub(super) fn execution(candidate: &Candidate<'_>) -> Execution {
    let layout = candidate.layout;
    let traces: Vec<Trace> = candidate.traces.iter().flatten().map(|t| (*t).clone()).collect();
    let reads = (0u16..)
        .zip(&traces)
        .map(|(hart, trace)| {
            let of = |(nth, _)| {
                let op = layout.id(HartId(hart), nth);
                let sources = candidate.get(op).and_then(|_| candidate.sources_of(op));
                sources.into_iter().flatten().map(|source| written(layout, *source)).collect()
            };
            trace.iter().map(of).collect()
        })
        .collect();
    Execution { traces, reads }
}
