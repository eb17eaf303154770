//! A test as JSON: its record, which [`record`](super::record) describes, straight from the answer.
//!
//! serde makes the same of the records, as a test shows; but to build them, and to look into every key for
//! what is to be escaped, took an eighth of the time of a whole corpus. Most of a report is the values of
//! states, and of these most are alike: what each place with each of its values comes to is made once.

use std::ops::Range;

use rvlitmus_core::answer::{
    Answer, CutLoop, Difference, Failure, Holds, Lacked, Mistake, Step, Value,
};
use rvlitmus_core::litmus::is_obeyed;
use rvlitmus_core::program::ToldApart;

use super::SCHEMA;
use super::details_record::DetailsRecord;
use super::out::Out;
use crate::results::{Conclusion, DescribedMachine, TestReport};

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
    word(r#"{"schema":"#, SCHEMA, out);
    text(r#","path":"#, &report.path, out);
    if let Some(index) = report.index {
        number(r#","index":"#, index, out);
    }
    text(r#","name":"#, &report.name, out);
    word(r#","status":"#, report.status().name(), out);
    if let Conclusion::Failed(failure) = &report.conclusion {
        error(failure, out);
    }
    optional(r#","description":"#, report.description.as_deref(), out);
    // A key that a file repeats is written once, with its first value.
    let metadata = || report.metadata.iter().enumerate();
    let first = metadata().filter(|(index, (key, _))| {
        !metadata().take(*index).any(|(_, (before, _))| before == *key)
    });
    list([r#","metadata":{"#, "}"], first, out, |(_, (key, value)), out| pair(key, value, out));
    optional(r#","hash":"#, report.hash.as_deref(), out);
    list([r#","other_hashes":["#, "]"], &report.other_hashes, out, |hash, out| string(hash, out));
    if let Some(fingerprint) = report.fingerprint {
        word(r#","fingerprint":"#, &fingerprint.to_string(), out);
    }
    if let Some(answer) = report.answer() {
        AnswerWriter::new(answer).write(&report.described, out);
    }
    list([r#","warnings":["#, "]"], &report.warnings, out, |warning, out| string(warning, out));
    if let Some(details) = &report.details {
        // As for requests: there is nothing in it that cannot be written.
        let json = serde_json::to_string(&DetailsRecord::from(&**details)).unwrap_or_default();
        raw(r#","details":"#, out);
        raw(&harmless(&json), out);
    }
    out.push(b'}');
}

/// What is known of an answer while it is written.
struct AnswerWriter<'a> {
    answer: &'a Answer,
    /// `,"0:x5":"1"` for each value of each place, in the order of the dictionary.
    values: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
    /// The machine whose states were written last, and where they stand: the next one may have the same.
    written: Option<(usize, Range<usize>)>,
}

/// The text of more states is not kept to be repeated, but handed on.
const MOST_KEPT: usize = 1 << 10;

impl<'a> AnswerWriter<'a> {
    fn new(answer: &'a Answer) -> AnswerWriter<'a> {
        let dictionary = answer.states.dictionary();
        let (mut values, mut ends) = (Vec::with_capacity(256), Vec::with_capacity(16));
        for (index, place) in answer.places.iter().enumerate().take(dictionary.places()) {
            for value in dictionary.of(index) {
                values.push(b',');
                string(place, &mut values);
                values.push(b':');
                match value {
                    Value::Symbol(symbol) => string(answer.symbols.text(*symbol), &mut values),
                    number => {
                        values.push(b'"');
                        number.write(&answer.symbols, &mut values);
                        values.push(b'"');
                    }
                }
                ends.push(values.len());
            }
        }
        AnswerWriter { answer, values, ends, written: None }
    }

    fn write(&mut self, described: &[DescribedMachine], out: &mut Out<'_>) {
        let answer = self.answer;
        if let Some(condition) = &answer.condition {
            word(r#","condition":{"quantifier":"#, &condition.quantifier.to_string(), out);
            text(r#","proposition":"#, &condition.proposition, out);
            out.push(b'}');
        }
        // Where there is no state, none says which places there are.
        let declared =
            answer.places.iter().zip(&answer.types).filter(|_| !answer.states.is_empty());
        let declared = declared.filter_map(|(place, ctype)| Some((place, (*ctype)?)));
        list([r#","types":{"#, "}"], declared, out, |(place, ctype), out| {
            pair(place, &ctype.to_string(), out);
        });
        let machines = 0..answer.machines.len();
        list([r#","machines":["#, "]"], machines, out, |m, out| self.machine(m, described, out));
        list([r#","differences":["#, "]"], &answer.differences, out, |difference, out| {
            self.difference(difference, out);
        });
    }

    fn machine(&mut self, index: usize, described: &[DescribedMachine], out: &mut Out<'_>) {
        let machine = &self.answer.machines[index];
        text(r#"{"id":"#, &machine.id, out);
        word(r#","status":"#, machine.extent.status().name(), out);
        if let Some(failure) = machine.extent.failure() {
            error(failure, out);
        }
        if let Some(observation) = self.answer.observation(index) {
            word(r#","observation":"#, observation.name(), out);
        }
        raw(
            match self.answer.holds(index) {
                Holds::Yes => r#","holds":true"#,
                Holds::No => r#","holds":false"#,
                Holds::Unknown => r#","holds":null"#,
            },
            out,
        );
        if self.answer.found(index).is_some() {
            self.states(index, out);
        }
        list([r#","cut":["#, "]"], machine.extent.cut(), out, cut);
        if let Some(described) = described.iter().find(|described| described.id == machine.id) {
            let models = described.harts.iter().map(|model| model.name());
            list([r#","harts":["#, "]"], models, out, |model, out| string(model, out));
            list([r#","requests":["#, "]"], &described.requests, out, |request, out| {
                // What is written is kept by `out`, and nothing in a request can fail to serialize.
                let _ = serde_json::to_writer(out, request);
            });
        }
        if machine.told_apart == ToldApart::ByFingerprints {
            raw(r#","told_apart":"fingerprints""#, out);
        }
        number(r#","stats":{"work":"#, machine.stats.work, out);
        if let Some(microseconds) = machine.stats.microseconds {
            number(r#","microseconds":"#, microseconds, out);
        }
        raw("}}", out);
    }

    /// The states that a machine reaches.
    fn states(&mut self, machine: usize, out: &mut Out<'_>) {
        let states = &self.answer.states;
        if let Some((before, written)) = &self.written
            && states.same(*before, machine)
        {
            return out.extend_from_within(written.clone());
        }
        let start = out.len();
        raw(r#","states":["#, out);
        list(["", ""], states.of(machine), out, |row, out| {
            raw(r#"{"values":"#, out);
            self.values(row, out);
            raw(if states.satisfies(row) { TRUE } else { FALSE }, out);
            self.row_ends(out);
        });
        out.push(b']');
        if states.len() <= MOST_KEPT {
            self.written = Some((machine, start..out.len()));
        }
    }

    /// The values of one state.
    fn values(&self, row: usize, out: &mut Vec<u8>) {
        let first = out.len();
        self.answer.states.for_entries(row, |entry| {
            let start = entry.checked_sub(1).map_or(0, |before| self.ends[before]);
            out.extend_from_slice(&self.values[start..self.ends[entry]]);
        });
        match out.get_mut(first) {
            Some(comma) => *comma = b'{',
            None => out.push(b'{'),
        }
        out.push(b'}');
    }

    /// The states that a machine lacks, with their reasons.
    fn difference(&self, difference: &Difference, out: &mut Out<'_>) {
        text(r#"{"weaker":"#, self.answer.id(difference.weaker), out);
        text(r#","stronger":"#, self.answer.id(difference.stronger), out);
        raw(r#","states":["#, out);
        list(["", ""], &difference.states, out, |Lacked { row, argument }, out| {
            raw(r#"{"values":"#, out);
            self.values(*row, out);
            if let Some(argument) = argument {
                text(r#","argument":"#, &argument.line, out);
                list([r#","because":["#, "]"], &argument.steps, out, reason);
            }
            out.push(b'}');
            self.row_ends(out);
        });
        raw("]}", out);
    }

    fn row_ends(&self, out: &mut Out<'_>) {
        if self.answer.states.len() > MOST_KEPT {
            out.row();
        }
    }
}

const TRUE: &str = r#","satisfies":true}"#;
const FALSE: &str = r#","satisfies":false}"#;

fn cut(cut: &CutLoop, out: &mut Out<'_>) {
    match cut.hart {
        Some(hart) => {
            number(r#"{"hart":"#, hart.0.into(), out);
            number(r#","line":"#, cut.line.into(), out);
        }
        None => number(r#"{"line":"#, cut.line.into(), out),
    }
    number(r#","column":"#, cut.column.into(), out);
    optional(r#","label":"#, cut.label.as_deref(), out);
    out.push(b'}');
}

fn reason(reason: &Step, out: &mut Out<'_>) {
    text(r#"{"rule":"#, &reason.rule, out);
    list([r#","also":["#, "]"], &reason.also, out, |rule, out| string(rule, out));
    text(r#","orders":"#, &reason.orders, out);
    out.push(b'}');
}

fn error(failure: &Failure, out: &mut Out<'_>) {
    raw(r#","error":"#, out);
    mistake(&failure.error, out);
    list([r#","also":["#, "]"], &failure.also, out, |also, out| {
        mistake(also, out);
        out.push(b'}');
    });
    optional(r#","test":"#, failure.test.as_deref(), out);
    out.push(b'}');
}

/// A mistake as an object that is left open.
fn mistake(mistake: &Mistake, out: &mut Vec<u8>) {
    number(r#"{"line":"#, mistake.line.into(), out);
    number(r#","column":"#, mistake.column.into(), out);
    text(r#","message":"#, &mistake.message, out);
    optional(r#","help":"#, mistake.help.as_deref(), out);
}

/// Writes each of some items between what opens and closes their list; nothing where there is none.
fn list<'w, T>(
    [open, close]: [&str; 2],
    items: impl IntoIterator<Item = T>,
    out: &mut Out<'w>,
    mut write: impl FnMut(T, &mut Out<'w>),
) {
    let mut items = items.into_iter();
    let Some(first) = items.next() else { return };
    raw(open, out);
    write(first, out);
    for item in items {
        out.push(b',');
        write(item, out);
    }
    raw(close, out);
}

fn optional(key: &str, value: Option<&str>, out: &mut Vec<u8>) {
    if let Some(value) = value {
        text(key, value, out);
    }
}

fn pair(key: &str, value: &str, out: &mut Vec<u8>) {
    string(key, out);
    text(":", value, out);
}

#[inline]
fn text(key: &str, value: &str, out: &mut Vec<u8>) {
    raw(key, out);
    string(value, out);
}

/// Writes a value of which nothing is to be escaped.
#[inline]
fn word(key: &str, value: &str, out: &mut Vec<u8>) {
    raw(key, out);
    out.push(b'"');
    raw(value, out);
    out.push(b'"');
}

#[inline]
fn number(key: &str, value: u64, out: &mut Vec<u8>) {
    raw(key, out);
    raw(itoa::Buffer::new().format(value), out);
}

/// Appends what is JSON already.
#[inline]
fn raw(json: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(json.as_bytes());
}

/// Appends a string: runs of what stands for itself, and between them what is to be escaped.
fn string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text;
    while let Some(index) = rest.bytes().position(|byte| IS_LOOKED_AT[usize::from(byte)]) {
        let (plain, escaped) = rest.split_at(index);
        raw(plain, out);
        let mut characters = escaped.chars();
        characters.by_ref().take(1).for_each(|character| escape(character, out));
        rest = characters.as_str();
    }
    raw(rest, out);
    out.push(b'"');
}

/// May a character that is escaped begin with this byte? Beside those of ASCII these are the first
/// bytes of what [`is_obeyed`].
const IS_LOOKED_AT: [bool; 256] = {
    let mut is = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        is[byte] =
            byte < 0x20 || matches!(byte as u8, b'"' | b'\\' | 0x7f | 0xc2 | 0xd8 | 0xe2 | 0xef);
        byte += 1;
    }
    is
};

/// Appends a character. What a terminal would obey is escaped, though JSON does not ask for it.
fn escape(character: char, out: &mut Vec<u8>) {
    match character {
        '"' => raw("\\\"", out),
        '\\' => raw("\\\\", out),
        '\n' => raw("\\n", out),
        '\t' => raw("\\t", out),
        '\r' => raw("\\r", out),
        '\u{8}' => raw("\\b", out),
        '\u{c}' => raw("\\f", out),
        _ if is_obeyed(character) => raw(&format!("\\u{:04x}", u32::from(character)), out),
        _ => raw(character.encode_utf8(&mut [0; 4]), out),
    }
}

/// JSON whose strings hold nothing that a terminal would obey.
#[must_use]
pub fn harmless(json: &str) -> String {
    let mut out = Vec::with_capacity(json.len());
    for character in json.chars() {
        match character {
            ' '..='\x7e' | '\n' => out.push(character as u8),
            _ => escape(character, &mut out),
        }
    }
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests;
