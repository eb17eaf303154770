//! The records of a report that was read, back to results.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use rvlitmus_core::answer::{
    Answer, Argument, ConditionText, CutLoop, Difference, Extent, Failure, MOST_MACHINES,
    MachineAnswer, Mistake, PlaceNames, Stats, Status, SymbolId, Symbols, Unsorted, Value,
};
use rvlitmus_core::litmus::{CType, HartId, Quantifier};
use rvlitmus_core::model::BaseModel;
use rvlitmus_core::program::ToldApart;

use super::read::ReadError;
use super::record::{
    ConditionRecord, CutRecord, DifferenceRecord, ErrorRecord, LackedRecord, MachineRecord, Pairs,
    QuantifierRecord, StateRecord, TestRecord,
};
use crate::results::{Conclusion, DescribedMachine, Fingerprint, TestReport};

/// The report of one test, which stands in line number `line`.
pub(super) fn test(record: TestRecord, line: usize) -> Result<TestReport, ReadError> {
    let wrong = |what: &str| ReadError::Inconsistent { line, what: what.to_owned() };
    let mut described = Vec::new();
    let conclusion = match (record.error, record.machines) {
        (Some(error), None) if !record.status.answered() => {
            Conclusion::Failed(failure(record.status, error))
        }
        (None, Some(machines)) if machines.is_empty() => {
            return Err(wrong("there is an answer on no machine that is known here"));
        }
        (None, Some(machines)) if machines.len() > MOST_MACHINES => {
            return Err(wrong(&format!("there are more than {MOST_MACHINES} machines")));
        }
        (None, Some(mut machines)) => {
            for machine in machines.iter_mut().filter(|machine| !machine.harts.is_empty()) {
                described.push(described_machine(machine, line)?);
            }
            let condition =
                record.condition.map(|ConditionRecord { quantifier: of, proposition }| {
                    ConditionText { quantifier: quantifier(of), proposition }
                });
            let mut answer = Reading::new(line).answer(machines, record.differences)?;
            answer.types = types(&answer.places, &record.types, line)?;
            answer.condition = condition;
            Conclusion::Answered(answer)
        }
        _ => return Err(wrong("`status`, `error` and `machines` do not go together")),
    };
    let report = TestReport {
        path: record.path,
        index: record.index,
        name: record.name,
        description: record.description,
        metadata: record.metadata.0.into_iter().collect(),
        hash: record.hash,
        other_hashes: record.other_hashes,
        fingerprint: record.fingerprint.as_deref().and_then(Fingerprint::parse),
        described,
        warnings: record.warnings,
        conclusion,
        details: record.details.map(|details| Box::new(details.into())),
    };
    if report.status() != record.status {
        return Err(wrong("`status` is not that of the machines"));
    }
    Ok(report)
}

/// What is known while the states of one test are read.
struct Reading {
    line: usize,
    symbols: Symbols,
    /// Those of `symbols`, to find them at once.
    known: FxHashMap<String, SymbolId>,
    /// From the first state.
    places: Option<PlaceNames>,
}

impl Reading {
    fn new(line: usize) -> Reading {
        Reading { line, symbols: Symbols::default(), known: FxHashMap::default(), places: None }
    }

    fn wrong(&self, what: &str) -> ReadError {
        ReadError::Inconsistent { line: self.line, what: what.to_owned() }
    }

    fn answer(
        mut self,
        records: Vec<MachineRecord>,
        differences: Vec<DifferenceRecord>,
    ) -> Result<Answer, ReadError> {
        let mut machines: Vec<MachineAnswer> = Vec::with_capacity(records.len());
        let mut states: Option<Unsorted> = None;
        for record in records {
            if machines.iter().any(|machine| *machine.id == *record.id) {
                return Err(self.wrong("two machines have one `id`"));
            }
            let MachineRecord { id, status, error, states: found, cut, told_apart, stats, .. } =
                record;
            let extent = extent(status, error, cut, found.as_ref().map(Vec::len));
            for StateRecord { values, satisfies } in found.into_iter().flatten() {
                let states = states.get_or_insert_with(|| Unsorted::new(values.0.len()));
                states.push(machines.len(), self.values(&values)?, satisfies);
            }
            machines.push(MachineAnswer {
                id: Arc::from(&*id),
                extent: extent.ok_or_else(|| {
                    self.wrong(
                        "`status`, `error`, `states` and `cut` of a machine do not go together",
                    )
                })?,
                told_apart: told_apart.map_or(ToldApart::Exactly, |_| ToldApart::ByFingerprints),
                stats: Stats { work: stats.work, transitions: 0, microseconds: stats.microseconds },
            });
        }
        let states = states.unwrap_or_default().sorted(machines.len(), &self.symbols);
        let mut answer = Answer {
            differences: Difference::all(&machines, &states),
            warnings: Vec::new(),
            states,
            machines,
            ..Answer::default()
        };
        for difference in differences {
            self.explain(difference, &mut answer)?;
        }
        let Reading { symbols, places, .. } = self;
        Ok(Answer { places: places.unwrap_or_default(), symbols, ..answer })
    }

    /// The values of one state, which must be those of the same places as of all others.
    fn values(&mut self, values: &Pairs) -> Result<impl Iterator<Item = Value>, ReadError> {
        let keys = values.0.iter().map(|(key, _)| &**key);
        let places = self.places.get_or_insert_with(|| keys.clone().collect());
        if !keys.eq(places.iter()) {
            return Err(self.wrong("the states of the test name different places"));
        }
        let Reading { symbols, known, .. } = self;
        let read = |(_, text): &(String, String)| match Value::parse(text) {
            Some(number) => number,
            None => Value::Symbol(match known.get(&**text) {
                Some(id) => *id,
                None => *known.entry(text.clone()).or_insert_with(|| symbols.add(text)),
            }),
        };
        Ok(values.0.iter().map(read))
    }

    /// Takes over the arguments of a difference. Which states it consists of is known from those of the
    /// machines.
    fn explain(&mut self, record: DifferenceRecord, answer: &mut Answer) -> Result<(), ReadError> {
        let (weaker, stronger) =
            (answer.position(&record.weaker), answer.position(&record.stronger));
        for lacked in record.states {
            let LackedRecord { values, argument, because } = lacked;
            let values: Vec<Value> = self.values(&values)?.collect();
            let row = answer.states.find(values, &self.symbols);
            let mut differences = answer.differences.iter_mut();
            let difference = differences
                .find(|d| (Some(d.weaker), Some(d.stronger)) == (weaker, stronger))
                .and_then(|difference| {
                    let states = &mut difference.states;
                    let at = states.binary_search_by_key(&row?, |lacked| lacked.row).ok()?;
                    Some(&mut states[at])
                })
                .ok_or_else(|| {
                    self.wrong("a state of `differences` does not tell its machines apart")
                })?;
            difference.argument = match argument {
                Some(line) => Some(Argument { line, steps: because }),
                // Earlier versions had no line beside the steps.
                None if !because.is_empty() => {
                    let rules: Vec<&str> = because.iter().map(|step| &*step.rule).collect();
                    Some(Argument { line: rules.join("; "), steps: because })
                }
                None => None,
            };
        }
        Ok(())
    }
}

/// How far a machine was explored; nothing if the fields contradict one another.
fn extent(
    status: Status,
    error: Option<ErrorRecord>,
    cut: Vec<CutRecord>,
    states: Option<usize>,
) -> Option<Extent> {
    match (status, error, states, cut.is_empty()) {
        (Status::Complete, None, Some(1..), true) => Some(Extent::Complete),
        (Status::Decided, None, Some(0 | 1), true) => Some(Extent::Decided),
        (Status::NoExecution, None, Some(0), true) => Some(Extent::NoExecution),
        (Status::Bounded, None, Some(_), false) => {
            Some(Extent::Bounded(cut.into_iter().map(cut_loop).collect()))
        }
        (status, Some(error), None, true) if !status.answered() => {
            Some(Extent::Failed(failure(status, error)))
        }
        _ => None,
    }
}

fn cut_loop(record: CutRecord) -> CutLoop {
    let CutRecord { hart, line, column, label } = record;
    let label = label.as_deref().map(Into::into);
    CutLoop { line, column, hart: hart.map(HartId), label }
}

fn failure(status: Status, mut error: ErrorRecord) -> Failure {
    let also = std::mem::take(&mut error.also).into_iter().map(mistake).collect();
    let attached = error.test.as_deref().map(Into::into);
    Failure { status, error: mistake(error), also, test: attached }
}

fn mistake(record: ErrorRecord) -> Mistake {
    let ErrorRecord { line, column, message, help, .. } = record;
    Mistake { line, column, message, help }
}

fn described_machine(
    machine: &mut MachineRecord,
    line: usize,
) -> Result<DescribedMachine, ReadError> {
    let model = |name: &String| {
        BaseModel::ALL.into_iter().find(|model| model.name() == name).ok_or_else(|| {
            ReadError::Inconsistent { line, what: format!("`{name}` is no memory model") }
        })
    };
    Ok(DescribedMachine {
        id: Arc::from(&*machine.id),
        harts: machine.harts.iter().map(model).collect::<Result<_, _>>()?,
        requests: std::mem::take(&mut machine.requests),
    })
}

/// The type of each place.
fn types(
    places: &PlaceNames,
    record: &Pairs,
    line: usize,
) -> Result<Vec<Option<CType>>, ReadError> {
    let wrong = |what: String| ReadError::Inconsistent { line, what };
    if record.0.is_empty() {
        return Ok(Vec::new());
    }
    let mut types = vec![None; places.len()];
    for (place, name) in &record.0 {
        let ctype = CTYPES.into_iter().find(|ctype| ctype.to_string() == *name);
        let ctype = ctype.ok_or_else(|| wrong(format!("`{name}` is no type")))?;
        let at = places.iter().position(|known| known == place);
        let at = at.ok_or_else(|| wrong(format!("`{place}` has a type and no value")))?;
        types[at] = Some(ctype);
    }
    Ok(types)
}

/// All types of declarations.
const CTYPES: [CType; 8] = [
    CType::Int8,
    CType::Int16,
    CType::Int32,
    CType::Int64,
    CType::Uint8,
    CType::Uint16,
    CType::Uint32,
    CType::Uint64,
];

fn quantifier(record: QuantifierRecord) -> Quantifier {
    match record {
        QuantifierRecord::Exists => Quantifier::Exists,
        QuantifierRecord::NotExists => Quantifier::NotExists,
        QuantifierRecord::Forall => Quantifier::Forall,
    }
}
