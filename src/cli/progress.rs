//! How a run is going, on standard error: a line that is renewed on a terminal, and now and then a plain
//! line anywhere else.

use std::cell::Cell;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::batch::{Found, Progress, find};
use crate::compare::{Column, Observation, Tally};

/// A test that runs for longer is named.
const SLOW: Duration = Duration::from_secs(1);
/// A run that takes longer is worth counting its tests beforehand.
const COUNT_AFTER: Duration = Duration::from_millis(300);
/// Between two plain lines, the first of them included.
const PLAIN_EVERY: Duration = Duration::from_secs(20);

/// Where progress is shown.
pub(super) struct Bar {
    to: Display,
    start: Instant,
    /// Arguments that name the tests.
    tests: Vec<String>,
    total: Option<Arc<AtomicUsize>>,
}

enum Display {
    Terminal(ProgressBar),
    /// With the time of the last line.
    Plain(Cell<Instant>),
    Nowhere,
}

impl Bar {
    /// `to_terminal`: do results themselves go to standard output?
    pub(super) fn new(tests: &[String], to_terminal: bool) -> Bar {
        let start = Instant::now();
        let to = if to_terminal && io::stdout().is_terminal() {
            Display::Nowhere
        } else if io::stderr().is_terminal() {
            let bar = ProgressBar::no_length();
            let style = ProgressStyle::with_template("{spinner} {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            Display::Terminal(bar)
        } else {
            Display::Plain(Cell::new(start))
        };
        Bar { to, start, tests: tests.to_vec(), total: None }
    }

    /// Says how it goes.
    pub(super) fn update(&mut self, progress: &Progress, tally: &Tally) {
        let elapsed = self.start.elapsed();
        if elapsed > COUNT_AFTER && !matches!(self.to, Display::Nowhere) && self.total.is_none() {
            self.total = Some(count(&self.tests));
        }
        let counted = self.total.as_ref().map_or(0, |total| total.load(Ordering::Relaxed));
        let total = if progress.all_listed { progress.listed } else { counted };
        match &self.to {
            Display::Terminal(bar) => {
                bar.set_message(sentence(progress, total, elapsed, tally));
                bar.tick();
            }
            Display::Plain(last) if last.get().elapsed() >= PLAIN_EVERY => {
                last.set(Instant::now());
                let line = sentence(progress, total, elapsed, tally);
                self.say(&format!("rvlitmus: {line}\n"));
            }
            Display::Plain(_) | Display::Nowhere => {}
        }
    }

    /// Writes text to standard error, above the bar if there is one.
    pub(super) fn say(&self, text: &str) {
        let write = || {
            // There is nobody to tell when that fails.
            let _ = io::stderr().write_all(text.as_bytes());
        };
        match &self.to {
            Display::Terminal(bar) => bar.suspend(write),
            Display::Plain(_) | Display::Nowhere => write(),
        }
    }

    /// Removes it.
    pub(super) fn finish(self) {
        if let Display::Terminal(bar) = self.to {
            bar.finish_and_clear();
        }
    }
}

/// Counts the tests beside the run; 0 until it is done, and for ever when there is a list that can be read
/// once only.
fn count(tests: &[String]) -> Arc<AtomicUsize> {
    let total = Arc::new(AtomicUsize::new(0));
    let again = |test: &String| test.strip_prefix('@').is_none_or(|list| Path::new(list).is_file());
    if tests.iter().all(again) {
        let (tests, counted) = (tests.to_vec(), total.clone());
        std::thread::spawn(move || {
            let found = find(&tests).filter(|found| matches!(found, Found::Test(_))).count();
            counted.store(found, Ordering::Relaxed);
        });
    }
    total
}

/// `1200 of 6475 tests, 812/s, 7 s left; rvwmo 310 Never, 880 Sometimes; 3 without an answer; ...`
fn sentence(progress: &Progress, total: usize, elapsed: Duration, tally: &Tally) -> String {
    let done = progress.done;
    let rate = done as f64 / elapsed.as_secs_f64().max(1e-3);
    let mut text = match total {
        0 => format!("{done} tests"),
        total => format!("{done} of {total} tests"),
    };
    text += &format!(", {rate:.0}/s");
    if rate > 0.0 && total > done {
        text += &format!(", {} left", duration((total - done) as f64 / rate));
    }
    let of = |column| {
        let counts = Observation::ALL.map(|seen| (tally.observed(column, seen), seen));
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        counts.map(|(count, seen)| format!("{count} {seen}")).collect::<Vec<_>>().join(", ")
    };
    let columns = Column::ALL.into_iter().map(|column| (column, of(column)));
    if let Some((column, counts)) = columns.into_iter().find(|(_, counts)| !counts.is_empty()) {
        text += &format!("; {column} {counts}");
    }
    if tally.failed() > 0 {
        text += &format!("; {} without an answer", tally.failed());
    }
    if let Some((name, time)) = progress.oldest.as_ref().filter(|(_, time)| *time > SLOW) {
        text += &format!("; {name} for {}", duration(time.as_secs_f64()));
    }
    text
}

fn duration(seconds: f64) -> String {
    let seconds = seconds.ceil() as u64;
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_rest_and_the_test_that_holds_up() {
        let oldest = Some(("a/slow.litmus".to_owned(), Duration::from_secs(200)));
        let progress = Progress { done: 100, listed: 300, all_listed: false, oldest };
        let tally = Tally::default();
        let text = sentence(&progress, 600, Duration::from_secs(10), &tally);
        assert_eq!(text, "100 of 600 tests, 10/s, 50 s left; a/slow.litmus for 3 min");
        let progress = Progress { done: 0, ..Progress::default() };
        assert_eq!(sentence(&progress, 0, Duration::ZERO, &tally), "0 tests, 0/s");
        assert_eq!(duration(7300.0), "2 h 1 min");
    }
}
