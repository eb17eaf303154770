//! Many tests in parallel, results in order.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::desk::{Desk, FEW, SOON};

/// Tasks that are listed and not handed on yet, at most.
const WINDOW: usize = 1024;
/// And the bytes of their results, at most, before no further task is listed.
const WINDOW_BYTES: usize = 64 << 20;
/// Tasks that nobody has begun, at most (and the rest of a handful).
const AHEAD: usize = 2 * FEW;
/// Tasks that are put on the desk together.
const HANDFUL: usize = 32;
/// How often a run that waits looks at the stop flag and says how it is going.
const TICK: Duration = Duration::from_millis(100);

/// How a run is going.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Results handed on.
    pub done: usize,
    /// Tasks known.
    pub listed: usize,
    /// Is `listed` the number of all tasks?
    pub all_listed: bool,
    /// The task that holds up the others, and for how long it has been under way.
    pub oldest: Option<(String, Duration)>,
}

/// Why a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stopped {
    /// Nothing is left.
    Finished,
    /// The stop flag was set: only what was finished was handed on.
    Interrupted,
}

/// What tasks are, and who is told about their results.
pub trait Job {
    /// A task, in the order of the input.
    type Task: Send + 'static;
    /// What becomes of it.
    type Output: Send + 'static;

    /// What progress calls a task.
    fn name(&self, task: &Self::Task) -> String;

    /// Bytes of memory that a result takes while it waits for its turn.
    fn size(&self, output: &Self::Output) -> usize;

    /// Takes the next result, in the order of the tasks.
    ///
    /// # Errors
    /// The run ends with the error.
    fn result(&mut self, output: Self::Output) -> io::Result<()>;

    /// Called when the results that were ready have been taken: not for each handful, but soon.
    ///
    /// # Errors
    /// The run ends with the error.
    fn taken(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Called before waiting for results.
    ///
    /// # Errors
    /// The run ends with the error.
    fn waiting(&mut self, progress: &Progress) -> io::Result<()>;
}

/// Does `work` for all `tasks` on the threads of the current rayon pool and hands every output to `job`
/// on this thread, in order.
///
/// Tasks are taken from the iterator as there is room, so neither they nor their outputs pile up.
/// No task waits for another: a large one may use the pool itself.
///
/// # Errors
/// What `job` returned. Tasks that are running then are left to themselves.
pub fn run_all<J: Job>(
    tasks: impl IntoIterator<Item = J::Task>,
    stop: &AtomicBool,
    work: impl Fn(J::Task) -> J::Output + Send + Sync + 'static,
    job: &mut J,
) -> io::Result<Stopped> {
    let desk = Arc::new(Desk::new());
    let work = Arc::new(work);
    let start = |workers| {
        let (desk, work) = (desk.clone(), work.clone());
        match workers {
            Workers::One => drop(thread::spawn(|| work_off(desk, work))),
            Workers::Pool => rayon::spawn_fifo(|| work_off(desk, work)),
        }
    };
    let mut queue = Queue { desk: &desk, slots: VecDeque::new(), done: 0, listed: 0, bytes: 0 };
    let stopped = queue.run(tasks.into_iter(), &start, stop, job);
    desk.clear();
    stopped
}

/// Who does the tasks.
#[derive(Clone, Copy)]
enum Workers {
    /// A thread of its own for the only task, so that none of the pool need be there.
    One,
    /// The threads of the pool.
    Pool,
}

/// Works in shifts while there are tasks.
fn work_off<T, O, W>(desk: Arc<Desk<T, O>>, work: Arc<W>)
where
    T: Send + 'static,
    O: Send + 'static,
    W: Fn(T) -> O + Send + Sync + 'static,
{
    if desk.shift(&*work) {
        rayon::spawn_fifo(|| work_off(desk, work));
    }
}

enum Slot<T> {
    /// The name of a task that has no result yet.
    Waiting(String),
    Done(T),
}

/// Tasks that are listed and not handed on, by their place in the input.
struct Queue<'d, T, O> {
    desk: &'d Desk<T, O>,
    slots: VecDeque<Slot<O>>,
    done: usize,
    listed: usize,
    bytes: usize,
}

impl<T, O> Queue<'_, T, O> {
    fn run<J: Job<Task = T, Output = O>>(
        &mut self,
        mut tasks: impl Iterator<Item = T>,
        start: &dyn Fn(Workers),
        stop: &AtomicBool,
        job: &mut J,
    ) -> io::Result<Stopped> {
        let (mut fresh, mut results) = (Vec::with_capacity(HANDFUL), Vec::new());
        // When the first result was handed on that `taken` has not been called for.
        let (mut all_listed, mut since) = (false, None::<Instant>);
        loop {
            if !all_listed && self.has_room() {
                fresh
                    .extend(tasks.by_ref().take(HANDFUL).map(|task| (self.list(&task, job), task)));
                all_listed = fresh.len() < HANDFUL;
            }
            let listed = !fresh.is_empty();
            let (workers, most) = match (all_listed, self.listed) {
                (true, 1) => (Workers::One, 1),
                _ => (Workers::Pool, rayon::current_num_threads()),
            };
            for _ in 0..self.desk.visit(&mut fresh, &mut results, most) {
                start(workers);
            }
            for (index, output) in results.drain(..) {
                self.put(index, output, job);
            }
            let stopping = stop.load(Ordering::Relaxed);
            if self.hand_on(job, stopping)? {
                since.get_or_insert_with(Instant::now);
            }
            let finished = all_listed && self.slots.is_empty();
            let late = since.is_some_and(|since| since.elapsed() > SOON);
            if stopping || finished || late {
                job.taken()?;
                since = None;
            }
            if stopping {
                return Ok(Stopped::Interrupted);
            }
            if finished {
                return Ok(Stopped::Finished);
            }
            if !listed {
                job.waiting(&self.progress(all_listed))?;
                thread::park_timeout(if since.is_some() { SOON } else { TICK });
            }
        }
    }

    fn has_room(&self) -> bool {
        self.slots.len() < WINDOW && self.bytes < WINDOW_BYTES && self.desk.tasks() < AHEAD
    }

    fn list(&mut self, task: &T, job: &impl Job<Task = T>) -> usize {
        self.slots.push_back(Slot::Waiting(job.name(task)));
        self.listed += 1;
        self.listed - 1
    }

    fn put(&mut self, index: usize, output: O, job: &impl Job<Output = O>) {
        self.bytes += job.size(&output);
        if let Some(slot) = self.slots.get_mut(index - self.done) {
            *slot = Slot::Done(output);
        }
    }

    /// Hands on what is ready, up to the first task that is not, or when `stopping`, everything that
    /// is ready. Says whether there was anything.
    fn hand_on(&mut self, job: &mut impl Job<Output = O>, stopping: bool) -> io::Result<bool> {
        let mut any = false;
        while stopping || matches!(self.slots.front(), Some(Slot::Done(_))) {
            match self.slots.pop_front() {
                Some(Slot::Done(output)) => {
                    self.bytes -= job.size(&output);
                    any = true;
                    job.result(output)?;
                }
                Some(Slot::Waiting(_)) => {}
                None => break,
            }
            self.done += 1;
        }
        Ok(any)
    }

    fn progress(&self, all_listed: bool) -> Progress {
        let oldest = match self.slots.front() {
            Some(Slot::Waiting(name)) => {
                self.desk.running(self.done).map(|time| (name.clone(), time))
            }
            _ => None,
        };
        Progress { done: self.done, listed: self.listed, all_listed, oldest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Collect {
        results: Vec<usize>,
        most_ahead: usize,
        stop_at: Option<(usize, Arc<AtomicBool>)>,
    }

    impl Job for Collect {
        type Task = usize;
        type Output = (usize, usize);

        fn name(&self, task: &usize) -> String {
            task.to_string()
        }

        fn size(&self, _: &(usize, usize)) -> usize {
            1
        }

        fn result(&mut self, (task, square): (usize, usize)) -> io::Result<()> {
            assert_eq!(square, task * task);
            self.results.push(task);
            if let Some((at, stop)) = &self.stop_at
                && *at == task
            {
                stop.store(true, Ordering::Relaxed);
            }
            Ok(())
        }

        fn waiting(&mut self, progress: &Progress) -> io::Result<()> {
            assert_eq!(progress.done, self.results.len());
            self.most_ahead = self.most_ahead.max(progress.listed - progress.done);
            Ok(())
        }
    }

    fn work(task: usize) -> (usize, usize) {
        if task.is_multiple_of(501) {
            std::thread::sleep(Duration::from_millis(5));
        }
        (task, task * task)
    }

    #[test]
    fn results_come_in_order_and_never_pile_up() {
        let mut job = Collect::default();
        let stop = AtomicBool::new(false);
        let stopped = run_all(0..20_000, &stop, work, &mut job).unwrap();
        assert_eq!(stopped, Stopped::Finished);
        assert!(job.results.iter().copied().eq(0..20_000));
        assert!(job.most_ahead < WINDOW + HANDFUL);
    }

    #[test]
    fn a_stopped_run_hands_on_what_is_finished() {
        let stop = Arc::new(AtomicBool::new(false));
        let stop_at = Some((100, stop.clone()));
        let mut job = Collect { stop_at, ..Collect::default() };
        let stopped = run_all(0.., &stop, work, &mut job).unwrap();
        assert_eq!(stopped, Stopped::Interrupted);
        assert!(job.results.is_sorted());
        assert!(job.results[..=100].iter().copied().eq(0..=100));
    }

    #[test]
    fn an_error_of_the_listener_ends_the_run() {
        struct Full;
        impl Job for Full {
            type Task = u8;
            type Output = u8;
            fn name(&self, _: &u8) -> String {
                String::new()
            }
            fn size(&self, _: &u8) -> usize {
                0
            }
            fn result(&mut self, _: u8) -> io::Result<()> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn waiting(&mut self, _: &Progress) -> io::Result<()> {
                Ok(())
            }
        }
        let error = run_all([1, 2], &AtomicBool::new(false), |t| t, &mut Full);
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
