//! The progress bar: on standard error, when that is a terminal and results go elsewhere.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::batch::Progress;
use crate::compare::Tally;

/// A test that runs for longer is named.
const SLOW: Duration = Duration::from_secs(1);

/// A bar, or nothing.
pub(super) struct Bar(Option<ProgressBar>);

impl Bar {
    /// `to_terminal`: do results themselves go to the terminal?
    pub(super) fn new(to_terminal: bool) -> Bar {
        let shown = io::stderr().is_terminal() && !(to_terminal && io::stdout().is_terminal());
        Bar(shown.then(|| {
            let bar = ProgressBar::no_length();
            let template = "{spinner} {pos}/{len} tests, {per_sec}, {eta} left{msg}";
            bar.set_style(
                ProgressStyle::with_template(template)
                    .unwrap_or_else(|_| ProgressStyle::default_spinner()),
            );
            bar
        }))
    }

    /// Says how it goes.
    pub(super) fn update(&self, progress: &Progress, tally: &Tally) {
        let Some(bar) = &self.0 else { return };
        if progress.all_begun {
            bar.set_length(progress.begun as u64);
        }
        let mut message = match tally.failed() {
            0 => String::new(),
            failed => format!(", {failed} without an answer"),
        };
        if let Some((name, time)) = &progress.oldest
            && *time > SLOW
        {
            message += &format!(", {name} for {} s", time.as_secs());
        }
        bar.set_message(message);
        bar.set_position(progress.done as u64);
        bar.tick();
    }

    /// Writes text to standard error, above the bar if there is one.
    pub(super) fn say(&self, text: &str) {
        let write = || {
            // There is nobody to tell when that fails.
            let _ = io::stderr().write_all(text.as_bytes());
        };
        match &self.0 {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    /// Removes it.
    pub(super) fn finish(self) {
        if let Some(bar) = self.0 {
            bar.finish_and_clear();
        }
    }
}
