//! How much is done before it is given up, in steps, so that the same is given up everywhere.

use std::cell::Cell;

use crate::program::{Completeness, Fault};

/// Steps between two looks at the clock.
const CHECK_INTERVAL: u64 = 1 << 14;

/// Counts steps, and says when they are too many or the time is up.
pub(super) struct Work<'a> {
    done: Cell<u64>,
    most: u64,
    looked: Cell<u64>,
    stop: &'a dyn Fn() -> bool,
}

impl<'a> Work<'a> {
    /// Nothing is done yet, and so many steps may be.
    pub(super) fn new(most: u64, stop: &'a dyn Fn() -> bool) -> Work<'a> {
        Work { done: Cell::new(0), most, looked: Cell::new(0), stop }
    }

    /// Notes so many steps.
    ///
    /// # Errors
    /// They are too many, or the time is up.
    pub(super) fn add(&self, steps: usize) -> Result<(), Fault> {
        let done = self.done.get() + steps as u64;
        self.done.set(done);
        let look = done - self.looked.get() >= CHECK_INTERVAL;
        if look {
            self.looked.set(done);
        }
        match done > self.most || look && (self.stop)() {
            true => Err(Fault::RanOut(Completeness::Timeout)),
            false => Ok(()),
        }
    }
}
