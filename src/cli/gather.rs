//! Asking something of every test, for commands that print what they know when all are done.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::progress::Bar;
use super::shared_args::{LimitArgs, SelectionArgs};
use super::stop::{Stop, stop_on};
use super::{output, plan, threads};
use crate::results::Tally;
use crate::run::{Found, Job, Progress, Setup, Source, Unexplained, find, run_all};

/// What came of one test: nothing at all of one that is not selected.
pub(super) struct Asked<T> {
    /// What is kept.
    pub(super) kept: Option<T>,
    /// What is said at once, as the run is in trouble.
    pub(super) complaint: Option<String>,
}

/// What came of a question to a test, beside the path that people know it by.
pub(super) fn beside_path<T>(
    source: &Source,
    answer: Option<Result<T, Unexplained>>,
) -> Asked<(String, T)> {
    let (kept, complaint) = match answer {
        Some(Ok(answer)) => (Some((source.shown.clone(), answer)), None),
        Some(Err(none)) => (None, Some(none.told(&source.shown))),
        None => (None, None),
    };
    Asked { kept, complaint }
}

/// What came of all tests, in the order of the arguments.
pub(super) struct Gathered<T> {
    pub(super) kept: Vec<T>,
    /// Complaints, those about arguments that name no test among them; one if no test was selected.
    pub(super) troubles: usize,
}

/// Makes ready to ask something of every test that is selected, on so many threads, until the run is ended.
///
/// # Errors
/// Threads or signal handlers cannot be had.
pub(super) fn begin(
    setup: &mut Setup,
    selection: &SelectionArgs,
    limits: &LimitArgs,
) -> anyhow::Result<Stop> {
    setup.selection = plan::selection(selection);
    threads::make(limits.jobs.map_or(0, usize::from))?;
    stop_on(&setup.stop, None)
}

/// Asks `ask` of every test that `tests` name, until `stop` is set; says how far it is.
///
/// # Errors
/// Progress cannot be shown.
pub(super) fn gather<T: Send + 'static>(
    tests: &[String],
    stop: &Arc<AtomicBool>,
    ask: impl Fn(&Source) -> Asked<T> + Send + Sync + 'static,
) -> io::Result<Gathered<T>> {
    let work = move |found| match found {
        Found::Test(source) => ask(&source),
        Found::Error(error) => {
            Asked { kept: None, complaint: Some(format!("rvlitmus: {error}\n")) }
        }
    };
    let gathered = Gathered { kept: Vec::new(), troubles: 0 };
    let mut gatherer = Gatherer { gathered, bar: Bar::new(tests), tally: Tally::default() };
    run_all(find(tests, stop), stop, work, &mut gatherer)?;
    gatherer.bar.finish();
    let Gathered { kept, troubles } = &mut gatherer.gathered;
    if kept.is_empty() && *troubles == 0 && !stop.load(Ordering::Relaxed) {
        output::complain("no test was selected");
        *troubles += 1;
    }
    Ok(gatherer.gathered)
}

struct Gatherer<T> {
    gathered: Gathered<T>,
    bar: Bar,
    /// Of no test: progress counts tests alone.
    tally: Tally,
}

impl<T: Send + 'static> Job for Gatherer<T> {
    type Task = Found;
    type Output = Asked<T>;

    fn name(&self, task: &Found) -> String {
        task.name()
    }

    fn result(&mut self, Asked { kept, complaint }: Asked<T>) -> io::Result<()> {
        if let Some(complaint) = complaint {
            self.bar.say(&complaint);
            self.gathered.troubles += 1;
        }
        self.gathered.kept.extend(kept);
        Ok(())
    }

    fn waiting(&mut self, progress: &Progress) -> io::Result<()> {
        self.bar.update(progress, &self.tally);
        Ok(())
    }
}
