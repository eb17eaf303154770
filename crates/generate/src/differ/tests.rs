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

/// Lists that both ways of looking for tests find: cycles of segments, and all programs.
#[test]
fn necklaces_find_what_is_among_all_programs() {
    let requests = [
        request("ztso rvwmo", 5, "load,store,fence.w.r", Mode::Minimal),
        request("ztso rvwmo", 4, "load,store,fence.w.r,amo", Mode::Minimal),
        request("rvwmo rvwmo-r1", 4, "load,store,fence.w.w", Mode::Minimal),
        request("rvwmo rvwmo-r2", 4, "load,store,fence.rw.rw", Mode::Minimal),
        request("rvwmo rvwmo-r4", 4, "load,store,fence.r.rw,fence.w.w", Mode::Minimal),
        request("rvwmo rvwmo-r5", 4, "load,store,zalasr", Mode::Minimal),
        request("rvwmo rvwmo-r7", 4, "load,store,zalasr", Mode::Minimal),
        request("rvwmo rvwmo-r9", 4, "load,store,fence.w.w,deps", Mode::Minimal),
        request("rvwmo rvwmo-atomicity", 4, "store,lrsc", Mode::Minimal),
    ];
    for request in requests {
        let found: BTreeSet<_> = shapes(&request).into_iter().collect();
        let all = oracle(&request);
        let lost: Vec<_> = all.difference(&found).collect();
        let more: Vec<_> = found.difference(&all).collect();
        println!("{:?}: {} and {}", request.models[1].name(), found.len(), all.len());
        assert!(
            lost.is_empty() && more.is_empty(),
            "{:?} {}: lost {lost:#?}, more {more:#?}",
            request.models,
            request.alphabet
        );
    }
}

/// The same for six operations.
#[test]
fn necklaces_find_what_is_among_all_programs_of_six_operations() {
    let request = request("ztso rvwmo", 6, "load,store,fence.w.r", Mode::Minimal);
    let found: BTreeSet<_> = shapes(&request).into_iter().collect();
    assert_eq!(found, oracle(&request));
}

/// The tests published with litmustestgen for bound 4, and how many it finds at bounds 5 and 6.
#[test]
fn what_tso_forbids() {
    let tests = shapes(&request("ztso", 6, "load,store,fence.rw.rw,amo", Mode::Forbid));
    assert_eq!(counts(&tests, 6), [0, 1, 2, 7, 8, 26]);
    let shapes: BTreeSet<&str> =
        tests.iter().filter(|(n, _)| *n <= 4).map(|(_, shape)| shape.as_str()).collect();
    let published = [
        "W x; W x",             // CoWW
        "R x; W y | W y; W x",  // S
        "W x; W y | W y; W x",  // 2+2W
        "R x; R x | W x | W x", // W+W+RR
        "R x; R x | W x; W x",  // CoMP
        "R x; R x | W x",       // CoRR
        "W x | W x; R x; R x",  // W+WRR
        "R x; R y | W y; W x",  // MP
        "R x; W y | R y; W x",  // LB
        "R x; W x | W x",       // CoRW
    ];
    assert_eq!(shapes, published.into_iter().collect());
}

/// For each rule and each other reading: models, operations, alphabet, and how many tests there are.
const SEPARATING: &[(&str, usize, &str)] = &[
    ("rvwmo rvwmo-r1", 2, "load,store"),
    ("rvwmo rvwmo-r2", 3, "load,store"),
    ("rvwmo rvwmo-r3", 6, "load,store,fence.r.rw,lrsc"),
    ("rvwmo rvwmo-r4", 4, "load,store,fence"),
    ("rvwmo rvwmo-r5", 4, "load,store,zalasr"),
    ("rvwmo rvwmo-r6", 4, "load,store,zalasr"),
    ("rvwmo rvwmo-r7", 4, "load,store,zalasr"),
    ("rvwmo rvwmo-r8", 5, "load,store,fence.r.r,fence.r.w,lrsc,sizes"),
    ("rvwmo rvwmo-r9", 4, "load,store,fence.w.w,deps"),
    ("rvwmo rvwmo-r10", 4, "load,store,fence.w.w,deps"),
    ("rvwmo rvwmo-r11", 4, "load,store,fence.w.w,deps"),
    ("rvwmo rvwmo-r12", 6, "load,store,fence.w.w,deps"),
    ("rvwmo rvwmo-r13", 5, "load,store,fence.w.w,deps"),
    ("rvwmo rvwmo-atomicity", 3, "store,lrsc"),
    ("ztso ztso-ztso-load-acquire", 4, "load,store,fence.w.r"),
    ("ztso ztso-ztso-store-release", 4, "load,store,fence.w.r"),
    ("ztso ztso-ztso-amo", 4, "load,store,fence.w.r,amo"),
    ("sc sc-sc-program-order", 4, "load,store"),
    ("rvwmo rvwmo:zalasr=rcpc", 4, "load,store,zalasr"),
    ("rvwmo rvwmo:sc-failure=only-when-forced", 2, "lrsc"),
    ("rvwmo rvwmo:reservation=exact", 2, "lrsc,sizes"),
    ("rvwmo rvwmo:failed-cas=load", 4, "load,store,fence.r.w,cas"),
    ("ztso ztso:failed-cas=amo-rl", 4, "load,store,cas"),
    ("rvwmo rvwmo:misaligned-granule=16", 2, "load,store,sizes"),
];

#[test]
fn every_rule_and_reading_makes_a_difference() {
    separate(4);
}

#[test]
fn every_rule_makes_a_difference_to_six_operations() {
    separate(6);
}

fn separate(most: usize) {
    for (models, operations, alphabet) in SEPARATING.iter().filter(|(_, n, _)| *n <= most) {
        let tests = shapes(&request(models, *operations, alphabet, Mode::Minimal));
        println!("{models} {alphabet}: {}", tests.len());
        assert!(!tests.is_empty(), "{models}");
    }
}

/// What never is in a minimal difference: a hart whose order both models have, by the weakest means.
#[test]
fn one_segment_is_isolated() {
    let tests = shapes(&request("ztso rvwmo", 4, "load,store,fence.w.r,fence.w.w", Mode::Isolate));
    let shapes: Vec<&str> = tests.iter().map(|(_, shape)| shape.as_str()).collect();
    assert!(shapes.contains(&"R x; R y | W y; fence w,w; W x"), "{shapes:?}");
}

/// Whatever is found is written as a test that the ordinary parser reads, and whose condition one model alone
/// reaches.
#[test]
fn conditions_tell_the_models_apart() {
    let request = request("ztso rvwmo", 5, "load,store,fence.w.r,amo,deps", Mode::Minimal);
    for test in synthesise(&request, &AtomicBool::new(false)).unwrap() {
        let machines: Vec<_> = request.models.iter().map(crate::judge::machine).collect();
        let session = rvlitmus_core::session::Session::default();
        let read = session.read(&test.text).unwrap();
        let watch = rvlitmus_core::session::Unwatched;
        let answer = session.answer(&read, &machines, &watch).unwrap();
        let seen = |machine| answer.observation(machine).unwrap().name();
        assert_eq!((seen(0), seen(1)), ("Never", "Sometimes"), "{}", test.text);
    }
}

#[test]
fn alphabets_are_read() {
    let error = |text: &str| text.parse::<Alphabet>().unwrap_err().to_string();
    assert_eq!(
        error("load,stor"),
        "`stor` is nothing that tests are made of: did you mean `store`?"
    );
    assert!(error("fence.x.y").contains("a fence such as `fence.w.r`"), "{}", error("fence.x.y"));
    assert_eq!("fence,fence.tso".parse::<Alphabet>().unwrap().fences().len(), 10);
}
