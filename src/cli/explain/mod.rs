//! `rvlitmus explain`: why a state is allowed or forbidden, with evidence that was checked.

mod args;

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use rayon::prelude::*;

pub(super) use args::ExplainArgs;

use super::exit::Outcome;
use super::{output, plan};
use crate::report::picture::{Figure, dot, svg};
use crate::report::{
    EXPLANATION_SCHEMA, ExplainedTestRecord, ExplanationsRecord, ResultRecord, figures, write_text,
};
use crate::run::{Found, Question, Unexplained, explain_test, find};
use args::ExplainFormat;

/// Most pictures that one file holds.
const MOST_PICTURES: usize = 16;

/// What came of one test.
struct Finished {
    record: ExplainedTestRecord,
    figures: Vec<Figure>,
    /// Why it has no explanations.
    unexplained: Option<Unexplained>,
}

/// Explains states as the arguments say.
pub(super) fn explain(args: &ExplainArgs) -> anyhow::Result<Outcome> {
    let setup = plan::explain_setup(args)?;
    let question = Question { state: args.state.as_deref(), most: usize::from(args.most) };
    let wants_figures = args.svg.is_some() || args.dot.is_some();
    let output = output::file(args.output.as_ref());
    if let Some(output) = output {
        output::is_no_input(output, &args.tests.tests)?;
    }
    let found: Vec<Found> = find(&args.tests.tests).collect();
    let threads = args.limits.jobs.map_or(0, usize::from);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    let mut out = output::open(output)?;
    let finished: Vec<Result<Finished, String>> = pool.install(|| {
        found
            .into_par_iter()
            .filter_map(|found| match found {
                Found::Test(source) => {
                    let explained = explain_test(&source, &setup, question)?;
                    let record = ExplainedTestRecord::new(&source.shown, &explained);
                    let drawn = explained.as_ref().ok().filter(|_| wants_figures);
                    let figures = drawn.map(figures).unwrap_or_default();
                    Some(Ok(Finished { record, figures, unexplained: explained.err() }))
                }
                Found::Complaint(complaint) => Some(Err(complaint)),
            })
            .collect()
    });
    let mut outcome = Outcome::AsExpected;
    let mut drawn = Vec::new();
    let mut records = Vec::new();
    for finished in finished {
        let Finished { record, figures, unexplained } = match finished {
            Ok(finished) => finished,
            Err(complaint) => {
                output::complain(&complaint);
                outcome = Outcome::NotRun;
                continue;
            }
        };
        if let Some(unexplained) = unexplained {
            outcome = Outcome::NotRun;
            report(&record.path, &unexplained)?;
        }
        drawn.extend(figures);
        records.push(record);
    }
    draw(args, drawn)?;
    let text = match args.format {
        ExplainFormat::Text => {
            let mut text = String::new();
            let explained =
                records.iter().filter(|r| matches!(r.result, ResultRecord::Explained(_)));
            explained.for_each(|record| write_text(record, &mut text));
            text
        }
        ExplainFormat::Json => {
            let options = plan::run_options(&setup, &args.limits);
            let record = ExplanationsRecord { schema: EXPLANATION_SCHEMA, options, tests: records };
            format!("{}\n", serde_json::to_string_pretty(&record)?)
        }
    };
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.context("the explanations cannot be written")?;
    Ok(outcome)
}

/// Tells the terminal what is wrong with a test.
fn report(path: &str, unexplained: &Unexplained) -> anyhow::Result<()> {
    let text = unexplained.rendered.as_deref().map(str::to_owned);
    let text = text.unwrap_or_else(|| unexplained.failure.told(path));
    std::io::stderr().write_all(text.as_bytes()).context("standard error cannot be written")
}

/// Writes figures to the files asked for.
fn draw(args: &ExplainArgs, mut figures: Vec<Figure>) -> anyhow::Result<()> {
    if args.svg.is_none() && args.dot.is_none() {
        return Ok(());
    }
    if figures.len() > MOST_PICTURES {
        output::complain(&format!(
            "the first {MOST_PICTURES} of {} pictures are drawn: choose a test, a model and a state",
            figures.len()
        ));
        figures.truncate(MOST_PICTURES);
    }
    if figures.is_empty() {
        output::complain("there is no execution to draw");
    }
    let write = |path: &Path, text: String| {
        std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
    };
    if let Some(path) = &args.svg {
        write(path, svg(&figures))?;
    }
    if let Some(path) = &args.dot {
        write(path, dot(&figures))?;
    }
    Ok(())
}
