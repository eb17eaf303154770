//! How the cost of a family grows.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use crate::run::{Setup, TestWatch, usage};
use rvlitmus_core::answer::{Answer, Extent, MachineAnswer, Status};
use rvlitmus_core::litmus::Diagnostics;
use rvlitmus_core::model::Model;
use rvlitmus_core::session::{Phase, Session, Settings};
use rvlitmus_generate::Family;

/// Every number up to this one is measured; from here on steps are an eighth of the number.
const EVERY_SIZE_UP_TO: u32 = 16;
/// How long a short test is run again and again; its best time counts.
const REPEAT_FOR: Duration = Duration::from_millis(30);
/// How often a short test is run at most.
const MOST_RUNS: u32 = 7;
/// How often a test that is not long is run at least: other work may have had the processor.
const LEAST_RUNS: u32 = 3;
/// A run from which on a test counts as long, and is not repeated.
const LONG_RUN: Duration = Duration::from_secs(1);

/// What a test may take, and how it is run.
#[derive(Clone, Debug)]
pub struct Budget {
    /// Which model every hart follows.
    pub model: Model,
    /// Wall time of one test.
    pub time: Duration,
    /// Bytes that a test's table may take.
    pub memory: usize,
    /// May a test use the threads of the current rayon pool?
    pub parallel: bool,
    /// The smallest number, where a family begins with smaller ones.
    pub least: u32,
    /// The largest number, where a family could go on for long.
    pub most: u32,
}

impl Budget {
    /// The setup of a test, of which nothing is known from others.
    fn setup(&self, stop: Arc<AtomicBool>) -> Setup {
        let session = Session::new(Settings {
            models: vec![self.model.clone()],
            memory: self.memory,
            parallel: self.parallel,
            remember: false,
            ..Settings::default()
        });
        Setup { session, timeout: Some(self.time), times: true, stop, ..Setup::default() }
    }
}

/// How a test ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum End {
    /// Every outcome was found.
    Complete,
    /// Every outcome within the bound of loops.
    Bounded,
    /// It took longer than it may.
    Timeout,
    /// Its table grew larger than it may.
    MemoryLimit,
    /// The engine refuses it, and why.
    Refused(String),
}

/// The cost of one test.
#[derive(Clone, PartialEq, Debug)]
pub struct Point {
    /// The family's number.
    pub n: u32,
    /// How it ended. Where it has no answer the other figures say how far it came.
    pub end: End,
    /// Wall time to compile and explore, the best of several runs.
    pub time: Duration,
    /// States branched on.
    pub states: u64,
    /// Their successors.
    pub transitions: u64,
    /// Final states.
    pub outcomes: u64,
    /// Bytes by which the process grew for it at most, where the system tells: states, outcomes
    /// and all. Less where the allocator had kept memory of the tests before.
    pub memory: Option<u64>,
}

impl Point {
    /// Does it have an answer?
    #[must_use]
    pub fn answered(&self) -> bool {
        matches!(self.end, End::Complete | End::Bounded)
    }
}

/// A family, measured.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Which.
    pub family: &'static Family,
    /// By ascending `n`; only the last may be without an answer.
    pub points: Vec<Point>,
}

impl Curve {
    /// The largest test that has an answer.
    #[must_use]
    pub fn largest(&self) -> Option<&Point> {
        self.points.iter().rev().find(|point| point.answered())
    }
}

/// Runs `family` for growing numbers until a test has no answer within `budget` or `stop` is set, and
/// tells `each` about every one.
pub fn measure(
    family: &'static Family,
    budget: &Budget,
    stop: &Arc<AtomicBool>,
    mut each: impl FnMut(&Point),
) -> Curve {
    let mut points = Vec::new();
    for n in sizes(family.least.max(budget.least), family.most.min(budget.most)) {
        let setup = budget.setup(stop.clone());
        let Some(point) = measured(family, n, &setup) else { break };
        if setup.stopped() {
            break;
        }
        each(&point);
        let answered = point.answered();
        points.push(point);
        if !answered {
            break;
        }
    }
    Curve { family, points }
}

/// `1, 2, ..., 16, 18, 20, 22, 24, 27, ...`
fn sizes(least: u32, most: u32) -> impl Iterator<Item = u32> {
    let next = |n: &u32| Some(if *n < EVERY_SIZE_UP_TO { n + 1 } else { n + n / 8 });
    std::iter::successors(Some(least), next).take_while(move |n| *n <= most)
}

/// The cost of one test, or `None` outside of the family.
fn measured(family: &Family, n: u32, setup: &Setup) -> Option<Point> {
    let text = family.test(n)?;
    let session = &setup.session;
    let refused = |error: Diagnostics| Some(Point::new(n, End::Refused(error.to_string())));
    let test = match session.read(&text) {
        Ok(test) => test,
        Err(error) => return refused(error),
    };
    let machines = match session.machines(&test) {
        Ok(machines) => machines,
        Err(error) => return refused(error),
    };
    let run = || {
        let watch = TestWatch::new(setup);
        let answer = session.answer(&test, &machines, &watch);
        let counts = |phase| matches!(phase, Phase::Compile | Phase::Explore(_));
        let time = watch.time_of(counts).unwrap_or_default();
        answer.map(|answer| Point { time, ..Point::of(n, &answer) })
    };
    usage::forget_peak_memory();
    let before = usage::memory();
    let start = Instant::now();
    let mut best = match run() {
        Ok(point) => point,
        Err(error) => return refused(error),
    };
    let grown = || Some(usage::peak_memory()?.saturating_sub(before?));
    best.memory = best.memory.or_else(grown);
    for runs in 1..MOST_RUNS {
        let enough = runs >= LEAST_RUNS || best.time > LONG_RUN;
        if enough && start.elapsed() > REPEAT_FOR || !best.answered() {
            break;
        }
        best.time = run().map_or(best.time, |point| best.time.min(point.time));
    }
    Some(best)
}

impl Point {
    fn new(n: u32, end: End) -> Point {
        Point { n, end, time: Duration::ZERO, states: 0, transitions: 0, outcomes: 0, memory: None }
    }

    /// What the only machine of an answer came to.
    fn of(n: u32, answer: &Answer) -> Point {
        let MachineAnswer { extent, stats, .. } = &answer.machines[0];
        let end = match extent {
            Extent::Complete | Extent::Decided | Extent::NoExecution => End::Complete,
            Extent::Bounded(_) => End::Bounded,
            Extent::Failed(failure) => match failure.status {
                Status::Timeout => End::Timeout,
                Status::MemoryLimit => End::MemoryLimit,
                _ => End::Refused(failure.error.message.clone()),
            },
        };
        Point {
            states: stats.work,
            transitions: stats.transitions,
            outcomes: answer.found(0).map_or(0, |states| states.len() as u64),
            ..Point::new(n, end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rvlitmus_generate::family;

    fn budget() -> Budget {
        Budget {
            model: rvlitmus_core::model::BaseModel::Rvwmo.into(),
            time: Duration::from_secs(60),
            memory: usize::MAX,
            parallel: false,
            least: 1,
            most: 4,
        }
    }

    fn curve(name: &str, budget: &Budget) -> Curve {
        let mut told = 0;
        let curve = measure(family(name).unwrap(), budget, &Arc::default(), |_| told += 1);
        assert_eq!(told, curve.points.len());
        curve
    }

    #[test]
    fn sizes_grow_by_one_and_then_by_an_eighth() {
        let sizes: Vec<u32> = sizes(13, 24).collect();
        assert_eq!(sizes, [13, 14, 15, 16, 18, 20, 22, 24]);
    }

    #[test]
    fn a_curve_goes_up_to_the_largest_number() {
        let curve = curve("sb", &budget());
        let outcomes: Vec<(u32, u64)> = curve.points.iter().map(|p| (p.n, p.outcomes)).collect();
        assert_eq!(outcomes, [(2, 4), (3, 8), (4, 16)]);
        assert!(curve.points.iter().all(|p| p.end == End::Complete && p.states > 0));
        assert_eq!(curve.largest().map(|p| p.n), Some(4));
        let two = self::curve("sb", &Budget { least: 3, ..budget() });
        assert!(two.points.iter().map(|p| p.n).eq(3..=4));
    }

    #[test]
    fn a_curve_ends_at_the_first_test_without_an_answer() {
        let late = Budget { time: Duration::ZERO, most: 12, ..budget() };
        let points = curve("iriw", &late).points;
        assert_eq!(points.last().map(|p| &p.end), Some(&End::Timeout));
        let narrow = Budget { memory: 1, most: 12, ..budget() };
        let curve = curve("iriw", &narrow);
        assert_eq!(curve.points.last().map(|p| &p.end), Some(&End::MemoryLimit));
        assert_eq!(curve.points.iter().filter(|p| !p.answered()).count(), 1);
    }
}
