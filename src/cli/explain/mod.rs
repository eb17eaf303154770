//! `rvlitmus explain`: why a state is allowed or forbidden, with evidence that was checked.

mod args;

use std::io;

pub(super) use args::ExplainArgs;

use super::exit::Outcome;
use super::output::{Output, Outputs};
use super::progress::Bar;
use super::stop::stop_on;
use super::{host, output, plan, threads};
use crate::report::picture::{Figure, dot, svg};
use crate::report::{
    EXPLANATION_SCHEMA, ExplainedTestRecord, ExplanationsRecord, ResultRecord, figures, harmless,
    write_text,
};
use crate::results::Tally;
use crate::run::{Explained, Found, Job, Progress, Question, explain_test, find, run_all};
use args::ExplainFormat;

/// Most pictures that one file holds.
const MOST_PICTURES: usize = 16;

/// Explains states as the arguments say.
pub(super) fn explain(args: &ExplainArgs) -> anyhow::Result<Outcome> {
    let setup = plan::explain_setup(args)?;
    let options = plan::run_options(&setup, &args.limits);
    let wants_figures = args.svg.is_some() || args.dot.is_some();
    threads::make(args.limits.jobs.map_or(0, usize::from))?;
    let stop = stop_on(&setup.stop, None)?;
    let read = args.machine.vm.iter().flat_map(|file| host::files_of_vm(file));
    let mut outputs =
        Outputs::new(&args.force).reads_tests(&args.tests.tests, &setup.stop).reads(read);
    let out = outputs.place(args.output.as_ref())?;
    let pictures = Pictures {
        svg: args.svg.as_ref().map(|path| outputs.place(Some(path))).transpose()?,
        dot: args.dot.as_ref().map(|path| outputs.place(Some(path))).transpose()?,
    };
    let mut told = Told {
        records: Vec::new(),
        figures: Vec::new(),
        troubles: 0,
        undecided: 0,
        bar: Bar::new(&args.tests.tests),
        tally: Tally::default(),
    };
    let (flag, state, most) = (setup.stop.clone(), args.state.clone(), usize::from(args.most));
    let work = move |found| match found {
        Found::Test(source) => {
            let question = Question { state: state.as_deref(), most };
            let explained = explain_test(&source, &setup, question)?;
            let record = ExplainedTestRecord::new(&source.shown, &explained);
            let undecided = explained.as_ref().is_ok_and(Explained::undecided);
            let drawn = explained.as_ref().ok().filter(|_| wants_figures);
            let figures = drawn.map(figures).unwrap_or_default();
            let message = explained.err().map(|unexplained| {
                if unexplained.interrupted {
                    return format!("{}: interrupted before its end\n", source.shown);
                }
                let rendered = unexplained.rendered.as_deref().map(str::to_owned);
                rendered.unwrap_or_else(|| unexplained.failure.told(&source.shown))
            });
            Some(Ok(Finished { record, figures, message, undecided }))
        }
        Found::Error(error) => Some(Err(error.to_string())),
    };
    run_all(find(&args.tests.tests, &flag), &flag, work, &mut told)?;
    told.bar.finish();
    let Told { records, figures: drawn, mut troubles, undecided, .. } = told;
    let interrupted = stop.cause().map(|cause| cause.to_string());
    if let Some(cause) = &interrupted {
        output::complain(&format!("{cause}: what follows is what was found by then"));
        troubles += 1;
    }
    draw(pictures, drawn)?;
    let text = match args.format {
        ExplainFormat::Text => {
            let mut text = String::new();
            let explained =
                records.iter().filter(|r| matches!(r.result, ResultRecord::Explained(_)));
            explained.for_each(|record| write_text(record, &mut text));
            if let Some(cause) = &interrupted {
                text.push_str(&format!("{cause}: this is what was found by then\n"));
            }
            text
        }
        ExplainFormat::Json => {
            let (schema, tests) = (EXPLANATION_SCHEMA, records);
            let record = ExplanationsRecord { schema, options, interrupted, tests };
            format!("{}\n", harmless(&serde_json::to_string_pretty(&record)?))
        }
    };
    out.write_whole(text.as_bytes())?;
    Ok(Outcome::of_decisions(troubles, undecided))
}

/// What came of one test.
struct Finished {
    record: ExplainedTestRecord,
    figures: Vec<Figure>,
    /// Why it has no explanations, for the terminal.
    message: Option<String>,
    /// See [`Explained::undecided`].
    undecided: bool,
}

/// What came of all tests so far.
struct Told {
    records: Vec<ExplainedTestRecord>,
    figures: Vec<Figure>,
    troubles: usize,
    /// Tests of which something is not known.
    undecided: usize,
    bar: Bar,
    /// Of no test: progress counts tests alone.
    tally: Tally,
}

impl Job for Told {
    type Task = Found;
    /// Nothing for a test that is not selected.
    type Output = Option<Result<Finished, String>>;

    fn name(&self, task: &Found) -> String {
        task.name()
    }

    fn result(&mut self, output: Self::Output) -> io::Result<()> {
        match output {
            None => {}
            Some(Ok(Finished { record, figures, message, undecided })) => {
                self.undecided += usize::from(undecided);
                if let Some(message) = message {
                    self.bar.say(&message);
                    self.troubles += 1;
                }
                self.records.push(record);
                self.figures.extend(figures);
            }
            Some(Err(complaint)) => {
                self.bar.say(&format!("rvlitmus: {complaint}\n"));
                self.troubles += 1;
            }
        }
        Ok(())
    }

    fn waiting(&mut self, progress: &Progress) -> io::Result<()> {
        self.bar.update(progress, &self.tally);
        Ok(())
    }
}

/// Where figures are drawn.
struct Pictures {
    svg: Option<Output>,
    dot: Option<Output>,
}

/// Writes figures to the files asked for.
fn draw(
    Pictures { svg: to_svg, dot: to_dot }: Pictures,
    mut figures: Vec<Figure>,
) -> anyhow::Result<()> {
    if to_svg.is_none() && to_dot.is_none() {
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
    if let Some(out) = to_svg {
        out.write_whole(svg(&figures).as_bytes())?;
    }
    if let Some(out) = to_dot {
        out.write_whole(dot(&figures).as_bytes())?;
    }
    Ok(())
}
