//! Tests of x86: the public corpora and this project's own, natively and lowered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::prelude::*;
use rvlitmus_core::answer::{Holds, Reached};
use rvlitmus_core::session::{Engine, Session, Settings, Unwatched};
use rvlitmus_port::Map;
use rvlitmus_port::check::{Checker, Source};
use rvlitmus_port::{lattice, programs};

use crate::support::corpus::{litmus_files, shared};

fn both() -> Session {
    Session::new(Settings { engine: Engine::Both, ..Settings::default() })
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).expect("a test can be read")
}

fn name(path: &Path) -> String {
    path.file_name().expect("a file").to_string_lossy().into_owned()
}

/// Does the condition of a test hold under x86-TSO, says each engine?
fn holds(text: &str) -> bool {
    let session = both();
    let test = session.read(text).unwrap_or_else(|mistakes| panic!("{mistakes}\n{text}"));
    let machines = session.machines(&test).expect("it asks for nothing");
    let answer = session.answer(&test, &machines, &Unwatched).expect("it links");
    for machine in 0..machines.len() {
        assert!(matches!(answer.reached(machine), Reached::All(_)), "{:?}", answer.machines);
    }
    answer.holds(0) == Holds::Yes
}

#[test]
fn the_corpus_of_intel_syntax_has_the_expected_verdicts() {
    let Some(shared) = shared() else { return };
    let folder = shared.join("corpus/x86");
    let expected = text(&folder.join("expected.csv"));
    let expected: Vec<(&str, &str)> =
        expected.lines().skip(1).filter_map(|line| line.rsplit_once(',')).collect();
    assert_eq!(expected.len(), 388);
    expected.par_iter().for_each(|(path, says)| {
        assert_eq!(holds(&text(&folder.join(path))), *says == "1", "{path}");
    });
}

/// Sources of both corpora, by name.
fn sources(checker: &Checker, folder: &Path) -> Vec<(String, Source)> {
    let paths = litmus_files(folder);
    let sources = paths.par_iter().map(|path| {
        let source = checker.source(&text(path), &Unwatched);
        (name(path), source.unwrap_or_else(|error| panic!("{}: {error}", path.display())))
    });
    sources.collect()
}

#[test]
fn both_corpora_agree_with_one_another_and_with_their_lowering() {
    let Some(shared) = shared() else { return };
    let checker = Checker::default();
    let intel = sources(&checker, &shared.join("corpus/x86"));
    let att = sources(&checker, &shared.join("corpus/x86-64"));
    assert_eq!((intel.len(), att.len()), (388, 2078));
    let ztso = Map::named("ztso").expect("built in");
    intel.par_iter().chain(&att).for_each(|(name, source)| {
        let target = checker.target(source, &ztso, &ztso.models[0], &Unwatched);
        let target = target.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(target.more.is_empty() && target.fewer.is_empty(), "{name}");
    });
    let by_name: BTreeMap<&String, &Source> = att.iter().map(|(name, it)| (name, it)).collect();
    let mut common = 0;
    for (name, one) in &intel {
        let Some(other) = by_name.get(name) else { continue };
        common += 1;
        let small = |place: &String| {
            let names = [("EAX", "rax"), ("EBX", "rbx"), ("ECX", "rcx"), ("EDX", "rdx")];
            names.iter().fold(place.clone(), |place, (old, new)| place.replace(old, new))
        };
        let places: Vec<String> = one.places.iter().map(small).collect();
        let shared: Vec<&String> = places.iter().filter(|p| other.places.contains(p)).collect();
        assert!(!shared.is_empty(), "{name}");
        let projected = |source: &Source, places: &[String]| -> BTreeSet<Vec<String>> {
            let column = |place: &String| places.iter().position(|p| p == place).expect("shared");
            let row = |state: &Vec<Box<str>>| -> Vec<String> {
                shared.iter().map(|place| state[column(place)].to_string()).collect()
            };
            source.states.iter().map(row).collect()
        };
        assert_eq!(projected(one, &places), projected(other, &other.places), "{name}");
    }
    assert_eq!(common, 115);
}

/// Every program up to some accesses; those of six are left to `rvlitmus port --all 6`.
fn all(most: usize) -> Vec<programs::Program> {
    (2..=most).flat_map(programs::programs).collect()
}

#[test]
fn minimal_maps_are_two_on_small_programs_and_both_engines_agree_on_them() {
    let checker = Checker::default();
    let session = both();
    let programs = all(4);
    let texts: Vec<String> = programs.iter().map(programs::Program::text).collect();
    texts.par_iter().for_each(|text| {
        let test = session.read(text).unwrap_or_else(|mistakes| panic!("{mistakes}\n{text}"));
        let machines = session.machines(&test).expect("it asks for nothing");
        let answer = session.answer(&test, &machines, &Unwatched).expect("it links");
        for machine in 0..machines.len() {
            assert!(matches!(answer.reached(machine), Reached::All(_)), "{text}");
        }
    });
    let sources: Vec<Source> =
        texts.iter().map(|text| checker.source(text, &Unwatched).expect("states")).collect();
    let judged = lattice::search(&checker, &sources).expect("all are checked");
    let sound = judged.iter().filter(|it| it.broken.is_none()).count();
    let minimal: Vec<String> =
        judged.iter().filter(|it| it.minimal).map(|it| it.point.text()).collect();
    assert_eq!((judged.len(), sound), (128, 6));
    assert_eq!(
        minimal,
        [
            "r,rw after loads; w,w before stores; mfence w,r; swap .aqrl",
            "r,r after loads; rw,w before stores; mfence w,r; swap .aqrl",
        ]
    );
}

#[test]
fn lowered_own_tests_are_as_their_sources_under_ztso_and_some_break_without_fences() {
    let checker = Checker::default();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("litmus/x86");
    let [ztso, fences, naive] =
        ["ztso", "fences", "naive"].map(|name| Map::named(name).expect("built in"));
    let rvwmo = &fences.models[0];
    let mut broken = Vec::new();
    for (name, source) in sources(&checker, &folder) {
        // It writes parts of registers.
        if name == "x86-parts.litmus" {
            continue;
        }
        let more = |map: &Map, model| {
            let target = checker.target(&source, map, model, &Unwatched);
            !target.unwrap_or_else(|error| panic!("{name}: {error}")).more.is_empty()
        };
        assert!(!more(&ztso, &ztso.models[0]) && !more(&fences, rvwmo), "{name}");
        if more(&naive, rvwmo) {
            broken.push(name);
        }
    }
    for algorithm in ["spin-lock", "cmpxchg-lock", "seqlock", "spsc-queue", "rcu-publish"] {
        let name = format!("x86-{algorithm}.litmus");
        assert!(broken.contains(&name), "{name} is not broken by naive: {broken:?}");
    }
}
