//! `rvlitmus report --merge`: the report of a whole run, of all its shards.

use std::path::PathBuf;

use super::output;
use super::report_file::{ReportFile, Tests};
use crate::compare::{JoinError, Joined, ShardFault, ShardReport, join_shards};
use crate::report::About;
use crate::results::{Shard, shown_path};

/// How many missing shards are named.
const SHOWN: usize = 20;

/// What the whole run says of itself, and its tests; `None` if these are not all shards of one run, which was
/// said.
pub(super) fn whole_run(
    reports: Vec<ReportFile>,
    names: &[PathBuf],
) -> Option<(About, Joined<Tests>)> {
    let name = |report: usize| name(names, report);
    let options = reports.first().and_then(|report| report.about.options.clone());
    let other = reports.iter().position(|report| report.about.options != options);
    let shards = reports.into_iter().map(|report| {
        let ReportFile { about, listing, tests } = report;
        ShardReport { shard: about.shard, listing, tests }
    });
    let joined = join_shards(shards.collect());
    if let Some(other) = other {
        let (first, other) = (name(0), name(other));
        output::complain(&format!("{first} and {other} were run with different options"));
    }
    for fault in joined.as_ref().err().into_iter().flatten() {
        // Which follows from the options.
        if other.is_none() || !matches!(fault, ShardFault::OtherListing(_)) {
            output::complain(&fault_text(fault, &name));
        }
    }
    let tests = joined.ok().filter(|_| other.is_none())?;
    Some((About { options, shard: None }, tests))
}

/// What went wrong while tests were joined.
pub(super) fn join_error(error: JoinError<anyhow::Error>, names: &[PathBuf]) -> anyhow::Error {
    match error {
        JoinError::Fault(fault) => {
            anyhow::Error::msg(fault_text(&fault, &|report| name(names, report)))
        }
        JoinError::Unreadable(_, error) => error,
    }
}

fn name(names: &[PathBuf], report: usize) -> String {
    names.get(report).map_or("?".into(), |name| shown_path(name))
}

fn fault_text(fault: &ShardFault, name: &impl Fn(usize) -> String) -> String {
    match fault {
        ShardFault::NoShard(report) => {
            format!(
                "{} is not the report of a shard, as `run --shard` writes it in jsonl and json",
                name(*report)
            )
        }
        ShardFault::Unfinished(report, shard) => {
            let report = name(*report);
            format!("{report}: shard {shard} did not come to its end: go on with it by --resume")
        }
        ShardFault::OtherDivision([a, b]) => {
            format!("{} and {} are parts of differently divided tests", name(*a), name(*b))
        }
        ShardFault::OtherListing([a, b]) => {
            format!(
                "{} and {} are parts of different runs: a test was added, removed or renamed \
                     between them, they were run on other harts or with other options, or they were \
                     balanced by different reports",
                name(*a),
                name(*b)
            )
        }
        ShardFault::Double([a, b], shard) => {
            format!("{} and {} are both of shard {shard}", name(*a), name(*b))
        }
        ShardFault::Missing(shards) => missing_text(shards),
        ShardFault::OtherTests(report) => {
            format!("{}: its tests are not those that the run wrote", name(*report))
        }
        ShardFault::Places(report) => {
            format!(
                "{}: tests do not say their places in the whole run, or say those of others",
                name(*report)
            )
        }
    }
}

fn missing_text(shards: &[Shard]) -> String {
    let named: Vec<String> = shards.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = match shards.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let s = if shards.len() == 1 { "" } else { "s" };
    format!("no report is of shard{s} {}{more}", named.join(", "))
}
