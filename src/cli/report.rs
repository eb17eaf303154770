//! `rvlitmus report`: finished reports converted and merged.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use anyhow::{Context, bail};

use super::args::ReportArgs;
use super::exit::{Expect, Outcome};
use super::merge::{join_error, whole_run};
use super::output::Outputs;
use super::report_file::ReportFile;
use super::stop::stop_on;
use super::{output, plan, report_file};
use crate::compare::{Conflict, merge, named_state};
use crate::report::{About, Detail, End, FinishedReport, Format, Renderer, RunOptions, Writer};
use crate::results::{Conclusion, Count, Tally, TestReport, shown_path};
use rvlitmus_core::litmus::{decode, visible};

/// Bytes of a text that people write by hand, at most.
const LONGEST_SHORT_TEXT: u64 = 1 << 20;
/// Bytes that are read of what may have no end, a pipe or a device.
const LONGEST_STREAM: u64 = 1 << 30;
/// How many conflicts, and how many states of each answer, are shown.
const SHOWN: usize = 20;

/// Reads all reports of the arguments, and writes one.
pub(super) fn report(args: &ReportArgs) -> anyhow::Result<Outcome> {
    if args.merge {
        let reports = args.reports.iter().map(|path| ReportFile::open(path));
        let Some((about, tests)) = whole_run(reports.collect::<Result<_, _>>()?, &args.reports)
        else {
            return Ok(Outcome::NotRun);
        };
        let tests = tests.map(|test| test.map_err(|error| join_error(error, &args.reports)));
        return write(args, about, tests, |_| End::Whole);
    }
    if let [only] = args.reports.as_slice() {
        let report = ReportFile::open(only)?;
        return write(args, report.about, report.tests, |tests| tests.end());
    }
    let reports = args.reports.iter().map(|path| report_file::read(path));
    let reports: Vec<FinishedReport> = reports.collect::<Result<_, _>>()?;
    let about = About { options: common_options(&reports), shard: None };
    let interrupted = reports.iter().any(|report| report.interrupted);
    let end = if interrupted { End::Interrupted } else { End::Whole };
    let tests = reports.into_iter().map(|report| report.tests);
    let mut kept = KeptMachines::new(&args.model);
    let merged =
        merge(tests.map(|tests| tests.into_iter().filter_map(|test| kept.of(test)).collect()));
    kept.check()?;
    if !merged.conflicts.is_empty() {
        for conflict in merged.conflicts.iter().take(SHOWN) {
            output::complain(&conflict_text(conflict, &args.reports));
        }
        if let Some(more @ 1..) = merged.conflicts.len().checked_sub(SHOWN) {
            output::complain(&format!("... and {more} more tests with two answers"));
        }
        return Ok(Outcome::of_merge(merged.conflicts.len()));
    }
    write(args, about, merged.tests.into_iter().map(Ok), |_| end)
}

/// The machines that are asked for, and those that were met.
struct KeptMachines<'a> {
    names: &'a [String],
    known: Vec<String>,
}

impl<'a> KeptMachines<'a> {
    /// These, or all where none is named.
    fn new(names: &'a [String]) -> KeptMachines<'a> {
        KeptMachines { names, known: Vec::new() }
    }

    /// The test without all other machines; `None` if it was run on other machines only.
    fn of(&mut self, mut test: TestReport) -> Option<TestReport> {
        if self.names.is_empty() {
            return Some(test);
        }
        for machine in test.answer().iter().flat_map(|answer| &answer.machines) {
            if !self.known.iter().any(|known| **known == *machine.id) {
                self.known.push(machine.id.to_string());
            }
        }
        test.described.retain(|machine| self.names.iter().any(|name| **name == *machine.id));
        let Conclusion::Answered(answer) = &mut test.conclusion else { return Some(test) };
        let kept: Vec<usize> = self.names.iter().filter_map(|name| answer.position(name)).collect();
        *answer = answer.on_machines(&kept);
        (!kept.is_empty()).then_some(test)
    }

    /// # Errors
    /// A machine was asked for that no test was run on.
    fn check(&self) -> anyhow::Result<()> {
        let KeptMachines { names, known } = self;
        match names.iter().find(|name| !known.contains(name)) {
            Some(unknown) => {
                bail!("no report has a result under {unknown}, but under {}", known.join(", "))
            }
            None => Ok(()),
        }
    }
}

/// Writes one report, each test as it comes; `end` says how it ends when all were taken.
fn write<I: Iterator<Item = anyhow::Result<TestReport>>>(
    args: &ReportArgs,
    mut about: About,
    mut tests: I,
    end: impl FnOnce(&I) -> End,
) -> anyhow::Result<Outcome> {
    if let Some(options) = &mut about.options {
        options.models.retain(|model| args.model.is_empty() || args.model.contains(model));
    }
    let mut kept = KeptMachines::new(&args.model);
    let flag = Arc::new(AtomicBool::new(false));
    let stop = stop_on(&flag, None)?;
    let mut next = || loop {
        if let Some(cause) = stop.cause() {
            bail!("{cause}: a file is left as it was");
        }
        match tests.next().transpose()? {
            None => return anyhow::Ok(None),
            Some(test) => match kept.of(test) {
                Some(test) if args.format == Format::Herd && models(&test) > 1 => {
                    bail!(
                        "a herd log is for one model, and the reports hold several: name it by --model"
                    )
                }
                Some(test) => return Ok(Some(test)),
                None => {}
            },
        }
    };
    // What cannot be begun leaves no trace.
    let mut test = next()?;
    let mut outputs =
        Outputs::new(&args.force).reads_tests(&[], &flag).reads(args.reports.iter().cloned());
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
    while let Some(mut report) = test {
        tally.add(Count::of(&report));
        report.index = report.index.filter(|_| about.shard.is_some());
        room = writer.piece(renderer.piece(report, room)).with_context(cannot_write)?;
        test = next()?;
    }
    kept.check()?;
    let end = end(&tests);
    let sink = writer.finish(&tally, end).with_context(cannot_write)?;
    let out = sink.into_inner().map_err(std::io::IntoInnerError::into_error);
    out.and_then(output::Output::finish).with_context(cannot_write)?;
    let interrupted = end == End::Interrupted;
    if interrupted {
        output::complain("tests are missing: a report is that of an interrupted run");
    }
    Ok(Outcome::of_run(&Tally::default(), usize::from(interrupted), Expect::default()))
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

/// The options of the runs, if all reports say the same.
fn common_options(reports: &[FinishedReport]) -> Option<RunOptions> {
    let (first, others) = reports.split_first()?;
    let same = others.iter().all(|report| report.about.options == first.about.options);
    first.about.options.clone().filter(|_| same)
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
