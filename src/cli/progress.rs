//! How a run is going, on standard error: a line that is renewed on a terminal, and now and then a plain
//! line anywhere else.

use std::cell::Cell;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::line_writer::LineWriter;
use super::output;
use crate::results::Tally;
use crate::run::{Found, Listings, Progress, Sharding, find};
use rvlitmus_core::answer::Observation;
use rvlitmus_core::litmus::visible;

/// A test that runs for longer is named.
const SLOW: Duration = Duration::from_secs(1);
/// A run that takes longer is shown on a terminal.
const SHOWN_AFTER: Duration = Duration::from_millis(300);
/// What a line on a terminal may take, besides the sign that turns and the last column, which some
/// terminals do not leave empty without a new line.
const WIDTH: usize = 77;
/// Between two plain lines, the first of them included.
const PLAIN_EVERY: Duration = Duration::from_secs(20);
/// So long before the first of them the tests are counted, which a shorter run is not worth.
const PLAIN_COUNT: Duration = Duration::from_secs(10);

/// Where progress is shown.
pub(super) struct Bar {
    to: Display,
    start: Instant,
    /// Arguments that name the tests.
    tests: Vec<String>,
    sharding: Option<Sharding>,
    total: Option<Arc<AtomicUsize>>,
}

enum Display {
    Terminal(ProgressBar),
    /// With the time of the last line.
    Plain(Cell<Instant>),
}

impl Bar {
    pub(super) fn new(tests: &[String]) -> Bar {
        let start = Instant::now();
        let to = if io::stderr().is_terminal() {
            let bar = ProgressBar::no_length();
            let style = ProgressStyle::with_template("{spinner} {wide_msg}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            Display::Terminal(bar)
        } else {
            Display::Plain(Cell::new(start))
        };
        Bar { to, start, tests: tests.to_vec(), sharding: None, total: None }
    }

    /// Counts the tests of a shard alone.
    pub(super) fn of_shard(self, sharding: Option<Sharding>) -> Bar {
        Bar { sharding, ..self }
    }

    /// Standard output, which the line makes way for where both are the same terminal.
    pub(super) fn line_writer(&self, out: io::Stdout) -> Box<dyn Write> {
        match &self.to {
            Display::Terminal(bar) if out.is_terminal() => {
                Box::new(LineWriter::new(bar.clone(), out))
            }
            _ => Box::new(out),
        }
    }

    /// Says how it goes, once a run takes long enough for it.
    pub(super) fn update(&mut self, progress: &Progress, tally: &Tally) {
        let elapsed = self.start.elapsed();
        let after = match self.to {
            Display::Terminal(_) => SHOWN_AFTER,
            Display::Plain(_) => PLAIN_EVERY - PLAIN_COUNT,
        };
        if elapsed <= after {
            return;
        }
        if self.total.is_none() {
            self.total = Some(count(&self.tests, self.sharding.clone()));
        }
        let counted = self.total.as_ref().map_or(0, |total| total.load(Ordering::Relaxed));
        let total = if progress.all_listed { progress.listed } else { counted };
        match &self.to {
            Display::Terminal(bar) => {
                bar.set_message(sentence(progress, total, elapsed, tally, WIDTH));
                bar.tick();
            }
            Display::Plain(last) if last.get().elapsed() >= PLAIN_EVERY => {
                last.set(Instant::now());
                let line = sentence(progress, total, elapsed, tally, usize::MAX);
                self.say(&format!("rvlitmus: {line}\n"));
            }
            Display::Plain(_) => {}
        }
    }

    /// Writes text to standard error, above the bar if there is one.
    pub(super) fn say(&self, text: &str) {
        self.above(|| output::say(text));
    }

    /// Writes commands that a CI log is to obey, likewise.
    pub(super) fn command(&self, lines: &str) {
        self.above(|| output::command(lines));
    }

    fn above(&self, write: impl FnOnce()) {
        match &self.to {
            Display::Terminal(bar) if !bar.message().is_empty() => bar.suspend(write),
            _ => write(),
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
fn count(tests: &[String], sharding: Option<Sharding>) -> Arc<AtomicUsize> {
    let total = Arc::new(AtomicUsize::new(0));
    let again = |test: &String| test.strip_prefix('@').is_none_or(|list| Path::new(list).is_file());
    if tests.iter().all(again) {
        let (tests, counted) = (tests.to_vec(), total.clone());
        std::thread::spawn(move || {
            let found = Listings::new(find(&tests, &Arc::default()), sharding)
                .filter(|listed| matches!(listed.found, Found::Test(_)))
                .count();
            counted.store(found, Ordering::Relaxed);
        });
    }
    total
}

/// `1200 of 6475 tests, 812/s, 7 s left; rvwmo 310 Never, 880 Sometimes; 3 without an answer; ...`
///
/// Where the width does not allow all of it, the counts go first, and of the test that holds up the others
/// the end of its name and its time stay.
fn sentence(
    progress: &Progress,
    total: usize,
    elapsed: Duration,
    tally: &Tally,
    width: usize,
) -> String {
    let done = progress.done;
    let rate = done as f64 / elapsed.as_secs_f64().max(1e-3);
    let mut parts = vec![match total {
        0 => format!("{done} tests"),
        total => format!("{done} of {total} tests"),
    }];
    let left = (rate > 0.0 && total > done).then(|| (total - done) as f64 / rate);
    parts.push(left.map_or(String::new(), |left| format!(", {} left", duration(left))));
    parts.push(format!(", {rate:.0}/s"));
    let failed = tally.failed();
    parts.push(if failed > 0 { format!("; {failed} without an answer") } else { String::new() });
    parts.push(counts(tally));
    let oldest = progress.oldest.as_ref().filter(|(_, time)| *time > SLOW);
    let (name, time) = oldest.map_or((String::new(), String::new()), |(name, time)| {
        (format!("; {}", visible(name)), format!(" for {}", duration(time.as_secs_f64())))
    });
    let columns = |text: &str| text.chars().count();
    let fixed = columns(&name) + columns(&time);
    while parts.len() > 2 && fixed + columns(&parts.concat()) > width {
        parts.pop();
    }
    // From the least to the most dispensable; they are said in another order.
    let order = [0, 2, 1, 4, 3];
    let mut text: String =
        order.iter().filter_map(|at| parts.get(*at)).map(String::as_str).collect();
    let room = width.saturating_sub(columns(&text) + columns(&time));
    match columns(&name) {
        long if long > room => {
            let end = name.chars().skip(long - room.saturating_sub(5).min(long));
            text += "; ...";
            text.extend(end);
        }
        _ => text += &name,
    }
    text + &time
}

/// `; rvwmo 310 Never, 880 Sometimes`, of the first machine that was run.
fn counts(tally: &Tally) -> String {
    tally.machines().first().map_or(String::new(), |machine| {
        let counts = Observation::ALL.map(|seen| (machine.observed(seen), seen));
        let counts = counts.iter().filter(|(count, _)| *count > 0);
        let counts: Vec<String> = counts.map(|(count, seen)| format!("{count} {seen}")).collect();
        format!("; {} {}", machine.id, counts.join(", "))
    })
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
    use crate::results::Count;

    #[test]
    fn rate_rest_and_the_test_that_holds_up() {
        let oldest = Some(("a/slow.litmus".to_owned(), Duration::from_secs(200)));
        let progress = Progress { done: 100, listed: 300, all_listed: false, oldest };
        let tally = Tally::default();
        let text = sentence(&progress, 600, Duration::from_secs(10), &tally, WIDTH);
        assert_eq!(text, "100 of 600 tests, 10/s, 50 s left; a/slow.litmus for 3 min");
        let progress = Progress { done: 0, ..Progress::default() };
        assert_eq!(sentence(&progress, 0, Duration::ZERO, &tally, WIDTH), "0 tests, 0/s");
        assert_eq!(duration(7300.0), "2 h 1 min");
    }

    #[test]
    fn a_narrow_line_keeps_the_test_that_holds_up() {
        let mut tally = Tally::default();
        let line = r#"{"schema":"rvlitmus/result/1","path":"a","name":"a","status":"timeout","error":{"line":1,"column":1,"message":"late"}}"#;
        let count = Count::of(&crate::report::read_line(line, 1).unwrap());
        (0..4000).for_each(|_| tally.add(count.clone()));
        for name in ["slow/mixed-12.litmus", &"deep/".repeat(40), "b.litmus"] {
            let oldest = Some((format!("{name}/x.litmus"), Duration::from_secs(45)));
            let progress = Progress { done: 4000, listed: 4100, all_listed: false, oldest };
            let text = sentence(&progress, 129_600, Duration::from_secs(100), &tally, WIDTH);
            assert!(text.chars().count() <= WIDTH, "{text}");
            assert!(text.ends_with("/x.litmus for 45 s"), "{text}");
            assert!(text.starts_with("4000 of 129600 tests"), "{text}");
            let whole = sentence(&progress, 129_600, Duration::from_secs(100), &tally, usize::MAX);
            assert!(whole.contains(&format!("; 4000 without an answer; {name}/")), "{whole}");
        }
    }
}
