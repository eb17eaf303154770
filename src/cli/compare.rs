//! `rvlitmus compare`: our reports and other tools' logs beside one another.

use std::path::Path;

use anyhow::Context;

use super::args::CompareArgs;
use super::exit::{Coverage, Outcome};
use super::{output, report};
use crate::compare::foreign::{ToolResult, compare as compare_results, read_log, results_on};
use crate::report::{comparison, read_report};
use crate::results::{TestReport, shown_path};

/// Compares the two files of the arguments.
pub(super) fn compare(args: &CompareArgs) -> anyhow::Result<Outcome> {
    anyhow::ensure!(args.model.len() <= 2, "--model names one machine for each side, two at most");
    let machine_a = args.model.first().map_or("rvwmo", String::as_str);
    let machine_b = args.model.get(1).map_or(machine_a, String::as_str);
    let (a, b) = (read(&args.a, machine_a)?, read(&args.b, machine_b)?);
    let found = compare_results(&a, &b);
    let name = |path: &Path, machine: &str| match machine_a == machine_b {
        true => shown_path(path),
        false => format!("{} ({machine})", shown_path(path)),
    };
    let coverage = if args.same_tests { Coverage::Same } else { Coverage::Common };
    let outcome = Outcome::of_comparison(&found, coverage);
    let text =
        comparison(args.format, &found, &name(&args.a, machine_a), &name(&args.b, machine_b));
    let outcome = output::print_known(&text, outcome)?;
    if found.compares_nothing() {
        anyhow::bail!("nothing was compared: the two have no test in common");
    }
    Ok(outcome)
}

/// Reads a report if the file is JSON, otherwise a log.
pub(super) fn read(path: &Path, machine: &str) -> anyhow::Result<Vec<ToolResult>> {
    let shown = shown_path(path);
    let text = report::text(path)?;
    if text.trim_start().starts_with('{') {
        let report = read_report(&text).with_context(|| format!("{shown} is no report"))?;
        if report.interrupted {
            output::complain(&format!(
                "warning: {shown} is of an interrupted run: tests are missing"
            ));
        }
        let machines = machines(&report.tests);
        anyhow::ensure!(
            machines.is_empty() || machines.contains(&machine),
            "{shown} has no result under {machine}, but with --model {}",
            machines.join(" or ")
        );
        let results = results_on(&report.tests, machine);
        anyhow::ensure!(!results.is_empty(), "{shown} has no result");
        return Ok(results);
    }
    let log = read_log(&text);
    for unreadable in &log.unreadable {
        output::complain(&format!("warning: {shown}: {unreadable}"));
    }
    anyhow::ensure!(
        !log.results.is_empty(),
        "{shown} is neither a report nor a log: it has no test"
    );
    Ok(log.results)
}

/// Names the machines that tests were run on, in the order in which they first appear.
fn machines(tests: &[TestReport]) -> Vec<&str> {
    let mut machines: Vec<&str> = Vec::new();
    for answer in tests.iter().filter_map(TestReport::answer) {
        for machine in &answer.machines {
            if !machines.contains(&&*machine.id) {
                machines.push(&machine.id);
            }
        }
    }
    machines
}
