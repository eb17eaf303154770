//! Where work on a test has to stop.

use super::{Completeness, Fault};

/// Where work on one machine has to stop, and how many threads it may use.
#[derive(Clone, Copy)]
pub struct Limits<'a> {
    /// Asked now and then; `true` ends the work with [`Completeness::Timeout`].
    pub interrupted: &'a (dyn Fn() -> bool + Sync),
    /// Bytes that paths, candidates, states and outcomes may take together.
    pub memory: usize,
    /// May a large test use the threads of the current rayon pool? Without the feature `parallel` it
    /// never does.
    pub parallel: bool,
}

impl Default for Limits<'_> {
    fn default() -> Self {
        Limits { interrupted: &|| false, memory: usize::MAX, parallel: false }
    }
}

impl Limits<'_> {
    /// Does two things: at once if it may, else one after the other.
    pub(crate) fn both<A: Send, B: Send>(
        &self,
        first: impl FnOnce() -> A + Send,
        second: impl FnOnce() -> B + Send,
    ) -> (A, B) {
        #[cfg(feature = "parallel")]
        if self.parallel {
            return rayon::join(first, second);
        }
        (first(), second())
    }
}

/// Steps of work between two looks at the limits: some microseconds.
const STEPS_BETWEEN_CHECKS: usize = 4096;

/// Counts work that is done before anything is explored, and looks at the limits now and then.
#[derive(Clone, Copy)]
pub(crate) struct Meter<'a> {
    limits: Limits<'a>,
    steps: usize,
}

impl<'a> Meter<'a> {
    /// Nothing has been done.
    pub(crate) fn new(limits: Limits<'a>) -> Meter<'a> {
        Meter { limits, steps: 0 }
    }

    /// Notes that many steps of work. `bytes` says what is held, should it be time to look.
    ///
    /// # Errors
    /// [`Fault::RanOut`].
    #[inline]
    pub(crate) fn work(
        &mut self,
        steps: usize,
        bytes: impl FnOnce() -> usize,
    ) -> Result<(), Fault> {
        self.steps += steps;
        if self.steps < STEPS_BETWEEN_CHECKS {
            return Ok(());
        }
        self.steps = 0;
        self.check(bytes())
    }

    /// Looks at the limits, `bytes` being held.
    ///
    /// # Errors
    /// [`Fault::RanOut`].
    #[cold]
    pub(crate) fn check(&self, bytes: usize) -> Result<(), Fault> {
        if (self.limits.interrupted)() {
            return Err(Fault::RanOut(Completeness::Timeout));
        }
        if bytes > self.limits.memory {
            return Err(Fault::RanOut(Completeness::MemoryLimit));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_looked_at_after_some_work() {
        let limits = Limits { interrupted: &|| false, memory: 100, parallel: false };
        let mut meter = Meter::new(limits);
        assert_eq!(meter.work(STEPS_BETWEEN_CHECKS - 1, || 101), Ok(()));
        let full = Err(Fault::RanOut(Completeness::MemoryLimit));
        assert_eq!(meter.work(1, || 101), full);
        assert_eq!(meter.work(STEPS_BETWEEN_CHECKS, || 100), Ok(()));
        let late = Meter::new(Limits { interrupted: &|| true, ..limits });
        assert_eq!(late.check(101), Err(Fault::RanOut(Completeness::Timeout)));
    }
}
