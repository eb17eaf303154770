//! `rvlitmus run --observed`: may each model reach the states that were seen?

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::args::RunArgs;
use super::exit::Outcome;
use super::gather::{Gathered, beside_path, gather};
use super::output::Outputs;
use super::stop::stop_on;
use super::{compare, plan, threads};
use crate::compare::foreign::{
    NamedState, Source as From, ToolAnswer, ToolResult, compare as compare_results,
};
use crate::report::{ComparisonFormat, Format, comparison};
use crate::results::shown_path;
use crate::run::{Reachable, Source, reachable};
use rvlitmus_core::litmus::CType;
use rvlitmus_core::program::Completeness;

/// Asks of every state of a log whether the models reach it, and prints how the two compare.
pub(super) fn observed(args: &RunArgs, log: &Path) -> anyhow::Result<Outcome> {
    let format = match args.output.format.unwrap_or_default() {
        Format::Table => ComparisonFormat::Text,
        Format::Markdown => ComparisonFormat::Markdown,
        Format::Json => ComparisonFormat::Json,
        _ => anyhow::bail!("--observed compares: choose the format table, markdown or json"),
    };
    let mut setup = plan::setup(&args.models.model, &args.semantics, &args.limits, false)?;
    setup.vm = plan::vm(&args.machine, setup.timeout)?;
    setup.selection = plan::selection(&args.tests.selection);
    let first = setup.session.settings().models.first().map_or("rvwmo", |model| model.name());
    let seen = Arc::new(compare::read(log, first)?);
    threads::make(args.limits.jobs.map_or(0, usize::from))?;
    let stop = stop_on(&setup.stop, None)?;
    let mut outputs = Outputs::new(&args.output.force)
        .reads_tests(&args.tests.tests, &setup.stop)
        .reads([log.to_owned()]);
    let out = outputs.place(args.output.output.as_ref())?;
    let (flag, of_log) = (setup.stop.clone(), seen.clone());
    let ask = move |source: &Source| {
        let states = |test: &rvlitmus_core::session::ReadTest| {
            let hashes: Vec<String> = test.hash.iter().chain(&test.other_hashes).cloned().collect();
            let states = states_of(&of_log, &test.test.name, &hashes)?;
            Some(states.iter().map(proposition).collect())
        };
        beside_path(source, reachable(source, &setup, states))
    };
    let Gathered { kept, mut troubles } = gather(&args.tests.tests, &flag, ask)?;
    let mut machines: Vec<Arc<str>> = Vec::new();
    for (id, _) in kept.iter().flat_map(|(_, test)| &test.machines) {
        if !machines.contains(id) {
            machines.push(id.clone());
        }
    }
    anyhow::ensure!(
        !machines.is_empty() || troubles > 0 || stop.cause().is_some(),
        "nothing was compared: none of the tests is in {}",
        shown_path(log)
    );
    anyhow::ensure!(
        machines.len() <= 1 || format != ComparisonFormat::Json,
        "in the format json one model is compared: choose it with --model"
    );
    let (mut text, mut differs, mut undecided) = (String::new(), false, 0);
    for machine in &machines {
        let allowed = allowed(&kept, machine, &seen);
        let found = compare_results(&seen, &allowed);
        differs |= found.pairs.iter().any(|pair| pair.contradicts());
        undecided += found.pairs.iter().filter(|pair| pair.undecided()).count();
        match format {
            ComparisonFormat::Text => text += &format!("{machine}: "),
            ComparisonFormat::Markdown => text += &format!("## {machine}\n\n"),
            ComparisonFormat::Json => {}
        }
        text += &comparison(format, &found, &shown_path(log), machine);
    }
    out.write_whole(text.as_bytes())?;
    troubles += stop.complain("not all tests were looked at");
    Ok(match Outcome::of_decisions(troubles, undecided) {
        Outcome::AsExpected if differs => Outcome::Differs,
        outcome => outcome,
    })
}

/// The states of a log that are of a test, by its name and, where both have one, its hash; `None` where it lists
/// none of the test.
fn states_of(seen: &[ToolResult], name: &str, hashes: &[String]) -> Option<BTreeSet<NamedState>> {
    let of_test = |result: &&ToolResult| {
        let other = !hashes.is_empty()
            && !result.hashes.is_empty()
            && !result.hashes.iter().any(|hash| hashes.contains(hash));
        result.name == name && !other
    };
    let mut states = None;
    for result in seen.iter().filter(of_test) {
        match &result.answer {
            ToolAnswer::States(more, _) => {
                states.get_or_insert_with(BTreeSet::new).extend(more.iter().cloned());
            }
            ToolAnswer::Unfinished => drop(states.get_or_insert_with(BTreeSet::new)),
            ToolAnswer::Verdict(_) => {}
        }
    }
    states
}

/// A state as conditions are written: `0:x5=1 /\\ [x]=2`.
fn proposition(state: &NamedState) -> String {
    let parts: Vec<String> =
        state.iter().map(|(place, value)| format!("{place}={value}")).collect();
    if parts.is_empty() { "true".to_owned() } else { parts.join(" /\\ ") }
}

/// What a machine reaches of what was seen, as if it were all that it reaches.
fn allowed(
    tests: &[(String, Reachable)],
    machine: &Arc<str>,
    seen: &[ToolResult],
) -> Vec<ToolResult> {
    let of_machine = |(_, test): &(String, Reachable)| {
        let (_, said) = test.machines.iter().find(|(id, _)| id == machine)?;
        let states = states_of(seen, &test.name, &test.hashes)?;
        let unfinished =
            ToolResult { hashes: test.hashes.clone(), ..ToolResult::unfinished(&test.name) };
        // One that is not reached for certain contradicts what was seen, whatever is not known of the others.
        let contradicted = said.contains(&Ok(false));
        let ended = said.iter().filter_map(|said| said.as_ref().err()).filter(|_| !contradicted);
        let source = match ended.clone().next() {
            Some(_) => From::BoundedModel,
            None => From::Model,
        };
        if ended.clone().any(Completeness::ran_out) {
            return Some(unfinished);
        }
        let reached = states.into_iter().zip(said).filter(|(_, said)| match said {
            Ok(reached) => *reached,
            Err(_) => contradicted,
        });
        let states: BTreeSet<NamedState> = reached.map(|(state, _)| state).collect();
        // Both sides are of one log: two spellings are two states.
        let places = seen.iter().flat_map(|result| match &result.answer {
            ToolAnswer::States(states, _) if result.name == test.name => states.first(),
            _ => None,
        });
        let types = places.flat_map(BTreeMap::keys).map(|place| (place.clone(), CType::Int64));
        let types = types.collect();
        Some(ToolResult { source, types, answer: ToolAnswer::States(states, None), ..unfinished })
    };
    tests.iter().filter_map(of_machine).collect()
}
