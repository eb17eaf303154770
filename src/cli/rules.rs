//! `rvlitmus rules`: which tests depend on which rule.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::exit::Outcome;
use super::gather::{Gathered, begin, beside_path, gather};
use super::output::Outputs;
use super::plan;
use super::shared_args::{ForceArg, LimitArgs, ModelArgs, SemanticsArgs, TestArgs};
use crate::report::{RULES_SCHEMA, RuleRecord, RulesRecord, harmless};
use crate::run::{RuleUse, Source, rule_use, without_each_rule};
use rvlitmus_core::model::{Model, Rule};
use rvlitmus_core::session::{Engine, Session, Settings};

#[derive(Debug, Args)]
pub(super) struct RulesArgs {
    #[command(flatten)]
    tests: TestArgs,
    #[command(flatten)]
    models: ModelArgs,
    #[command(flatten)]
    semantics: SemanticsArgs,
    #[command(flatten)]
    limits: LimitArgs,
    /// Most tests to name for each rule (formats text and markdown)
    #[arg(long, value_name = "N", default_value_t = 3)]
    names: usize,
    /// Format of the table
    #[arg(long, short, value_enum, default_value_t)]
    format: RulesFormat,
    /// Write the table to a file, or - for standard output
    #[arg(long, short, value_name = "FILE|-")]
    output: Option<PathBuf>,
    #[command(flatten)]
    force: ForceArg,
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
    let mut setup = plan::setup(&args.models.model, &args.semantics, &args.limits, false)?;
    let settings = setup.session.settings().clone();
    let mut models = settings.models.clone();
    models.extend(settings.x86_models.iter().filter(|m| !settings.models.contains(m)).cloned());
    // The operational engine supposes rules; so that all columns are comparable, none comes from it.
    setup.session = Session::new(Settings {
        models: without_each_rule(&settings.models),
        x86_models: without_each_rule(&settings.x86_models),
        engine: Engine::Axiomatic,
        ..settings
    });
    let stop = begin(&mut setup, &args.tests.selection, &args.limits)?;
    let mut outputs = Outputs::new(&args.force).reads_tests(&args.tests.tests, &setup.stop);
    let out = outputs.place(args.output.as_ref())?;
    let (flag, asked) = (setup.stop.clone(), models.clone());
    let ask = move |source: &Source| beside_path(source, rule_use(source, &asked, &setup));
    let Gathered { kept: tests, mut troubles } = gather(&args.tests.tests, &flag, ask)?;
    let record = record(&models, &tests);
    let text = match args.format {
        RulesFormat::Text => record.text(args.names),
        RulesFormat::Markdown => record.markdown(args.names),
        RulesFormat::Json => format!("{}\n", harmless(&serde_json::to_string_pretty(&record)?)),
    };
    out.write_whole(text.as_bytes())?;
    troubles += stop.complain("the table holds the tests that were finished");
    let undecided = tests.iter().filter(|(_, found)| !found.undecided.is_empty()).count();
    Ok(Outcome::of_decisions(troubles, undecided))
}

fn record(models: &[Model], tests: &[(String, RuleUse)]) -> RulesRecord {
    // A model that no test has is not shown.
    let some = |model: &usize| tests.iter().any(|(_, found)| found.models.contains(model));
    let shown: Vec<usize> = (0..models.len()).filter(some).collect();
    let has = |rule: Rule| shown.iter().any(|model| models[*model].rules().any(|r| r == rule));
    let rules = Rule::ALL.into_iter().filter(|rule| has(*rule)).map(|rule| {
        let depends = |found: &RuleUse, model: usize| {
            found.depends.iter().any(|d| (d.rule, d.model) == (rule, model))
        };
        let any = |found: &RuleUse| found.depends.iter().any(|d| d.rule == rule);
        let undecided = tests.iter().flat_map(|(_, found)| &found.undecided);
        RuleRecord {
            rule: rule.to_string(),
            tests: tests.iter().filter(|(_, f)| any(f)).map(|(path, _)| path.clone()).collect(),
            counts: shown
                .iter()
                .map(|model| tests.iter().filter(|(_, found)| depends(found, *model)).count())
                .collect(),
            undecided: undecided.filter(|dependence| dependence.rule == rule).count(),
        }
    });
    RulesRecord {
        schema: RULES_SCHEMA,
        tests: tests.len(),
        models: shown.iter().map(|model| models[*model].to_string()).collect(),
        rules: rules.collect(),
    }
}
