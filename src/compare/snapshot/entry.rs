//! What a snapshot keeps of one test.

use rvlitmus_core::answer::{Answer, Extent, Failure, Status, cut_text};
use rvlitmus_core::litmus::visible;

use crate::compare::named_state;
use crate::results::{Conclusion, DescribedMachine, TestReport};

/// What a snapshot keeps of one test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SnapshotEntry {
    /// The file within its folder.
    pub file: String,
    /// A line each: name and verdict on each machine, the condition, what was cut, errors.
    pub notes: Vec<String>,
    /// Every state that some machine reaches, sorted; empty for a test without an answer.
    pub states: Vec<SnapshotState>,
}

/// What a snapshot keeps of one state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SnapshotState {
    /// What is known of each machine of the test, in its order.
    pub reached: Vec<Reach>,
    /// Does it satisfy the condition's proposition?
    pub satisfies: bool,
    /// The values by place: `1:x5=1 1:x7=0`.
    pub values: String,
    /// Why the first model that does not reach it does not, where that is known.
    pub because: Vec<String>,
}

/// Whether a machine reaches a state.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    /// It does.
    Reached,
    /// It does not.
    NotReached,
    /// It has no answer.
    Unknown,
}

impl SnapshotEntry {
    /// Makes the entry of a report whose file is called `file` in its folder.
    #[must_use]
    pub fn of(report: &TestReport, file: &str) -> SnapshotEntry {
        let name = &one_line(&report.name);
        let failed =
            |failure: &Failure| vec![format!("{name}: {}", failure.status), error(failure)];
        let (notes, states) = match &report.conclusion {
            Conclusion::Failed(failure) => (failed(failure), Vec::new()),
            Conclusion::Answered(answer) => match same_failure(answer) {
                Some(failure) => (failed(failure), Vec::new()),
                None => (notes(name, answer), states(answer, &report.described)),
            },
        };
        SnapshotEntry { file: file_name(file), notes, states }
    }

    /// The machines that the first note names, in its order.
    #[must_use]
    pub fn machines(&self) -> Vec<&str> {
        self.verdicts().map(|(machine, _)| machine).filter(|machine| !machine.is_empty()).collect()
    }

    /// Each machine and its verdict; no machine where a status is that of the whole test.
    fn verdicts(&self) -> impl Iterator<Item = (&str, &str)> {
        let note = self.notes.first().and_then(|note| note.rsplit_once(": "));
        let verdicts = note.map_or("", |(_, verdicts)| verdicts).split(", ");
        verdicts.map(|verdict| verdict.rsplit_once(' ').unwrap_or(("", verdict)))
    }

    /// The machines without an answer, each with the status that says why.
    fn failures(&self) -> impl Iterator<Item = (&str, Status)> {
        self.verdicts().filter_map(|(machine, word)| {
            let status = Status::ALL.into_iter().find(|status| status.name() == word)?;
            (!status.answered()).then_some((machine, status))
        })
    }

    /// Is there an answer on some machine?
    #[must_use]
    pub fn answered(&self) -> bool {
        self.failures().count() < self.verdicts().count()
    }

    /// Is there no answer on this machine?
    #[must_use]
    pub fn failed_on(&self, machine: &str) -> bool {
        self.failures().any(|(failed, _)| failed.is_empty() || failed == machine)
    }

    /// Did a limit end the test on some machine, so that the entry says less than it should?
    #[must_use]
    pub fn unfinished(&self) -> bool {
        self.failures().any(|(_, status)| status.unfinished())
    }

    /// Were loops cut?
    #[must_use]
    pub fn bounded(&self) -> bool {
        self.notes.iter().any(|note| note.starts_with("bounded: "))
    }
}

/// The failure of the first machine, if all have failed alike.
fn same_failure(answer: &Answer) -> Option<&Failure> {
    let mut failures = answer.machines.iter().map(|machine| machine.extent.failure());
    let first = failures.next()??;
    failures.all(|other| other.is_some_and(|other| other.status == first.status)).then_some(first)
}

fn notes(name: &str, answer: &Answer) -> Vec<String> {
    let verdicts = answer.machines.iter().enumerate().map(|(index, machine)| {
        let observation = answer.observation(index);
        match observation.filter(|_| machine.extent != Extent::NoExecution) {
            Some(_) if answer.condition.is_none() && machine.extent == Extent::Complete => {
                format!("{} no-condition", machine.id)
            }
            Some(observation) => format!("{} {observation}", machine.id),
            None => format!("{} {}", machine.id, machine.extent.status()),
        }
    });
    let mut notes = vec![format!("{name}: {}", verdicts.collect::<Vec<_>>().join(", "))];
    notes.extend(answer.condition.as_ref().map(|condition| one_line(&condition.to_string())));
    let cut = answer.cut();
    if !cut.is_empty() {
        notes.push(cut_text(&cut));
    }
    notes.extend(answer.machines.iter().filter_map(|machine| {
        let failure = machine.extent.failure()?;
        Some(format!("{}: {}", machine.id, error(failure)))
    }));
    notes
}

/// Says what failed: `line 1, column 1: the test's time limit ran out`.
fn error(failure: &Failure) -> String {
    let error = &failure.error;
    format!("line {}, column {}: {}", error.line, error.column, one_line(&error.message))
}

/// Lists all states. Reasons are those of models: a machine that is described hart by hart may differ in
/// more than its model.
fn states(answer: &Answer, described: &[DescribedMachine]) -> Vec<SnapshotState> {
    let of_models = answer.differences.iter().filter(|difference| {
        let id = answer.id(difference.stronger);
        !described.iter().any(|machine| &*machine.id == id)
    });
    let mut because = vec![None; answer.states.len()];
    for lacked in of_models.flat_map(|difference| &difference.states) {
        let line = lacked.argument.as_ref().map(|argument| one_line(&argument.line));
        because[lacked.row] = because[lacked.row].take().or(line);
    }
    let states = because.into_iter().enumerate().map(|(row, because)| {
        let reached = answer.machines.iter().enumerate().map(|(index, machine)| {
            match (machine.extent.failure(), answer.states.reaches(index, row)) {
                (Some(_), _) => Reach::Unknown,
                (None, true) => Reach::Reached,
                (None, false) => Reach::NotReached,
            }
        });
        let values = named_state(answer, row).map(|(place, value)| format!("{place}={value}"));
        SnapshotState {
            reached: reached.collect(),
            satisfies: answer.states.satisfies(row),
            values: one_line(&values.collect::<Vec<_>>().join(" ")),
            because: because.into_iter().collect(),
        }
    });
    states.collect()
}

/// Text without what would break the text's structure.
fn one_line(text: &str) -> String {
    visible(text.trim()).into_owned()
}

/// The name of a file, which no other file has: as it is, but for what would mean something in its line.
fn file_name(file: &str) -> String {
    let name = visible(&file.replace('\\', "\\\\")).into_owned();
    let name = match name.strip_suffix(' ') {
        Some(rest) => format!("{rest}\\x20"),
        None => name,
    };
    match name.strip_prefix(['#', ' ']) {
        Some(rest) => format!("\\x{:02x}{rest}", name.as_bytes()[0]),
        None => name,
    }
}
