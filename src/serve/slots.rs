//! So many at a time.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Places for requests that are answered.
pub(super) struct Slots {
    free: Mutex<usize>,
    given_back: Condvar,
}

/// A place, until it is dropped.
pub(super) struct Slot<'s>(&'s Slots);

impl Slots {
    pub(super) fn new(number: usize) -> Slots {
        Slots { free: Mutex::new(number), given_back: Condvar::new() }
    }

    /// Takes a place; nothing if none becomes free for so long.
    pub(super) fn take(&self, patience: Duration) -> Option<Slot<'_>> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.given_back.wait_timeout_while(free, patience, |free| *free == 0);
        let (mut free, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return None;
        }
        *free -= 1;
        Some(Slot(self))
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.given_back.notify_one();
    }
}
