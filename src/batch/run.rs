//! Many tests in parallel, results in order.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rayon::ThreadPool;

/// Results computed or being computed that are not handed on yet, at most (and the rest of a bundle).
const WINDOW: usize = 1024;
/// Tasks that are given to a thread together: most take microseconds, and waking a thread takes some,
/// too. Few enough that a slow one does not hold up many others, and a short run has none.
const BUNDLE: usize = 4;
/// The same where a test takes less than [`QUICK`] on the average.
const QUICK_BUNDLE: usize = 16;
/// Wall time of a test.
const QUICK: Duration = Duration::from_micros(200);
/// Tasks under way from which on bundles are made.
const BUSY: usize = 128;
/// And their bytes, at most, before no further task is begun.
const WINDOW_BYTES: usize = 64 << 20;
/// How often a run that waits looks at the stop flag and says how it is going.
const TICK: Duration = Duration::from_millis(100);
/// Results that come close together are taken together while many tests are under way, which saves a
/// wake-up for each.
const GATHER: Duration = Duration::from_micros(500);

/// How a run is going.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Results handed on.
    pub done: usize,
    /// Tasks begun.
    pub begun: usize,
    /// Is `begun` the number of all tasks?
    pub all_begun: bool,
    /// The task that holds up the others, and for how long it has been known.
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

    /// Called when the results that were ready have been taken.
    ///
    /// # Errors
    /// The run ends with the error.
    fn taken(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Called whenever no result is ready, before waiting for one.
    ///
    /// # Errors
    /// The run ends with the error.
    fn waiting(&mut self, progress: &Progress) -> io::Result<()>;
}

/// Does `work` for all `tasks` on `pool` and hands every output to `job` on this thread, in order.
///
/// Tasks are taken from the iterator as there is room, so neither they nor their outputs pile up.
/// No task waits for another: a large one may use the pool itself.
///
/// # Errors
/// What `job` returned. Tasks that are running then are left to themselves.
pub fn run_all<J: Job>(
    tasks: impl IntoIterator<Item = J::Task>,
    pool: &ThreadPool,
    stop: &AtomicBool,
    work: impl Fn(J::Task) -> J::Output + Send + Sync + 'static,
    job: &mut J,
) -> io::Result<Stopped> {
    let work = Arc::new(work);
    let (sender, receiver) = channel();
    let mut tasks = tasks.into_iter();
    let (slots, started) = (VecDeque::new(), Instant::now());
    let mut queue = Queue { slots, started, done: 0, begun: 0, bytes: 0, receiver };
    let mut all_begun = false;
    loop {
        while !all_begun && queue.has_room() {
            let most = queue.bundle();
            let mut bundle = Vec::with_capacity(most);
            for task in tasks.by_ref().take(most) {
                bundle.push((queue.begin(job.name(&task)), task));
            }
            if bundle.is_empty() {
                all_begun = true;
                break;
            }
            let (work, sender) = (work.clone(), sender.clone());
            pool.spawn_fifo(move || {
                for (index, task) in bundle {
                    // Nobody listens any more when the run has ended early.
                    let _ = sender.send((index, work(task)));
                }
            });
        }
        queue.collect(job);
        let stopping = stop.load(Ordering::Relaxed);
        let handed_on = queue.hand_on(job, stopping)?;
        if handed_on > 0 {
            job.taken()?;
        }
        if stopping {
            return Ok(Stopped::Interrupted);
        }
        if all_begun && queue.slots.is_empty() {
            return Ok(Stopped::Finished);
        }
        if handed_on == 0 {
            job.waiting(&queue.progress(all_begun))?;
            queue.wait(job);
        }
    }
}

enum Slot<T> {
    Running(String, Instant),
    Done(T),
}

/// Tasks that are begun and not handed on, by their place in the input.
struct Queue<T> {
    slots: VecDeque<Slot<T>>,
    started: Instant,
    done: usize,
    begun: usize,
    bytes: usize,
    receiver: Receiver<(usize, T)>,
}

impl<T> Queue<T> {
    fn has_room(&self) -> bool {
        self.slots.len() < WINDOW && self.bytes < WINDOW_BYTES
    }

    /// How many tasks the next thread is given together.
    fn bundle(&self) -> usize {
        if self.slots.len() < BUSY {
            return 1;
        }
        let done = u32::try_from(self.done).unwrap_or(u32::MAX);
        match self.started.elapsed().checked_div(done) {
            Some(each) if each < QUICK => QUICK_BUNDLE,
            _ => BUNDLE,
        }
    }

    fn begin(&mut self, name: String) -> usize {
        self.slots.push_back(Slot::Running(name, Instant::now()));
        self.begun += 1;
        self.begun - 1
    }

    fn collect(&mut self, job: &impl Job<Output = T>) {
        while let Ok((index, output)) = self.receiver.try_recv() {
            self.put(index, output, job);
        }
    }

    fn wait(&mut self, job: &impl Job<Output = T>) {
        if let Ok((index, output)) = self.receiver.recv_timeout(TICK) {
            self.put(index, output, job);
            if self.slots.len() >= BUSY {
                std::thread::sleep(GATHER);
            }
        }
    }

    fn put(&mut self, index: usize, output: T, job: &impl Job<Output = T>) {
        self.bytes += job.size(&output);
        if let Some(slot) = self.slots.get_mut(index - self.done) {
            *slot = Slot::Done(output);
        }
    }

    /// Hands on what is ready, up to the first task that is not; says how many. When `stopping`,
    /// everything that is ready.
    fn hand_on(&mut self, job: &mut impl Job<Output = T>, stopping: bool) -> io::Result<usize> {
        let mut handed_on = 0;
        while stopping || matches!(self.slots.front(), Some(Slot::Done(_))) {
            match self.slots.pop_front() {
                Some(Slot::Done(output)) => {
                    self.bytes -= job.size(&output);
                    handed_on += 1;
                    job.result(output)?;
                }
                Some(Slot::Running(..)) => {}
                None => break,
            }
            self.done += 1;
        }
        Ok(handed_on)
    }

    fn progress(&self, all_begun: bool) -> Progress {
        let oldest = match self.slots.front() {
            Some(Slot::Running(name, since)) => Some((name.clone(), since.elapsed())),
            _ => None,
        };
        Progress { done: self.done, begun: self.begun, all_begun, oldest }
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
            self.most_ahead = self.most_ahead.max(progress.begun - progress.done);
            Ok(())
        }
    }

    fn pool() -> ThreadPool {
        rayon::ThreadPoolBuilder::new().num_threads(3).build().unwrap()
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
        let stopped = run_all(0..20_000, &pool(), &stop, work, &mut job).unwrap();
        assert_eq!(stopped, Stopped::Finished);
        assert!(job.results.iter().copied().eq(0..20_000));
        assert!(job.most_ahead < WINDOW + QUICK_BUNDLE);
    }

    #[test]
    fn a_stopped_run_hands_on_what_is_finished() {
        let stop = Arc::new(AtomicBool::new(false));
        let stop_at = Some((100, stop.clone()));
        let mut job = Collect { stop_at, ..Collect::default() };
        let stopped = run_all(0.., &pool(), &stop, work, &mut job).unwrap();
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
        let error = run_all([1, 2], &pool(), &AtomicBool::new(false), |t| t, &mut Full);
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
