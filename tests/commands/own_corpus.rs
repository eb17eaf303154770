//! The form of `litmus/`, and what its folder `rules` promises.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rvlitmus_core::arch::riscv::{Base, Extension};
use rvlitmus_core::axiomatic;
use rvlitmus_core::litmus::{LineIndex, Test, parse};
use rvlitmus_core::model::{BaseModel, Options, Reservation, Rule, RuleSet};
use rvlitmus_core::operational::{Limits, explore};
use rvlitmus_core::program::{FinalStates, Program, full_hart, link};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("litmus")
}

fn tests_below(folder: &Path) -> Vec<PathBuf> {
    walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.expect("litmus/ can be listed").into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "litmus"))
        .collect()
}

fn stem(path: &Path) -> &str {
    path.file_stem().and_then(|stem| stem.to_str()).expect("UTF-8")
}

fn read(path: &Path) -> (String, Test) {
    let text = fs::read_to_string(path).expect("UTF-8");
    let test = parse(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    (text, test)
}

#[test]
fn every_test_is_named_like_its_file_and_says_what_it_shows() {
    let mut seen = BTreeMap::new();
    let paths = tests_below(&corpus());
    assert!(paths.len() >= 100, "only {} tests", paths.len());
    for path in paths {
        let (_, test) = read(&path);
        assert_eq!(test.name, stem(&path), "{}", path.display());
        let description = test.description.as_deref().unwrap_or_default();
        assert!(!description.is_empty(), "{}: no description", path.display());
        assert!(!description.contains('\n'), "{}: more than one line", path.display());
        assert!(test.condition.is_some(), "{}: no condition", path.display());
        if let Some(other) = seen.insert(test.name, path.clone()) {
            panic!("{} and {} have the same name", path.display(), other.display());
        }
    }
}

#[test]
fn the_readme_has_one_line_for_each_folder() {
    let readme = fs::read_to_string(corpus().join("README.md")).expect("litmus/README.md");
    let listed: Vec<&str> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(folder, _)| folder)
        .collect();
    let mut folders: Vec<String> = fs::read_dir(corpus())
        .expect("litmus/ can be listed")
        .map(|entry| entry.expect("litmus/ can be listed").path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().expect("named").to_string_lossy().into_owned())
        .collect();
    folders.sort_unstable();
    let mut sorted = listed.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, folders, "folders of the table in litmus/README.md, and those there are");
}

#[test]
fn every_extension_that_brings_instructions_has_tests() {
    let all = Extension::with_instructions();
    let mut count: BTreeMap<Extension, usize> =
        all.iter().map(|extension| (extension, 0)).collect();
    for path in tests_below(&corpus()) {
        let (_, test) = read(&path);
        let cells = test.harts.iter().flat_map(|hart| &hart.cells);
        let instrs = cells.filter_map(|cell| cell.instr.as_ref());
        let base = test.metadata("Base").map_or(Base::Rv64, |base| base.parse().expect("a base"));
        let defs = instrs.filter_map(|instr| instr.value.riscv()?.def.on(base));
        let used: BTreeSet<Extension> = defs.flat_map(|def| def.requires()).collect();
        for extension in used {
            *count.entry(extension).or_default() += 1;
        }
    }
    let few: Vec<_> = count.iter().filter(|(_, tests)| **tests < 2).collect();
    assert!(few.is_empty(), "litmus/ has hardly a test of {few:?}");
}

/// The rule that a test of `litmus/rules` is about: its name begins with the rule's.
fn rule_of(name: &str) -> Rule {
    let begins = |rule: &&Rule| name.strip_prefix(rule.name()).is_some_and(|r| r.starts_with('-'));
    *Rule::ALL.iter().find(begins).unwrap_or_else(|| panic!("{name} is named after no rule"))
}

/// Ztso's annotations only matter under Ztso, program order under SC; every other rule's tests are
/// about RVWMO.
fn model_of(rule: Rule) -> BaseModel {
    match rule {
        Rule::ZtsoLoadAcquire | Rule::ZtsoStoreRelease | Rule::ZtsoAmo => BaseModel::Ztso,
        Rule::ScProgramOrder => BaseModel::Sc,
        Rule::TsoLoad | Rule::TsoStore | Rule::TsoLocked => BaseModel::X86Tso,
        _ => BaseModel::Rvwmo,
    }
}

fn options(test: &Test, rules: RuleSet) -> Options {
    let reservation = match test.metadata("Reservation") {
        Some("any") => Reservation::Any,
        Some(other) => panic!("{}: Reservation={other}", test.name),
        None => Reservation::Exact,
    };
    Options { reservation, rules, ..Options::default() }
}

type Engine = fn(&Program, &[BaseModel], &Options) -> Arc<FinalStates>;

const ENGINES: [Engine; 2] = [
    |program, models, options| {
        axiomatic::outcomes(program, models, options, Limits::default()).expect("no fault").states
    },
    |program, models, options| {
        explore(program, models, options, Limits::default()).expect("no fault").states
    },
];

#[test]
fn every_test_of_a_rule_has_more_outcomes_without_it() {
    let mut count: BTreeMap<Rule, usize> = Rule::ALL.iter().map(|rule| (*rule, 0)).collect();
    for path in tests_below(&corpus().join("rules")) {
        let (text, test) = read(&path);
        let rule = rule_of(&test.name);
        let program = link(&test, &LineIndex::new(&text), |_| full_hart(model_of(rule)))
            .unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let models = vec![model_of(rule); program.harts.len()];
        let condition = program.condition.as_ref().expect("a condition");
        let all = options(&test, RuleSet::ALL);
        let [full, explored] = ENGINES.map(|engine| engine(&program, &models, &all));
        assert_eq!(full, explored, "{}", test.name);
        assert!(!full.iter().any(|state| condition.holds(&state)), "{} is allowed", test.name);
        // The operational engine supposes all rules.
        let [axiomatic, _] = ENGINES;
        let weaker = axiomatic(&program, &models, &options(&test, RuleSet::ALL.without(rule)));
        let gained = || weaker.iter().filter(|state| !full.contains(state));
        assert!(
            gained().any(|state| condition.holds(&state)),
            "without {rule}, {} gains {} states, none that its condition names",
            test.name,
            gained().count()
        );
        *count.entry(rule).or_default() += 1;
    }
    let untested: Vec<&Rule> = count.iter().filter(|(_, n)| **n == 0).map(|(r, _)| r).collect();
    assert!(untested.is_empty(), "no test in litmus/rules is about {untested:?}");
}
