//! `rvlitmus rules`: which tests depend on which rule.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use rayon::prelude::*;

use super::args::TestArgs;
use super::exit::Outcome;
use super::values::named;
use super::{output, plan};
use crate::report::{RULES_SCHEMA, RuleRecord, RulesRecord};
use crate::run::{Dependence, Found, RuleUse, Setup, find, rule_use, rules_of};
use rvlitmus_core::model::{BaseModel, Rule};

#[derive(Debug, Args)]
pub(super) struct RulesArgs {
    #[command(flatten)]
    tests: TestArgs,
    /// The models that lose a rule
    #[arg(long, value_name = "MODEL,...", value_delimiter = ',', default_value = "rvwmo,ztso",
          value_parser = named(&[("rvwmo", BaseModel::Rvwmo), ("ztso", BaseModel::Ztso), ("sc", BaseModel::Sc)]))]
    model: Vec<BaseModel>,
    /// Most tests to name for each rule (formats text and markdown)
    #[arg(long, value_name = "N", default_value_t = 3)]
    names: usize,
    /// Format of the table
    #[arg(long, short, value_enum, default_value_t)]
    format: RulesFormat,
    /// Write the table to a file, or - for standard output
    #[arg(long, short, value_name = "FILE|-")]
    output: Option<PathBuf>,
    /// Threads [default: one per processor]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    jobs: Option<u16>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
enum RulesFormat {
    /// For people
    #[default]
    Text,
    /// A Markdown table
    Markdown,
    /// One JSON object
    Json,
}

/// Prints the table.
pub(super) fn rules(args: &RulesArgs) -> anyhow::Result<Outcome> {
    let mut models = args.model.clone();
    models.sort_unstable();
    models.dedup();
    let selection = plan::selection(&args.tests);
    let setup = Setup { models, selection, ..Setup::default() };
    let output = output::file(args.output.as_ref());
    if let Some(output) = output {
        output::is_no_input(output, &args.tests.tests)?;
    }
    let found: Vec<Found> = find(&args.tests.tests).collect();
    let threads = args.jobs.map_or(0, usize::from);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
    let mut out = output::open(output)?;
    let uses: Vec<Result<(String, RuleUse), String>> = pool.install(|| {
        let uses = found.into_par_iter().filter_map(|found| match found {
            Found::Test(source) => {
                let found = rule_use(&source, &setup).transpose()?;
                let failed = |error| format!("{}: {error}", source.shown);
                Some(found.map_err(failed).map(|found| (source.shown.clone(), found)))
            }
            Found::Error(error) => Some(Err(error.to_string())),
        });
        uses.collect()
    });
    let mut outcome = Outcome::AsExpected;
    let mut tests = Vec::new();
    for found in uses {
        match found {
            Ok(test) => tests.push(test),
            Err(complaint) => {
                output::complain(&complaint);
                outcome = Outcome::NotRun;
            }
        }
    }
    let record = record(&setup.models, &tests);
    let text = match args.format {
        RulesFormat::Text => record.text(args.names),
        RulesFormat::Markdown => record.markdown(args.names),
        RulesFormat::Json => format!("{}\n", serde_json::to_string_pretty(&record)?),
    };
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.context("the table cannot be written")?;
    Ok(outcome)
}

fn record(models: &[BaseModel], tests: &[(String, RuleUse)]) -> RulesRecord {
    let has = |rule: Rule| models.iter().any(|model| rules_of(*model).any(|r| r == rule));
    let rules = Rule::ALL.into_iter().filter(|rule| has(*rule)).map(|rule| {
        let depends = |model, (_, found): &&(String, RuleUse)| {
            found.depends.contains(&Dependence { rule, model })
        };
        let any = |test: &&(String, RuleUse)| models.iter().any(|model| depends(*model, test));
        let undecided = tests.iter().flat_map(|(_, found)| &found.undecided);
        RuleRecord {
            rule: rule.to_string(),
            tests: tests.iter().filter(any).map(|(path, _)| path.clone()).collect(),
            counts: models
                .iter()
                .map(|model| tests.iter().filter(|test| depends(*model, test)).count())
                .collect(),
            undecided: undecided.filter(|dependence| dependence.rule == rule).count(),
        }
    });
    RulesRecord {
        schema: RULES_SCHEMA,
        tests: tests.len(),
        models: models.iter().map(ToString::to_string).collect(),
        rules: rules.collect(),
    }
}
