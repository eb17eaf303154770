//! `rvlitmus compare`: our reports and other tools' logs beside one another.

use std::path::Path;

use anyhow::Context;

use super::args::CompareArgs;
use super::exit::{Coverage, Outcome};
use super::{output, report};
use crate::compare::against::{Known, compare as compare_results, read_log, results_of};
use crate::report::{comparison, read_report};
use rvlitmus_core::answer::{Column, Conclusion};

/// Compares the two files of the arguments.
pub(super) fn compare(args: &CompareArgs) -> anyhow::Result<Outcome> {
    let model_a = args.model.first().copied().unwrap_or(Column::Rvwmo);
    let model_b = args.model.get(1).copied().unwrap_or(model_a);
    let (a, b) = (read(&args.a, model_a)?, read(&args.b, model_b)?);
    let found = compare_results(&a, &b);
    let name = |path: &Path| path.display().to_string();
    let coverage = if args.same_tests { Coverage::Same } else { Coverage::Common };
    let outcome = Outcome::of_comparison(&found, coverage);
    let text = comparison(args.format, &found, &name(&args.a), &name(&args.b));
    let outcome = output::print_known(&text, outcome)?;
    if found.pairs.is_empty() {
        anyhow::bail!("the two have no test in common");
    }
    Ok(outcome)
}

/// A report if it is JSON, otherwise a log.
fn read(path: &Path, model: Column) -> anyhow::Result<Vec<Known>> {
    let shown = path.display();
    let text = report::text(path)?;
    if text.trim_start().starts_with('{') {
        let report = read_report(&text).with_context(|| format!("{shown} is no report"))?;
        if report.interrupted {
            output::complain(&format!(
                "warning: {shown} is of an interrupted run: tests are missing"
            ));
        }
        let answers = report.tests.iter().filter_map(|test| match &test.conclusion {
            Conclusion::Answered(answer) => Some(answer),
            Conclusion::Failed(_) => None,
        });
        let there = |column: &Column| answers.clone().any(|answer| answer.model(*column).is_some());
        let others: Vec<_> = Column::ALL.iter().filter(|column| there(column)).collect();
        anyhow::ensure!(
            others.is_empty() || others.contains(&&model),
            "{shown} has no result under {model}, but with --model {}",
            others.iter().map(|column| column.name()).collect::<Vec<_>>().join(" or ")
        );
        let known = results_of(&report.tests, model);
        anyhow::ensure!(!known.is_empty(), "{shown} has no result");
        return Ok(known);
    }
    let known = read_log(&text).with_context(|| format!("{shown} is no log"))?;
    anyhow::ensure!(!known.is_empty(), "{shown} is neither a report nor a log: it has no test");
    Ok(known)
}
