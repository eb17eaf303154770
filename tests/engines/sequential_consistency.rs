//! Sequential consistency, the third model: both engines, within Ztso, and none of the classics.

use std::path::Path;
use std::sync::Arc;

use crate::support::corpus::{litmus_files, load, shared};
use rayon::prelude::*;
use rvlitmus_core::axiomatic;
use rvlitmus_core::model::{BaseModel, Options};
use rvlitmus_core::operational::{Limits, explore};
use rvlitmus_core::program::{FinalStates, Program};

/// `None` for a test that only makes sense with metadata which this reading leaves out.
fn machine(program: &Program, model: BaseModel) -> Option<Arc<FinalStates>> {
    let models = vec![model; program.harts.len()];
    let found = explore(program, &models, &Options::default(), Limits::default());
    found.ok().map(|found| found.states)
}

fn axioms(program: &Program, model: BaseModel) -> Option<Arc<FinalStates>> {
    let models = vec![model; program.harts.len()];
    let found = axiomatic::outcomes(program, &models, &Options::default(), Limits::default());
    found.ok().map(|found| found.states)
}

/// Compares the engines on every test below `folder`; gives how many tests there are, and how many of
/// them have fewer states than under Ztso.
fn within_ztso(folder: &Path) -> [usize; 2] {
    let counted: Vec<[usize; 2]> = litmus_files(folder)
        .par_iter()
        .filter_map(|path| {
            let program = load(path).ok()?;
            let sc = machine(&program, BaseModel::Sc);
            assert_eq!(sc, axioms(&program, BaseModel::Sc), "{}", path.display());
            let (sc, ztso) = (sc?, machine(&program, BaseModel::Ztso)?);
            let included = sc.iter().all(|state| ztso.contains(&state));
            assert!(included, "{}: a state that Ztso forbids", path.display());
            Some([1, usize::from(sc.len() < ztso.len())])
        })
        .collect();
    counted.into_iter().fold([0, 0], |[n, fewer], [a, b]| [n + a, fewer + b])
}

#[test]
fn own_tests() {
    let [tests, fewer] = within_ztso(&Path::new(env!("CARGO_MANIFEST_DIR")).join("litmus"));
    assert!(tests >= 500, "{tests}");
    assert!(fewer >= 40, "{fewer}");
}

#[test]
fn public_corpus() {
    let Some(shared) = shared() else { return };
    let [tests, fewer] = within_ztso(&shared.join("corpus/riscv"));
    assert!(tests >= 6457, "{tests}");
    assert!(fewer >= 200, "{fewer}");
}

#[test]
fn the_classics_are_forbidden_and_what_interleavings_give_is_not() {
    let classics = [
        "sb/SB",
        "sb/3.SB",
        "mp/MP",
        "lb/LB",
        "s/S",
        "r/R",
        "2+2w/2+2W",
        "wrc/WRC",
        "rwc/RWC",
        "isa2/ISA2",
        "iriw/IRIW",
    ];
    for name in classics {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("litmus/{name}.litmus"));
        let program = load(&path).unwrap_or_else(|e| panic!("{name}: {e}"));
        let condition = program.condition.as_ref().expect("a condition");
        let weak = machine(&program, BaseModel::Rvwmo).expect("no fault");
        let strong = machine(&program, BaseModel::Sc).expect("no fault");
        assert!(weak.iter().any(|state| condition.holds(&state)), "{name} under RVWMO");
        assert!(!strong.iter().any(|state| condition.holds(&state)), "{name} under SC");
        assert!(strong.len() > 1, "{name} has an order of its own for each interleaving");
    }
}
