//! What the explorations of a session leave for one another.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::operational::{Buffers, Explorer, KnownOutcomes, Workspace};

/// The outcomes of machines that were explored before, and allocations that nobody uses now. Shared by all
/// threads.
#[derive(Debug, Default)]
pub(super) struct Explorations {
    known: KnownOutcomes,
    idle: Mutex<Vec<Buffers>>,
}

impl Explorations {
    /// What an exploration works with; whether it knows of earlier ones is said by `remember`.
    pub(super) fn workspace(&self, remember: bool) -> Workspace<'_> {
        let buffers = self.idle().pop().unwrap_or_default();
        Workspace { known: remember.then_some(&self.known), buffers }
    }

    /// Takes back the allocations of an exploration that is over.
    pub(super) fn give_back(&self, explorer: Explorer<'_>) {
        self.idle().push(explorer.into_buffers());
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Buffers>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
