//! Finished reports, `json` or `jsonl`, back to results.

use rustc_hash::FxHashMap;

use rvlitmus_core::answer::{
    Answer, Column, Conclusion, ConditionText, CutLoop, Failure, Fingerprint, Forbidden, Holds,
    Mistake, ModelReport, Observation, PlaceNames, Reason, States, Stats, Status, SymbolId,
    Symbols, TestReport, Unsorted, Value, VmReport,
};
use rvlitmus_core::litmus::{CType, HartId, Quantifier};
use rvlitmus_core::model::BaseModel;

use super::record::{
    CutRecord, EndRecord, ErrorRecord, ForbiddenRecord, ModelRecord, ModelsRecord, Pairs,
    QuantifierRecord, RunRecord, TestRecord, VmRecord,
};
use super::{RunOptions, SCHEMA};

/// A finished report as it was read.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct FinishedReport {
    /// The options of a `json` report; `jsonl` has none.
    pub options: Option<RunOptions>,
    /// The tests in order.
    pub tests: Vec<TestReport>,
    /// Did the run end before its end?
    pub interrupted: bool,
}

/// Why a report cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// No JSON, or not of the documented form.
    #[error("line {line}, column {column}: {what}")]
    Json {
        /// Line of the report, from 1.
        line: usize,
        /// Byte of the line, from 1.
        column: usize,
        /// What is wrong.
        what: String,
    },
    /// Another format, or another version of this one.
    #[error("line {line}: the schema is `{found}`, not `{SCHEMA}`")]
    Schema {
        /// Line of the report, from 1.
        line: usize,
        /// What the report names.
        found: String,
    },
    /// The fields contradict one another.
    #[error("line {line}: {what}")]
    Inconsistent {
        /// Line of the report, from 1.
        line: usize,
        /// What does not fit.
        what: String,
    },
}

/// Reads a report of either kind.
///
/// # Errors
/// See [`ReadError`]. A torn last line of `jsonl` is that of a run that
/// was killed.
pub fn read_report(text: &str) -> Result<FinishedReport, ReadError> {
    if text.trim().is_empty() {
        return Err(ReadError::Empty);
    }
    let first = text.lines().next().unwrap_or_default();
    if first.contains("\"tests\":[") || first.trim() == "{" {
        return read_run(text);
    }
    let mut report = FinishedReport::default();
    let whole = text.ends_with('\n');
    let mut lines = text.lines().enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        if is_end(line) {
            report.interrupted = true;
        } else if !line.trim().is_empty() {
            match read_line(line, index + 1) {
                Ok(test) => report.tests.push(test),
                Err(ReadError::Json { .. }) if !whole && lines.peek().is_none() && begins(line) => {
                    report.interrupted = true;
                }
                Err(error) => return Err(error),
            }
        }
    }
    Ok(report)
}

/// Is it the beginning of a line of ours, torn off anywhere?
fn begins(line: &str) -> bool {
    let head = "{\"schema\":\"rvlitmus/result/";
    line.starts_with(head) || head.starts_with(line)
}

/// Is it the line that ends an interrupted `jsonl` report?
fn is_end(line: &str) -> bool {
    line.len() < 100
        && serde_json::from_str::<EndRecord>(line).is_ok_and(|end| end.schema == SCHEMA)
}

/// Reads one line of `jsonl`.
///
/// # Errors
/// See [`ReadError`].
pub fn read_line(text: &str, line: usize) -> Result<TestReport, ReadError> {
    let record: TestRecord =
        serde_json::from_str(text).map_err(|error| unreadable(text, line, line, &error))?;
    test(record, line)
}

fn read_run(text: &str) -> Result<FinishedReport, ReadError> {
    let run: RunRecord =
        serde_json::from_str(text).map_err(|error| unreadable(text, 1, error.line(), &error))?;
    check_schema(&run.schema, 1)?;
    let tests = run.tests.into_iter().enumerate().map(|(index, record)| test(record, index + 2));
    Ok(FinishedReport {
        options: run.options,
        tests: tests.collect::<Result<_, _>>()?,
        interrupted: run.interrupted == Some(true),
    })
}

/// As much of any version of the format as every version has.
#[derive(serde::Deserialize)]
struct Head {
    schema: String,
}

/// What cannot be read because it has another schema is said to have it, whatever else it lacks.
fn unreadable(text: &str, start: usize, line: usize, error: &serde_json::Error) -> ReadError {
    let head = serde_json::from_str::<Head>(text);
    let other = head.ok().and_then(|head| check_schema(&head.schema, start).err());
    other.unwrap_or_else(|| json(line, error))
}

/// The parser's message without the place that it thinks itself at, which is in a line of its own.
fn json(line: usize, error: &serde_json::Error) -> ReadError {
    let text = error.to_string();
    let what = text.rfind(" at line ").map_or(text.as_str(), |at| &text[..at]).to_owned();
    ReadError::Json { line, column: error.column(), what }
}

fn check_schema(found: &str, line: usize) -> Result<(), ReadError> {
    if found == SCHEMA {
        return Ok(());
    }
    Err(ReadError::Schema { line, found: found.to_owned() })
}

fn cut_loop(record: CutRecord) -> CutLoop {
    let CutRecord { hart, line, column, label } = record;
    let label = label.as_deref().map(Into::into);
    CutLoop { line, column, hart: hart.map(HartId), label }
}

fn test(record: TestRecord, line: usize) -> Result<TestReport, ReadError> {
    check_schema(&record.schema, line)?;
    let status = record.status;
    let inconsistent = |what: &str| ReadError::Inconsistent { line, what: what.to_owned() };
    let conclusion = match (record.error, record.models) {
        (Some(error), None) if !status.answered() => {
            let also = error.also.iter().cloned().map(mistake).collect();
            let attached = error.test.as_deref().map(Into::into);
            Conclusion::Failed(Failure { status, error: mistake(error), also, test: attached })
        }
        (None, Some(models)) if status.answered() => {
            let cut: Vec<_> = record.cut.into_iter().map(cut_loop).collect();
            if cut.is_empty() != (status == Status::Complete) {
                return Err(inconsistent("`cut` does not go with `status`"));
            }
            let condition = record.condition.map(|condition| ConditionText {
                quantifier: quantifier(condition.quantifier),
                proposition: condition.proposition,
            });
            let reading = Reading {
                line,
                symbols: Symbols::default(),
                known: FxHashMap::default(),
                places: None,
            };
            let mut answer = reading.answer(models, status, record.forbidden_by_ztso)?;
            if answer.models.is_empty() {
                return Err(inconsistent("there is an answer under no model that is known here"));
            }
            answer.types = types(&answer.places, &record.types, line)?;
            answer.condition = condition;
            answer.cut = cut;
            answer.vm = record.vm.map(|record| vm(record, line)).transpose()?;
            Conclusion::Answered(answer)
        }
        _ => return Err(inconsistent("`status`, `error` and `models` do not go together")),
    };
    Ok(TestReport {
        path: record.path,
        name: record.name,
        description: record.description,
        metadata: record.metadata.0.into_iter().collect(),
        hash: record.hash,
        fingerprint: record.fingerprint.as_deref().and_then(Fingerprint::parse),
        conclusion,
    })
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
    fn answer(
        mut self,
        models: ModelsRecord,
        status: Status,
        forbidden: Option<Vec<ForbiddenRecord>>,
    ) -> Result<Answer, ReadError> {
        let mut reports = Vec::new();
        let (rvwmo, ztso) = ((Column::Rvwmo, models.rvwmo), (Column::Ztso, models.ztso));
        let (sc, vm) = ((Column::Sc, models.sc), (Column::Vm, models.vm));
        // The first column is the one that reaches most.
        let columns = if rvwmo.1.is_some() { [rvwmo, ztso, sc, vm] } else { [rvwmo, vm, ztso, sc] };
        for (model, record) in columns {
            if let Some(record) = record {
                reports.push(self.model(model, status, &record)?);
            }
        }
        let forbidden = match (forbidden, reports.first()) {
            (Some(forbidden), Some(rvwmo)) => Some(self.forbidden(forbidden, &rvwmo.states)?),
            _ => None,
        };
        Ok(Answer {
            condition: None,
            places: self.places.unwrap_or_default(),
            types: Vec::new(),
            symbols: self.symbols,
            models: reports,
            forbidden_by_ztso: forbidden,
            vm: None,
            cut: Vec::new(),
        })
    }

    fn model(
        &mut self,
        model: Column,
        status: Status,
        record: &ModelRecord,
    ) -> Result<ModelReport, ReadError> {
        let width = self.places.as_ref().map(PlaceNames::len);
        let width = width.or(record.states.first().map(|state| state.values.0.len()));
        let mut states = Unsorted::new(width.unwrap_or(0));
        for state in &record.states {
            let values = self.values(&state.values)?;
            states.push(values, state.satisfies);
        }
        Ok(ModelReport {
            model,
            observation: match (record.observation, status) {
                (Observation::Never | Observation::Always, Status::Bounded) => Observation::Bounded,
                (observation, _) => observation,
            },
            holds: match record.holds {
                Some(true) => Holds::Yes,
                Some(false) => Holds::No,
                None => Holds::Unknown,
            },
            states: states.sorted(&self.symbols),
            stats: Stats { work: record.stats.work, microseconds: record.stats.microseconds },
        })
    }

    /// The values of one state, which must be those of the same places as of all others.
    fn values(&mut self, values: &Pairs) -> Result<impl Iterator<Item = Value>, ReadError> {
        let keys = values.0.iter().map(|(key, _)| key.as_str());
        let places = self.places.get_or_insert_with(|| keys.clone().collect());
        if !keys.eq(places.iter()) {
            let what = "the states of the test name different places".to_owned();
            return Err(ReadError::Inconsistent { line: self.line, what });
        }
        let Reading { symbols, known, .. } = self;
        let read = |text: &String| match Value::parse(text) {
            Some(number) => number,
            None => Value::Symbol(match known.get(text) {
                Some(id) => *id,
                None => *known.entry(text.clone()).or_insert_with(|| symbols.add(text)),
            }),
        };
        Ok(values.0.iter().map(|(_, value)| value).map(read))
    }

    fn forbidden(
        &mut self,
        records: Vec<ForbiddenRecord>,
        rvwmo: &States,
    ) -> Result<Vec<Forbidden>, ReadError> {
        let mut forbidden = Vec::with_capacity(records.len());
        for record in records {
            let values: Vec<Value> = self.values(&record.values)?.collect();
            let Some(row) = rvwmo.find_values(values, &self.symbols) else {
                let what = "a state forbidden by Ztso is no state of RVWMO".to_owned();
                return Err(ReadError::Inconsistent { line: self.line, what });
            };
            let because = record
                .because
                .into_iter()
                .map(|reason| Reason {
                    rule: reason.rule,
                    also: reason.also,
                    orders: reason.orders,
                })
                .collect();
            forbidden.push(Forbidden { row, argument: record.argument, because });
        }
        forbidden.sort_by_key(|forbidden| forbidden.row);
        Ok(forbidden)
    }
}

fn vm(record: VmRecord, line: usize) -> Result<VmReport, ReadError> {
    let model = |name: &String| match name.as_str() {
        "rvwmo" => Ok(BaseModel::Rvwmo),
        "ztso" => Ok(BaseModel::Ztso),
        other => {
            let what = format!("`{other}` is no memory model");
            Err(ReadError::Inconsistent { line, what })
        }
    };
    let harts = record.harts.iter().map(model).collect::<Result<_, _>>()?;
    Ok(VmReport { harts, requests: record.requests })
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

fn mistake(record: ErrorRecord) -> Mistake {
    Mistake { line: record.line, column: record.column, message: record.message, help: record.help }
}

fn quantifier(record: QuantifierRecord) -> Quantifier {
    match record {
        QuantifierRecord::Exists => Quantifier::Exists,
        QuantifierRecord::NotExists => Quantifier::NotExists,
        QuantifierRecord::Forall => Quantifier::Forall,
    }
}
