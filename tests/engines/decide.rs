//! What is decided without listing states, against the states.

use crate::support::agree::{decided, machine};
use crate::support::corpus::{litmus_files, load, shared};
use rayon::prelude::*;
use rvlitmus_core::model::{BaseModel, Options, ScFailure};
use std::path::Path;

/// Every outcome of every test of a folder is reached by the decider, by an execution that the checker accepts, and no
/// other. At least so many in a hundred have to be such that it decides them.
fn agrees(folder: &Path, options: &Options, least: usize) {
    let all: Vec<Result<bool, String>> = litmus_files(folder)
        .par_iter()
        .filter_map(|path| Some((path, load(path).ok()?)))
        .flat_map_iter(|(path, program)| {
            [BaseModel::Rvwmo, BaseModel::Ztso, BaseModel::Sc].map(|model| {
                let models = vec![model; program.harts.len()];
                let outcomes = machine(&program, &models, options);
                let said = decided(&program, &models, options, &outcomes);
                said.map_err(|how| format!("{} under {model}: {how}", path.display()))
            })
        })
        .collect();
    let wrong: Vec<&String> = all.iter().filter_map(|said| said.as_ref().err()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let decided = all.iter().filter(|said| **said == Ok(true)).count();
    assert!(!all.is_empty() && 100 * decided >= least * all.len(), "{decided} of {}", all.len());
}

fn own() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("litmus")
}

#[test]
fn every_test_of_ours() {
    agrees(&own(), &Options::default(), 97);
}

#[test]
fn every_test_of_ours_where_failures_are_forced() {
    let options = Options { sc_failure: ScFailure::OnlyWhenForced, ..Options::default() };
    agrees(&own(), &options, 97);
}

#[test]
fn the_public_corpus() {
    let Some(shared) = shared() else { return };
    agrees(&shared.join("corpus/riscv"), &Options::default(), 100);
}
