//! How the cost of a family grows.

use std::time::{Duration, Instant};

use crate::run::usage;
use rvlitmus_core::litmus::{LineIndex, parse};
use rvlitmus_core::model::{BaseModel, Options};
use rvlitmus_core::operational::{Buffers, Explorer, Limits, Reductions, Workspace};
use rvlitmus_core::program::{Completeness, Outcomes, Program, full_hart, link};
use rvlitmus_generate::Family;

/// Up to here every number is measured, from here on every eighth or so.
const DENSE: u32 = 16;
/// A short test is run again until so much time has passed, or so often; its best time counts.
const AGAIN: Duration = Duration::from_millis(30);
const MOST_RUNS: u32 = 7;
/// And at least so often if it is not long: other work may have had the processor meanwhile.
const LEAST_RUNS: u32 = 3;
const LONG: Duration = Duration::from_secs(1);

/// What a test may take, and how it is run.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Which model every hart follows.
    pub model: BaseModel,
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

/// Runs `family` for growing numbers until a test has no answer within `budget` or `stop` says so, and
/// tells `each` about every one.
pub fn measure(
    family: &'static Family,
    budget: &Budget,
    stop: &(dyn Fn() -> bool + Sync),
    mut each: impl FnMut(&Point),
) -> Curve {
    let mut points = Vec::new();
    for n in sizes(family.least.max(budget.least), family.most.min(budget.most)) {
        let Some(point) = measured(family, n, budget, stop) else { break };
        if stop() {
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
    let next = |n: &u32| Some(if *n < DENSE { n + 1 } else { n + n / 8 });
    std::iter::successors(Some(least), next).take_while(move |n| *n <= most)
}

/// One test, or `None` outside of the family.
fn measured(
    family: &Family,
    n: u32,
    budget: &Budget,
    stop: &(dyn Fn() -> bool + Sync),
) -> Option<Point> {
    let text = family.test(n)?;
    let refused = |why: String| Some(Point::new(n, End::Refused(why)));
    let test = match parse(&text) {
        Ok(test) => test,
        Err(error) => return refused(error.to_string()),
    };
    let program = match link(&test, &LineIndex::new(&text), |_| full_hart(budget.model)) {
        Ok(program) => program,
        Err(error) => return refused(error.to_string()),
    };
    usage::forget_peak_memory();
    let before = usage::memory();
    let start = Instant::now();
    let mut buffers = Buffers::default();
    let mut best = run(&program, n, budget, stop, &mut buffers);
    let grown = || Some(usage::peak_memory()?.saturating_sub(before?));
    best.memory = best.memory.or_else(grown);
    for runs in 1..MOST_RUNS {
        let enough = runs >= LEAST_RUNS || best.time > LONG;
        if enough && start.elapsed() > AGAIN || !best.answered() {
            break;
        }
        best.time = best.time.min(run(&program, n, budget, stop, &mut buffers).time);
    }
    Some(best)
}

fn run(
    program: &Program,
    n: u32,
    budget: &Budget,
    stop: &(dyn Fn() -> bool + Sync),
    buffers: &mut Buffers,
) -> Point {
    let models = vec![budget.model; program.harts.len()];
    let start = Instant::now();
    let interrupted = || start.elapsed() >= budget.time || stop();
    let limits =
        Limits { interrupted: &interrupted, memory: budget.memory, parallel: budget.parallel };
    let workspace = Workspace { known: None, buffers: std::mem::take(buffers) };
    let outcomes = Explorer::new(program, &Options::default(), Reductions::FRESH, workspace)
        .and_then(|mut explorer| {
            let outcomes = explorer.outcomes(&models, limits);
            *buffers = explorer.into_buffers();
            outcomes
        });
    let time = start.elapsed();
    match outcomes {
        Ok(outcomes) => Point { time, ..Point::of(n, &outcomes) },
        Err(fault) => Point { time, ..Point::new(n, End::Refused(fault.to_string())) },
    }
}

impl Point {
    fn new(n: u32, end: End) -> Point {
        Point { n, end, time: Duration::ZERO, states: 0, transitions: 0, outcomes: 0, memory: None }
    }

    /// What the engine says of its work.
    fn of(n: u32, outcomes: &Outcomes) -> Point {
        let end = match outcomes.completeness {
            Completeness::Complete => End::Complete,
            Completeness::Bounded(_) => End::Bounded,
            Completeness::Timeout => End::Timeout,
            Completeness::MemoryLimit => End::MemoryLimit,
        };
        Point {
            states: outcomes.work,
            transitions: outcomes.transitions,
            outcomes: outcomes.states.len() as u64,
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
            model: BaseModel::Rvwmo,
            time: Duration::from_secs(60),
            memory: usize::MAX,
            parallel: false,
            least: 1,
            most: 4,
        }
    }

    fn curve(name: &str, budget: &Budget) -> Curve {
        let mut told = 0;
        let curve = measure(family(name).unwrap(), budget, &|| false, |_| told += 1);
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
