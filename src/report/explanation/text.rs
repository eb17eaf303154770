//! Explanations for people: 80 columns, one operation a line.

use std::fmt::Write as _;

use super::around::{Limits, joined, no_state, write_folded, write_left_out};
use super::record::{
    AddedRecord, AnnotatedRecord, AnswerRecord, DecidersRecord, Enough, EventRecord,
    ExplainedTestRecord, ExplanationRecord, FailedRecord, ImpossibleRecord, MachineRecord,
    OrderRecord, ReasonRecord, ResultRecord, SourceRecord, StateRecord, not_together,
};
use crate::report::wrap::wrapped_lines;
use crate::results::counted;
use rvlitmus_core::answer::without_execution;
use rvlitmus_core::litmus::{visible, visible_lines};

const WIDTH: usize = 80;
/// Most reasons of one state that are shown in full; the others in a line.
const MOST_REASONS: usize = 4;

/// Appends what is said of one test.
pub fn write_text(test: &ExplainedTestRecord, out: &mut String) {
    let mut text = String::new();
    match &test.result {
        ResultRecord::Explained(answer) => write_answer(test, answer, &mut text),
        ResultRecord::Failed { error } => {
            heading(&error.status, &test.path, &mut text);
            wrapped(&format!("line {}: {}", error.line, error.message), "    ", &mut text);
            text.push('\n');
        }
    }
    out.push_str(&visible_lines(&text));
}

/// Appends a line with text on the left and, if there is room, the path on the right.
fn heading(left: &str, path: &str, out: &mut String) {
    let (left, path) = (visible(left), visible(path));
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
    if !answer.without_execution.is_empty() {
        wrapped(&without_execution(&answer.without_execution), "    ", out);
    }
    if let Some(ended) = answer.ended {
        wrapped(&format!("{}: what follows was found by then", ended.words()), "    ", out);
    }
    for FailedRecord { model, error } in &answer.failed {
        let place = if error.line > 1 { format!("line {}: ", error.line) } else { String::new() };
        wrapped(&format!("{model}: {}: {place}{}", error.status, error.message), "    ", out);
    }
    if answer.states.is_empty() && answer.ended.is_none() {
        wrapped(no_state(&answer.about, !answer.and_more, answer.filtered), "    ", out);
    }
    out.push('\n');
    let limits = Limits { cut: !answer.cut.is_empty(), ended: answer.ended };
    for state in &answer.states {
        write_state(state, limits, out);
    }
    write_folded(answer, limits, out);
    write_left_out(answer, out);
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
            let evidence = match (exhaustive, reasons.len()) {
                (true, _) if executions == 1 => {
                    "; the one execution that would end so is a contradiction"
                }
                (true, _) => "; every execution that would end so is a contradiction",
                (false, 0) => {
                    ", by the exploration; the search for an execution that would end so ended at its limit"
                }
                (false, 1) => {
                    ", by the exploration; one execution that would end so is a contradiction, others were not looked at"
                }
                (false, _) => {
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
    match exhaustive {
        true => format!("reason {number}, {}", counted(reason.executions, "execution")),
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
    write_reads(reason, exhaustive, out);
    for pair in &reason.coherence {
        let how = if pair.supposed { "supposing" } else { "given" };
        wrapped(&format!("{how} {} before {}", pair.before, pair.after), "     ", out);
    }
}

/// Appends what loads read from: of one execution among many only those that the cycle is about, where it
/// rests on no other.
fn write_reads(reason: &ReasonRecord, exhaustive: bool, out: &mut String) {
    let in_cycle =
        |load: &EventRecord| reason.cycle.iter().any(|event| full_name(event) == full_name(load));
    let all = exhaustive || reason.cycle.is_empty() || !reason.coherence.is_empty();
    let reads: Vec<String> = reason
        .loads
        .iter()
        .filter(|load| all || in_cycle(load))
        .map(|load| {
            let from: Vec<String> = load.from.iter().map(source_name).collect();
            // The effect tells the bytes, too.
            let (name, effect) = match in_cycle(load) {
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
pub(super) fn wrapped(text: &str, indent: &str, out: &mut String) {
    let width = WIDTH.saturating_sub(indent.len());
    for (index, line) in wrapped_lines(text, width, width.saturating_sub(2)).iter().enumerate() {
        let further = if index == 0 { "" } else { "  " };
        let _ = writeln!(out, "{indent}{further}{line}");
    }
}
