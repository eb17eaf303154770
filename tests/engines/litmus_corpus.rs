//! The public RISC-V corpus, read file by file.

use std::fs;
use std::path::{Path, PathBuf};

use rvlitmus_core::litmus::parse;

/// The folder `shared` beside the repository, if it is there.
fn shared() -> Option<PathBuf> {
    let place = std::env::var_os("RVLITMUS_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let found = place.is_dir().then_some(place);
    if found.is_none() {
        println!("skipped: the public corpus is not there");
    }
    found
}

fn tests_of(folder: &Path) -> Vec<PathBuf> {
    walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.expect("readable").into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "litmus"))
        .collect()
}

#[test]
fn every_file_of_the_corpus_is_read_and_read_again_when_printed() {
    let Some(shared) = shared() else { return };
    let mut wrong = Vec::new();
    let folders = ["corpus/riscv", "corpus/riscv-mixed-size"];
    let files: Vec<PathBuf> =
        folders.iter().flat_map(|folder| tests_of(&shared.join(folder))).collect();
    assert!(files.len() >= 6480, "{} files", files.len());
    for path in files {
        let text = fs::read_to_string(&path).expect("UTF-8");
        match parse(&text) {
            Ok(test) => {
                let printed = test.to_string();
                assert_eq!(parse(&printed), Ok(test), "{}:\n{printed}", path.display());
            }
            Err(diagnostics) => wrong.push(format!("{}: {diagnostics}", path.display())),
        }
    }
    let path = shared.join("corpus/riscv/SF_THESIS/HAND/MP+poxx+addr.litmus");
    let missing =
        format!("{}: label `Fail00` is not defined in P0 (did you mean `Fail01`?)", path.display());
    assert_eq!(wrong, [missing]);
}
