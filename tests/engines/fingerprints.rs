//! States are told apart by fingerprints as they are by their keys, from the first state on or from where memory ends,
//! on one thread and on two.

use std::path::Path;

use crate::support::corpus::{litmus_files, load, program};
use rvlitmus_core::model::{BaseModel, Options};
use rvlitmus_core::operational::{Explorer, Limits, Reductions, Use, Workspace};
use rvlitmus_core::program::{Completeness, Fault, Outcomes, Program, ToldApart};
use rvlitmus_generate::family;

/// Every outcome under RVWMO on the threads of a pool, within so many bytes.
fn explore(
    program: &Program,
    threads: usize,
    memory: usize,
    fingerprints: Use,
) -> Result<Outcomes, Fault> {
    let models = vec![BaseModel::Rvwmo; program.harts.len()];
    // One state at a time: sets of local states need no table.
    let reductions = Reductions { fingerprints, local_sets: Use::Never, ..Reductions::ALL };
    let limits = Limits { memory, parallel: threads > 1, ..Limits::default() };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    pool.install(|| {
        let options = Options::default();
        Explorer::within(program, &options, reductions, Workspace::default(), limits)?
            .outcomes(&models, limits)
    })
}

#[test]
fn where_memory_ends_the_search_goes_on_by_fingerprints() {
    for (name, n) in [("sb", 15), ("iriw", 7), ("mixed", 7), ("lrsc", 24)] {
        let text = family(name).and_then(|family| family.test(n)).expect("a test");
        let program = program(&text).expect("it can be run");
        let exact = explore(&program, 1, usize::MAX, Use::WhenLarge).expect("outcomes");
        assert_eq!(
            (&exact.completeness, exact.told_apart),
            (&Completeness::Complete, ToldApart::Exactly)
        );
        for threads in [1, 2] {
            let (mut ended, mut by_fingerprints) = (0, 0);
            for quarter in 68..110_u32 {
                let memory = (1 << (quarter / 4)) / 4 * (4 + quarter as usize % 4);
                let of = |fingerprints| {
                    explore(&program, threads, memory, fingerprints).or_else(|fault| match fault {
                        Fault::RanOut(completeness) => {
                            Ok(Outcomes { completeness, ..Outcomes::default() })
                        }
                        fault => Err(fault),
                    })
                };
                let found = of(Use::WhenLarge).expect("outcomes");
                if found.completeness == Completeness::MemoryLimit {
                    ended += 1;
                    continue;
                }
                assert_eq!(
                    (&found.states, &found.completeness),
                    (&exact.states, &exact.completeness)
                );
                if found.told_apart == ToldApart::Exactly {
                    break;
                }
                by_fingerprints += 1;
                if threads == 1 {
                    // What ended here before goes on now.
                    let without = of(Use::Never).expect("outcomes");
                    assert_eq!(without.completeness, Completeness::MemoryLimit, "{name} {memory}");
                }
            }
            assert!(
                ended > 0 && by_fingerprints > 0,
                "{name}, {threads}: {ended} {by_fingerprints}"
            );
        }
    }
}

/// A reader of many words comes by more positions than states; these are forgotten on the way.
#[test]
fn what_positions_are_forgotten_is_of_no_account() {
    let text = family("mp").and_then(|family| family.test(15)).expect("a test");
    let program = program(&text).expect("it can be run");
    let found =
        |threads| explore(&program, threads, (32 * threads) << 20, Use::Never).expect("outcomes");
    let (one, two) = (found(1), found(2));
    assert_eq!((&one.completeness, one.states.len()), (&Completeness::Complete, (1 << 15) + 1));
    assert_eq!((&two.completeness, two.states), (&Completeness::Complete, one.states));
}

#[test]
fn every_test_of_this_project_has_the_same_answer_by_fingerprints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("litmus");
    let mut compared = 0;
    for path in litmus_files(&root) {
        let Ok(program) = load(&path) else { continue };
        let exact = explore(&program, 1, usize::MAX, Use::Never);
        for threads in [1, 2] {
            let found = explore(&program, threads, usize::MAX, Use::Always);
            let same = match (&exact, &found) {
                (Ok(a), Ok(b)) => a.states == b.states && a.completeness == b.completeness,
                (Err(a), Err(b)) => a == b,
                _ => false,
            };
            assert!(same, "{}: {exact:?} {found:?}", path.display());
        }
        compared += 1;
    }
    assert!(compared > 400, "{compared}");
}
