//! A filter as it is written: terms with commas between them.

use std::str::FromStr;

use super::facts::Facts;
use super::term::Term;

/// Terms that must all hold.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filter(Vec<Term>);

/// Why a filter is not understood.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct SelectionError(pub(super) String);

impl Filter {
    /// `None` where it depends on what cannot be known.
    pub(super) fn holds(&self, facts: &Facts<'_>) -> Option<bool> {
        let mut all = Some(true);
        for term in &self.0 {
            match term.holds(facts) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => all = None,
            }
        }
        all
    }
}

impl FromStr for Filter {
    type Err = SelectionError;

    fn from_str(text: &str) -> Result<Filter, SelectionError> {
        let terms = text.split(',').map(|term| match term.trim() {
            "" => {
                let place = if text.contains(',') { " between commas" } else { "" };
                Err(SelectionError(format!("a name or a feature is missing{place}")))
            }
            term => term.parse(),
        });
        terms.collect::<Result<_, _>>().map(Filter)
    }
}
