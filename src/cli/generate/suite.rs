//! Suites of tests that tell two models apart, or that one model forbids.

use std::sync::atomic::AtomicBool;

use anyhow::{bail, ensure};
use serde_json::{Value, json};

use super::{GenerateArgs, Made};
use rvlitmus_core::arch::Architecture;
use rvlitmus_generate::{GENERATOR, Mode, Request, Synthesised, synthesise};

/// What a manifest says that it is.
const SCHEMA: &str = "rvlitmus/suite/1";

/// The tests, and what they are; `None` if the search was stopped.
///
/// # Errors
/// The arguments contradict one another.
pub(super) fn made(
    args: &GenerateArgs,
    stop: &AtomicBool,
) -> anyhow::Result<Option<(Vec<Made>, Value)>> {
    let mode: Mode = args.mode.into();
    let (wanted, what) = if mode == Mode::Forbid { (1, "one model") } else { (2, "two models") };
    ensure!(
        args.differ.len() == wanted,
        "--mode {} is about {what}: --differ names {}",
        mode.name(),
        args.differ.len()
    );
    if let [a, b] = args.differ.as_slice()
        && a == b
    {
        bail!("{a} does not differ from itself");
    }
    if let Some(model) = args.differ.iter().find(|it| !it.base().is_of(Architecture::Riscv)) {
        bail!("{model} is no model of RISC-V, and the tests are of RISC-V");
    }
    let operations = usize::from(args.ops.unwrap_or(1));
    let request = Request {
        models: args.differ.clone(),
        operations,
        harts: args.harts.map_or(operations, usize::from),
        alphabet: args.alphabet.clone(),
        mode,
    };
    let Some(tests) = synthesise(&request, stop) else { return Ok(None) };
    let manifest = manifest(&request, &tests);
    let made = |test: Synthesised| Made {
        name: test.name,
        about: test.shape,
        size: (test.operations, test.harts),
        text: test.text,
    };
    Ok(Some((tests.into_iter().map(made).collect(), manifest)))
}

/// What a suite is: by whom, of which models, with which options, how many tests.
fn manifest(request: &Request, tests: &[Synthesised]) -> Value {
    let models: Vec<String> = request.models.iter().map(ToString::to_string).collect();
    let counts: Vec<Value> = (1..=request.operations)
        .map(|ops| {
            json!({
                "operations": ops,
                "tests": tests.iter().filter(|test| test.operations == ops).count(),
            })
        })
        .collect();
    json!({
        "schema": SCHEMA,
        "generator": GENERATOR,
        "mode": request.mode.name(),
        "models": models,
        "operations": request.operations,
        "harts": request.harts,
        "alphabet": request.alphabet.to_string(),
        "counts": counts,
        "tests": tests.len(),
    })
}
