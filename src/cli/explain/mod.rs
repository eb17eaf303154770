//! `rvlitmus explain`: why a state is allowed or forbidden, with evidence that was checked.

mod args;

pub(super) use args::ExplainArgs;

use super::exit::Outcome;
use super::gather::{Asked, Gathered, gather};
use super::output::{Output, Outputs};
use super::stop::stop_on;
use super::{output, plan, threads};
use crate::report::picture::{Figure, dot, svg};
use crate::report::{
    EXPLANATION_SCHEMA, ExplainedTestRecord, ExplanationsRecord, ResultRecord, figures, harmless,
    write_text,
};
use crate::run::{Explained, Question, Source, explain_test};
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
    let read = setup.vm.files().to_vec();
    let mut outputs =
        Outputs::new(&args.force).reads_tests(&args.tests.tests, &setup.stop).reads(read);
    let out = outputs.place(args.output.as_ref())?;
    let pictures = Pictures {
        svg: args.svg.as_ref().map(|path| outputs.place(Some(path))).transpose()?,
        dot: args.dot.as_ref().map(|path| outputs.place(Some(path))).transpose()?,
    };
    let (flag, state, most) = (setup.stop.clone(), args.state.clone(), usize::from(args.most));
    let ask = move |source: &Source| {
        let question = Question { state: state.as_deref(), most };
        let Some(explained) = explain_test(source, &setup, question) else {
            return Asked { kept: None, complaint: None };
        };
        let record = ExplainedTestRecord::new(&source.shown, &explained);
        let undecided = explained.as_ref().is_ok_and(Explained::undecided);
        let drawn = explained.as_ref().ok().filter(|_| wants_figures);
        let figures = drawn.map(figures).unwrap_or_default();
        let complaint = explained.err().map(|unexplained| unexplained.told(&source.shown));
        Asked { kept: Some(Finished { record, figures, undecided }), complaint }
    };
    let Gathered { kept, mut troubles } = gather(&args.tests.tests, &flag, ask)?;
    let undecided = kept.iter().filter(|finished| finished.undecided).count();
    let (mut records, mut drawn) = (Vec::new(), Vec::new());
    for Finished { record, figures, .. } in kept {
        records.push(record);
        drawn.extend(figures);
    }
    let interrupted = stop.cause().map(|cause| cause.to_string());
    troubles += stop.complain("what follows is what was found by then");
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
    /// See [`Explained::undecided`].
    undecided: bool,
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
