//! Advice on the public tests whose outcome is forbidden: each set of orders that it reports forbids the outcome,
//! and none that is weaker in one place does; both engines say so.
//!
//! One test in twenty is tried, all of them with `RVLITMUS_ADVISED=all`.

use rayon::prelude::*;
use rvlitmus_core::advise::{Forbid, Parts, Preserve, Question, Way, advise, present, with};
use rvlitmus_core::litmus::{Quantifier, Test};
use rvlitmus_core::session::{Engine, Machine, ReadTest, Session, Settings, Unwatched};

use crate::support::corpus::{litmus_files, shared};

/// What both engines say of a form: is there a state that the condition asks for, and is there any?
fn asked_for(
    sessions: &[Session; 2],
    machine: &Machine,
    read: &ReadTest,
    form: &Test,
) -> [bool; 2] {
    let form = ReadTest { test: form.clone(), ..read.clone() };
    let condition = form.test.condition.as_ref().expect("a condition");
    let asked = condition.quantifier != Quantifier::Forall;
    let said = sessions.each_ref().map(|session| {
        let machines = std::slice::from_ref(machine);
        let answer = session.answer(&form, machines, &Unwatched).expect("an answer");
        let found = answer.found(0).expect("states");
        let has = |it: bool| found.rows().any(|row| answer.states.satisfies(row) == it);
        [has(asked), has(!asked)]
    });
    assert_eq!(said[0], said[1], "the engines differ on\n{}", form.test);
    said[0]
}

/// Every form that is weaker in one place.
fn weaker(test: &Test) -> Vec<Test> {
    let sites = present(test);
    let whole: Vec<Parts> = sites.iter().map(|site| site.parts).collect();
    let mut forms = Vec::new();
    for (number, site) in sites.iter().enumerate() {
        for parts in (0..=255).map(Parts) {
            let proper = site.parts.has(parts) && parts != site.parts;
            if proper && site.closed(test, parts) == parts {
                let mut choice = whole.clone();
                choice[number] = parts;
                forms.push(with(test, &sites, &choice));
            }
        }
    }
    forms
}

/// Checks the advice on one test; says how many sets of orders it has under all models.
fn check(sessions: &[Session; 2], text: &str) -> usize {
    let session = &sessions[0];
    let Ok(read) = session.read(text) else { return 0 };
    if read.test.condition.is_none() || !text.contains("fence") {
        return 0;
    }
    let Ok(machines) = session.machines(&read) else { return 0 };
    let question = Question { preserve: Preserve::Verdict, most: 1000, ..Question::default() };
    let mut sets = 0;
    for machine in &machines {
        let Ok(advice) = advise(session, &read, machine, &question, &Unwatched) else { continue };
        if advice.forbid != Forbid::Forbidden || !advice.cut.is_empty() {
            continue;
        }
        let whole = asked_for(sessions, machine, &read, &read.test);
        let alone = Way { cost: 0, changes: Vec::new(), test: read.test.clone() };
        let ways = match advice.instead.ways.is_empty() {
            true => vec![alone],
            false => advice.instead.ways,
        };
        for Way { test, .. } in ways {
            let said = asked_for(sessions, machine, &read, &test);
            assert_eq!(said, whole, "{} of\n{test}", machine.id);
            for weaker in weaker(&test) {
                let said = asked_for(sessions, machine, &read, &weaker);
                assert_ne!(said, whole, "{}: not the least:\n{weaker}", machine.id);
            }
            sets += 1;
        }
    }
    sets
}

#[test]
fn reported_sets_of_orders_are_minimal_on_public_tests() {
    let Some(folder) = shared() else { return };
    let mut paths = litmus_files(&folder.join("corpus/riscv"));
    if std::env::var("RVLITMUS_ADVISED").is_err() {
        let mut number = 0;
        paths.retain(|_| {
            number += 1;
            number % 20 == 0
        });
    }
    let settings = Settings { remember: false, ..Session::default().settings().clone() };
    let axiomatic = Settings { engine: Engine::Axiomatic, ..settings.clone() };
    let sessions = [settings, axiomatic].map(Session::new);
    let text = |path: &std::path::PathBuf| std::fs::read_to_string(path).unwrap_or_default();
    let sets: usize = paths.par_iter().map(|path| check(&sessions, &text(path))).sum();
    println!("{sets} sets of orders of {} tests", paths.len());
    assert!(sets > 100, "{sets}");
}
