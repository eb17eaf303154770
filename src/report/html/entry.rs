//! One test of a page: its row in the list, and what is shown when it is opened.

use rvlitmus_core::answer::Answer;
use rvlitmus_core::litmus::visible_lines;
use serde::Serialize;
use serde_json::json;

use super::shown::test_shown;
use crate::report::words::verdict;
use crate::results::TestReport;

/// A test of more states is not shown state by state.
const MOST_STATES: usize = 1 << 14;

/// One test in this format.
#[derive(Debug)]
pub struct Entry {
    pub(super) row: Row,
    /// The machines of the verdicts.
    pub(super) machines: Vec<String>,
    /// JSON.
    pub(super) shown: Vec<u8>,
}

/// A test in the list.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    path: String,
    name: String,
    status: &'static str,
    /// States that some machine reaches.
    states: usize,
    /// What tells its machines apart: `states`, `verdict`, or nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    differs: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    warned: bool,
    /// Machine and verdict.
    verdicts: Vec<(usize, &'static str)>,
}

impl Row {
    /// The row with the numbers of its machines.
    pub(super) fn on(mut self, machines: Vec<usize>) -> Row {
        for ((machine, _), number) in self.verdicts.iter_mut().zip(machines) {
            *machine = number;
        }
        self
    }
}

impl Entry {
    /// The entry of a test, all texts of which are visible.
    pub(in crate::report) fn of(mut report: TestReport) -> Entry {
        // It is of use to programs only, and not in every report.
        report.fingerprint = None;
        let answer = report.answer();
        let states = answer.map_or(0, |answer| answer.states.len());
        let row = Row {
            path: report.path.clone(),
            name: report.name.clone(),
            status: report.status().name(),
            states,
            differs: answer.and_then(differs),
            warned: !report.warnings.is_empty(),
            verdicts: answer.map(verdicts).unwrap_or_default(),
        };
        let machines = answer.map(|answer| answer.machines.iter().map(|m| m.id.to_string()));
        let machines = machines.map(Iterator::collect).unwrap_or_default();
        let shown =
            if states > MOST_STATES { without_states(&report, states) } else { test_shown(report) };
        Entry { row, machines, shown }
    }

    /// Bytes of memory that it takes, roughly.
    pub(in crate::report) fn size(&self) -> usize {
        self.shown.capacity() + 256
    }
}

fn verdicts(answer: &Answer) -> Vec<(usize, &'static str)> {
    (0..answer.machines.len()).map(|machine| (machine, verdict(answer, machine))).collect()
}

fn differs(answer: &Answer) -> Option<&'static str> {
    let explored: Vec<usize> =
        (0..answer.machines.len()).filter(|m| answer.found(*m).is_some()).collect();
    let (first, others) = explored.split_first()?;
    if others.iter().any(|machine| answer.observation(*machine) != answer.observation(*first)) {
        return Some("verdict");
    }
    answer.differences.iter().any(|d| !d.states.is_empty()).then_some("states")
}

/// What is shown of a test of too many states: all but these.
fn without_states(report: &TestReport, states: usize) -> Vec<u8> {
    let TestReport { path, name, hash, warnings, .. } = report;
    let status = report.status().name();
    let text = report.details.as_ref().map(|details| visible_lines(&details.text));
    let result =
        json!({ "path": path, "name": name, "status": status, "hash": hash, "warnings": warnings });
    json!({ "result": result, "left_out": states, "text": text }).to_string().into_bytes()
}
