//! How far a test got.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strum::{EnumCount, VariantArray};

use crate::litmus::{Diagnostic, Diagnostics, LineIndex, Problem, shortened, visible};

/// Mistakes of one text that are kept besides the first.
const LISTED: usize = 100;

/// How far a test got.
// The texts are part of the published schema.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    Serialize,
    Deserialize,
    JsonSchema
)]
#[derive(strum::Display, EnumCount, strum::IntoStaticStr, VariantArray)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Status {
    /// Every final state under every model was found.
    Complete,
    /// Whether the condition holds was decided without looking for every final state, as `--decide` asks for.
    Decided,
    /// Every final state of the executions that take no loop further than the option `unroll` was
    /// found.
    Bounded,
    /// Every execution was followed, and none ends, or none that ends passes the filter: a lock that is
    /// never handed over.
    NoExecution,
    /// The option `timeout` ended the test.
    Timeout,
    /// The option `memory` ended the test.
    MemoryLimit,
    /// The file cannot be read, is no litmus test, or names something that it does not define.
    ParseError,
    /// The test asks for something that this program does not do.
    Unsupported,
    /// The test is larger than an engine holds: it has too many paths, operations or pieces of memory.
    TooLarge,
    /// A hart lacks the extension of one of its instructions.
    IllegalInstruction,
    /// An execution that really happens leaves the model: an access outside every location, a
    /// misaligned atomic, a jump to nowhere.
    Fault,
    /// The program itself failed. Always a defect worth reporting.
    InternalError,
}

impl Status {
    /// All of them, in the order of summaries.
    pub const ALL: [Status; Status::COUNT] = *Status::VARIANTS.first_chunk().unwrap();

    /// The word of reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Was the test ended before its outcome was known? Then the result says nothing about the test, and
    /// another one outweighs it.
    #[must_use]
    pub fn unfinished(self) -> bool {
        matches!(self, Status::Timeout | Status::MemoryLimit | Status::InternalError)
    }

    /// Does a report with this status have states?
    #[must_use]
    pub fn answered(self) -> bool {
        matches!(self, Status::Complete | Status::Decided | Status::Bounded | Status::NoExecution)
    }
}

impl From<Problem> for Status {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Syntax => Status::ParseError,
            Problem::Unsupported => Status::Unsupported,
            Problem::IllegalInstruction => Status::IllegalInstruction,
            Problem::Late => Status::Timeout,
            Problem::Memory => Status::MemoryLimit,
        }
    }
}

/// One mistake with its place in the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mistake {
    /// Line, from 1; 0 when the whole file is meant.
    pub line: u32,
    /// Column in characters, from 1; 0 when the whole file is meant.
    pub column: u32,
    /// What is wrong; lower case, no full stop.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Mistake {
    /// A mistake of the file as a whole.
    #[must_use]
    pub fn of_file(message: String) -> Mistake {
        Mistake { line: 0, column: 0, message, help: None }
    }

    /// `line 3, column 5: unknown instruction`, or the message alone if it is of the whole file.
    #[must_use]
    pub fn told(&self) -> String {
        match self.line {
            0 => self.message.clone(),
            line => format!("line {line}, column {}: {}", self.column, self.message),
        }
    }
}

/// Why a test has no states.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    /// Any status but those that [`Status::answered`].
    pub status: Status,
    /// The mistake that decides the status.
    pub error: Mistake,
    /// The other mistakes of the file, in the order of their places.
    pub also: Vec<Mistake>,
    /// The text of the test, with an internal error: whoever is told of it can run it again.
    pub test: Option<Box<str>>,
}

impl Failure {
    /// A failure with one mistake.
    #[must_use]
    pub fn new(status: Status, error: Mistake) -> Failure {
        Failure { status, error, also: Vec::new(), test: None }
    }

    /// What is wrong with a text; a file that is no test has a mistake in every line, so that not all are
    /// kept.
    #[must_use]
    pub fn of(diagnostics: &Diagnostics, lines: &LineIndex) -> Failure {
        let mistake = |diagnostic: &Diagnostic| {
            let (line, column) = lines.line_column(diagnostic.span.start);
            let message = shortened(&diagnostic.message).into_owned();
            let help = diagnostic.help.as_deref().map(|help| shortened(help).into_owned());
            Mistake { line, column, message, help }
        };
        let deciding = diagnostics.problem();
        let all = &diagnostics.0;
        let first = all.iter().position(|d| d.problem == deciding).unwrap_or(0);
        let error = all
            .get(first)
            .map_or_else(|| Mistake::of_file("the file is not accepted".to_owned()), mistake);
        let others = all.iter().enumerate().filter(|(index, _)| *index != first).map(|(_, d)| d);
        let mut also: Vec<Mistake> = others.take(LISTED).map(mistake).collect();
        if let Some(more) = all.len().checked_sub(LISTED + 2) {
            let (line, column) = lines.line_column(all.last().map_or(0, |last| last.span.start));
            let message = format!("and {} more mistakes up to here", more + 1);
            also.push(Mistake { line, column, message, help: None });
        }
        Failure { status: deciding.into(), error, also, test: None }
    }

    /// Attaches the test to an internal error.
    pub fn attach(&mut self, text: &str) {
        if self.status == Status::InternalError && self.test.is_none() {
            self.test = Some(text.into());
        }
    }

    /// What the terminal is told where no line of the file is shown; an attached test is whole, indented.
    #[must_use]
    pub fn told(&self, path: &str) -> String {
        let Mistake { line, column, message, .. } = &self.error;
        let (path, message) = (visible(path), visible(message));
        let mut told = match (line, self.status) {
            // A file without a text.
            (0, Status::ParseError) => format!("{path}: {message}\n"),
            (0, status) => format!("{path}: {status}: {message}\n"),
            (_, status) => format!("{path}:{line}:{column}: {status}: {message}\n"),
        };
        for line in self.test.iter().flat_map(|test| test.lines()) {
            told += format!("    {}", visible(line)).trim_end();
            told.push('\n');
        }
        told
    }
}
