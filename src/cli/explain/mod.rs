//! `rvlitmus explain`: why a state is allowed or forbidden, with evidence that was checked.

mod args;

use std::io::Write;
use std::path::Path;

use anyhow::Context;
use rayon::prelude::*;

pub(super) use args::ExplainArgs;

use super::exit::Outcome;
use super::{output, plan};
use crate::report::{
    EXPLANATION_SCHEMA, ExplainedTestRecord, ExplanationsRecord, ResultRecord, no_state, write_text,
};
use crate::run::{Explained, Found, Question, Unexplained, explain_test, find};
use args::ExplainFormat;
use rvlitmus_core::axiomatic::picture::{self, Picture};

/// Most pictures that one file holds.
const MOST_PICTURES: usize = 16;

/// A test's path with what came of it.
type Named = (String, Result<Explained, Unexplained>);

/// Explains states as the arguments say.
pub(super) fn explain(args: &ExplainArgs) -> anyhow::Result<Outcome> {
    let setup = plan::explain_setup(args)?;
    let question = Question {
        state: args.state.as_deref(),
        most: usize::from(args.most),
        pictures: args.svg.is_some() || args.dot.is_some(),
    };
    let output = output::file(args.output.as_ref());
    if let Some(output) = output {
        output::is_no_input(output, &args.tests.tests)?;
    }
    let found: Vec<Found> = find(&args.tests.tests).collect();
    let threads = args.limits.jobs.map_or(0, usize::from);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    let mut out = output::open(output)?;
    let explained: Vec<Result<Named, String>> = pool.install(|| {
        found
            .into_par_iter()
            .filter_map(|found| match found {
                Found::Test(source) => {
                    let explained = explain_test(&source, &setup, question)?;
                    Some(Ok((source.shown, explained)))
                }
                Found::Error(error) => Some(Err(error.to_string())),
            })
            .collect()
    });
    let mut outcome = Outcome::AsExpected;
    let mut pictures = Vec::new();
    let mut records = Vec::new();
    for result in explained {
        let (path, result) = match result {
            Ok(test) => test,
            Err(complaint) => {
                output::complain(&complaint);
                outcome = Outcome::NotRun;
                continue;
            }
        };
        match &result {
            Ok(explained) => pictures.extend(drawn(explained)),
            Err(unexplained) => {
                outcome = Outcome::NotRun;
                report(&path, unexplained)?;
            }
        }
        records.push(ExplainedTestRecord::new(&path, &result));
    }
    draw(args, pictures)?;
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

/// What is wrong with a test, on the terminal.
fn report(path: &str, unexplained: &Unexplained) -> anyhow::Result<()> {
    let text = unexplained.rendered.as_deref().map(str::to_owned);
    let text = text.unwrap_or_else(|| unexplained.failure.told(path));
    std::io::stderr().write_all(text.as_bytes()).context("standard error cannot be written")
}

/// The pictures of one test, those that say the same once.
fn drawn(explained: &Explained) -> Vec<Picture> {
    let machines = explained.states.iter().flat_map(|state| &state.machines);
    let mut pictures: Vec<Picture> = Vec::new();
    for picture in machines.filter_map(|machine| machine.picture.as_ref()) {
        if pictures.last() != Some(picture) {
            pictures.push(picture.clone());
        }
    }
    if explained.states.is_empty() {
        let title = format!("{}: {}", explained.name, explained.about);
        pictures.push(Picture::of_words(&title, &[no_state(&explained.about).to_owned()]));
    }
    pictures
}

/// Writes the pictures to the files asked for.
fn draw(args: &ExplainArgs, mut pictures: Vec<Picture>) -> anyhow::Result<()> {
    if args.svg.is_none() && args.dot.is_none() {
        return Ok(());
    }
    if pictures.len() > MOST_PICTURES {
        output::complain(&format!(
            "the first {MOST_PICTURES} of {} pictures are drawn: choose a test, a model and a state",
            pictures.len()
        ));
        pictures.truncate(MOST_PICTURES);
    }
    if pictures.is_empty() {
        output::complain("there is no execution to draw");
    }
    let write = |path: &Path, text: String| {
        std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
    };
    if let Some(path) = &args.svg {
        write(path, picture::svg(&pictures))?;
    }
    if let Some(path) = &args.dot {
        write(path, picture::dot(&pictures))?;
    }
    Ok(())
}
