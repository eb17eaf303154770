//! `rvlitmus run`: find tests, run them, write what came out.

use std::io::{self, BufWriter, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use super::args::RunArgs;
use super::exit::Outcome;
use super::output;
use super::plan::Plan;
use super::progress::Bar;
use super::stats::{Stats, TestStats};
use crate::batch::{Found, Job, Phase, Progress, Setup, Source, Stopped, find, run_all, run_test};
use crate::compare::{Status, Tally};
use crate::report::{Piece, Renderer, Writer};

/// Runs tests as the arguments say.
pub(super) fn run(args: &RunArgs) -> anyhow::Result<Outcome> {
    let plan = Plan::new(args)?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(plan.threads).build()?;
    let stop = plan.setup.stop.clone();
    stop_on_signals(&stop)?;
    let sink = output::open(plan.output.as_deref())?;
    let what = plan.output.as_ref().map_or("standard output".into(), |path| path.to_string_lossy());
    let cannot_write = || format!("{what} cannot be written");
    let mut listener = Listener {
        writer: Writer::new(plan.renderer, &plan.options, sink).with_context(cannot_write)?,
        bar: Bar::new(plan.output.is_none()),
        tally: Tally::default(),
        stats: plan.setup.stats.then(|| Stats::start(pool.current_num_threads())),
        troubles: 0,
    };
    let (renderer, setup) = (plan.renderer, plan.setup);
    let work = move |found| process(found, renderer, &setup);
    let stopped =
        run_all(find(&plan.tests), &pool, &stop, work, &mut listener).with_context(cannot_write)?;
    let Listener { writer, bar, tally, stats, mut troubles } = listener;
    bar.finish();
    let interrupted = stopped == Stopped::Interrupted;
    writer.finish(&tally, interrupted).with_context(cannot_write)?;
    if let Some(stats) = stats {
        output::say(&stats.table());
    }
    if interrupted {
        output::complain("interrupted: the report holds what was finished");
        troubles += 1;
    }
    Ok(Outcome::of_run(&tally, troubles, plan.expect))
}

/// The first signal ends the run in good order, the second at once.
pub(super) fn stop_on_signals(stop: &Arc<AtomicBool>) -> anyhow::Result<()> {
    let stop = stop.clone();
    ctrlc::set_handler(move || {
        if stop.swap(true, Ordering::Relaxed) {
            std::process::exit(2);
        }
    })
    .context("signals cannot be handled")
}

/// One task, worked off on some thread.
enum Output {
    Test {
        piece: Piece,
        tally: Tally,
        message: Option<String>,
        stats: Option<Box<TestStats>>,
    },
    Complaint(String),
    /// The run was stopped while the test was running.
    Dropped,
}

fn process(found: Found, renderer: Renderer, setup: &Setup) -> Output {
    let source = match found {
        Found::Test(source) => source,
        Found::Complaint(complaint) => return Output::Complaint(complaint),
    };
    let (mut output, laps) = setup.lapped(|| answer(&source, renderer, setup));
    if let (Output::Test { stats: Some(stats), .. }, Some(laps)) = (&mut output, laps) {
        stats.took(*laps);
    }
    output
}

fn answer(source: &Source, renderer: Renderer, setup: &Setup) -> Output {
    let finished = run_test(source, setup);
    let report = &finished.report;
    if report.status() == Status::Timeout && setup.stop.load(Ordering::Relaxed) {
        return Output::Dropped;
    }
    let message = finished.message();
    let piece = setup.timed(Phase::Print, || renderer.render(report));
    let stats = setup.stats.then(|| Box::new(TestStats::of(report)));
    Output::Test { piece, tally: Tally::of(report), message, stats }
}

/// Takes results in order.
struct Listener {
    writer: Writer<BufWriter<Box<dyn Write>>>,
    bar: Bar,
    tally: Tally,
    stats: Option<Stats>,
    troubles: usize,
}

impl Job for Listener {
    type Task = Found;
    type Output = Output;

    fn name(&self, task: &Found) -> String {
        match task {
            Found::Test(source) => source.shown.clone(),
            Found::Complaint(_) => String::new(),
        }
    }

    fn size(&self, output: &Output) -> usize {
        match output {
            Output::Test { piece, .. } => piece.size(),
            Output::Complaint(_) | Output::Dropped => 0,
        }
    }

    fn result(&mut self, output: Output) -> io::Result<()> {
        match output {
            Output::Test { piece, tally, message, stats } => {
                if let (Some(all), Some(stats)) = (&mut self.stats, stats) {
                    all.add(*stats);
                }
                if let Some(message) = message {
                    self.bar.say(&message);
                }
                self.tally.add(&tally);
                self.writer.piece(piece)
            }
            Output::Complaint(complaint) => {
                self.bar.say(&format!("rvlitmus: {complaint}\n"));
                self.troubles += 1;
                Ok(())
            }
            Output::Dropped => Ok(()),
        }
    }

    fn waiting(&mut self, progress: &Progress) -> io::Result<()> {
        self.bar.update(progress, &self.tally);
        self.writer.flush()
    }
}
