//! Explanations made into records.

use rvlitmus_core::answer::{Failure, Status};
use rvlitmus_core::axiomatic::evidence::{
    Contradiction, Edge, EventId, Execution, Refutation, Why, Witness, Written, cycle_from_start,
};
use rvlitmus_core::axiomatic::explain::{
    AddedOrder, AnnotatedInstruction, CheckedExplanation, Describer, Explanation, ImpossiblePart,
    NeededAnnotations, Reason, Step,
};
use rvlitmus_core::model::Rule;
use rvlitmus_core::session::{Explanations, Values};

use super::record::{
    AddedRecord, AnnotatedRecord, AnswerRecord, CoherenceRecord, DecidersRecord, EndedRecord,
    Enough, EventRecord, ExplainedTestRecord, ExplanationRecord, FailedRecord, FailureRecord,
    ImpossibleRecord, MachineRecord, OrderRecord, ReasonRecord, ResultRecord, SourceRecord,
    StateRecord,
};
use crate::report::record::Pairs;
use crate::run::{Ended, Explained, Unexplained};

/// Most combinations of values that a record lists.
const MOST_POSSIBLE: usize = 12;

impl ExplainedTestRecord {
    /// Returns the record of what came of one test.
    #[must_use]
    pub fn new(path: &str, result: &Result<Explained, Unexplained>) -> ExplainedTestRecord {
        let result = match result {
            Ok(explained) => ResultRecord::Explained(AnswerRecord::new(explained)),
            Err(unexplained) => {
                let Unexplained { failure, interrupted, .. } = unexplained;
                ResultRecord::Failed { error: FailureRecord::new(failure, *interrupted) }
            }
        };
        ExplainedTestRecord { path: path.to_owned(), result }
    }
}

impl FailureRecord {
    /// An exploration that was ended from outside ran out of no time of its own.
    fn new(Failure { status, error, .. }: &Failure, interrupted: bool) -> FailureRecord {
        let (line, column) = (error.line, error.column);
        let (status, message) = match (status, interrupted) {
            (Status::Timeout, true) => ("interrupted".to_owned(), "before its end".to_owned()),
            _ => (status.to_string(), error.message.clone()),
        };
        FailureRecord { status, line, column, message }
    }
}

impl AnswerRecord {
    fn new(explained: &Explained) -> AnswerRecord {
        let machines = explained.explanations.machines.iter();
        let machines: Vec<_> = machines.map(|m| (m, Describer::new(m.machines()))).collect();
        let states = explained.explanations.states.iter().map(|state| {
            let models = machines.iter().zip(&state.explanations);
            let models = models.map(|((machine, describer), checked)| MachineRecord {
                model: machine.id.to_string(),
                harts: machine.harts.iter().map(ToString::to_string).collect(),
                explanation: explanation(describer, checked),
            });
            StateRecord { values: Pairs(state.values.clone()), models: models.collect() }
        });
        let Explanations { about, cut, without_execution: without, .. } = &explained.explanations;
        let Explanations { filtered, failed, left_out, .. } = &explained.explanations;
        let pairs = |states: &[Values]| states.iter().cloned().map(Pairs).collect();
        let failed = failed.iter().map(|(model, failure)| FailedRecord {
            model: model.to_string(),
            error: FailureRecord::new(failure, explained.ended == Some(Ended::Interruption)),
        });
        AnswerRecord {
            name: explained.name.clone(),
            about: about.clone(),
            cut: cut.clone(),
            without_execution: without.iter().map(ToString::to_string).collect(),
            filtered: *filtered,
            failed: failed.collect(),
            ended: explained.ended.map(|ended| match ended {
                Ended::TimeLimit => EndedRecord::Timeout,
                Ended::Interruption => EndedRecord::Interrupted,
            }),
            states: states.collect(),
            impossible: pairs(&explained.explanations.impossible),
            unargued: pairs(&explained.explanations.unargued),
            left_out: left_out.states,
            and_more: left_out.and_more,
        }
    }
}

/// Returns an explanation as data.
pub(super) fn explanation(
    describer: &Describer<'_>,
    checked: &CheckedExplanation,
) -> ExplanationRecord {
    let CheckedExplanation { explanation, added, needed_annotations } = checked;
    match explanation {
        Explanation::Allowed(found) => witness(describer, found),
        Explanation::Unwitnessed => ExplanationRecord::AllowedWithoutOrder,
        Explanation::Forbidden { reasons, exhaustive } => ExplanationRecord::Forbidden {
            reasons: reasons
                .iter()
                .zip(describer.one_lines(reasons))
                .map(|(one, line)| reason(describer, one, line))
                .collect(),
            exhaustive: *exhaustive,
            added: added.iter().filter_map(|pair| added_order(describer, pair, reasons)).collect(),
            decided_by: needed_annotations.as_ref().map(|needed| deciders(describer, needed)),
        },
        Explanation::NoExecution(parts) => ExplanationRecord::NoExecution {
            impossible: parts.iter().map(|part| impossible(describer, part)).collect(),
        },
        Explanation::GaveUp => ExplanationRecord::GaveUp,
    }
}

fn witness(describer: &Describer<'_>, witness: &Witness) -> ExplanationRecord {
    let Witness { execution, gmo, .. } = witness;
    let number = |event| gmo.iter().position(|e| *e == event).map(|index| index + 1);
    let mut rf = Vec::new();
    let mut co = Vec::new();
    for (index, event) in gmo.iter().enumerate() {
        let to = index + 1;
        for source in distinct(execution.read(*event)) {
            if let Written::By(store) = source
                && let Some(from) = number(store)
            {
                rf.push(OrderRecord { from, to });
            }
        }
        let op = execution.op(*event);
        let before = gmo[..index].iter().rposition(|earlier| {
            let earlier = execution.op(*earlier);
            earlier.writes() && op.writes() && earlier.footprint.overlaps(op.footprint)
        });
        co.extend(before.map(|before| OrderRecord { from: before + 1, to }));
    }
    let events = gmo.iter().map(|id| event(describer, execution, *id, &number));
    ExplanationRecord::Allowed { gmo: events.collect(), rf, co }
}

fn event(
    describer: &Describer<'_>,
    execution: &Execution,
    id: EventId,
    number: &dyn Fn(EventId) -> Option<usize>,
) -> EventRecord {
    let source = |source| match source {
        Written::Initially => {
            let written_by = "the initial state".to_owned();
            SourceRecord { number: None, written_by, part: None }
        }
        Written::By(store) => SourceRecord {
            number: number(store),
            written_by: describer.event(execution, store),
            part: describer.part(execution, store),
        },
    };
    EventRecord {
        number: number(id),
        hart: id.hart.0,
        line: describer.line(execution, id),
        instruction: describer.instruction_text(execution, id),
        effect: describer.effect(execution, id),
        part: describer.part(execution, id),
        from: distinct(execution.read(id)).into_iter().map(source).collect(),
    }
}

fn reason(describer: &Describer<'_>, reason: &Reason, short: String) -> ReasonRecord {
    let refutation = &reason.example;
    let execution = &refutation.execution;
    let steps = describer.steps(refutation);
    let cycle: Vec<&Edge> = match &refutation.contradiction {
        Contradiction::Cycle(cycle) => cycle_from_start(cycle).collect(),
        _ => Vec::new(),
    };
    let by_ztso = |step: &Step| !cycle.is_empty() && step.rule.starts_with("ztso-");
    let event = |id| event(describer, execution, id, &|_| None);
    let loads = execution.events().filter(|id| execution.op(*id).reads());
    ReasonRecord {
        short,
        executions: reason.executions,
        beyond_rvwmo: reason.beyond_weaker,
        ztso: (0..steps.len()).filter(|index| by_ztso(&steps[*index])).collect(),
        cycle: cycle.iter().map(|edge| event(edge.from)).collect(),
        rules: cycle.iter().map(|edge| describer.rules_with_causes(execution, edge)).collect(),
        loads: loads.map(event).collect(),
        coherence: coherence(describer, refutation),
        steps,
    }
}

fn coherence(describer: &Describer<'_>, refutation: &Refutation) -> Vec<CoherenceRecord> {
    let name = |event| describer.event(&refutation.execution, event);
    let pairs = refutation.coherence.iter().map(|pair| CoherenceRecord {
        before: name(pair.before),
        after: name(pair.after),
        supposed: pair.proof.iter().any(|edge| edge.why == Why::Chosen),
    });
    pairs.collect()
}

fn added_order(
    describer: &Describer<'_>,
    pair: &AddedOrder,
    reasons: &[Reason],
) -> Option<AddedRecord> {
    let execution = &reasons.get(pair.reason)?.example.execution;
    let orders = describer.arrow(execution, pair.from, pair.to);
    Some(AddedRecord { rules: names(&pair.rules), orders, needed: pair.needed })
}

fn deciders(describer: &Describer<'_>, needed: &NeededAnnotations) -> DecidersRecord {
    let (without, all) = match needed {
        NeededAnnotations::AnyOne(all) => (Enough::AnyOne, all),
        NeededAnnotations::All(all) => (Enough::All, all),
    };
    let record = |one: &AnnotatedInstruction| AnnotatedRecord {
        instruction: describer.instruction(one.hart, one.step).to_owned(),
        rules: names(&one.rules),
    };
    DecidersRecord { without, instructions: all.iter().map(record).collect() }
}

fn impossible(describer: &Describer<'_>, part: &ImpossiblePart) -> ImpossibleRecord {
    let ImpossiblePart { places, possible } = part;
    let shown = |values: &Vec<u64>| {
        let values = places.iter().zip(values);
        values.map(|(place, value)| describer.observed_value(*place, *value)).collect()
    };
    ImpossibleRecord {
        places: places.iter().map(|place| describer.observed_place(*place)).collect(),
        possible: possible.iter().take(MOST_POSSIBLE).map(shown).collect(),
        count: possible.len(),
    }
}

fn names(rules: &[Rule]) -> Vec<&'static str> {
    rules.iter().map(|rule| rule.name()).collect()
}

/// Returns what a load read from, each once.
fn distinct(sources: &[Written]) -> Vec<Written> {
    let mut sources = sources.to_vec();
    sources.sort_unstable();
    sources.dedup();
    sources
}
