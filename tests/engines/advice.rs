//! What `advise` says, compared with brute force over all choices, which the other engine answers.
//!
//! `RVLITMUS_GENERATED` sets how many generated tests are tried (default 150); the tests of `litmus/` with
//! few choices are always.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::generate::{Plan, Shape, plans};
use crate::support::runner::{cases, config};
use proptest::test_runner::TestRunner;
use rvlitmus_core::advise::{
    Advice, Costs, Forbid, MayAdd, Parts, Preserve, Question, Site, Ways, advise, possible,
    present, with,
};
use rvlitmus_core::litmus::{Quantifier, Test};
use rvlitmus_core::session::{Engine, Machine, ReadTest, Session, Settings, Unwatched};

/// Most choices that brute force goes through.
const MOST_CHOICES: usize = 64;

const QUESTION: Question = Question {
    preserve: Preserve::States,
    may: MayAdd { fences: true, annotations: true, zalasr: true, dependencies: true, amos: true },
    keep: Vec::new(),
    costs: Costs::DEFAULT,
    most: 1000,
};

/// The states of a form of a test, as they print, and whether they satisfy the condition; `None` where an
/// execution leaves the model.
type States = Option<BTreeSet<(String, bool)>>;

fn states(session: &Session, read: &ReadTest, form: Test, machine: &Machine) -> States {
    let form = ReadTest { test: form, ..read.clone() };
    let machines = std::slice::from_ref(machine);
    let answer = session.answer(&form, machines, &Unwatched).ok()?;
    answer.found(0).map(|found| {
        let row = |row| {
            let values = answer.states.row(row).map(|value| value.text(&answer.symbols));
            (values.collect::<Vec<_>>().join(" "), answer.states.satisfies(row))
        };
        found.rows().map(row).collect()
    })
}

/// Every choice of the parts of these sites that stands for a form of its own; `None` for too many.
fn choices(test: &Test, sites: &[Site]) -> Option<Vec<Vec<Parts>>> {
    let mut all = vec![Vec::new()];
    for site in sites {
        let forms = (0..=255).map(Parts).filter(|parts| site.parts.has(*parts));
        let forms: Vec<Parts> = forms.filter(|parts| site.closed(test, *parts) == *parts).collect();
        if all.len() * forms.len() > MOST_CHOICES {
            return None;
        }
        all = all
            .iter()
            .flat_map(|choice: &Vec<Parts>| {
                forms.iter().map(|parts| [choice.as_slice(), &[*parts]].concat())
            })
            .collect();
    }
    Some(all)
}

/// The forms of the minimal choices that suffice.
fn minimal(
    test: &Test,
    sites: &[Site],
    all: Vec<Vec<Parts>>,
    suffices: impl Fn(Test) -> bool,
) -> BTreeSet<String> {
    let sufficient: Vec<Vec<Parts>> =
        all.into_iter().filter(|choice| suffices(with(test, sites, choice))).collect();
    let below = |a: &[Parts], b: &[Parts]| a != b && a.iter().zip(b).all(|(a, b)| b.has(*a));
    let minimal = sufficient.iter().filter(|it| !sufficient.iter().any(|other| below(other, it)));
    minimal.map(|choice| with(test, sites, choice).to_string()).collect()
}

fn forms(ways: &Ways) -> BTreeSet<String> {
    assert!(!ways.more);
    assert!(ways.ways.is_sorted_by_key(|way| way.cost));
    ways.ways.iter().map(|way| way.test.to_string()).collect()
}

/// Compares the advice on a test with brute force; says how many of its two halves were compared.
fn compare(text: &str) -> usize {
    let advising = Session::default();
    let checking =
        Session::new(Settings { engine: Engine::Axiomatic, ..advising.settings().clone() });
    let read = advising.read(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let test = &read.test;
    let mut compared = 0;
    for machine in advising.machines(&read).expect("two models") {
        let seen = |form: Test| states(&checking, &read, form, &machine);
        let Some(whole) = seen(test.clone()) else { continue };
        let (has, could_have) = (present(test), possible(test, QUESTION.may));
        let (fewer, more) = (choices(test, &has), choices(test, &could_have));
        if fewer.is_none() && more.is_none() {
            continue;
        }
        // What cannot be compared is not asked for.
        let may = if more.is_some() { QUESTION.may } else { MayAdd::default() };
        let question = Question { may, ..QUESTION };
        let Advice { instead, forbid, cut, .. } =
            advise(&advising, &read, &machine, &question, &Unwatched)
                .unwrap_or_else(|e| panic!("{e:?}\n{text}"));
        if !cut.is_empty() {
            continue;
        }
        if let Some(fewer) = fewer {
            let states = Some(&whole);
            let expected = minimal(test, &has, fewer, |form| seen(form).as_ref() == states);
            let found = forms(&instead);
            // Nothing is said where all of it is needed.
            let whole: Vec<Parts> = has.iter().map(|site| site.parts).collect();
            let whole = with(test, &has, &whole).to_string();
            let all_needed = found.is_empty() && expected == BTreeSet::from([whole]);
            assert!(all_needed || found == expected, "{}\n{found:#?}\n{expected:#?}", machine.id);
            compared += 1;
        }
        let Some(condition) = &test.condition else { continue };
        let asked = condition.quantifier != Quantifier::Forall;
        let allows = |states: &BTreeSet<(String, bool)>| states.iter().any(|(_, it)| *it == asked);
        match (&forbid, more) {
            (Forbid::Forbidden, _) => assert!(!allows(&whole), "{text}"),
            (_, None) => {}
            (forbid, Some(more)) => {
                assert!(allows(&whole), "{text}");
                let expected = minimal(test, &could_have, more, |form| {
                    seen(form).is_some_and(|states| !states.is_empty() && !allows(&states))
                });
                let found = match forbid {
                    Forbid::Ways(ways) => forms(ways),
                    _ => BTreeSet::new(),
                };
                assert_eq!(found, expected, "{} of\n{text}", machine.id);
                compared += 1;
            }
        }
    }
    compared
}

#[test]
fn brute_force_over_the_tests_of_this_project_says_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("litmus");
    let (mut tests, mut compared) = (0, 0);
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let path = entry.expect("readable").into_path();
        if path.extension().is_some_and(|extension| extension == "litmus") {
            compared += compare(&std::fs::read_to_string(&path).expect("a test"));
            tests += 1;
        }
    }
    assert!(tests > 500 && compared > tests, "{tests} tests, {compared} comparisons");
}

#[test]
fn brute_force_over_generated_tests_says_the_same() {
    let shape = Shape { harts: (2, 2), pieces: 3, ..Shape::SMALL };
    let mut runner = TestRunner::new(config(cases(150)));
    let compared = std::cell::Cell::new(0);
    runner
        .run(&plans(shape), |plan: Plan| {
            compared.set(compared.get() + compare(&plan.to_string()));
            Ok(())
        })
        .expect("no test fails");
    assert!(compared.get() > 100, "{} comparisons", compared.get());
}
