//! Many tasks in parallel, results in order.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, unbounded};

/// Tasks that are listed and not handed on yet, at most.
const WINDOW: usize = 1024;
/// And the bytes of their results, at most, before no further task is listed.
const WINDOW_BYTES: usize = 64 << 20;
/// Tasks that are listed at a time, before results are looked at again.
const BATCH: usize = 32;
/// With more tasks than these in the queue nobody waits for single results: waking a thread takes longer
/// than most tests do.
const MANY: usize = 128;
/// How often results are handed on then: whoever kills the process loses what was not.
const SOON: Duration = Duration::from_millis(1);
/// How often a run that waits looks at the stop flag and says how it is going.
const TICK: Duration = Duration::from_millis(100);
/// How long a run that was stopped waits for the tasks under way, which are told to end with what they have.
const GRACE: Duration = Duration::from_millis(300);
/// A worker that has worked for so long leaves the rest to another: a thread that waits for others to help
/// with a large task may have begun it, and should look at its own task again.
const SHIFT: Duration = Duration::from_millis(2);

/// How a run is going.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Results handed on.
    pub done: usize,
    /// Tasks known.
    pub listed: usize,
    /// Is `listed` the number of all tasks?
    pub all_listed: bool,
    /// The task that holds up the others, and for how long it has.
    pub oldest: Option<(String, Duration)>,
}

/// Why a run ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stopped {
    /// Nothing is left.
    Finished,
    /// The stop flag was set: what was finished by then, or soon after, was handed on.
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
    fn size(&self, output: &Self::Output) -> usize {
        let _ = output;
        0
    }

    /// Takes the next result, in the order of the tasks.
    ///
    /// # Errors
    /// The run ends with the error.
    fn result(&mut self, output: Self::Output) -> io::Result<()>;

    /// Called when the results that were ready have been taken: not for each, but soon.
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
    mut tasks: impl Iterator<Item = J::Task>,
    stop: &AtomicBool,
    work: impl Fn(J::Task) -> J::Output + Send + Sync + 'static,
    job: &mut J,
) -> io::Result<Stopped> {
    let (queue, waiting) = unbounded();
    let (finished, results) = unbounded();
    let workers = Arc::new(Workers { waiting, finished, busy: AtomicUsize::new(0), work });
    let mut order =
        Order { slots: VecDeque::new(), done: 0, listed: 0, bytes: 0, oldest: Instant::now() };
    let (mut all_listed, mut untold) = (false, None::<Instant>);
    loop {
        let mut listed = 0;
        while !all_listed
            && listed < BATCH
            && order.slots.len() < WINDOW
            && order.bytes < WINDOW_BYTES
        {
            match tasks.next() {
                Some(task) => {
                    // The receiver lives as long as the workers.
                    let _ = queue.send((order.list(job.name(&task)), task));
                    listed += 1;
                }
                None => all_listed = true,
            }
        }
        let only = all_listed && order.listed == 1;
        workers.start(if only { Threads::Own } else { Threads::Pool });
        for (index, output) in results.try_iter() {
            order.put(index, output, job);
        }
        let stopping = stop.load(Ordering::Relaxed);
        if order.hand_on(job, false)? {
            untold.get_or_insert_with(Instant::now);
        }
        let over = all_listed && order.slots.is_empty();
        if untold.is_some_and(|since| since.elapsed() > SOON) {
            job.taken()?;
            untold = None;
        }
        if stopping || over {
            while workers.waiting.try_recv().is_ok() {}
            let until = Instant::now() + GRACE;
            while stopping && workers.busy.load(Ordering::Acquire) > 0 && Instant::now() < until {
                thread::sleep(SOON);
            }
            for (index, output) in results.try_iter() {
                order.put(index, output, job);
            }
            order.hand_on(job, stopping)?;
            job.taken()?;
            return Ok(if stopping { Stopped::Interrupted } else { Stopped::Finished });
        }
        if listed < BATCH {
            job.waiting(&order.progress(all_listed))?;
            if workers.waiting.len() > MANY {
                thread::sleep(SOON);
            } else if let Ok((index, output)) =
                results.recv_timeout(if untold.is_some() { SOON } else { TICK })
            {
                order.put(index, output, job);
            }
        }
    }
}

/// The threads on which tasks are worked off.
#[derive(Clone, Copy)]
enum Threads {
    /// One of its own for the only task, so that no pool need be there.
    Own,
    /// Those of the pool.
    Pool,
}

/// Takes tasks and gives results, each with its place in the input.
struct Workers<T, O, W> {
    waiting: Receiver<(usize, T)>,
    finished: Sender<(usize, O)>,
    busy: AtomicUsize,
    work: W,
}

impl<T, O, W> Workers<T, O, W>
where
    T: Send + 'static,
    O: Send + 'static,
    W: Fn(T) -> O + Send + Sync + 'static,
{
    /// Starts as many workers as there are threads and tasks.
    fn start(self: &Arc<Self>, threads: Threads) {
        let (most, spawn): (usize, fn(Arc<Self>)) = match threads {
            Threads::Own => (1, |workers| drop(thread::spawn(|| workers.work()))),
            Threads::Pool => {
                (rayon::current_num_threads(), |workers| rayon::spawn_fifo(|| workers.work()))
            }
        };
        let busy = self.busy.load(Ordering::Acquire);
        for _ in 0..self.waiting.len().min(most.saturating_sub(busy)) {
            self.busy.fetch_add(1, Ordering::AcqRel);
            spawn(self.clone());
        }
    }

    /// Works off tasks until none is waiting, or for a while.
    fn work(self: Arc<Self>) {
        let begun = Instant::now();
        while let Ok((index, task)) = self.waiting.try_recv() {
            // Nobody listens any more when the run has ended early.
            let _ = self.finished.send((index, (self.work)(task)));
            if begun.elapsed() > SHIFT {
                return rayon::spawn_fifo(|| self.work());
            }
        }
        self.busy.fetch_sub(1, Ordering::AcqRel);
    }
}

enum Slot<O> {
    /// The name of a task that has no result yet.
    Waiting(String),
    Done(O),
}

/// Tasks that are listed and not handed on, by their place in the input.
struct Order<O> {
    slots: VecDeque<Slot<O>>,
    done: usize,
    listed: usize,
    bytes: usize,
    /// When the oldest task became the oldest.
    oldest: Instant,
}

impl<O> Order<O> {
    fn list(&mut self, name: String) -> usize {
        self.slots.push_back(Slot::Waiting(name));
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
            self.oldest = Instant::now();
        }
        Ok(any)
    }

    fn progress(&self, all_listed: bool) -> Progress {
        let oldest = match self.slots.front() {
            Some(Slot::Waiting(name)) => Some((name.clone(), self.oldest.elapsed())),
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
        assert!(job.most_ahead < WINDOW + BATCH);
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
    fn a_stopped_run_waits_a_moment_for_what_is_under_way() {
        let stop = Arc::new(AtomicBool::new(false));
        let told = stop.clone();
        let work = move |task: usize| {
            told.store(true, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(50));
            (task, task * task)
        };
        let mut job = Collect::default();
        let stopped = run_all(0..1, &stop, work, &mut job).unwrap();
        assert_eq!((stopped, job.results), (Stopped::Interrupted, vec![0]));
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
        let error = run_all([1, 2].into_iter(), &AtomicBool::new(false), |t| t, &mut Full);
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::StorageFull);
    }
}
