//! Ending a run early and in good order: Ctrl-C, SIGTERM, `--deadline`.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::Context;
use signal_hook::{consts, flag};

use super::exit::Outcome;
use super::output;

/// Why a run was ended before its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Cause {
    /// Somebody asked for it.
    Signal,
    /// Its time ran out.
    Deadline,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Cause::Signal => "interrupted",
            Cause::Deadline => "the deadline has passed",
        })
    }
}

/// Why the flag of a run was set, if it was: what came first.
pub(super) struct Stop {
    flag: Arc<AtomicBool>,
    by_deadline: Arc<AtomicBool>,
}

impl Stop {
    pub(super) fn cause(&self) -> Option<Cause> {
        if self.by_deadline.load(Ordering::Relaxed) {
            return Some(Cause::Deadline);
        }
        self.flag.load(Ordering::Relaxed).then_some(Cause::Signal)
    }

    /// Says what there is all the same of a run that was ended early, as one trouble; returns how many that makes.
    pub(super) fn complain(&self, what: &str) -> usize {
        let cause = self.cause();
        cause.iter().for_each(|cause| output::complain(&format!("{cause}: {what}")));
        usize::from(cause.is_some())
    }
}

/// Signals by which people and supervisors ask a process to end.
const SIGNALS: &[i32] = &[
    consts::SIGINT,
    consts::SIGTERM,
    #[cfg(unix)]
    consts::SIGHUP,
];

/// Sets `flag` at the first signal, or when `deadline` has passed. The second signal ends the process
/// at once.
///
/// # Errors
/// Signals cannot be handled, or no thread can be had.
pub(super) fn stop_on(flag: &Arc<AtomicBool>, deadline: Option<Duration>) -> anyhow::Result<Stop> {
    for signal in SIGNALS {
        // In this order: the first signal finds the flag not set yet.
        flag::register_conditional_shutdown(*signal, Outcome::NotRun.code().into(), flag.clone())
            .and_then(|_| flag::register(*signal, flag.clone()))
            .context("signals cannot be handled")?;
    }
    let by_deadline = Arc::new(AtomicBool::new(false));
    if let Some(deadline) = deadline {
        let (told, known) = (flag.clone(), by_deadline.clone());
        let wait = move || {
            std::thread::sleep(deadline);
            if !told.swap(true, Ordering::Relaxed) {
                known.store(true, Ordering::Relaxed);
            }
        };
        let thread = std::thread::Builder::new().name("deadline".to_owned());
        thread.spawn(wait).context("no thread for the deadline")?;
    }
    Ok(Stop { flag: flag.clone(), by_deadline })
}
