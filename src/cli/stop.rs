//! Ending a run early and in good order: Ctrl-C, SIGTERM, `--deadline`.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context;

use super::exit::Outcome;

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
pub(super) struct Stop(Arc<OnceLock<Cause>>);

impl Stop {
    pub(super) fn cause(&self) -> Option<Cause> {
        self.0.get().copied()
    }
}

/// Sets `flag` at the first signal, or when `deadline` has passed. The second signal ends the process
/// at once.
///
/// # Errors
/// Signals cannot be handled, or no thread can be had.
pub(super) fn stop_on(flag: &Arc<AtomicBool>, deadline: Option<Duration>) -> anyhow::Result<Stop> {
    let cause = Arc::new(OnceLock::new());
    let (told, known) = (flag.clone(), cause.clone());
    ctrlc::set_handler(move || {
        known.get_or_init(|| Cause::Signal);
        if told.swap(true, Ordering::Relaxed) {
            std::process::exit(Outcome::NotRun.code().into());
        }
    })
    .context("signals cannot be handled")?;
    if let Some(deadline) = deadline {
        let (told, known) = (flag.clone(), cause.clone());
        let wait = move || {
            std::thread::sleep(deadline);
            known.get_or_init(|| Cause::Deadline);
            told.store(true, Ordering::Relaxed);
        };
        let thread = std::thread::Builder::new().name("deadline".to_owned());
        thread.spawn(wait).context("no thread for the deadline")?;
    }
    Ok(Stop(cause))
}
