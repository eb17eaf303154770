//! How generated programs are chosen.

use proptest::test_runner::{Config, RngSeed, TestRunner};

/// How many programs to try: `RVLITMUS_GENERATED`, or else `default`.
pub fn cases(default: u32) -> u32 {
    std::env::var("RVLITMUS_GENERATED").ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

/// Tries the same programs each time, so that a run can be repeated; another `RVLITMUS_SEED` chooses
/// others.
pub fn config(cases: u32) -> Config {
    let seed = std::env::var("RVLITMUS_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(1);
    Config {
        cases,
        max_shrink_iters: 4000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed),
        ..Config::default()
    }
}

/// A runner with [`config`].
pub fn runner(cases: u32) -> TestRunner {
    TestRunner::new(config(cases))
}
