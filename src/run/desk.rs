//! Where the thread that lists tasks and the threads that work on them meet.
//!
//! Most tasks take microseconds, and waking a thread takes some, too. So tasks lie on a desk, from which
//! each worker takes the next one when it brings the result of its last, under a lock that is hardly
//! ever held by anybody else; and the lister is woken when tasks run short or results have lain for a
//! while, not for every result.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// The lister is told when no more tasks than these are left.
pub(super) const FEW: usize = 128;
/// And when a result may have lain for longer: whoever kills the process loses what was not collected.
pub(super) const SOON: Duration = Duration::from_millis(5);
/// A shift that took longer ends with its task, and another begins: a thread that waits for others to
/// help with a large task may have begun the shift, and should look at its own task again.
const SHIFT: Duration = Duration::from_millis(2);

/// Tasks that nobody has begun, and results that nobody has collected, by their place in the input.
pub(super) struct Desk<T, O> {
    state: Mutex<State<T, O>>,
    lister: Thread,
}

struct State<T, O> {
    tasks: VecDeque<(usize, T)>,
    results: Vec<(usize, O)>,
    /// Tasks under way, and when they were begun.
    running: Vec<(usize, Instant)>,
    /// Shifts under way.
    shifts: usize,
    /// When the lister was here, or was told to come.
    visited: Instant,
}

/// What a worker does next.
enum Next<T> {
    Task(usize, T),
    /// There are tasks, but they are for another shift.
    Leave,
    /// There are none.
    Rest,
}

impl<T, O> Desk<T, O> {
    /// An empty desk of which the current thread is the lister.
    pub(super) fn new() -> Desk<T, O> {
        let state = State {
            tasks: VecDeque::new(),
            results: Vec::new(),
            running: Vec::new(),
            shifts: 0,
            visited: Instant::now(),
        };
        Desk { state: Mutex::new(state), lister: thread::current() }
    }

    /// The lister puts tasks there and collects results. Returns how many shifts, of `workers` at most,
    /// it should start.
    pub(super) fn visit(
        &self,
        tasks: &mut Vec<(usize, T)>,
        results: &mut Vec<(usize, O)>,
        workers: usize,
    ) -> usize {
        let mut state = self.lock();
        state.tasks.extend(tasks.drain(..));
        results.append(&mut state.results);
        state.visited = Instant::now();
        let more = state.tasks.len().min(workers.saturating_sub(state.shifts));
        state.shifts += more;
        more
    }

    /// Does one task after the other; says whether another shift is to go on.
    pub(super) fn shift(&self, work: impl Fn(T) -> O) -> bool {
        let begun = Instant::now();
        let (mut now, mut result) = (begun, None);
        loop {
            match self.turn(result, now, now - begun < SHIFT) {
                Next::Task(index, task) => result = Some((index, work(task))),
                Next::Leave => return true,
                Next::Rest => return false,
            }
            now = Instant::now();
        }
    }

    /// A worker brings a result and takes a task, if it is to `go_on`.
    fn turn(&self, result: Option<(usize, O)>, now: Instant, go_on: bool) -> Next<T> {
        let mut state = self.lock();
        if let Some((index, output)) = result {
            state.running.retain(|(running, _)| *running != index);
            state.results.push((index, output));
        }
        let next = match if go_on { state.tasks.pop_front() } else { None } {
            Some((index, task)) => {
                state.running.push((index, now));
                Next::Task(index, task)
            }
            None if state.tasks.is_empty() => {
                state.shifts -= 1;
                Next::Rest
            }
            None => Next::Leave,
        };
        let old = !state.results.is_empty() && now.duration_since(state.visited) > SOON;
        let tell = old || state.tasks.len() == FEW || matches!(next, Next::Rest);
        if tell {
            state.visited = now;
        }
        drop(state);
        if tell {
            self.lister.unpark();
        }
        next
    }

    /// How many tasks nobody has begun.
    pub(super) fn tasks(&self) -> usize {
        self.lock().tasks.len()
    }

    /// For how long a task has been under way.
    pub(super) fn running(&self, task: usize) -> Option<Duration> {
        let begun = self.lock().running.iter().find(|(index, _)| *index == task)?.1;
        Some(begun.elapsed())
    }

    /// Nothing more is to be begun.
    pub(super) fn clear(&self) {
        self.lock().tasks.clear();
    }

    /// No panic happens under the lock.
    fn lock(&self) -> MutexGuard<'_, State<T, O>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
