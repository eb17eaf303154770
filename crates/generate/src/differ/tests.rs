//! Suites of known size, and all programs of a few operations as the oracle.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;

use super::suite::Suite;
use super::*;
use crate::program::Program;

fn request(models: &str, operations: usize, alphabet: &str, mode: Mode) -> Request {
    Request {
        models: models.split(' ').map(|name| name.parse().unwrap()).collect(),
        operations,
        harts: operations,
        alphabet: alphabet.parse().unwrap(),
        mode,
    }
}

fn shapes(request: &Request) -> Vec<(usize, String)> {
    let tests = synthesise(request, &AtomicBool::new(false)).unwrap();
    tests.into_iter().map(|test| (test.operations, test.shape)).collect()
}

fn counts(tests: &[(usize, String)], most: usize) -> Vec<usize> {
    (1..=most).map(|n| tests.iter().filter(|(ops, _)| *ops == n).count()).collect()
}

/// The minimal tests among all programs.
fn oracle(request: &Request) -> BTreeSet<(usize, String)> {
    let suite = Suite::new(request);
    let mut found = BTreeSet::new();
    for count in 1..=request.operations {
        let all = plain::programs(&request.alphabet, count, count, count, true);
        println!("{count}: {} programs", all.len());
        let minimal = |program: &&Program| suite.is_minimal(program);
        found.extend(all.iter().filter(minimal).map(|program| (count, program.shape())));
    }
    found
}

#[test]
fn what_ztso_adds() {
    let tests = shapes(&request("ztso rvwmo", 7, "load,store,fence.w.r", Mode::Minimal));
    for (n, shape) in &tests {
        println!("{n} {shape}");
    }
    assert_eq!(counts(&tests, 7), [0, 0, 0, 5, 3, 11, 12]);
}

#[test]
fn what_ztso_adds_oracle() {
    let request = request("ztso rvwmo", 5, "load,store,fence.w.r", Mode::Minimal);
    let found: BTreeSet<_> = shapes(&request).into_iter().collect();
    assert_eq!(found, oracle(&request));
}
