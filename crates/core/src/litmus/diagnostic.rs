//! What is wrong with a file: where, what stands there, what was expected.

use std::borrow::Cow;
use std::fmt;

use super::Span;

/// How a mistake counts for the status of the test.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Problem {
    /// The text is not in the language, or a name does not resolve.
    Syntax,
    /// The text is understood, and asks for something that this program does not do.
    Unsupported,
    /// The hart lacks the instruction's extension.
    IllegalInstruction,
    /// The text was not read to its end, for its time was up.
    Late,
    /// What the test declares does not fit into the memory that it may have.
    Memory,
}

/// One mistake in one file. The file's name is added by whoever read the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// How it counts.
    pub problem: Problem,
    /// Where.
    pub span: Span,
    /// What is wrong: "unknown instruction `lwx`". Lower case, no full stop.
    pub message: String,
    /// What to do about it: "did you mean `lw`?", "expected one of ...".
    pub help: Option<String>,
}

/// Characters that are shown of a message at most: what it quotes may be of any length.
const SHOWN: usize = 1000;

/// A message as it is shown: of a very long one the beginning and the end.
#[must_use]
pub fn shortened(message: &str) -> Cow<'_, str> {
    if message.len() <= SHOWN {
        return Cow::Borrowed(message);
    }
    let head = message.floor_char_boundary(SHOWN / 2);
    let tail = message.ceil_char_boundary(message.len() - SHOWN / 4);
    let left_out = message.len() - SHOWN / 2 - SHOWN / 4;
    Cow::Owned(format!("{}... ({left_out} more bytes) ...{}", &message[..head], &message[tail..]))
}

/// All mistakes of one file, in the order of their places; never empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// That the time was up before the text was read.
    pub(crate) fn late() -> Diagnostics {
        let message = "the test's time limit ran out while it was read".to_owned();
        let (problem, span) = (Problem::Late, Span::default());
        Diagnostics(vec![Diagnostic { problem, span, message, help: None }])
    }

    /// The problem that decides the test's status: a syntax mistake outweighs the others.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let has = |p| self.0.iter().any(|d| d.problem == p);
        if let Some(limit) = [Problem::Late, Problem::Memory].into_iter().find(|p| has(*p)) {
            limit
        } else if has(Problem::Syntax) {
            Problem::Syntax
        } else if has(Problem::Unsupported) {
            Problem::Unsupported
        } else {
            Problem::IllegalInstruction
        }
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            f.write_str(&diagnostic.message)?;
            if let Some(help) = &diagnostic.help {
                write!(f, " ({help})")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}
