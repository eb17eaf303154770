//! What a snapshot keeps of one test.

use rvlitmus_core::answer::{Answer, Conclusion, Status, TestReport, cut_text};

/// One test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// The file within its folder.
    pub file: String,
    /// Name and verdicts, the condition, what was cut; or the status and the error. A line each.
    pub notes: Vec<String>,
    /// Every state of every model, sorted; empty for a test without an answer.
    pub states: Vec<StateEntry>,
}

/// Whether a model reaches a state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mark {
    /// The model of this name does.
    Reached(String),
    /// The model of this column does not.
    Not,
}

/// One state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StateEntry {
    /// One for each model of the test, RVWMO first.
    pub marks: Vec<Mark>,
    /// Does it satisfy the condition's proposition?
    pub satisfies: bool,
    /// `1:x5=1 1:x7=0`
    pub values: String,
    /// Why Ztso forbids it, a line for each step; may be empty.
    pub because: Vec<String>,
}

impl Entry {
    /// What is kept of a report whose file is called `file` in its folder.
    #[must_use]
    pub fn of(report: &TestReport, file: &str) -> Entry {
        let (notes, states) = match &report.conclusion {
            Conclusion::Answered(answer) => (notes(&report.name, answer), states(answer)),
            Conclusion::Failed(failure) => {
                let error = &failure.error;
                let verdict = format!("{}: {}", report.name, failure.status);
                let place = format!("line {}, column {}", error.line, error.column);
                (vec![verdict, format!("{place}: {}", one_line(&error.message))], Vec::new())
            }
        };
        Entry { file: one_line(file), notes, states }
    }

    /// Does the test have all its states?
    #[must_use]
    pub fn answered(&self) -> bool {
        !self.states.is_empty() || self.notes.get(1).is_none_or(|note| !note.starts_with("line "))
    }

    /// Was the test ended by a limit, so that the entry says nothing about it?
    #[must_use]
    pub fn unfinished(&self) -> bool {
        let status = self.notes.first().and_then(|note| note.rsplit_once(": "));
        let ended = |word: &str| Status::ALL.iter().any(|s| s.unfinished() && s.name() == word);
        !self.answered() && status.is_some_and(|(_, word)| ended(word))
    }

    /// Were loops cut?
    #[must_use]
    pub fn bounded(&self) -> bool {
        self.notes.iter().any(|note| note.starts_with("bounded: "))
    }
}

fn notes(name: &str, answer: &Answer) -> Vec<String> {
    let verdicts: Vec<String> = answer
        .models
        .iter()
        .map(|model| format!("{} {}", model.model, model.observation))
        .collect();
    let mut notes = vec![format!("{name}: {}", verdicts.join(", "))];
    notes.extend(answer.condition.as_ref().map(ToString::to_string));
    if !answer.cut.is_empty() {
        notes.push(cut_text(&answer.cut));
    }
    notes
}

/// All states of all models: those of the first model, which is the weakest that was run.
fn states(answer: &Answer) -> Vec<StateEntry> {
    let Some(first) = answer.models.first() else { return Vec::new() };
    let rows = first.states.iter().enumerate();
    rows.map(|(row, (values, satisfies))| {
        let marks = answer.models.iter().map(|model| {
            let found = model.states.find(&first.states, row, &answer.symbols);
            found.map_or(Mark::Not, |_| Mark::Reached(model.model.to_string()))
        });
        let values = answer.places.iter().zip(values);
        let values: Vec<String> = values
            .map(|(place, value)| format!("{place}={}", value.text(&answer.symbols)))
            .collect();
        let forbidden = answer.forbidden_by_ztso.iter().flatten().find(|f| f.row == row);
        let because = forbidden.and_then(|f| f.argument.as_deref());
        StateEntry {
            marks: marks.collect(),
            satisfies,
            values: values.join(" "),
            because: because.map(one_line).into_iter().collect(),
        }
    })
    .collect()
}

/// Line ends inside would break the text's structure.
fn one_line(text: &str) -> String {
    text.replace(['\n', '\r'], " ").trim().to_owned()
}
