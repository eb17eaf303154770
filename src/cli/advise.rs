//! `rvlitmus advise`: which fences are needed, and which forbid an outcome.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};

use super::exit::Outcome;
use super::gather::{Gathered, begin, beside_path, gather};
use super::output::Outputs;
use super::plan;
use super::report::short_text;
use super::shared_args::{ForceArg, LimitArgs, ModelArgs, SemanticsArgs, TestArgs};
use crate::report::{ADVICE_SCHEMA, AdviceRecord, AdvisedTestRecord, harmless};
use crate::results::shown_path;
use crate::run::{AdviceRequest, Advised, Source, advise_test};
use rvlitmus_core::advise::{Costs, MayAdd, Preserve, Question};
use rvlitmus_generate::{Alphabet, GENERATOR};

pub(super) const ADVISE_EXAMPLES: &str = "\
Examples:
  rvlitmus advise litmus/mp/MP+fence.w.w+fence.r.r.litmus     which fence is needed, and for what
  rvlitmus advise --may fence,zalasr --all litmus/mp/MP.litmus    all ways to forbid the outcome
  rvlitmus advise --forbid '0:x8=0 /\\ 1:x8=0' SB.litmus
  rvlitmus advise --all-contexts 4 docs/examples/seq-cst-store.litmus    in whatever program it stands";

#[derive(Debug, Args)]
pub(super) struct AdviseArgs {
    #[command(flatten)]
    tests: TestArgs,
    /// What is to be forbidden [default: what the test's condition asks for]
    #[arg(long, value_name = "STATE")]
    forbid: Option<String>,
    /// What may be added: fences, .aq and .rl on LR, SC and AMOs, Zalasr's loads and stores, dependencies,
    /// AMOs instead of loads and stores
    #[arg(
        long,
        value_name = "MEANS,...",
        value_delimiter = ',',
        value_enum,
        default_value = "fence,aqrl"
    )]
    may: Vec<Means>,
    /// Lines of the test where nothing may change
    #[arg(long, value_name = "LINE,...", value_delimiter = ',')]
    keep: Vec<u32>,
    /// Say it for every program that the sequence between (*{*) and (*}*) may stand in, or else each hart:
    /// before it, behind it and on other harts are at most N accesses
    #[arg(long, value_name = "N", conflicts_with_all = ["forbid", "may", "preserve"])]
    all_contexts: Option<usize>,
    /// What the accesses of these programs may be: load, store, amo, lrsc, cas, zalasr, sizes
    #[arg(
        long,
        value_name = "LIST",
        default_value = "load,store,zalasr",
        requires = "all_contexts"
    )]
    alphabet: Alphabet,
    /// What is to stay the same when something goes
    #[arg(long, value_enum, default_value_t)]
    preserve: Preserved,
    /// Costs, a name and a number in each line: fence 4, r,r 1, r,w 1, w,r 12, w,w 1, aq 3, rl 3, dep 1,
    /// amo 8 are those without it
    #[arg(long, value_name = "FILE")]
    cost: Option<PathBuf>,
    /// Every minimal way to do the same (at most 1000), not only the cheapest
    #[arg(long)]
    all: bool,
    /// Write each test as advised, NAME.MODEL.litmus: with the cheapest way to forbid the outcome, else
    /// without what is not needed
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    write: Option<PathBuf>,
    #[command(flatten)]
    models: ModelArgs,
    #[command(flatten)]
    semantics: SemanticsArgs,
    #[command(flatten)]
    limits: LimitArgs,
    /// Format of the advice
    #[arg(long, short, value_enum, default_value_t, help_heading = "Output")]
    format: AdviceFormat,
    /// Write the advice to a file, or - for standard output
    #[arg(long, short, value_name = "FILE|-", help_heading = "Output")]
    output: Option<PathBuf>,
    #[command(flatten)]
    force: ForceArg,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Means {
    /// Fences, and stronger ones than there are
    Fence,
    /// `.aq` and `.rl` of LR, SC and AMOs
    Aqrl,
    /// `l.aq` and `s.rl` instead of plain loads and stores without offset
    Zalasr,
    /// Addresses that depend on what was loaded before
    Dep,
    /// AMOs instead of loads and stores without offset
    Amo,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
enum Preserved {
    /// All states
    #[default]
    States,
    /// The condition's verdict alone
    Verdict,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
enum AdviceFormat {
    /// For people
    #[default]
    Table,
    /// One JSON object
    Json,
    /// For a page
    Markdown,
}

/// Most ways that are looked for with `--all`.
const MOST_WAYS: usize = 1000;

/// Prints the advice.
pub(super) fn advise(args: &AdviseArgs) -> anyhow::Result<Outcome> {
    let mut setup = plan::setup(&args.models.model, &args.semantics, &args.limits, false)?;
    let request = request(args)?;
    let stop = begin(&mut setup, &args.tests.selection, &args.limits)?;
    let mut outputs = Outputs::new(&args.force)
        .reads_tests(&args.tests.tests, &setup.stop)
        .reads(args.cost.clone());
    let out = outputs.place(args.output.as_ref())?;
    let flag = setup.stop.clone();
    let ask = move |source: &Source| beside_path(source, advise_test(source, &setup, &request));
    let Gathered { kept: tests, mut troubles } = gather(&args.tests.tests, &flag, ask)?;
    let undecided = tests.iter().filter(|(_, advised)| advised.undecided()).count();
    if let Some(folder) = &args.write {
        write(folder, &tests, &mut outputs)?;
    }
    let tests = tests.iter().map(|(path, advised)| AdvisedTestRecord::new(path, advised));
    let record = AdviceRecord { schema: ADVICE_SCHEMA, tests: tests.collect() };
    let text = match args.format {
        AdviceFormat::Table => record.text(),
        AdviceFormat::Markdown => record.markdown(),
        AdviceFormat::Json => format!("{}\n", harmless(&serde_json::to_string_pretty(&record)?)),
    };
    out.write_whole(text.as_bytes())?;
    troubles += stop.complain("this is the advice on the tests that were finished");
    Ok(Outcome::of_decisions(troubles, undecided))
}

fn request(args: &AdviseArgs) -> anyhow::Result<AdviceRequest> {
    let may = |means| args.may.contains(&means);
    let costs = match &args.cost {
        Some(path) => {
            Costs::read(&short_text(path)?).with_context(|| shown_path(path).to_string())?
        }
        None => Costs::default(),
    };
    let question = Question {
        preserve: match args.preserve {
            Preserved::States => Preserve::States,
            Preserved::Verdict => Preserve::Verdict,
        },
        may: MayAdd {
            fences: may(Means::Fence),
            annotations: may(Means::Aqrl),
            zalasr: may(Means::Zalasr),
            dependencies: may(Means::Dep),
            amos: may(Means::Amo),
        },
        keep: args.keep.clone(),
        costs,
        most: if args.all { MOST_WAYS } else { 1 },
    };
    ensure!(
        args.alphabet.has_accesses_alone(),
        "contexts have no fences or dependencies of their own: --alphabet names accesses"
    );
    let contexts = args.all_contexts.map(|accesses| (accesses, args.alphabet.clone()));
    Ok(AdviceRequest { question, forbid: args.forbid.clone(), contexts })
}

/// Writes the advised tests.
fn write(folder: &Path, tests: &[(String, Advised)], outputs: &mut Outputs) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("{} cannot be made", shown_path(folder)))?;
    let mut files = Vec::new();
    for (path, Advised { machines, .. }) in tests {
        let stem = Path::new(path).file_stem().map(|stem| stem.to_string_lossy().into_owned());
        for (machine, advice) in machines {
            let Some(way) = advice.best() else { continue };
            let name = format!("{}.{machine}.litmus", stem.as_deref().unwrap_or("stdin"));
            let text = way.test.to_string();
            // So that the next run knows it as ours.
            let (header, state) = text.split_once("\n{").unwrap_or((&text, "}"));
            let made = format!("{header}\nGenerator={GENERATOR}\n{{{state}");
            files.push((outputs.place(Some(&folder.join(name)))?, made));
        }
    }
    for (out, text) in files {
        out.write_whole(text.as_bytes())?;
    }
    Ok(())
}
