//! The public mixed-size tests, against what their conditions and comments say: see
//! `docs/mixed-size.md` for each.
#![allow(clippy::print_stdout)] // says what was skipped

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rvlitmus_core::axiomatic;
use rvlitmus_core::litmus::{LineIndex, parse};
use rvlitmus_core::model::{BaseModel, Options, Reservation};
use rvlitmus_core::operational::{Limits, explore};
use rvlitmus_core::program::{FinalStates, Program, full_hart, link};

/// The folder of the tests, if it is there.
fn folder() -> Option<PathBuf> {
    let place = std::env::var_os("RVLITMUS_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from)
        .join("corpus/riscv-mixed-size/HAND");
    let found = place.is_dir().then_some(place);
    if found.is_none() {
        println!("skipped: the public mixed-size tests are not there");
    }
    found
}

fn program(folder: &Path, name: &str) -> Program {
    let path = folder.join(format!("{name}.litmus"));
    let mut text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{name}: {e}"));
    if name.starts_with("LR-SC") {
        // Without a type only half of what `lr.d` read is looked at.
        text = text.replacen('{', "{ uint64_t 0:x5=0; uint64_t 1:x5=0; ", 1);
    }
    let test = parse(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
    link(&test, &LineIndex::new(&text), |_| full_hart(BaseModel::Rvwmo))
        .unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The states that both engines find.
fn states(program: &Program, model: BaseModel, options: &Options) -> Arc<FinalStates> {
    let models = vec![model; program.harts.len()];
    let machine = explore(program, &models, options, Limits::default()).expect("runs");
    let axioms = axiomatic::outcomes(program, &models, options, Limits::default()).expect("runs");
    assert_eq!((&machine.states, &machine.completeness), (&axioms.states, &axioms.completeness));
    machine.states
}

/// Is some state one of the condition's proposition?
fn condition_reached(program: &Program, model: BaseModel) -> bool {
    let condition = program.condition.as_ref().expect("a condition");
    states(program, model, &Options::default()).iter().any(|state| condition.holds(&state))
}

/// Is there a state with these values?
fn reached(program: &Program, model: BaseModel, values: &[(&str, u64)]) -> bool {
    states(program, model, &Options::default()).iter().any(|state| {
        values.iter().all(|(place, value)| {
            let at = program.observed.iter().position(|o| o.place.to_string() == *place);
            state[at.expect("observed")] == *value
        })
    })
}

const RVWMO: BaseModel = BaseModel::Rvwmo;
const ZTSO: BaseModel = BaseModel::Ztso;

#[test]
fn what_the_axioms_allow_and_the_operational_model_forbids() {
    let Some(folder) = folder() else { return };
    let first = program(&folder, "LB-mixed1");
    assert_eq!((condition_reached(&first, RVWMO), condition_reached(&first, ZTSO)), (true, false));
    let second = program(&folder, "LB-mixed2");
    let third = program(&folder, "LB-mixed3");
    for test in [&second, &third] {
        // Nobody stores the 2 that the condition asks of x.
        assert!(!condition_reached(test, RVWMO) && !condition_reached(test, ZTSO));
    }
    let y = 0x11_0001;
    let of_second = [("[x]", 1), ("[y]", y), ("0:x5", 1), ("1:x7", y), ("1:x8", y), ("1:x9", 0x11)];
    assert!(reached(&second, RVWMO, &of_second) && !reached(&second, ZTSO, &of_second));
    let of_third = [("[x]", 1), ("[y]", 1), ("0:x5", 1), ("1:x8", 1), ("1:x9", 0)];
    assert!(reached(&third, RVWMO, &of_third) && !reached(&third, ZTSO, &of_third));
}

#[test]
fn the_reservation_is_what_lr_read() {
    let Some(folder) = folder() else { return };
    for name in ["LR-SC-mixed1", "LR-SC-mixed2"] {
        let test = program(&folder, name);
        assert!(!condition_reached(&test, RVWMO) && !condition_reached(&test, ZTSO), "{name}");
    }
    // Not for want of SCs that succeed: with any reservation one of them does.
    let test = program(&folder, "LR-SC-mixed2");
    let condition = test.condition.as_ref().expect("a condition");
    let options = Options { reservation: Reservation::Any, ..Options::default() };
    let found = states(&test, RVWMO, &options);
    let z = test.observed.iter().position(|o| o.place.to_string() == "[z]").expect("observed");
    assert!(found.iter().any(|state| state[z] == 1));
    assert!(!found.iter().any(|state| condition.holds(&state)));
}
