//! A filter as it is written: terms with commas between them.

use std::str::FromStr;

use super::error::SelectionError;
use super::facts::Facts;
use super::term::Term;

/// Terms that must all hold.
#[derive(Clone, Debug)]
pub struct Filter(Vec<Term>);

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
            "" => Err(SelectionError::Missing { between_commas: text.contains(',') }),
            term => term.parse(),
        });
        terms.collect::<Result<_, _>>().map(Filter)
    }
}
