//! What is measured, for criterion (`benches/main.rs`) and for the baseline (`examples/baseline.rs`).

mod corpus;
mod family;

pub(crate) use corpus::{own, public};
pub(crate) use family::families;

/// A piece of work that can be done again and again. What it returns depends on all of its results, so
/// that none is left out, and is the same every time.
pub(crate) struct Work {
    pub(crate) name: String,
    pub(crate) run: Box<dyn FnMut() -> usize>,
}

impl Work {
    pub(crate) fn new(name: impl Into<String>, run: impl FnMut() -> usize + 'static) -> Work {
        Work { name: name.into(), run: Box::new(run) }
    }
}
