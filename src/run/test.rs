//! One test of a run: from its file to its report.

use std::any::Any;
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rvlitmus_core::answer::{Answer, Failure, Mistake, Status};
use rvlitmus_core::litmus::{self, Diagnostics, Language, LineIndex, Metadata, Test};
use rvlitmus_core::session::{Phase, ReadTest, Watch, during};

use super::details::details;
use super::machines::machines;
use super::rendered::rendered;
use super::{Setup, Source, SourceError, memo, phases};
use crate::results::{Conclusion, DescribedMachine, TestReport};

/// One test, run.
#[derive(Clone, PartialEq, Debug)]
pub struct Finished {
    /// What reports say.
    pub report: TestReport,
    /// The mistakes of the file shown in its text, for the terminal.
    pub rendered: Option<String>,
}

impl Finished {
    /// What the terminal is told of a test, or a machine, without an answer.
    #[must_use]
    pub fn message(&self) -> Option<String> {
        if let Some(rendered) = &self.rendered {
            return Some(rendered.clone());
        }
        let mut told: Vec<String> =
            self.report.failures().map(|failure| failure.told(&self.report.path)).collect();
        told.dedup();
        (!told.is_empty()).then(|| told.concat())
    }

    /// Was the test ended before there was an answer? If the run was stopped, such a result is not worth
    /// reporting.
    #[must_use]
    pub fn lacks_an_answer(&self) -> bool {
        memo::lacks_an_answer(&self.report)
    }

    /// Might the result say more with more time? Such a result is not worth keeping.
    #[must_use]
    pub fn lacks_something(&self, setup: &Setup) -> bool {
        memo::lacks_something(&self.report, setup)
    }
}

/// Reads and runs one test. Whatever happens to it is its report, a panic included.
#[must_use]
pub fn run_test(source: &Source, setup: &Setup) -> Finished {
    match read(source, setup) {
        Ok(text) => run_text(source, &text, setup),
        Err(finished) => *finished,
    }
}

/// As [`run_test`], or nothing for a test that the selection of `setup` leaves out.
#[must_use]
pub fn run_selected(source: &Source, setup: &Setup) -> Option<Finished> {
    match read(source, setup) {
        Ok(text) => {
            let wanted = setup.selection.wants(&source.shown, Some(&text));
            wanted.then(|| run_text(source, &text, setup))
        }
        Err(finished) => setup.selection.wants(&source.shown, None).then_some(*finished),
    }
}

/// The text, or the report of a test that has none.
pub(super) fn read(source: &Source, setup: &Setup) -> Result<String, Box<Finished>> {
    let watch = TestWatch::new(setup);
    let read = || source.read(setup.longest_text(), || watch.expired());
    let bytes = setup.timed(Phase::Read, read).map_err(|error| {
        let status = match error {
            SourceError::TooLong(_) => Status::MemoryLimit,
            SourceError::Late => Status::Timeout,
            SourceError::Unreadable(_) | SourceError::NoText(_) => Status::ParseError,
        };
        let failure = Failure::new(status, Mistake::of_file(error.to_string()));
        Box::new(Finished { report: unread(source, "", failure), rendered: None })
    })?;
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(error) => error.into_bytes(),
    };
    litmus::decode(&bytes).map(Cow::into_owned).map_err(|mistakes| {
        // What is no text is shown as well as it can be.
        Box::new(mistaken(source, &String::from_utf8_lossy(&bytes), &mistakes, setup))
    })
}

/// Runs one test of a text that is at hand.
#[must_use]
pub fn run_text(source: &Source, text: &str, setup: &Setup) -> Finished {
    let mut finished = recalled_or_run(source, text, setup);
    // Nobody keeps them from run to run, and whoever does not ask for them is not given those of a report.
    finished.report.details =
        setup.details.then(|| Box::new(details(text, &finished.report, setup)));
    finished
}

/// Recalls the answer to a text, or finds it.
fn recalled_or_run(source: &Source, text: &str, setup: &Setup) -> Finished {
    let identity = setup.identity.as_ref().map(|identity| identity.of_test(text));
    if let Some(known) = identity.and_then(|identity| identity.recall(&source.shown, setup)) {
        return known;
    }
    let begun = Instant::now();
    let mut finished = guarded(source, text, || answer_text(source, text, setup));
    let took = begun.elapsed();
    if let Some(identity) = identity {
        identity.mark(&mut finished.report);
    }
    if !finished.lacks_something(setup) {
        setup.memos.iter().for_each(|memo| memo.keep(&finished.report, took));
    }
    finished
}

/// Runs a test; a panic is its report, and an internal error has the test attached.
fn guarded(source: &Source, text: &str, run: impl FnOnce() -> Finished) -> Finished {
    let mut finished = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| Finished {
        report: unread(source, text, panicked(&*panic)),
        rendered: None,
    });
    match &mut finished.report.conclusion {
        Conclusion::Failed(failure) => failure.attach(text),
        Conclusion::Answered(answer) => {
            let extents = answer.machines.iter_mut().map(|machine| &mut machine.extent);
            extents.filter_map(|extent| extent.failure_mut()).for_each(|f| f.attach(text));
        }
    }
    finished
}

/// What becomes of a test that this program fails on.
pub(super) fn panicked(panic: &(dyn Any + Send)) -> Failure {
    let what = panic.downcast_ref::<String>().map(String::as_str);
    let what = what.or(panic.downcast_ref::<&str>().copied()).unwrap_or("of unknown cause");
    Failure::new(Status::InternalError, Mistake::of_file(format!("panic: {what}")))
}

fn answer_text(source: &Source, text: &str, setup: &Setup) -> Finished {
    let watch = TestWatch::new(setup);
    let read = during(&watch, Phase::Parse, || setup.session.read_within(text, &watch));
    let read = match read {
        Ok(read) => read,
        Err(mistakes) => return mistaken(source, text, &mistakes, setup),
    };
    let mut warnings = Vec::new();
    let (conclusion, described, rendered) = match answer(&read, setup, &watch) {
        Ok((mut answer, described)) => {
            warnings.extend(answer.warnings.drain(..).map(|warning| warning.to_string()));
            (Conclusion::Answered(answer), described, None)
        }
        Err(mistakes) => {
            let failure = Failure::of(&mistakes, &read.lines);
            let rendered = rendered(&source.shown, text, &mistakes, setup.stderr);
            (Conclusion::Failed(failure), Vec::new(), Some(rendered))
        }
    };
    let ReadTest { test, hash, other_hashes, lines } = read;
    let Test { name, description, metadata, notes, .. } = test;
    let notes = notes
        .0
        .iter()
        .map(|note| format!("line {}: {}", lines.line_column(note.span.start).0, note.value));
    let warnings = notes.chain(warnings).collect();
    let path = source.shown.clone();
    let report = TestReport {
        path,
        index: None,
        name,
        description,
        metadata,
        hash,
        other_hashes,
        fingerprint: None,
        described,
        warnings,
        conclusion,
        details: None,
    };
    Finished { report, rendered }
}

fn answer(
    test: &ReadTest,
    setup: &Setup,
    watch: &TestWatch<'_>,
) -> Result<(Answer, Vec<DescribedMachine>), Diagnostics> {
    let (machines, described) = machines(test, setup)?;
    let mut answer = setup.session.answer(test, &machines, watch)?;
    if setup.times {
        for (machine, answer) in answer.machines.iter_mut().enumerate() {
            let time = watch.time_of(|phase| phase == Phase::Explore(machine));
            answer.stats.microseconds =
                time.map(|time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
        }
    }
    Ok((answer, described))
}

/// The report of a text that is no test, with its mistakes shown.
fn mistaken(source: &Source, text: &str, mistakes: &Diagnostics, setup: &Setup) -> Finished {
    let failure = Failure::of(mistakes, &LineIndex::new(text));
    let rendered = Some(rendered(&source.shown, text, mistakes, setup.stderr));
    Finished { report: unread(source, text, failure), rendered }
}

/// The report of a test of which nothing but its text, or not even that, is known.
fn unread(source: &Source, text: &str, failure: Failure) -> TestReport {
    TestReport {
        path: source.shown.clone(),
        index: None,
        name: name_of(&source.shown, text),
        description: None,
        metadata: Metadata::default(),
        hash: None,
        other_hashes: Vec::new(),
        fingerprint: None,
        described: Vec::new(),
        warnings: Vec::new(),
        conclusion: Conclusion::Failed(failure),
        details: None,
    }
}

/// The name in the header, or else the file's.
fn name_of(path: &str, text: &str) -> String {
    let mut words = text.lines().next().unwrap_or_default().split_whitespace();
    match (words.next(), words.next()) {
        (Some(word), Some(name)) if Language::ALL.iter().any(|known| known.name() == word) => {
            name.to_owned()
        }
        _ => {
            let stem = Path::new(path).file_stem();
            stem.map_or_else(|| path.to_owned(), |stem| stem.to_string_lossy().into_owned())
        }
    }
}

/// Watches one test: ends what takes too long on one machine, and takes the times that are asked for.
pub struct TestWatch<'s> {
    setup: &'s Setup,
    clock: Mutex<Clock>,
    /// Is it the one to end, for want of memory?
    out_of_memory: AtomicBool,
}

struct Clock {
    /// When the phase under way began.
    phase: Instant,
    /// The time of each phase that is over.
    over: Vec<(Phase, Duration)>,
}

impl<'s> TestWatch<'s> {
    /// Watches a test from now on.
    #[must_use]
    pub fn new(setup: &'s Setup) -> TestWatch<'s> {
        let clock = Clock { phase: Instant::now(), over: Vec::new() };
        TestWatch { setup, clock: Mutex::new(clock), out_of_memory: AtomicBool::new(false) }
    }

    fn clock(&self) -> std::sync::MutexGuard<'_, Clock> {
        self.clock.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Wall time of phases that are over, if `setup` has times taken and there was one.
    pub fn time_of(&self, wanted: impl Fn(Phase) -> bool) -> Option<Duration> {
        let clock = self.clock();
        let times = clock.over.iter().filter(|(phase, _)| wanted(*phase));
        times.map(|(_, time)| *time).reduce(|all, time| all + time)
    }
}

impl Watch for TestWatch<'_> {
    fn begin(&self, _: Phase) {
        self.clock().phase = Instant::now();
        if self.setup.stats {
            phases::begin();
        }
    }

    fn end(&self, phase: Phase) {
        if self.setup.stats {
            phases::end(phase);
        }
        if self.setup.times {
            let mut clock = self.clock();
            let time = clock.phase.elapsed();
            clock.over.push((phase, time));
        }
    }

    fn expired(&self) -> bool {
        if self.setup.memory.is_exceeded() {
            self.out_of_memory.store(true, Ordering::Relaxed);
        }
        self.setup.stopped()
            || self.out_of_memory()
            || self.setup.timeout.is_some_and(|timeout| self.clock().phase.elapsed() >= timeout)
    }

    fn out_of_memory(&self) -> bool {
        self.out_of_memory.load(Ordering::Relaxed)
    }
}

/// Watches what is many questions about one test: the limits are those of all together.
pub(super) struct WholeTestWatch<'s>(TestWatch<'s>);

impl<'s> WholeTestWatch<'s> {
    /// Watches from now on.
    pub(super) fn new(setup: &'s Setup) -> WholeTestWatch<'s> {
        WholeTestWatch(TestWatch::new(setup))
    }
}

impl Watch for WholeTestWatch<'_> {
    fn expired(&self) -> bool {
        self.0.expired()
    }

    fn out_of_memory(&self) -> bool {
        self.0.out_of_memory()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::source::Origin;

    #[test]
    fn an_internal_error_has_the_test_attached() {
        let text = "RISCV t\n{ }\n\n P0 ;\n nop ;\n";
        let source = Source { origin: Origin::Stdin, shown: "t.litmus".to_owned() };
        let differ = Failure::new(Status::InternalError, Mistake::of_file("they differ".into()));
        let differs = || Finished { report: unread(&source, text, differ.clone()), rendered: None };
        let panics = || -> Finished { panic!("oh") };
        for (finished, what) in [
            (guarded(&source, text, differs), "they differ"),
            (guarded(&source, text, panics), "panic: oh"),
        ] {
            let told = finished.message().unwrap();
            let shown = "    RISCV t\n    { }\n\n     P0 ;\n     nop ;\n";
            assert_eq!(told, format!("t.litmus: internal-error: {what}\n{shown}"));
            let Conclusion::Failed(failure) = finished.report.conclusion else { panic!() };
            assert_eq!(failure.test.as_deref(), Some(text));
        }
        let mut timeout = Failure::new(Status::Timeout, Mistake::of_file("late".into()));
        timeout.attach(text);
        assert_eq!(timeout.test, None);
    }
}
