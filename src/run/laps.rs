//! Where the time of a test goes.
//!
//! The time of a whole test is CPU time of the thread that works on it; its phases share it in
//! proportion to their wall time, because looking at the thread's clock takes longer than some phases
//! do. While a thread waits for others to help with a large exploration it may begin other tests: their
//! time counts for them, not for the phase that waited. Nothing is measured unless
//! [`super::Setup::stats`] says so.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use super::Setup;
use super::usage::thread_time;
use rvlitmus_core::answer::Column;

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
    pub const ALL: [Phase; 7 + Column::ALL.len()] = {
        let mut all = [Phase::Print; 7 + Column::ALL.len()];
        [all[0], all[1], all[2], all[3]] = [Phase::Read, Phase::Parse, Phase::Link, Phase::Compile];
        let mut column = 0;
        while column < Column::ALL.len() {
            all[4 + column] = Phase::Explore(Column::ALL[column]);
            column += 1;
        }
        [all[4 + column], all[5 + column]] = [Phase::Compare, Phase::Explain];
        all
    };

    fn index(self) -> usize {
        Phase::ALL.iter().position(|phase| *phase == self).unwrap_or_default()
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

    /// No more than `cpu` together: while the thread had no processor nothing was done.
    fn within(self, cpu: Duration) -> Laps {
        let wall = self.total();
        if wall <= cpu {
            return self;
        }
        let share = cpu.as_secs_f64() / wall.as_secs_f64();
        Laps(self.0.map(|lap| lap.mul_f64(share)))
    }
}

thread_local! {
    /// The wall time of the phases of the test that this thread works on.
    static CURRENT: RefCell<Laps> = RefCell::default();
    /// What this thread has spent on tests and phases that are over.
    static SPENT: Cell<Spent> = const { Cell::new(Spent { wall: Duration::ZERO, cpu: Duration::ZERO }) };
}

#[derive(Clone, Copy)]
struct Spent {
    /// In phases.
    wall: Duration,
    /// In whole tests.
    cpu: Duration,
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
    let (start, before) = (Instant::now(), SPENT.get().wall);
    let result = work();
    let others = SPENT.get().wall.saturating_sub(before);
    let own = start.elapsed().saturating_sub(others);
    CURRENT.with_borrow_mut(|laps| laps.0[phase.index()] += own);
    let spent = SPENT.get();
    SPENT.set(Spent { wall: spent.wall + own, ..spent });
    result
}

fn lapped<T>(work: impl FnOnce() -> T) -> (T, Laps) {
    let outer = CURRENT.take();
    let (start, before) = (thread_time(), SPENT.get().cpu);
    let result = work();
    let spent = SPENT.get();
    let others = spent.cpu.saturating_sub(before);
    let own = thread_time().saturating_sub(start).saturating_sub(others);
    SPENT.set(Spent { cpu: spent.cpu + own, ..spent });
    let laps = CURRENT.replace(outer);
    (result, laps.within(own))
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
    fn every_phase_has_a_place_of_its_own() {
        let places: Vec<usize> = Phase::ALL.iter().map(|phase| phase.index()).collect();
        assert!(places.iter().copied().eq(0..Phase::ALL.len()));
        for column in Column::ALL {
            assert!(Phase::ALL.contains(&Phase::Explore(column)), "{column}");
        }
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
        assert!(inner.of(Phase::Parse) >= ms(39), "{inner:?}");
        assert!(outer.of(Phase::Read) + outer.of(Phase::Parse) >= ms(2), "{outer:?}");
        assert!(outer.total() < ms(20), "{outer:?}");
        assert_eq!(outer.total(), outer.of(Phase::Read) + outer.of(Phase::Parse));
    }

    #[test]
    fn phases_share_what_the_processor_did() {
        let mut laps = Laps::default();
        (laps.0[0], laps.0[1]) = (Duration::from_micros(30), Duration::from_micros(10));
        let half = laps.within(Duration::from_micros(20));
        assert_eq!(half.of(Phase::Read), Duration::from_micros(15));
        assert_eq!(half.of(Phase::Parse), Duration::from_micros(5));
        assert_eq!(laps.within(Duration::from_micros(50)), laps);
    }

    #[test]
    fn nothing_is_measured_unless_asked_for() {
        let setup = Setup::default();
        let (seven, laps) = setup.lapped(|| setup.timed(Phase::Read, || 7));
        assert_eq!((seven, laps), (7, None));
        let setup = Setup { stats: true, ..setup };
        let (_, laps) =
            setup.lapped(|| setup.timed(Phase::Read, || burn(Duration::from_millis(1))));
        assert!(laps.is_some_and(|laps| laps.total() >= Duration::from_micros(900)));
    }
}
