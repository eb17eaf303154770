//! `rvlitmus run`: find tests, run them, write what came out.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Context;

use super::args::{RunArgs, Warnings};
use super::duplicate_names::{DuplicateNames, TestName};
use super::exit::Outcome;
use super::github::{Level, annotations};
use super::output::{self, Outputs};
use super::plan::Plan;
use super::progress::Bar;
use super::results::{Results, TestFile, Written};
use super::resume::Earlier;
use super::stats::{Stats, TestStats};
use super::stop::stop_on;
use super::{observed, resume, threads};
use crate::report::{End, Piece, Renderer};
use crate::results::{Count, ShardTests, Tally, TestReport, shown_path};
use crate::run::{
    Found, Job, Listed, Listings, Progress, Setup, Source, find, run_all, run_selected,
};
use rvlitmus_core::answer::Status;
use rvlitmus_core::litmus::visible;
use rvlitmus_core::session::Phase;

/// Runs tests as the arguments say.
pub(super) fn run(args: &RunArgs) -> anyhow::Result<Outcome> {
    if let Some(seen) = &args.observed {
        return observed::observed(args, seen);
    }
    let mut plan = Plan::new(args)?;
    threads::make(plan.threads)?;
    let flag = plan.setup.stop.clone();
    let stop = stop_on(&flag, plan.deadline)?;
    let read = plan.setup.vm.files().iter().chain(&args.shards.balance).cloned();
    let mut outputs = Outputs::new(&args.output.force).reads_tests(&plan.tests, &flag).reads(read);
    let out = match &plan.output {
        Some(report) if plan.resume => outputs.place_report(report, &resume::aside_of(report))?,
        output => outputs.place(output.as_ref())?,
    };
    let what = out.shown().to_owned();
    let earlier = match &plan.output {
        Some(report) if plan.resume => Earlier::of(report)?.map(Arc::new),
        _ => None,
    };
    // What the report says itself comes before what the cache knows.
    plan.setup.memos.splice(..0, earlier.clone().map(|earlier| earlier as _));
    let bar = Bar::new(&plan.tests).of_shard(plan.sharding.clone());
    let results = Results::new(&plan, out, earlier.clone(), &bar);
    let cannot_write = || format!("{what} cannot be written");
    let mut listener = Listener {
        results,
        bar,
        tally: Tally::default(),
        names: DuplicateNames::default(),
        rooms: Arc::default(),
        stats: plan.setup.stats.then(Stats::start),
        own: ShardTests::default(),
        troubles: 0,
    };
    let sharding = plan.sharding.map(|sharding| sharding.of_run(plan.setup.reported_with()));
    let (setup, rooms) = (plan.setup, listener.rooms.clone());
    let shown = Shown { renderer: plan.renderer, warnings: plan.warnings, github: plan.github };
    let work = move |listed| process(listed, shown, &rooms, &setup);
    let mut tests = Listings::new(find(&plan.tests, &flag), sharding);
    run_all(&mut tests, &flag, work, &mut listener).with_context(cannot_write)?;
    let Listener { results, bar, tally, names, stats, own, mut troubles, .. } = listener;
    bar.finish();
    let cause = stop.cause();
    let end = match (&cause, tests.listing(own)) {
        (Some(_), _) => End::Interrupted,
        (None, Some(listing)) => End::Shard(listing),
        (None, None) => End::Whole,
    };
    // That none of the tests is in it is no trouble of a shard.
    let is_shard = matches!(end, End::Shard(listing) if listing.tests > 0);
    let written = results.finish(&tally, end).with_context(cannot_write)?;
    if let Some(stats) = stats {
        output::say(&stats.table());
    }
    if let Some(earlier) = earlier.filter(|_| written == Written::Results) {
        output::complain(&format!("{} results of the earlier report were used", earlier.used()));
        let left = if cause.is_none() { earlier.discard()? } else { 0 };
        if left > 0 {
            output::complain(&format!(
                "warning: {left} results of tests that were not selected are kept in {}, for a run \
                 that selects them again",
                shown_path(earlier.aside())
            ));
        }
    }
    if let Some(cache) = plan.cache {
        output::complain(&cache.summary());
    }
    if let Some(warning) = names.warning() {
        output::complain(&warning);
    }
    if let Some(cause) = cause {
        output::complain(&match written {
            Written::Results => format!("{cause}: the report holds what was finished"),
            Written::Nothing => format!("{cause}: no test was finished"),
        });
        troubles += 1;
    } else if tally.tests() == 0 && troubles == 0 && !is_shard {
        output::complain("no test was selected");
        troubles += 1;
    }
    if let (Written::Nothing, Some(path)) = (written, plan.output.filter(|path| path.exists())) {
        output::complain(&format!("{} is left as it is", shown_path(&path)));
    }
    Ok(Outcome::of_run(&tally, troubles, plan.expect))
}

/// One task, worked off on some thread.
#[allow(clippy::large_enum_variant)] // nearly every output is a test
enum Output {
    Test {
        /// Its place in the whole run and its path, in a shard.
        place: Option<(u64, String)>,
        piece: Piece,
        count: Count,
        name: Option<TestName>,
        message: Option<String>,
        annotations: Option<String>,
        file: TestFile,
        stats: Option<Box<TestStats>>,
    },
    Complaint(String),
    /// Left out by the selection, or the run was stopped while the test was running.
    Dropped,
}

/// The room of a piece at first, which is enough for most.
const FIRST_ROOM: usize = 1 << 12;
/// A larger piece's room is not kept,
const ROOM: usize = 1 << 14;
/// nor are more of them: each would grow to the size of the largest piece that ever was in it.
const ROOMS: usize = 256;

/// The room of pieces that are written, for those that are to be rendered.
#[derive(Default)]
struct Rooms(Mutex<Vec<Vec<u8>>>);

impl Rooms {
    fn take(&self) -> Vec<u8> {
        self.all().pop().unwrap_or_else(|| Vec::with_capacity(FIRST_ROOM))
    }

    fn put(&self, room: Vec<u8>) {
        let mut all = self.all();
        if room.capacity() <= ROOM && all.len() < ROOMS {
            all.push(room);
        }
    }

    fn all(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn process(listed: Listed, shown: Shown, rooms: &Rooms, setup: &Setup) -> Output {
    let source = match listed.found {
        Found::Test(source) => source,
        Found::Error(error) => return Output::Complaint(error.to_string()),
    };
    let (mut output, times) = setup.measured(|| answer(source, listed.index, shown, rooms, setup));
    if let (Output::Test { stats: Some(stats), .. }, Some(times)) = (&mut output, times) {
        stats.took(*times);
    }
    output
}

/// How tests are shown.
#[derive(Clone, Copy)]
struct Shown {
    renderer: Renderer,
    warnings: Warnings,
    /// What a claim that does not hold weighs in annotations, if there are any.
    github: Option<Level>,
}

fn answer(
    source: Source,
    index: Option<u64>,
    Shown { renderer, warnings, github }: Shown,
    rooms: &Rooms,
    setup: &Setup,
) -> Output {
    let Some(finished) = run_selected(&source, setup) else { return Output::Dropped };
    if finished.lacks_an_answer() && setup.stopped() {
        return Output::Dropped;
    }
    let mut message = finished.message();
    // What was recalled may have had another place.
    let mut report = TestReport { index, ..finished.report };
    if warnings == Warnings::Hide {
        report.warnings.clear();
    } else if !report.warnings.is_empty() && !renderer.shows_warnings() {
        let lines = report
            .warnings
            .iter()
            .map(|what| format!("{}: warning: {}\n", visible(&report.path), visible(what)));
        message.get_or_insert_default().extend(lines);
    }
    let annotations = github.map(|claims| annotations(&source, &report, claims));
    let missing = report.status() == Status::ParseError && !source.exists();
    let file = if missing { TestFile::Missing } else { TestFile::Found };
    let stats = setup.stats.then(|| Box::new(TestStats::of(&report)));
    let (count, name) = (Count::of(&report), TestName::of(&report, source.shown));
    let place = index.map(|index| (index, report.path.clone()));
    let piece = setup.timed(Phase::Print, || renderer.piece(report, rooms.take()));
    Output::Test { place, piece, count, name, message, annotations, file, stats }
}

/// Takes results in order.
struct Listener {
    results: Results,
    bar: Bar,
    tally: Tally,
    names: DuplicateNames,
    rooms: Arc<Rooms>,
    stats: Option<Stats>,
    own: ShardTests,
    troubles: usize,
}

impl Job for Listener {
    type Task = Listed;
    type Output = Output;

    fn name(&self, task: &Listed) -> String {
        task.found.name()
    }

    fn size(&self, output: &Output) -> usize {
        match output {
            Output::Test { piece, .. } => piece.size(),
            Output::Complaint(_) | Output::Dropped => 0,
        }
    }

    fn result(&mut self, output: Output) -> io::Result<()> {
        match output {
            Output::Test { place, piece, count, name, message, annotations, file, stats } => {
                if let Some((index, path)) = place {
                    self.own = self.own.and(index, &path);
                }
                if let (Some(all), Some(stats)) = (&mut self.stats, stats) {
                    all.add(*stats);
                }
                if let Some(message) = message {
                    self.bar.say(&message);
                }
                if let Some(annotations) = annotations {
                    self.bar.command(&annotations);
                }
                if let Some(name) = name {
                    self.names.add(name);
                }
                self.tally.add(count);
                self.rooms.put(self.results.add(piece, file)?);
                Ok(())
            }
            Output::Complaint(complaint) => {
                self.bar.say(&format!("rvlitmus: {complaint}\n"));
                self.troubles += 1;
                Ok(())
            }
            Output::Dropped => Ok(()),
        }
    }

    /// Whoever kills this process finds every finished test in the report.
    fn taken(&mut self) -> io::Result<()> {
        self.results.flush()
    }

    fn waiting(&mut self, progress: &Progress) -> io::Result<()> {
        self.bar.update(progress, &self.tally);
        Ok(())
    }
}
