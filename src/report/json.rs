//! JSON, written by hand: most of a run's output is states, and most of a
//! state is keys that are the same in every row.

mod escape;
mod fragments;
mod written;

use rvlitmus_core::answer::{
    Answer, Column, Conclusion, Failure, Forbidden, Holds, Mistake, ModelReport, States, Symbols,
    TestReport, Value, VmReport,
};
use rvlitmus_core::litmus::{Metadata, Quantifier};

use super::out::Out;
use super::{SCHEMA, VmRecord};
use escape::escape;
use written::Written;

/// The line of one test in the format `jsonl`, its end included.
#[must_use]
pub fn json_line(report: &TestReport) -> Vec<u8> {
    let mut out = Out::in_memory(Vec::with_capacity(4096));
    write_test(report, &mut out);
    out.push(b'\n');
    std::mem::take(&mut out)
}

/// Appends the object of one test, without a line end.
pub(super) fn write_test(report: &TestReport, out: &mut Out<'_>) {
    raw(out, "{\"schema\":\"");
    raw(out, SCHEMA);
    raw(out, "\",\"path\":");
    string(&report.path, out);
    raw(out, ",\"name\":");
    string(&report.name, out);
    raw(out, ",\"status\":\"");
    raw(out, report.status().name());
    raw(out, "\"");
    if let Conclusion::Failed(Failure { error, also, test, .. }) = &report.conclusion {
        raw(out, ",\"error\":");
        mistake(error, also, test.as_deref(), out);
    }
    if let Some(description) = &report.description {
        raw(out, ",\"description\":");
        string(description, out);
    }
    metadata(&report.metadata, out);
    if let Some(hash) = &report.hash {
        raw(out, ",\"hash\":");
        string(hash, out);
    }
    if let Some(fingerprint) = &report.fingerprint {
        raw(out, ",\"fingerprint\":\"");
        fingerprint.write(out);
        out.push(b'"');
    }
    if let Conclusion::Answered(answer) = &report.conclusion {
        write_answer(answer, out);
    }
    out.push(b'}');
}

fn write_answer(answer: &Answer, out: &mut Out<'_>) {
    if let Some(condition) = &answer.condition {
        raw(out, ",\"condition\":{\"quantifier\":\"");
        raw(
            out,
            match condition.quantifier {
                Quantifier::Exists => "exists",
                Quantifier::NotExists => "~exists",
                Quantifier::Forall => "forall",
            },
        );
        raw(out, "\",\"proposition\":");
        string(&condition.proposition, out);
        out.push(b'}');
    }
    types(answer, out);
    let mut written = Written::new(answer);
    raw(out, ",\"models\":{");
    for (index, model) in answer.models.iter().enumerate() {
        separator(index, out);
        write_model(model, &mut written, out);
    }
    out.push(b'}');
    if let (Some(forbidden), Some(rvwmo)) = (&answer.forbidden_by_ztso, answer.model(Column::Rvwmo))
    {
        raw(out, ",\"forbidden_by_ztso\":[");
        for (index, forbidden) in forbidden.iter().enumerate() {
            separator(index, out);
            write_forbidden(forbidden, &rvwmo.states, &written, out);
            out.row();
        }
        out.push(b']');
    }
    if let Some(vm) = &answer.vm {
        raw(out, ",\"vm\":");
        write_vm(vm, out);
    }
    if !answer.cut.is_empty() {
        raw(out, ",\"cut\":[");
        for (index, cut) in answer.cut.iter().enumerate() {
            separator(index, out);
            out.push(b'{');
            if let Some(hart) = cut.hart {
                raw(out, "\"hart\":");
                number(u64::from(hart.0), out);
                out.push(b',');
            }
            raw(out, "\"line\":");
            number(cut.line.into(), out);
            raw(out, ",\"column\":");
            number(cut.column.into(), out);
            if let Some(label) = &cut.label {
                raw(out, ",\"label\":");
                string(label, out);
            }
            out.push(b'}');
        }
        out.push(b']');
    }
}

/// The declared types, where there are any.
fn types(answer: &Answer, out: &mut Vec<u8>) {
    let declared = answer.places.iter().zip(&answer.types);
    let declared = declared.filter_map(|(place, ctype)| Some((place, (*ctype)?)));
    let mut any = false;
    for (place, ctype) in declared {
        raw(out, if any { "," } else { ",\"types\":{" });
        string(place, out);
        raw(out, ":\"");
        raw(out, &ctype.to_string());
        out.push(b'"');
        any = true;
    }
    raw(out, if any { "}" } else { "" });
}

/// Rare and small, so serde may write it.
fn write_vm(vm: &VmReport, out: &mut Vec<u8>) {
    let harts = vm.harts.iter().map(ToString::to_string).collect();
    let record = VmRecord { harts, requests: vm.requests.clone() };
    // Strings alone: nothing in it can fail to serialize.
    out.extend(serde_json::to_vec(&record).unwrap_or_default());
}

fn write_model<'a>(model: &'a ModelReport, written: &mut Written<'a>, out: &mut Out<'_>) {
    out.push(b'"');
    raw(out, model.model.name());
    raw(out, "\":{\"observation\":\"");
    raw(out, model.observation.name());
    raw(out, "\",\"holds\":");
    raw(
        out,
        match model.holds {
            Holds::Yes => "true",
            Holds::No => "false",
            Holds::Unknown => "null",
        },
    );
    raw(out, ",\"states\":[");
    written.states(&model.states, out);
    raw(out, "],\"stats\":{\"work\":");
    number(model.stats.work, out);
    if let Some(microseconds) = model.stats.microseconds {
        raw(out, ",\"microseconds\":");
        number(microseconds, out);
    }
    raw(out, "}}");
}

fn write_forbidden(
    forbidden: &Forbidden,
    states: &States,
    written: &Written<'_>,
    out: &mut Vec<u8>,
) {
    written.values(states, forbidden.row, out);
    if let Some(argument) = &forbidden.argument {
        raw(out, ",\"argument\":");
        string(argument, out);
    }
    raw(out, ",\"because\":[");
    for (index, reason) in forbidden.because.iter().enumerate() {
        separator(index, out);
        raw(out, "{\"rule\":");
        string(&reason.rule, out);
        if !reason.also.is_empty() {
            raw(out, ",\"also\":[");
            for (index, rule) in reason.also.iter().enumerate() {
                separator(index, out);
                string(rule, out);
            }
            out.push(b']');
        }
        raw(out, ",\"orders\":");
        string(&reason.orders, out);
        out.push(b'}');
    }
    raw(out, "]}");
}

fn mistake(error: &Mistake, also: &[Mistake], test: Option<&str>, out: &mut Vec<u8>) {
    raw(out, "{\"line\":");
    number(error.line.into(), out);
    raw(out, ",\"column\":");
    number(error.column.into(), out);
    raw(out, ",\"message\":");
    string(&error.message, out);
    if let Some(help) = &error.help {
        raw(out, ",\"help\":");
        string(help, out);
    }
    if !also.is_empty() {
        raw(out, ",\"also\":[");
        for (index, other) in also.iter().enumerate() {
            separator(index, out);
            mistake(other, &[], None, out);
        }
        out.push(b']');
    }
    if let Some(test) = test {
        raw(out, ",\"test\":");
        string(test, out);
    }
    out.push(b'}');
}

/// A key that a file repeats is written once, with its first value.
fn metadata(pairs: &Metadata, out: &mut Vec<u8>) {
    if pairs.is_empty() {
        return;
    }
    raw(out, ",\"metadata\":{");
    // A bit for each key so far: few keys have the same, and then they are compared.
    let mut seen = 0_u64;
    for (index, (key, value)) in pairs.iter().enumerate() {
        let first = key.as_bytes().first().copied().unwrap_or(0);
        let bit = 1 << ((usize::from(first) + 3 * key.len()) & 63);
        if seen & bit != 0 && pairs.iter().take(index).any(|(earlier, _)| earlier == key) {
            continue;
        }
        seen |= bit;
        separator(index, out);
        string(key, out);
        out.push(b':');
        string(value, out);
    }
    out.push(b'}');
}

fn raw(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

fn number(value: u64, out: &mut Vec<u8>) {
    Value::number(value, false).write(&Symbols::default(), out);
}

fn separator(index: usize, out: &mut Vec<u8>) {
    if index > 0 {
        out.push(b',');
    }
}

fn string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    escape(text, out);
    out.push(b'"');
}

#[cfg(test)]
mod tests;
