//! An answer as JSON records, without a copy of its states.
//!
//! Most of a report is the values of states, and of these most are alike: what each place with each of its
//! values comes to is made once, and handed to serde as JSON that is ready (see [`ReadyJson`]).

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;

use rvlitmus_core::answer::{
    Answer, CutLoop, Difference, Failure, Holds, Lacked, Mistake, Reason, Value,
};
use rvlitmus_core::litmus::Quantifier;

use super::SCHEMA;
use super::out::Out;
use super::record::{
    ConditionRecord, CutRecord, DifferenceRecord, ErrorRecord, LackedRecord, Listed, MachineRecord,
    Pairs, QuantifierRecord, ReasonRecord, StatsRecord, TestRecord, Text,
};
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
    let texts = report.answer().map(Texts::new);
    let record = test(report, texts.as_ref());
    // What is written is kept by `out`, and nothing in a record can fail to serialize.
    let _ = record.serialize(&mut serde_json::Serializer::with_formatter(out, ReadyJson));
}

/// Compact JSON, in which bytes are no array of numbers, but JSON that is ready.
struct ReadyJson;

impl Formatter for ReadyJson {
    #[inline]
    fn write_byte_array<W: ?Sized + Write>(&mut self, out: &mut W, json: &[u8]) -> io::Result<()> {
        out.write_all(json)
    }
}

/// An answer, and what its places with their values come to in JSON.
#[derive(Debug)]
struct Texts<'a> {
    answer: &'a Answer,
    /// `"0:x5":"1"` for each value of each place, in the order of the dictionary.
    json: Vec<u8>,
    /// Where each ends.
    ends: Vec<usize>,
    /// Room for the values of one state.
    room: RefCell<Vec<u8>>,
    /// The states of the machine that was written last, as an array, if they are few.
    array: RefCell<(Option<usize>, Vec<u8>)>,
}

/// A machine with more states is written state by state.
const MOST_AT_ONCE: usize = 1 << 10;

impl<'a> Texts<'a> {
    fn new(answer: &'a Answer) -> Texts<'a> {
        let dictionary = answer.states.dictionary();
        let (mut json, mut ends) = (Vec::with_capacity(256), Vec::with_capacity(16));
        let mut key = Vec::with_capacity(16);
        for (index, place) in answer.places.iter().enumerate().take(dictionary.places()) {
            key.clear();
            // Writing strings to memory cannot fail.
            let _ = serde_json::to_writer(&mut key, place);
            key.push(b':');
            for value in dictionary.of(index) {
                json.extend_from_slice(&key);
                match value {
                    Value::Symbol(symbol) => {
                        let _ = serde_json::to_writer(&mut json, answer.symbols.text(*symbol));
                    }
                    number => {
                        json.push(b'"');
                        number.write(&answer.symbols, &mut json);
                        json.push(b'"');
                    }
                }
                ends.push(json.len());
            }
        }
        Texts { answer, json, ends, room: RefCell::default(), array: RefCell::default() }
    }
}

/// The values of one state.
#[derive(Clone, Copy, Debug)]
pub(super) struct ValuesView<'a> {
    texts: &'a Texts<'a>,
    row: usize,
}

impl ValuesView<'_> {
    /// Appends the object of the values.
    fn append(&self, object: &mut Vec<u8>) {
        let Texts { answer, json, ends, .. } = self.texts;
        let first = object.len();
        answer.states.for_entries(self.row, |entry| {
            object.push(b',');
            let start = entry.checked_sub(1).map_or(0, |before| ends[before]);
            object.extend_from_slice(&json[start..ends[entry]]);
        });
        match object.get_mut(first) {
            Some(first) => *first = b'{',
            None => object.push(b'{'),
        }
        object.push(b'}');
    }
}

impl Serialize for ValuesView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = self.texts.room.borrow_mut();
        object.clear();
        self.append(&mut object);
        serializer.serialize_bytes(&object)
    }
}

/// The states that a machine reaches.
#[derive(Clone, Copy, Debug)]
pub(super) struct StatesView<'a> {
    texts: &'a Texts<'a>,
    machine: usize,
}

/// A state of a machine, as `record::StateRecord`. Written by serde's own struct, state by state, the JSON of
/// a corpus took 1.28 times the instructions.
struct StateView<'a> {
    values: ValuesView<'a>,
    satisfies: bool,
}

impl StateView<'_> {
    fn append(&self, object: &mut Vec<u8>) {
        object.extend_from_slice(b"{\"values\":");
        self.values.append(object);
        object.extend_from_slice(match self.satisfies {
            true => b",\"satisfies\":true}",
            false => b",\"satisfies\":false}",
        });
    }
}

impl Serialize for StateView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = self.values.texts.room.borrow_mut();
        object.clear();
        self.append(&mut object);
        serializer.serialize_bytes(&object)
    }
}

impl Serialize for StatesView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let StatesView { texts, machine } = *self;
        let states = &texts.answer.states;
        let rows = states.of(machine).map(|row| StateView {
            values: ValuesView { texts, row },
            satisfies: states.satisfies(row),
        });
        if states.len() > MOST_AT_ONCE {
            return serializer.collect_seq(rows);
        }
        let (known, array) = &mut *texts.array.borrow_mut();
        if known.is_none_or(|known| !states.same(known, machine)) {
            *known = Some(machine);
            array.clear();
            array.push(b'[');
            for row in rows {
                row.append(array);
                array.push(b',');
            }
            if array.len() > 1 {
                array.pop();
            }
            array.push(b']');
        }
        serializer.serialize_bytes(array)
    }
}

/// The states that a machine lacks, with their reasons.
#[derive(Clone, Copy, Debug)]
pub(super) struct LackedView<'a> {
    texts: &'a Texts<'a>,
    states: &'a [Lacked],
}

impl Serialize for LackedView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.states.iter().map(|lacked| LackedRecord {
            values: Listed::View(ValuesView { texts: self.texts, row: lacked.row }),
            argument: lacked.argument.as_ref().map(|argument| text(&argument.line)),
            because: lacked.argument.iter().flat_map(|a| &a.steps).map(reason).collect(),
        }))
    }
}

fn test<'a>(report: &'a TestReport, texts: Option<&'a Texts<'a>>) -> TestRecord<'a> {
    let answer = texts.map(|texts| texts.answer);
    let machines = texts.map(|texts| {
        let machine = |index| machine(texts, index, &report.described);
        (0..texts.answer.machines.len()).map(machine).collect()
    });
    let differences = texts
        .into_iter()
        .flat_map(|texts| texts.answer.differences.iter().map(|of_two| difference(texts, of_two)));
    TestRecord {
        schema: text(SCHEMA),
        path: text(&report.path),
        name: text(&report.name),
        status: report.status(),
        error: match &report.conclusion {
            Conclusion::Failed(failure) => Some(error(failure)),
            Conclusion::Answered(_) => None,
        },
        description: report.description.as_deref().map(text),
        metadata: metadata(report),
        hash: report.hash.as_deref().map(text),
        fingerprint: report.fingerprint.map(|fingerprint| fingerprint.to_string().into()),
        condition: answer.and_then(|answer| answer.condition.as_ref()).map(|condition| {
            ConditionRecord {
                quantifier: match condition.quantifier {
                    Quantifier::Exists => QuantifierRecord::Exists,
                    Quantifier::NotExists => QuantifierRecord::NotExists,
                    Quantifier::Forall => QuantifierRecord::Forall,
                },
                proposition: text(&condition.proposition),
            }
        }),
        types: answer.map(types).unwrap_or_default(),
        machines,
        differences: differences.collect(),
        warnings: report.warnings.iter().map(|warning| text(warning)).collect(),
    }
}

fn text(text: &str) -> Text<'_> {
    Cow::Borrowed(text)
}

/// A key that a file repeats is written once, with its first value.
fn metadata(report: &TestReport) -> Pairs<Text<'_>> {
    let mut pairs: Vec<(Text<'_>, Text<'_>)> = Vec::new();
    for (key, value) in report.metadata.iter() {
        if pairs.iter().all(|(known, _)| known != key) {
            pairs.push((text(key), text(value)));
        }
    }
    Pairs(pairs)
}

/// The declared types; none where no state says which places there are.
fn types(answer: &Answer) -> Pairs<Text<'_>> {
    let declared = answer.places.iter().zip(&answer.types).filter(|_| !answer.states.is_empty());
    let declared = declared.filter_map(|(place, ctype)| Some((place, (*ctype)?)));
    Pairs(declared.map(|(place, ctype)| (text(place), ctype.to_string().into())).collect())
}

fn machine<'a>(
    texts: &'a Texts<'a>,
    machine: usize,
    described: &'a [DescribedMachine],
) -> MachineRecord<'a> {
    let answer = texts.answer;
    let of_machine = &answer.machines[machine];
    let described = described.iter().find(|described| described.id == of_machine.id);
    MachineRecord {
        id: text(&of_machine.id),
        status: of_machine.extent.status(),
        error: of_machine.extent.failure().map(error),
        observation: answer.observation(machine),
        holds: match answer.holds(machine) {
            Holds::Yes => Some(true),
            Holds::No => Some(false),
            Holds::Unknown => None,
        },
        states: answer.found(machine).map(|_| Listed::View(StatesView { texts, machine })),
        cut: of_machine.extent.cut().iter().map(cut).collect(),
        harts: described
            .map(|described| described.harts.iter().map(|model| text(model.name())).collect())
            .unwrap_or_default(),
        requests: described
            .map(|described| described.requests.as_slice().into())
            .unwrap_or_default(),
        stats: StatsRecord {
            work: of_machine.stats.work,
            microseconds: of_machine.stats.microseconds,
        },
    }
}

fn cut(cut: &CutLoop) -> CutRecord<'_> {
    CutRecord {
        hart: cut.hart.map(|hart| hart.0),
        line: cut.line,
        column: cut.column,
        label: cut.label.as_deref().map(text),
    }
}

fn error(failure: &Failure) -> ErrorRecord<'_> {
    ErrorRecord {
        also: failure.also.iter().map(mistake).collect(),
        test: failure.test.as_deref().map(text),
        ..mistake(&failure.error)
    }
}

fn mistake(mistake: &Mistake) -> ErrorRecord<'_> {
    ErrorRecord {
        line: mistake.line,
        column: mistake.column,
        message: text(&mistake.message),
        help: mistake.help.as_deref().map(text),
        also: Vec::new(),
        test: None,
    }
}

fn difference<'a>(texts: &'a Texts<'a>, difference: &'a Difference) -> DifferenceRecord<'a> {
    DifferenceRecord {
        weaker: text(texts.answer.id(difference.weaker)),
        stronger: text(texts.answer.id(difference.stronger)),
        states: Listed::View(LackedView { texts, states: &difference.states }),
    }
}

fn reason(reason: &Reason) -> ReasonRecord<'_> {
    ReasonRecord {
        rule: text(&reason.rule),
        also: reason.also.as_slice().into(),
        orders: text(&reason.orders),
    }
}

#[cfg(test)]
mod tests;
