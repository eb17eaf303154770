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
    assert_eq!(counts(&tests, 7), [0, 0, 0, 5, 3, 11, 12]);
    let tests = shapes(&request("ztso rvwmo", 5, "load,store,fence.w.r,amo", Mode::Minimal));
    assert_eq!(counts(&tests, 5), [0, 0, 0, 7, 4]);
}

#[test]
fn necklaces_find_what_is_among_all_programs() {
    let requests = [
        request("ztso rvwmo", 5, "load,store,fence.w.r", Mode::Minimal),
        request("ztso rvwmo", 4, "load,store,fence.w.r,amo", Mode::Minimal),
        request("rvwmo rvwmo-r2", 4, "load,store,fence.rw.rw", Mode::Minimal),
        request("rvwmo rvwmo-r9", 4, "load,store,fence.w.w,deps", Mode::Minimal),
        request("rvwmo rvwmo-r12", 4, "load,store,fence.w.w,deps", Mode::Minimal),
    ];
    for request in requests {
        let found: BTreeSet<_> = shapes(&request).into_iter().collect();
        let all = oracle(&request);
        let (lost, more): (Vec<_>, Vec<_>) =
            (all.difference(&found).collect(), found.difference(&all).collect());
        println!("{:?}: {} and {}", request.models[1].name(), found.len(), all.len());
        assert!(lost.is_empty() && more.is_empty(), "{:?}: lost {lost:#?}, more {more:#?}", request.models);
    }
}

#[test]
fn explore() {
    let Ok(spec) = std::env::var("EXPLORE") else { return };
    for line in spec.split(';') {
        let w: Vec<&str> = line.split('/').collect();
        let mode = match w.get(3) { Some(&"isolate") => Mode::Isolate, Some(&"forbid") => Mode::Forbid, _ => Mode::Minimal };
        let request = request(w[0], w[1].parse().unwrap(), w[2], mode);
        let start = std::time::Instant::now();
        let tests = shapes(&request);
        println!("{line}: {:?} in {:?}", counts(&tests, 10), start.elapsed());
        for (n, shape) in tests.iter().take(std::env::var("SHOW").map_or(6, |s| s.parse().unwrap())) {
            println!("    {n} {shape}");
        }
    }
}

#[test]
fn explore_segments() {
    let Ok(spec) = std::env::var("SEGMENTS") else { return };
    for line in spec.split(';') {
        let w: Vec<&str> = line.split('/').collect();
        let request = request(w[0], w[1].parse().unwrap(), w[2], Mode::Minimal);
        let judge = crate::judge::Judge::default();
        let wanted = segments::Wanted { alphabet: &request.alphabet, models: &request.models[..1], most: request.operations, same_location: false };
        let start = std::time::Instant::now();
        let found = segments::segments(&wanted, request.models.get(1), &judge, &|| false);
        println!("{line}: {} in {:?}", found.len(), start.elapsed());
        for f in found.iter().filter(|f| std::env::var("ALL").is_ok() || !f.by_other) {
            println!("    {} {:?}{:?} {}", f.by_other, f.segment.entry, f.segment.exit, Program { harts: vec![f.segment.steps.clone()] }.shape());
        }
    }
}
