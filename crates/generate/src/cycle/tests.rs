//! Cycles of diy7, their hashes, and edges that it lacks.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rvlitmus_core::litmus::{herd_hashes, parse};

use super::*;
use crate::program::Width;

fn hashes(text: &str) -> Vec<String> {
    let test = parse(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
    let hashes = herd_hashes(&test, text).unwrap_or_else(|| panic!("no hash:\n{text}"));
    std::iter::once(hashes.today).chain(hashes.earlier).collect()
}

/// The value of a metadata line.
fn line<'t>(text: &'t str, key: &str) -> Option<&'t str> {
    text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
}

/// How a test of the public corpus comes out of its `Cycle=` alone.
fn made_anew(text: &str) -> Option<(String, String)> {
    let cycle = Cycle::parse(line(text, "Cycle")?);
    let cycle = match cycle {
        Ok(cycle) => cycle,
        Err(error) => return Some(("no cycle".to_owned(), error.to_string())),
    };
    let theirs = hashes(text);
    let same = |options: &Options| match cycle.test(options) {
        Ok(ours) => hashes(&ours).iter().any(|hash| theirs.contains(hash)),
        Err(_) => false,
    };
    let amo = Options { annotations: Annotations::Amo, ..Options::default() };
    let double = Options { width: Width::Double, ..Options::default() };
    let kind = if same(&Options::default()) {
        "the same"
    } else if same(&amo) {
        "with AMOs"
    } else if same(&double) {
        "with uint64_t"
    } else {
        "another"
    };
    Some((kind.to_owned(), cycle.test(&Options::default()).unwrap_or_else(|e| e.to_string())))
}

#[test]
fn the_public_tests_are_made_anew_from_their_cycles() {
    let corpus = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus/riscv"));
    if !corpus.exists() {
        println!("skipped: {} is not there", corpus.display());
        return;
    }
    let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut folders = vec![corpus.to_owned()];
    let mut names = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "litmus") {
                let text = fs::read_to_string(&path).unwrap();
                let Some((kind, made)) = made_anew(&text) else { continue };
                names += usize::from(made.lines().next() == text.lines().next());
                if let Ok(dir) = std::env::var("MADE_DUMP") {
                    let name = path.strip_prefix(corpus).unwrap().display().to_string().replace('/', "__");
                    fs::write(format!("{dir}/{name}"), &made).unwrap();
                }
                kinds.entry(kind).or_default().push(path.display().to_string());
            }
        }
    }
    for (kind, tests) in &kinds {
        println!("{}: {kind}: {:?}", tests.len(), &tests[..tests.len().min(12)]);
    }
    println!("{names} of the same name");
}
