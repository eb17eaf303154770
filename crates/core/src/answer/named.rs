//! A single state by the names that reports use.

use crate::litmus::Test;
use crate::program::Program;

use super::Symbols;
use super::naming::Naming;

/// The places that reports print and their values: `[("1:x5", "1"), ("[x]", "y")]`.
#[must_use]
pub fn named_values(test: &Test, program: &Program, state: &[u64]) -> Vec<(String, String)> {
    let naming = Naming::new(test, program);
    let printed: Vec<_> =
        program.observed.iter().enumerate().filter(|(_, observed)| observed.printed).collect();
    let mut symbols = Symbols::default();
    let values: Vec<_> = naming.values(state, &printed, &mut symbols).collect();
    printed
        .iter()
        .zip(values)
        .map(|((_, observed), value)| (observed.place.to_string(), value.text(&symbols)))
        .collect()
}
