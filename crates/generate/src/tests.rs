//! What is known of small members of each family.

use super::*;
use rvlitmus_core::arch::Action;
use rvlitmus_core::axiomatic;
use rvlitmus_core::litmus::{LineIndex, parse};
use rvlitmus_core::model::{BaseModel, Options};
use rvlitmus_core::operational::{Limits, explore};
use rvlitmus_core::program::{Completeness, Outcomes, Program, Step, full_hart, link};

fn program(name: &str, n: u32) -> Program {
    let text = family(name).unwrap().test(n).unwrap();
    let test = parse(&text).unwrap_or_else(|e| panic!("{name} {n}: {e}\n{text}"));
    link(&test, &LineIndex::new(&text), |_| full_hart(BaseModel::Rvwmo))
        .unwrap_or_else(|e| panic!("{name} {n}: {e}\n{text}"))
}

fn outcomes(program: &Program, model: BaseModel) -> Outcomes {
    let models = vec![model; program.harts.len()];
    explore(program, &models, &Options::default(), Limits::default()).unwrap()
}

#[test]
fn every_test_is_read_and_printed_again_as_the_same_test() {
    for family in &FAMILIES {
        for n in [family.least, family.least + 1, 12, family.most] {
            let text = family.test(n).unwrap();
            let test = parse(&text).unwrap_or_else(|e| panic!("{} {n}: {e}", family.name));
            assert_eq!(test.name, format!("{}-{n}", family.name.to_ascii_uppercase()));
            let printed = test.to_string();
            assert_eq!(parse(&printed).unwrap().to_string(), printed);
            link(&test, &LineIndex::new(&text), |_| full_hart(BaseModel::Rvwmo))
                .unwrap_or_else(|e| panic!("{} {n}: {e}", family.name));
        }
        assert_eq!(family.test(family.least - 1), None);
        assert_eq!(family.test(family.most + 1), None);
    }
}

#[test]
fn columns_stand_below_one_another() {
    for family in &FAMILIES {
        let text = family.test(11.min(family.most)).unwrap();
        let rows: Vec<&str> = text.lines().filter(|line| line.ends_with(" ;")).collect();
        let bars = |row: &str| row.match_indices(" | ").map(|(at, _)| at).collect::<Vec<_>>();
        assert!(rows.len() > 1, "{text}");
        assert!(rows.iter().all(|row| bars(row) == bars(rows[0])), "{text}");
    }
}

/// Most counts follow from the tests' definitions: see the functions that make them. Those of `iriw`,
/// and `writers` were found with another program before this one was written.
#[test]
fn numbers_of_outcomes_are_as_known() {
    let known: [(&str, u32, usize); 22] = [
        ("sb", 2, 4),
        ("sb", 10, 1024),
        ("lb", 2, 3),
        ("lb", 10, 1023),
        ("ws", 2, 4),
        ("ws", 9, 512),
        ("iriw", 1, 4),
        ("iriw", 2, 15),
        ("iriw", 8, 34_911),
        ("mp", 1, 3),
        ("mp", 10, 1025),
        ("writers", 8, 528),
        ("writers", 9, 747),
        ("lrsc", 1, 2),
        ("lrsc", 5, 6),
        ("lrsc", 7, 8),
        ("amo", 1, 1),
        ("amo", 4, 1),
        ("spin-swap", 2, 1),
        ("spin-swap", 4, 1),
        ("spin-lrsc", 2, 1),
        ("ticket", 3, 1),
    ];
    for (name, n, count) in known {
        let found = outcomes(&program(name, n), BaseModel::Rvwmo);
        assert_eq!(found.states.len(), count, "{name} {n}");
    }
}

#[test]
fn what_has_no_loop_is_complete() {
    for family in &FAMILIES {
        let program = program(family.name, 3);
        let jumps =
            |step: &Step| matches!(step.action, Action::Branch { .. } | Action::Jump { .. });
        let found = outcomes(&program, BaseModel::Rvwmo).completeness;
        let has_loop = program.harts.iter().flat_map(|hart| &hart.code).any(jumps);
        let lock = ["spin-swap", "spin-lrsc", "ticket"].contains(&family.name);
        assert_eq!(has_loop, lock, "{}", family.name);
        assert!(has_loop || found == Completeness::Complete, "{}: {found:?}", family.name);
    }
}

#[test]
fn the_engines_agree_on_small_members() {
    for family in &FAMILIES {
        for model in [BaseModel::Rvwmo, BaseModel::Ztso] {
            let program = program(family.name, 2);
            let models = vec![model; program.harts.len()];
            let axioms =
                axiomatic::outcomes(&program, &models, &Options::default(), Limits::default())
                    .unwrap();
            let machine = outcomes(&program, model);
            assert_eq!(axioms.states, machine.states, "{} under {model}", family.name);
        }
    }
}

#[test]
fn conditions_say_what_is_so() {
    let holds = |name: &str, n: u32, model| {
        let program = program(name, n);
        let condition = program.condition.clone().unwrap();
        let found = outcomes(&program, model);
        let reached = found.states.iter().filter(|state| condition.holds(state)).count();
        (reached, found.states.len())
    };
    assert_eq!(holds("sb", 3, BaseModel::Ztso).0, 1);
    assert_eq!(holds("lb", 3, BaseModel::Rvwmo).0, 0);
    assert_eq!(holds("ws", 3, BaseModel::Rvwmo).0, 1);
    assert_eq!(holds("ws", 3, BaseModel::Ztso).0, 0);
    assert_eq!(holds("iriw", 2, BaseModel::Rvwmo).0, 0);
    assert_eq!(holds("mp", 3, BaseModel::Rvwmo).0, 0);
    assert_eq!(holds("writers", 3, BaseModel::Rvwmo).0, 2);
    assert_eq!(holds("lrsc", 3, BaseModel::Rvwmo).0, 1);
    for name in ["amo", "spin-swap", "spin-lrsc", "ticket"] {
        assert_eq!(holds(name, 3, BaseModel::Rvwmo), (1, 1), "{name}");
    }
}
