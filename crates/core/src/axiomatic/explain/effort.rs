//! How much a search may look at: counts and no time, so that it finds the same everywhere.

use std::cell::Cell;

use crate::program::Fault;

/// How often any search may, whatever is left.
const AT_LEAST: u64 = 2_000;

/// A part of a search.
#[derive(Clone, Copy, Debug)]
pub(super) struct Effort {
    /// Candidate executions.
    pub(super) candidates: usize,
    /// How often the search may ask whether to go on.
    pub(super) questions: u64,
}

impl Effort {
    /// Does part of a search that may ask so often, and takes what that took off what is left.
    pub(super) fn spend<T>(
        &mut self,
        most: u64,
        expired: &dyn Fn() -> bool,
        search: impl FnOnce(&dyn Fn() -> bool) -> T,
    ) -> T {
        let given = self.questions.min(most).max(AT_LEAST);
        let asked = Cell::new(0);
        let found = search(&|| {
            asked.set(asked.get() + 1);
            asked.get() > given || expired()
        });
        self.questions = self.questions.saturating_sub(asked.get());
        found
    }
}

/// Returns what `prepare` makes, unless the harts have so many traces that even these are too many: the
/// search for them may ask so often whether to go on, which it does seldom.
pub(super) fn within_traces<T>(
    most: u64,
    expired: &dyn Fn() -> bool,
    prepare: impl FnOnce(&dyn Fn() -> bool) -> Result<T, Fault>,
) -> Option<T> {
    let asked = Cell::new(0);
    let stop = || {
        asked.set(asked.get() + 1);
        asked.get() > most || expired()
    };
    let prepared = prepare(&stop).ok()?;
    (!stop()).then_some(prepared)
}
