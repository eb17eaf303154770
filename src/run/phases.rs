//! Where the time of a test goes.
//!
//! The time of a whole test is CPU time of the thread that works on it; its phases share it in
//! proportion to their wall time, because looking at the thread's clock takes longer than some phases
//! do. While a thread waits for others to help with a large exploration it may begin other tests: their
//! time counts for them, not for the phase that waited. Nothing is measured unless
//! [`super::Setup::stats`] says so.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use rvlitmus_core::session::Phase;

use super::Setup;
use super::usage::thread_time;

/// The time of each phase of one test.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PhaseTimes(Vec<(Phase, Duration)>);

impl PhaseTimes {
    /// The time of one phase.
    #[must_use]
    pub fn of(&self, phase: Phase) -> Duration {
        self.0.iter().find(|(known, _)| *known == phase).map_or(Duration::ZERO, |(_, time)| *time)
    }

    /// The time of all.
    #[must_use]
    pub fn total(&self) -> Duration {
        self.0.iter().map(|(_, time)| time).sum()
    }

    /// The phases that took time, in the order in which they are done.
    pub fn phases(&self) -> impl Iterator<Item = Phase> {
        self.0.iter().map(|(phase, _)| *phase)
    }

    fn add(&mut self, phase: Phase, time: Duration) {
        match self.0.binary_search_by_key(&phase, |(known, _)| *known) {
            Ok(at) => self.0[at].1 += time,
            Err(at) => self.0.insert(at, (phase, time)),
        }
    }

    /// No more than `cpu` together: while the thread had no processor nothing was done.
    fn within(mut self, cpu: Duration) -> PhaseTimes {
        let wall = self.total();
        if wall > cpu {
            let share = cpu.as_secs_f64() / wall.as_secs_f64();
            self.0.iter_mut().for_each(|(_, time)| *time = time.mul_f64(share));
        }
        self
    }
}

thread_local! {
    /// The wall time of the phases of the test that this thread works on.
    static CURRENT: RefCell<PhaseTimes> = RefCell::default();
    /// The phases under way: when each began, and what this thread had spent in phases then.
    static BEGUN: RefCell<Vec<(Instant, Duration)>> = const { RefCell::new(Vec::new()) };
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
        if !self.stats {
            return work();
        }
        begin();
        let result = work();
        end(phase);
        result
    }

    /// Works on one test, and returns the times of its phases if they are asked for.
    pub fn measured<T>(&self, work: impl FnOnce() -> T) -> (T, Option<Box<PhaseTimes>>) {
        if self.stats {
            let (result, times) = measured(work);
            (result, Some(Box::new(times)))
        } else {
            (work(), None)
        }
    }
}

/// A phase of the test that this thread works on begins.
pub(super) fn begin() {
    BEGUN.with_borrow_mut(|begun| begun.push((Instant::now(), SPENT.get().wall)));
}

/// The phase that began last ends.
pub(super) fn end(phase: Phase) {
    let Some((start, before)) = BEGUN.with_borrow_mut(Vec::pop) else { return };
    let spent = SPENT.get();
    let others = spent.wall.saturating_sub(before);
    let own = start.elapsed().saturating_sub(others);
    CURRENT.with_borrow_mut(|times| times.add(phase, own));
    SPENT.set(Spent { wall: spent.wall + own, ..spent });
}

fn measured<T>(work: impl FnOnce() -> T) -> (T, PhaseTimes) {
    let outer = CURRENT.take();
    let (start, before) = (thread_time(), SPENT.get().cpu);
    let result = work();
    let spent = SPENT.get();
    let others = spent.cpu.saturating_sub(before);
    let own = thread_time().saturating_sub(start).saturating_sub(others);
    SPENT.set(Spent { cpu: spent.cpu + own, ..spent });
    let times = CURRENT.replace(outer);
    (result, times.within(own))
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
    fn a_test_that_is_begun_while_another_waits_counts_for_itself() {
        let ms = Duration::from_millis;
        let setup = Setup { stats: true, ..Setup::default() };
        let (inner, outer) = measured(|| {
            setup.timed(Phase::Read, || burn(ms(1)));
            setup.timed(Phase::Parse, || {
                burn(ms(2));
                measured(|| setup.timed(Phase::Parse, || burn(ms(40)))).1
            })
        });
        assert!(inner.of(Phase::Parse) >= ms(39), "{inner:?}");
        assert!(outer.of(Phase::Read) + outer.of(Phase::Parse) >= ms(2), "{outer:?}");
        assert!(outer.total() < ms(20), "{outer:?}");
        assert_eq!(outer.total(), outer.of(Phase::Read) + outer.of(Phase::Parse));
        assert!(outer.phases().eq([Phase::Read, Phase::Parse]));
    }

    #[test]
    fn phases_share_what_the_processor_did() {
        let mut times = PhaseTimes::default();
        times.add(Phase::Parse, Duration::from_micros(10));
        times.add(Phase::Read, Duration::from_micros(30));
        let half = times.clone().within(Duration::from_micros(20));
        assert_eq!(half.of(Phase::Read), Duration::from_micros(15));
        assert_eq!(half.of(Phase::Parse), Duration::from_micros(5));
        assert_eq!(times.clone().within(Duration::from_micros(50)), times);
    }

    #[test]
    fn nothing_is_measured_unless_asked_for() {
        let setup = Setup::default();
        let (seven, times) = setup.measured(|| setup.timed(Phase::Read, || 7));
        assert_eq!((seven, times), (7, None));
        let setup = Setup { stats: true, ..setup };
        let (_, times) =
            setup.measured(|| setup.timed(Phase::Read, || burn(Duration::from_millis(1))));
        assert!(times.is_some_and(|times| times.total() >= Duration::from_micros(900)));
    }
}
