//! The memory of a whole run, which many tests share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::usage::memory;

/// Time between two looks at what the process holds.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// What all tests of a run may hold together. One after the other those that ask are told to end, until there
/// is room again: small tests never ask.
#[derive(Debug)]
pub struct RunMemory {
    limit: u64,
    start: Instant,
    /// When it is time to look again, in milliseconds since the start.
    next_look: AtomicU64,
}

impl RunMemory {
    /// So many bytes; no limit where there is none.
    #[must_use]
    pub fn new(limit: Option<u64>) -> RunMemory {
        let limit = limit.unwrap_or(u64::MAX);
        RunMemory { limit, start: Instant::now(), next_look: AtomicU64::new(0) }
    }

    /// Is whoever asks to end, for the process holds more than it may?
    #[must_use]
    pub fn is_exceeded(&self) -> bool {
        if self.limit == u64::MAX {
            return false;
        }
        let now = self.start.elapsed().as_millis() as u64;
        let due = self.next_look.load(Ordering::Relaxed);
        let next = now + BETWEEN_LOOKS.as_millis() as u64;
        let order = Ordering::Relaxed;
        now >= due
            && self.next_look.compare_exchange(due, next, order, order).is_ok()
            && memory().is_some_and(|held| held > self.limit)
    }
}

impl Default for RunMemory {
    fn default() -> RunMemory {
        RunMemory::new(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_those_that_ask_is_told() {
        assert!(!RunMemory::default().is_exceeded());
        if memory().is_some() {
            let memory = RunMemory::new(Some(1));
            assert!(memory.is_exceeded());
            assert!(!memory.is_exceeded(), "it was just looked at");
        }
        assert!(!RunMemory::new(Some(u64::MAX - 1)).is_exceeded());
    }
}
