//! Explanations for people: 80 columns, one operation a line.

use std::fmt::Write as _;

use super::record::{
    AddedRecord, AnnotatedRecord, AnswerRecord, DecidersRecord, EndedRecord, Enough, EventRecord,
    ExplainedTestRecord, ExplanationRecord, FailedRecord, ImpossibleRecord, MachineRecord,
    OrderRecord, ReasonRecord, ResultRecord, SourceRecord, StateRecord, not_together,
};
use crate::report::record::Pairs;
use crate::report::wrap::wrapped_lines;

const WIDTH: usize = 80;
/// Most reasons of one state that are shown in full; the others in a line.
const MOST_REASONS: usize = 4;

/// Appends what is said of one test.
pub fn write_text(test: &ExplainedTestRecord, out: &mut String) {
    match &test.result {
        ResultRecord::Explained(answer) => write_answer(test, answer, out),
        ResultRecord::Failed { error } => {
            heading(&error.status, &test.path, out);
            wrapped(&format!("line {}: {}", error.line, error.message), "    ", out);
            out.push('\n');
        }
    }
}

/// Appends a line with text on the left and, if there is room, the path on the right.
fn heading(left: &str, path: &str, out: &mut String) {
    let (used, path_width) = (left.chars().count(), path.chars().count());
    let gap = WIDTH.saturating_sub(used + path_width).max(2);
    let _ = writeln!(out, "{left}{:gap$}{path}", "");
}

fn write_answer(test: &ExplainedTestRecord, answer: &AnswerRecord, out: &mut String) {
    heading(&answer.name, &test.path, out);
    wrapped(&answer.about, "    ", out);
    if !answer.cut.is_empty() {
        let lines: Vec<String> = answer.cut.iter().map(ToString::to_string).collect();
        let lines = lines.join(", ");
        let text = format!(
            "bounded: the loop at line {lines} was cut; what is forbidden is so as far as it was followed"
        );
        wrapped(&text, "    ", out);
    }
    for FailedRecord { model, error } in &answer.failed {
        let place = if error.line > 1 { format!("line {}: ", error.line) } else { String::new() };
        wrapped(&format!("{model}: {}: {place}{}", error.status, error.message), "    ", out);
    }
    if answer.states.is_empty() && answer.ended.is_none() {
        wrapped(no_state(&answer.about, answer.filtered), "    ", out);
    }
    out.push('\n');
    let limits = Limits { cut: !answer.cut.is_empty(), ended: answer.ended };
    for state in &answer.states {
        write_state(state, limits, out);
    }
    let folded = [
        (&answer.impossible, "cannot be, whatever loads return"),
        (&answer.unargued, "are not reached; the search for an execution ended at its limit"),
    ];
    for (states, what) in folded.into_iter().filter(|(states, _)| !states.is_empty()) {
        write_folded(states, what, limits, out);
    }
    write_left_out(answer, out);
}

/// What holds of everything that is said of a test.
#[derive(Clone, Copy)]
struct Limits {
    /// Were loops cut?
    cut: bool,
    ended: Option<EndedRecord>,
}

impl Limits {
    /// Returns what belongs to a verdict that loops which go on may change.
    fn as_far(self) -> &'static str {
        if self.cut { " as far as loops were followed" } else { "" }
    }

    fn not_decided(self) -> &'static str {
        self.ended.map_or("a limit ran out", EndedRecord::words)
    }
}

/// Appends states of which no more is to be said in a line: `2 more values of [c] cannot be: 0, 5`.
fn write_folded(states: &[Pairs], what: &str, limits: Limits, out: &mut String) {
    let alone = states.iter().all(|state| state.0.len() == 1);
    let shown: Vec<String> = (states.iter())
        .map(|Pairs(values)| match values.as_slice() {
            [(_, value)] => value.clone(),
            values => joined(values),
        })
        .collect();
    let (things, separator) = match states.first() {
        Some(Pairs(values)) if alone => (format!("value{{s}} of {}", values[0].0), ", "),
        _ => ("state{s}".to_owned(), " | "),
    };
    let one = states.len() == 1;
    let things = things.replace("{s}", if one { "" } else { "s" });
    let what = if one { what.replace("are not", "is not") } else { what.to_owned() };
    let text = format!(
        "{} more {things} {what}{}: {}",
        states.len(),
        limits.as_far(),
        shown.join(separator)
    );
    wrapped(&text, "", out);
    out.push('\n');
}

/// Appends how many states are not told of.
fn write_left_out(answer: &AnswerRecord, out: &mut String) {
    let number = match (answer.left_out, answer.and_more) {
        (0, false) => return,
        (0, true) => "Other states that satisfy it were not looked for".to_owned(),
        (1, false) => "1 more state satisfies it".to_owned(),
        (states, false) => format!("{states} more states satisfy it"),
        (states, true) => format!("{states} more states satisfy it, and others may"),
    };
    let text = match answer.ended {
        Some(ended) => format!("{number}: not decided, {}.", ended.words()),
        None => format!("{number}: name one with --state, or raise --most."),
    };
    wrapped(&text, "    ", out);
    out.push('\n');
}

/// Returns `[c]=0; 1:x5=1`.
fn joined(values: &[(String, String)]) -> String {
    let values: Vec<String> =
        values.iter().map(|(place, value)| format!("{place}={value}")).collect();
    values.join("; ")
}

/// Returns what is said of a proposition for which there is no state to explain.
#[must_use]
pub(super) fn no_state(about: &str, filtered: bool) -> &'static str {
    match (about.starts_with("forall"), filtered) {
        (true, false) => {
            "No values that stores write violate it: every state of the code satisfies it."
        }
        (false, false) => "Whatever loads return, the code ends in no such state.",
        (true, true) => "No state that the test's filter accepts violates it.",
        (false, true) => "No state that the test's filter accepts satisfies it.",
    }
}

fn write_state(state: &StateRecord, limits: Limits, out: &mut String) {
    let values = joined(&state.values.0);
    let as_far = limits.as_far();
    let verdict = |machine: &MachineRecord| match machine.explanation {
        ExplanationRecord::Allowed { .. } | ExplanationRecord::AllowedWithoutOrder => {
            format!("allowed under {}", machine.model)
        }
        ExplanationRecord::Forbidden { .. } => {
            format!("forbidden under {}{as_far}", machine.model)
        }
        ExplanationRecord::NoExecution { .. } => {
            format!("impossible under {}{as_far}", machine.model)
        }
        ExplanationRecord::GaveUp => format!("not decided under {}", machine.model),
    };
    let verdicts: Vec<String> = state.models.iter().map(verdict).collect();
    let values = if values.is_empty() { "(nothing observed)".to_owned() } else { values };
    wrapped(&format!("{values}: {}", verdicts.join(", ")), "", out);
    let mut said: Option<(&ExplanationRecord, &str)> = None;
    for machine in &state.models {
        let mixed = machine.harts.windows(2).any(|pair| pair[0] != pair[1]);
        let harts =
            machine.harts.iter().enumerate().map(|(hart, model)| format!("P{hart} {model}"));
        let who = match machine.model.as_str() {
            "vm" if mixed => format!("vm ({})", harts.collect::<Vec<_>>().join(", ")),
            _ => machine.model.clone(),
        };
        match said {
            Some((explanation, model)) if *explanation == machine.explanation => {
                let _ = writeln!(out, "\n  {who}: as under {model}");
            }
            _ => write_machine(&who, &machine.explanation, state.values.0.len(), limits, out),
        }
        said = Some((&machine.explanation, machine.model.as_str()));
    }
    out.push('\n');
}

fn write_machine(
    who: &str,
    explanation: &ExplanationRecord,
    places: usize,
    limits: Limits,
    out: &mut String,
) {
    let as_far = limits.as_far();
    out.push('\n');
    match explanation {
        ExplanationRecord::Allowed { gmo, rf, co } => {
            let _ = writeln!(out, "  {who}: allowed, by this global memory order");
            write_gmo(gmo, out);
            order("rf", rf, out);
            order("co", co, out);
        }
        ExplanationRecord::Forbidden { reasons, exhaustive, added, decided_by } => {
            let executions: usize = reasons.iter().map(|reason| reason.executions).sum();
            let evidence = match (executions, exhaustive) {
                (1, true) => "; the one execution that would end so is a contradiction",
                (_, true) => "; every execution that would end so is a contradiction",
                (0, false) => {
                    ", by the exploration; the search for an execution that would end so ended at its limit"
                }
                (1, false) => {
                    ", by the exploration; one execution that would end so is a contradiction, others were not looked at"
                }
                (_, false) => {
                    ", by the exploration; one execution that would end so is a contradiction however its stores are ordered, others were not looked at"
                }
            };
            wrapped(&format!("{who}: forbidden{as_far}{evidence}"), "  ", out);
            let beyond = reasons.iter().filter(|reason| reason.beyond_rvwmo).count();
            // Beside what the stronger model forbids, what RVWMO forbids as well is no news.
            let shown = if beyond == 0 { reasons.len() } else { beyond }.min(MOST_REASONS);
            for (index, reason) in reasons.iter().take(shown).enumerate() {
                write_reason(index + 1, reasons.len(), reason, *exhaustive, out);
            }
            for (index, reason) in reasons.iter().enumerate().skip(shown) {
                let as_well =
                    if beyond > 0 && !reason.beyond_rvwmo { ", by RVWMO too" } else { "" };
                let head = reason_head(index + 1, reason, *exhaustive);
                wrapped(&format!("{head}{as_well}: {}", reason.short), "    ", out);
            }
            if !added.is_empty() {
                write_added(added, decided_by.as_ref(), out);
            }
        }
        ExplanationRecord::AllowedWithoutOrder => {
            let text = "allowed, by the exploration; the search for an order ended at its limit";
            wrapped(&format!("{who}: {text}"), "  ", out);
        }
        ExplanationRecord::NoExecution { impossible } => {
            let _ = writeln!(out, "  {who}: impossible{as_far}, whatever loads return");
            write_impossible(impossible, places, out);
        }
        ExplanationRecord::GaveUp => {
            let _ = writeln!(out, "  {who}: not decided: {}", limits.not_decided());
        }
    }
}

/// Returns hart and line of an operation: `P0:7`.
fn name(event: &EventRecord) -> String {
    format!("P{}:{}", event.hart, event.line)
}

/// Returns the same with the bytes of a part of a misaligned access: `P0:7 [x+6, 2 bytes]`.
fn full_name(event: &EventRecord) -> String {
    with_part(&name(event), event.part.as_deref())
}

fn with_part(name: &str, part: Option<&str>) -> String {
    part.map_or_else(|| name.to_owned(), |part| format!("{name} {part}"))
}

/// Returns `P0:7` of `P0:7 sw x5,0(x6)`, with the bytes of a part of a misaligned access.
fn source_name(source: &SourceRecord) -> String {
    let written_by = source.written_by.as_str();
    match written_by.split_once(' ') {
        Some((name, _)) if written_by != "the initial state" => {
            with_part(name, source.part.as_deref())
        }
        _ => written_by.to_owned(),
    }
}

fn write_gmo(gmo: &[EventRecord], out: &mut String) {
    let instruction = gmo.iter().map(|e| e.instruction.len()).max().unwrap_or(0).min(34);
    let place = gmo.iter().map(|e| name(e).len()).max().unwrap_or(0);
    for event in gmo {
        let number = event.number.unwrap_or_default();
        let (name, text) = (name(event), &event.instruction);
        let mut line =
            format!("{number:>5}  {name:<place$}  {text:<instruction$}  {}", event.effect);
        let from: Vec<String> = event
            .from
            .iter()
            .map(|source| match source.number {
                Some(number) => number.to_string(),
                None => source.written_by.clone(),
            })
            .collect();
        if !from.is_empty() {
            let _ = write!(line, ", from {}", from.join(" and "));
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

/// Appends the pairs of a relation: `rf: 1 -> 2, 3 -> 4`.
fn order(name: &str, pairs: &[OrderRecord], out: &mut String) {
    if !pairs.is_empty() {
        let pairs: Vec<String> =
            pairs.iter().map(|pair| format!("{} -> {}", pair.from, pair.to)).collect();
        wrapped(&format!("{name}: {}", pairs.join(", ")), "       ", out);
    }
}

/// Returns `reason 1, 4 executions`, without a number of executions where others were not looked at.
fn reason_head(number: usize, reason: &ReasonRecord, exhaustive: bool) -> String {
    let s = if reason.executions == 1 { "" } else { "s" };
    match exhaustive {
        true => format!("reason {number}, {} execution{s}", reason.executions),
        false => format!("reason {number}"),
    }
}

fn write_reason(
    number: usize,
    of: usize,
    reason: &ReasonRecord,
    exhaustive: bool,
    out: &mut String,
) {
    if of > 1 {
        let _ = writeln!(out, "    {}", reason_head(number, reason, exhaustive));
    }
    if reason.cycle.is_empty() {
        for step in &reason.steps {
            wrapped(&format!("{}  by {}", step.orders, step.rule), "       ", out);
        }
    }
    let place = reason.cycle.iter().map(|e| name(e).len()).max().unwrap_or(0);
    let text = reason.cycle.iter().map(|e| e.instruction.len()).max().unwrap_or(0).min(34);
    for (event, rules) in reason.cycle.iter().zip(&reason.rules) {
        let (name, instruction) = (name(event), &event.instruction);
        let _ = writeln!(out, "       {name:<place$}  {instruction:<text$}  {}", event.effect);
        wrapped(&format!("before, by {}", rules.join("; ")), "         ", out);
    }
    if let Some(first) = reason.cycle.first() {
        let _ = writeln!(out, "       {}  again: a cycle", full_name(first));
    }
    write_reads(reason, out);
    for pair in &reason.coherence {
        let how = if pair.supposed { "supposing" } else { "given" };
        wrapped(&format!("{how} {} before {}", pair.before, pair.after), "     ", out);
    }
}

/// Appends what loads read from, as far as the cycle does not show it.
fn write_reads(reason: &ReasonRecord, out: &mut String) {
    let reads: Vec<String> = reason
        .loads
        .iter()
        .map(|load| {
            let from: Vec<String> = load.from.iter().map(source_name).collect();
            let shown = reason.cycle.iter().any(|event| full_name(event) == full_name(load));
            // The effect tells the bytes, too.
            let (name, effect) = match shown {
                true => (full_name(load), String::new()),
                false => (name(load), format!(" ({})", load.effect)),
            };
            format!("{name}{effect} reads from {}", from.join(" and "))
        })
        .collect();
    if !reads.is_empty() {
        wrapped(&format!("where {}", reads.join("; ")), "     ", out);
    }
}

fn write_added(added: &[AddedRecord], deciders: Option<&DecidersRecord>, out: &mut String) {
    let alone = added.iter().filter(|a| a.needed).count();
    let (model, what) = if added.iter().any(|a| a.rules.iter().any(|r| r.starts_with("sc-"))) {
        ("SC", "program order that only SC keeps")
    } else {
        ("Ztso", "what Ztso adds to RVWMO")
    };
    let text = match (alone, added.len()) {
        (0, _) if deciders.is_none() => {
            format!("{what}; without any of it the state is forbidden all the same:")
        }
        (0, 1) => format!("{what}; without this alone others stand in for it:"),
        (0, _) => format!("{what}; no single one is needed, others stand in for it:"),
        (1, 1) => format!("{what}; without it the state would be allowed:"),
        (a, n) if a == n => {
            format!("{what}; without any single one of these the state would be allowed:")
        }
        _ => format!("{what}; without a single one marked * the state would be allowed:"),
    };
    wrapped(&text, "    ", out);
    let some = alone > 0 && alone < added.len();
    for edge in added {
        let mark = if some && edge.needed { "*" } else { " " };
        let line = format!("{}  by {}", edge.orders, edge.rules.join(", "));
        if line.chars().count() + 7 <= WIDTH {
            let _ = writeln!(out, "     {mark} {line}");
        } else {
            let _ = writeln!(out, "     {mark} {}", edge.orders);
            let _ = writeln!(out, "         by {}", edge.rules.join(", "));
        }
    }
    if let Some(deciders) = deciders {
        write_deciders(model, deciders, out);
    }
}

/// Appends the annotations that decide, where no single edge does.
fn write_deciders(model: &str, deciders: &DecidersRecord, out: &mut String) {
    let text = match (deciders.without, deciders.instructions.as_slice()) {
        (_, [_]) => {
            format!("without what {model} adds to this one instruction the state would be allowed:")
        }
        (Enough::AnyOne, _) => format!(
            "without what {model} adds to any single one of these instructions the state would be allowed:"
        ),
        (Enough::All, _) => format!(
            "without what {model} adds to these instructions, all together, the state would be allowed; any one of them that is left forbids it:"
        ),
    };
    wrapped(&text, "    ", out);
    for AnnotatedRecord { instruction, rules } in &deciders.instructions {
        let _ = writeln!(out, "       {instruction}  {}", rules.join(", "));
    }
}

fn write_impossible(impossible: &[ImpossibleRecord], places: usize, out: &mut String) {
    if impossible.is_empty() {
        wrapped(not_together(places), "     ", out);
    }
    for part in impossible {
        wrapped(&part.sentence(), "     ", out);
    }
}

/// Appends text in lines of at most [`WIDTH`], those after the first a little further in.
fn wrapped(text: &str, indent: &str, out: &mut String) {
    let width = WIDTH.saturating_sub(indent.len());
    for (index, line) in wrapped_lines(text, width, width.saturating_sub(2)).iter().enumerate() {
        let further = if index == 0 { "" } else { "  " };
        let _ = writeln!(out, "{indent}{further}{line}");
    }
}
