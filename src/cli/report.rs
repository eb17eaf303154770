//! `rvlitmus report`: finished reports converted and merged.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use anyhow::Context;

use super::args::ReportArgs;
use super::exit::{Expect, Outcome};
use super::merge::whole_run;
use super::output::Outputs;
use super::{output, plan};
use crate::compare::{Conflict, merge, named_state};
use crate::report::{About, Detail, End, FinishedReport, Format, Renderer, Writer, read_report};
use crate::results::{Conclusion, Count, Tally, TestReport, shown_path};
use rvlitmus_core::litmus::{decode, visible};

/// Bytes of a text that people write by hand, at most.
const LONGEST_SHORT_TEXT: u64 = 1 << 20;
/// Bytes that are read of what may have no end, a pipe or a device.
const LONGEST_STREAM: u64 = 1 << 30;
/// How many conflicts, and how many states of each answer, are shown.
const SHOWN: usize = 20;

/// Leaves out all machines but these, and the tests that were run on none of them.
fn keep_machines(reports: &mut [FinishedReport], names: &[String]) -> anyhow::Result<()> {
    let tests = || reports.iter().flat_map(|report| &report.tests).filter_map(TestReport::answer);
    let mut known: Vec<&str> = Vec::new();
    for machine in tests().flat_map(|answer| &answer.machines) {
        if !known.contains(&&*machine.id) {
            known.push(&machine.id);
        }
    }
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        anyhow::bail!("no report has a result under {unknown}, but under {}", known.join(", "));
    }
    for report in reports {
        report.tests.retain_mut(|test| {
            test.described.retain(|machine| names.iter().any(|name| **name == *machine.id));
            let Conclusion::Answered(answer) = &mut test.conclusion else { return true };
            let kept: Vec<usize> = names.iter().filter_map(|name| answer.position(name)).collect();
            *answer = answer.on_machines(&kept);
            !kept.is_empty()
        });
        if let Some(options) = &mut report.about.options {
            options.models.retain(|model| names.contains(model));
        }
    }
    Ok(())
}

/// Reads all reports of the arguments, and writes one.
pub(super) fn report(args: &ReportArgs) -> anyhow::Result<Outcome> {
    let mut reports = Vec::with_capacity(args.reports.len());
    for path in &args.reports {
        reports.push(read(path)?);
    }
    if !args.model.is_empty() {
        keep_machines(&mut reports, &args.model)?;
    }
    let (about, tests, end) = if args.merge {
        let Some((about, tests)) = whole_run(reports, &args.reports) else {
            return Ok(Outcome::NotRun);
        };
        (about, tests, End::Whole)
    } else {
        let (about, end) = (common_about(&reports), common_end(&reports));
        let merged = merge(reports.into_iter().map(|report| report.tests));
        if !merged.conflicts.is_empty() {
            for conflict in merged.conflicts.iter().take(SHOWN) {
                output::complain(&conflict_text(conflict, &args.reports));
            }
            if let Some(more @ 1..) = merged.conflicts.len().checked_sub(SHOWN) {
                output::complain(&format!("... and {more} more tests with two answers"));
            }
            return Ok(Outcome::of_merge(merged.conflicts.len()));
        }
        (about, merged.tests, end)
    };
    let is_shard = about.shard.is_some();
    if args.format == Format::Herd && tests.iter().any(|test| models(test) > 1) {
        anyhow::bail!("a herd log is for one model, and the reports hold several");
    }
    let mut outputs = Outputs::new(&args.force).reads(args.reports.iter().cloned());
    let out = outputs.place(args.output.as_ref())?;
    let what = out.shown().to_owned();
    let cannot_write = || format!("{what} cannot be written");
    let renderer = Renderer {
        format: args.format,
        detail: if args.brief { Detail::Verdicts } else { Detail::States },
        color: out.is_stdout() && plan::colored(args.color, &std::io::stdout()),
    };
    let sink = output::buffered(out);
    let mut writer = Writer::new(renderer, &about, sink).with_context(cannot_write)?;
    let (mut tally, mut room) = (Tally::default(), Vec::new());
    for mut test in tests {
        tally.add(Count::of(&test));
        test.index = test.index.filter(|_| is_shard);
        room = writer.piece(renderer.piece(test, room)).with_context(cannot_write)?;
    }
    let sink = writer.finish(&tally, end).with_context(cannot_write)?;
    let out = sink.into_inner().map_err(std::io::IntoInnerError::into_error);
    out.and_then(output::Output::finish).with_context(cannot_write)?;
    let interrupted = end == End::Interrupted;
    if interrupted {
        output::complain("tests are missing: a report is that of an interrupted run");
    }
    Ok(Outcome::of_run(&Tally::default(), usize::from(interrupted), Expect::default()))
}

/// Reads a report from a file, `-` being standard input.
///
/// # Errors
/// It cannot be read, or is no report.
pub(super) fn read(path: &Path) -> anyhow::Result<FinishedReport> {
    let text = text(path)?;
    read_report(&text).with_context(|| format!("{} is no report", shown_path(path)))
}

/// Reads the text of a file, `-` being standard input.
///
/// # Errors
/// It cannot be read, or is no text.
pub(super) fn text(path: &Path) -> anyhow::Result<String> {
    let read = if path.as_os_str() == "-" {
        bytes_of_stream(std::io::stdin())
    } else if path.is_file() {
        std::fs::read(path)
    } else {
        File::open(path).and_then(bytes_of_stream)
    };
    let bytes = read.with_context(|| format!("{} cannot be read", shown_path(path)))?;
    let text = decode(&bytes).with_context(|| format!("{} is no text", shown_path(path)))?;
    Ok(text.into_owned())
}

/// Reads the text of a file that people write by hand, of at most a megabyte.
///
/// # Errors
/// It cannot be read, is longer, or is no text.
pub(super) fn short_text(path: &Path) -> anyhow::Result<String> {
    let read = || {
        let mut bytes = Vec::new();
        let file = File::open(path)?;
        if file.take(LONGEST_SHORT_TEXT + 1).read_to_end(&mut bytes)? as u64 > LONGEST_SHORT_TEXT {
            return Err(io::Error::new(ErrorKind::FileTooLarge, "it has more than 1 MiB"));
        }
        Ok(bytes)
    };
    let bytes = read().with_context(|| format!("{} cannot be read", shown_path(path)))?;
    let text = decode(&bytes).with_context(|| format!("{} is no text", shown_path(path)))?;
    Ok(text.into_owned())
}

/// All bytes of what may have no end.
fn bytes_of_stream(stream: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if stream.take(LONGEST_STREAM + 1).read_to_end(&mut bytes)? as u64 > LONGEST_STREAM {
        return Err(io::Error::new(ErrorKind::FileTooLarge, "it has more than 1 GiB"));
    }
    Ok(bytes)
}

/// What the only report says of its run; of several the options, if they all say the same.
fn common_about(reports: &[FinishedReport]) -> About {
    let Some((first, others)) = reports.split_first() else { return About::default() };
    let same = others.iter().all(|report| report.about.options == first.about.options);
    About {
        options: first.about.options.clone().filter(|_| same),
        shard: first.about.shard.filter(|_| others.is_empty()),
    }
}

/// How reports end together.
fn common_end(reports: &[FinishedReport]) -> End {
    match reports {
        _ if reports.iter().any(|report| report.interrupted) => End::Interrupted,
        [FinishedReport { listing: Some(listing), .. }] => End::Shard(*listing),
        _ => End::Whole,
    }
}

/// How many models the test was run under, besides machines that are described hart by hart.
fn models(test: &TestReport) -> usize {
    let described = |id: &str| test.described.iter().any(|machine| &*machine.id == id);
    let machines = test.answer().map_or(&[][..], |answer| &answer.machines);
    machines.iter().filter(|machine| !described(&machine.id)).count()
}

/// Shows both answers to a test.
fn conflict_text(conflict: &Conflict, names: &[std::path::PathBuf]) -> String {
    let Conflict { first, second } = conflict;
    let mut text =
        format!("{} ({}) has two answers:", visible(&first.1.path), visible(&first.1.name));
    for (side, other) in [(first, second), (second, first)] {
        let name = names.get(side.0).map_or("?".into(), |name| shown_path(name));
        text += &format!("\n  {name}: {}", visible(&answer_text(&side.1)));
        for line in states_only_in(&side.1, &other.1) {
            text += &format!("\n    only here: {}", visible(&line));
        }
    }
    text
}

/// Shows an answer in a line: `complete; rvwmo Sometimes, 4 states; ztso Never, 3 states`.
fn answer_text(test: &TestReport) -> String {
    let mut text = test.status().to_string();
    match &test.conclusion {
        Conclusion::Failed(failure) => text += &format!(": {}", failure.error.message),
        Conclusion::Answered(answer) => {
            for (index, machine) in answer.machines.iter().enumerate() {
                let id = &machine.id;
                text += &match (answer.observation(index), answer.found(index)) {
                    (Some(word), Some(states)) => format!("; {id} {word}, {} states", states.len()),
                    _ => format!("; {id} {}", machine.extent.status()),
                };
            }
        }
    }
    text
}

/// Lists states of `test` that `other` does not have, on each machine.
fn states_only_in(test: &TestReport, other: &TestReport) -> Vec<String> {
    let all = |test: &TestReport| -> Vec<String> {
        let Some(answer) = test.answer() else { return Vec::new() };
        let machines = answer.machines.iter().enumerate();
        let states = machines.flat_map(|(index, machine)| {
            answer.states.of(index).map(move |row| {
                let values = named_state(answer, row).map(|(p, v)| format!("{p}={v};"));
                format!("{} {}", machine.id, values.collect::<Vec<_>>().join(" "))
            })
        });
        states.collect()
    };
    let others: std::collections::BTreeSet<String> = all(other).into_iter().collect();
    all(test).into_iter().filter(|state| !others.contains(state)).take(SHOWN).collect()
}
