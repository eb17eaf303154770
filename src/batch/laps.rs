//! Where the time of a test goes.
//!
//! A phase's time is CPU time of the thread that works on it. While a thread waits for others to help
//! with a large exploration it may begin other tests: their time counts for them, not for the phase
//! that waited. Nothing is measured unless [`super::Setup::stats`] says so; then each phase costs two
//! looks at the thread's clock.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use super::Setup;
use super::usage::thread_time;
use crate::compare::Column;

/// What is done for a test, in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Phase {
    /// The file to text.
    Read,
    /// Text to test.
    Parse,
    /// Test to program: names become addresses.
    Link,
    /// Program to the executor's paths.
    Compile,
    /// Every outcome on one machine.
    Explore(Column),
    /// Outcomes side by side, verdicts, the hash.
    Compare,
    /// Why Ztso forbids what it forbids.
    Explain,
    /// The report of one test to bytes.
    Print,
}

impl Phase {
    /// Every phase, in order.
    pub const ALL: [Phase; 11] = [
        Phase::Read,
        Phase::Parse,
        Phase::Link,
        Phase::Compile,
        Phase::Explore(Column::Rvwmo),
        Phase::Explore(Column::Vm),
        Phase::Explore(Column::Ztso),
        Phase::Explore(Column::Sc),
        Phase::Compare,
        Phase::Explain,
        Phase::Print,
    ];

    fn index(self) -> usize {
        match self {
            Phase::Read => 0,
            Phase::Parse => 1,
            Phase::Link => 2,
            Phase::Compile => 3,
            Phase::Explore(Column::Rvwmo) => 4,
            Phase::Explore(Column::Vm) => 5,
            Phase::Explore(Column::Ztso) => 6,
            Phase::Explore(Column::Sc) => 7,
            Phase::Compare => 8,
            Phase::Explain => 9,
            Phase::Print => 10,
        }
    }
}

/// The time of each phase of one test.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Laps([Duration; Phase::ALL.len()]);

impl Laps {
    /// The time of one phase.
    #[must_use]
    pub fn of(&self, phase: Phase) -> Duration {
        self.0[phase.index()]
    }

    /// The time of all.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.0.iter().sum()
    }
}

thread_local! {
    /// The laps of the test that this thread works on.
    static CURRENT: RefCell<Laps> = RefCell::default();
    /// The sum of all laps of this thread so far.
    static ATTRIBUTED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

impl Setup {
    /// Does one phase of the current test.
    pub fn timed<T>(&self, phase: Phase, work: impl FnOnce() -> T) -> T {
        if self.stats { timed(phase, work) } else { work() }
    }

    /// Works on one test, and returns its laps if they are asked for.
    pub fn lapped<T>(&self, work: impl FnOnce() -> T) -> (T, Option<Box<Laps>>) {
        if self.stats {
            let (result, laps) = lapped(work);
            (result, Some(Box::new(laps)))
        } else {
            (work(), None)
        }
    }
}

fn timed<T>(phase: Phase, work: impl FnOnce() -> T) -> T {
    let (start, before) = (thread_time(), ATTRIBUTED.get());
    let result = work();
    let others = ATTRIBUTED.get().saturating_sub(before);
    let own = thread_time().saturating_sub(start).saturating_sub(others);
    CURRENT.with_borrow_mut(|laps| laps.0[phase.index()] += own);
    ATTRIBUTED.set(ATTRIBUTED.get() + own);
    result
}

fn lapped<T>(work: impl FnOnce() -> T) -> (T, Laps) {
    let outer = CURRENT.take();
    let result = work();
    (result, CURRENT.replace(outer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn burn(time: Duration) {
        let start = thread_time();
        while thread_time() < start + time {
            std::hint::spin_loop();
        }
    }

    #[test]
    fn phases_have_places_of_their_own() {
        let places: Vec<usize> = Phase::ALL.iter().map(|phase| phase.index()).collect();
        assert!(places.iter().copied().eq(0..Phase::ALL.len()));
    }

    #[test]
    fn a_test_that_is_begun_while_another_waits_counts_for_itself() {
        let ms = Duration::from_millis;
        let (inner, outer) = lapped(|| {
            timed(Phase::Read, || burn(ms(1)));
            timed(Phase::Parse, || {
                burn(ms(2));
                lapped(|| timed(Phase::Parse, || burn(ms(40)))).1
            })
        });
        assert!(inner.of(Phase::Parse) >= ms(40));
        assert!(outer.of(Phase::Read) >= ms(1));
        assert!((ms(2)..ms(20)).contains(&outer.of(Phase::Parse)), "{outer:?}");
        assert_eq!(outer.total(), outer.of(Phase::Read) + outer.of(Phase::Parse));
    }

    #[test]
    fn nothing_is_measured_unless_asked_for() {
        let setup = Setup::default();
        let (seven, laps) = setup.lapped(|| setup.timed(Phase::Read, || 7));
        assert_eq!((seven, laps), (7, None));
        let setup = Setup { stats: true, ..setup };
        let (_, laps) =
            setup.lapped(|| setup.timed(Phase::Read, || burn(Duration::from_millis(1))));
        assert!(laps.is_some_and(|laps| laps.total() >= Duration::from_millis(1)));
    }
}
