//! What is wrong with a recording.

use crate::host::description::HostError;
use crate::isa::isa_string::IsaStringError;

/// Why a file is no recording.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// Not JSON, or not of this form; the text names line and column.
    #[error("failed to read the recording: {0}")]
    Json(#[from] serde_json::Error),
    /// A step that is none of get, set and run, or a number or answer that is not understood.
    #[error("transcript {transcript:?}, step {step}: {error}")]
    Step {
        /// Title of the transcript.
        transcript: String,
        /// The step's number, from 1.
        step: usize,
        /// The mistake.
        error: StepError,
    },
    /// An id in the register list that is no number.
    #[error("reg_list_config_and_isa: {0:?} is no register id")]
    RegList(String),
    /// No policy describes the kernel.
    #[error("no policy models Linux {0}; choose one with --policy")]
    Kernel(String),
    /// An ISA line that is not understood.
    #[error("ISA line of hart {hart}: {error}")]
    Isa {
        /// The hart's number.
        hart: usize,
        /// What is wrong with its line.
        error: IsaStringError,
    },
    /// Neither ISA lines nor a device tree, or a constant that no machine has.
    #[error("the recording describes no host: {0}")]
    Host(#[from] HostError),
}

/// What is wrong with a step of a transcript.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StepError {
    /// An id or a value is no number.
    #[error("{0:?} is no number")]
    Number(String),
    /// The answer of a `get` is neither a number nor an errno.
    #[error("a get is answered by a number or an errno, not {0:?}")]
    GetAnswer(String),
    /// The answer of a `set` is neither `ok` nor an errno.
    #[error("a set is answered by ok or an errno, not {0:?}")]
    SetAnswer(String),
    /// A request has no answer.
    #[error("expected an answer")]
    NoAnswer,
    /// The step is none of the three kinds.
    #[error("expected get, set with value, or run, and nothing of another of them")]
    Form,
}
