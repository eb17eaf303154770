//! The examples of `docs/litmus-language.md` are tests that run.

use std::fs;
use std::path::Path;

use rvlitmus_core::litmus::{LineIndex, parse};
use rvlitmus_core::model::{BaseModel, Options};
use rvlitmus_core::operational::{Limits, explore};
use rvlitmus_core::program::{full_hart, link};

/// The contents of the fences that are marked `litmus`.
fn examples(page: &str) -> Vec<&str> {
    page.split("```litmus\n").skip(1).map(|rest| rest.split("```").next().unwrap_or(rest)).collect()
}

#[test]
fn every_example_of_the_language_runs() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/litmus-language.md");
    let page = fs::read_to_string(path).expect("docs/litmus-language.md");
    let examples = examples(&page);
    assert!(examples.len() >= 4, "only {} examples", examples.len());
    for text in examples {
        let test = parse(text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        let model = BaseModel::Rvwmo;
        let program = link(&test, &LineIndex::new(text), |_| full_hart(model))
            .unwrap_or_else(|e| panic!("{e}\n{text}"));
        let models = vec![model; program.harts.len()];
        let found = explore(&program, &models, &Options::default(), Limits::default())
            .unwrap_or_else(|e| panic!("{e}\n{text}"));
        assert!(!found.states.is_empty(), "no final state:\n{text}");
    }
}
