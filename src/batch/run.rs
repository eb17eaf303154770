//! Many tests in parallel, results in order.

use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Results computed or being computed that are not handed on yet, at most.
const WINDOW: usize = 1024;
/// And their bytes, at most, before no further task is begun.
const WINDOW_BYTES: usize = 64 << 20;
/// How often a run that waits looks at the stop flag and says how it is going.
const TICK: Duration = Duration::from_millis(100);

/// A unit of work with what it is called while it runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Task<S> {
    /// Input of the work.
    pub source: S,
    /// What progress calls it.
    pub name: String,
}

/// How a run is going.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Progress {
    /// Results handed on.
    pub done: usize,
    /// Tasks begun.
    pub begun: usize,
    /// Is `begun` the number of all tasks?
    pub all_begun: bool,
    /// The task that has been waited for longest.
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

/// What a run is told about while it goes on.
pub trait Observer<T> {
    /// Takes the next result, in order.
    ///
    /// # Errors
    /// The run ends with the error.
    fn result(&mut self, result: T) -> io::Result<()>;

    /// Called whenever no result is ready, before waiting for one.
    ///
    /// # Errors
    /// The run ends with the error.
    fn waiting(&mut self, progress: &Progress) -> io::Result<()>;
}
