//! Running tests for commands that look at their results instead of printing them.

use std::io;
use std::time::Duration;

use super::output;
use super::progress::Bar;
use super::stop::stop_on;
use super::threads;
use crate::results::{Count, Tally, TestReport};
use crate::run::{Finished, Found, Job, Progress, Setup, find, run_all, run_test};

/// What running all tests came to.
pub(super) struct Collected {
    /// Counts of everything that `each` was given.
    pub(super) tally: Tally,
    /// Arguments that name no test; one more if the run was interrupted.
    pub(super) troubles: usize,
}

/// Runs the tests that `tests` name and hands `each` its report, in order.
///
/// # Errors
/// Threads or signal handlers cannot be had, or the run was interrupted: what a command makes of half
/// its tests would mislead.
pub(super) fn collect(
    tests: &[String],
    setup: &Setup,
    threads: usize,
    deadline: Option<Duration>,
    each: impl FnMut(TestReport),
) -> anyhow::Result<Collected> {
    threads::make(threads)?;
    let stop = stop_on(&setup.stop, deadline)?;
    let mut collector =
        Collector { each, bar: Bar::new(tests), tally: Tally::default(), troubles: 0 };
    let shared = setup.clone();
    let work = move |found| match found {
        Found::Test(source) => Ok(Box::new(run_test(&source, &shared))),
        Found::Error(error) => Err(error.to_string()),
    };
    run_all(find(tests, &setup.stop), &setup.stop, work, &mut collector)?;
    let Collector { bar, tally, troubles, .. } = collector;
    bar.finish();
    if let Some(cause) = stop.cause() {
        anyhow::bail!("{cause}");
    }
    Ok(Collected { tally, troubles })
}

struct Collector<F> {
    each: F,
    bar: Bar,
    tally: Tally,
    troubles: usize,
}

impl<F: FnMut(TestReport)> Job for Collector<F> {
    type Task = Found;
    type Output = Result<Box<Finished>, String>;

    fn name(&self, task: &Found) -> String {
        task.name()
    }

    fn result(&mut self, output: Self::Output) -> io::Result<()> {
        match output {
            Ok(finished) => {
                if let Some(message) = finished.message() {
                    self.bar.say(&message);
                }
                self.tally.add(Count::of(&finished.report));
                (self.each)(finished.report);
            }
            Err(complaint) => {
                output::complain(&complaint);
                self.troubles += 1;
            }
        }
        Ok(())
    }

    fn waiting(&mut self, progress: &Progress) -> io::Result<()> {
        self.bar.update(progress, &self.tally);
        Ok(())
    }
}
