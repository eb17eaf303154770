//! Every rule of the models decides the answer of some test of `litmus/`.
//!
//! Each rule in turn is switched off; under the weaker model some test must have another set of
//! outcomes. A rule that nothing depends on would be a rule that nothing tests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use rvlitmus_core::arch::riscv::Base;
use rvlitmus_core::axiomatic;
use rvlitmus_core::litmus::{LineIndex, parse};
use rvlitmus_core::model::{BaseModel, Options, Reservation, Rule, RuleSet};
use rvlitmus_core::program::{FinalStates, HartConfig, Limits, Program, full_hart, link};

struct Case {
    name: String,
    program: Program,
    options: Options,
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("litmus/ can be listed") {
        let path = entry.expect("litmus/ can be listed").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "litmus") {
            found.push(path);
        }
    }
}

fn own_tests() -> Vec<Case> {
    let mut paths = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("litmus"), &mut paths);
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).expect("a test can be read");
            let test = parse(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            let lines = LineIndex::new(&text);
            let base = test.metadata("Base").map_or(Base::Rv64, |b| b.parse().expect("a base"));
            let hart = HartConfig { base, ..full_hart(BaseModel::Rvwmo) };
            let program =
                link(&test, &lines, |_| hart).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
            let reservation = match test.metadata("Reservation") {
                Some("any") => Reservation::Any,
                _ => Reservation::Exact,
            };
            let granule = test.metadata("Granule").map_or(1, |n| n.parse().expect("a number"));
            let options =
                Options { reservation, misaligned_granule: granule, ..Options::default() };
            Case { name: test.name, program, options }
        })
        .collect()
}

/// `None` where an execution leaves the model, as one does that follows a pointer too early.
fn states(case: &Case, model: BaseModel, rules: RuleSet) -> Option<Arc<FinalStates>> {
    let models = vec![model; case.program.harts.len()];
    let options = Options { rules, ..case.options };
    let outcomes = axiomatic::outcomes(&case.program, &models, &options, Limits::default());
    outcomes.ok().map(|outcomes| outcomes.states)
}

#[test]
fn removing_any_rule_changes_some_answer() {
    let cases = own_tests();
    assert!(cases.len() >= 80, "only {} tests", cases.len());
    let mut changed: BTreeMap<Rule, usize> = BTreeMap::new();
    for rule in Rule::ALL {
        let count = cases
            .par_iter()
            .filter(|case| {
                let architecture = case.program.harts[0].architecture;
                BaseModel::ALL.iter().filter(|model| model.is_of(architecture)).any(|model| {
                    let full = states(case, *model, RuleSet::ALL);
                    let full = full.unwrap_or_else(|| panic!("{} faults", case.name));
                    let Some(weaker) = states(case, *model, RuleSet::ALL.without(rule)) else {
                        return true;
                    };
                    assert!(
                        rule == Rule::R1 || full.iter().all(|state| weaker.contains(&state)),
                        "{} without {rule} loses an outcome under {model}",
                        case.name
                    );
                    full != weaker
                })
            })
            .count();
        changed.insert(rule, count);
    }
    println!("tests that change without each rule: {changed:?}");
    let uncovered: Vec<&Rule> = changed.iter().filter(|(_, n)| **n == 0).map(|(r, _)| r).collect();
    assert!(uncovered.is_empty(), "no test depends on {uncovered:?}");
}
