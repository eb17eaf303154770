//! The public corpus beside the repository, and its expected states.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rvlitmus_core::litmus::{LineIndex, parse};
use rvlitmus_core::model::BaseModel;
use rvlitmus_core::program::{FinalState, Program, full_hart, link};

/// The folder `shared`, if it is there; otherwise says that the test is skipped.
pub fn shared() -> Option<PathBuf> {
    let place = std::env::var_os("RVLITMUS_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let found = place.is_dir().then_some(place);
    if found.is_none() {
        skipped();
    }
    found
}

#[allow(clippy::print_stdout)] // the test harness shows it
fn skipped() {
    println!("skipped: the public corpus is not there");
}

/// All tests below a folder, sorted.
pub fn litmus_files(folder: &Path) -> Vec<PathBuf> {
    walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.expect("readable").into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "litmus"))
        .collect()
}

/// Reads and links a test whose harts have every instruction.
pub fn load(path: &Path) -> Result<Program, String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    program(&text)
}

/// Links a test whose harts have every instruction.
pub fn program(text: &str) -> Result<Program, String> {
    let test = parse(text).map_err(|e| e.to_string())?;
    link(&test, &LineIndex::new(text), |_| full_hart(BaseModel::Rvwmo)).map_err(|e| e.to_string())
}

/// `place=value` of everything that is printed, in a fixed order.
pub fn printed(program: &Program, state: &FinalState) -> BTreeSet<String> {
    let observed = program.observed.iter().zip(state).filter(|(o, _)| o.printed);
    observed
        .map(|(o, value)| {
            let symbol = program.locations.iter().find(|l| l.address == *value);
            let number =
                if o.ctype().signed() { (*value as i64).to_string() } else { value.to_string() };
            format!("{}={}", o.place, symbol.map_or(number, |l| l.name.to_string()))
        })
        .collect()
}

/// The states of one line of a file of expected outcomes.
pub fn expected(line: &serde_json::Value) -> BTreeSet<BTreeSet<String>> {
    let states = line["states"].as_array().expect("states").iter();
    states
        .map(|state| {
            let values = state.as_object().expect("a state is an object").iter();
            values.map(|(k, v)| format!("{k}={}", v.as_str().expect("a string"))).collect()
        })
        .collect()
}
