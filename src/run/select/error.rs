//! Why a filter is not understood.

use std::fmt;

use rvlitmus_core::litmus::suggest;

/// Why a filter is not understood.
#[derive(Debug, thiserror::Error)]
pub enum SelectionError {
    /// There is no term.
    #[error("a name or a feature is missing{}", if *.between_commas { " between commas" } else { "" })]
    Missing {
        /// Are there terms before or after it?
        between_commas: bool,
    },
    /// What stands before a colon is unknown.
    #[error("`{word}` is not known{near} (uses:, has:)")]
    NoPrefix {
        /// As written, with the colon.
        word: String,
        /// The prefix that may be meant.
        near: Near,
    },
    /// What a test should use is unknown.
    #[error("`{word}` is no extension and no instruction{near}")]
    NotUsable {
        /// As written.
        word: String,
        /// The extension or instruction that may be meant.
        near: Near,
    },
    /// What a test should have is unknown.
    #[error("`{word}` is nothing that a test may have{near} ({known})")]
    NoFeature {
        /// As written.
        word: String,
        /// The feature that may be meant.
        near: Near,
        /// All features.
        known: String,
    },
    /// What should be counted is unknown.
    #[error("`{word}` cannot be counted{near} ({known})")]
    NotCountable {
        /// As written.
        word: String,
        /// The name that may be meant.
        near: Near,
        /// All names.
        known: String,
    },
    /// A count is compared with something else than a number.
    #[error("`{0}` is no number")]
    NoNumber(String),
    /// A name is no pattern.
    #[error("`{text}` is no pattern: {error}")]
    NoPattern {
        /// As written.
        text: String,
        /// What is wrong with it.
        error: glob::PatternError,
    },
}

/// The known word that is nearest in spelling, if one is near.
#[derive(Debug)]
pub struct Near(Option<String>);

impl Near {
    pub(super) fn to<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Near {
        Near(suggest::nearest(word, known).map(str::to_owned))
    }
}

/// `; did you mean ...?`, or nothing.
impl fmt::Display for Near {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|word| write!(f, "; {}", suggest::did_you_mean(word)))
    }
}
