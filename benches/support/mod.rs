//! What is measured, for criterion (`benches/main.rs`) and for the baseline (`examples/baseline`).

mod corpus;
mod family;

pub(crate) use corpus::{own, public};
pub(crate) use family::families;

/// Something that can be done again and again. What it returns depends on all of its results, so that
/// none is left out, and is the same every time.
pub(crate) type Run = Box<dyn FnMut() -> usize>;

/// A piece of work with a name; what it needs is made ready only when it is to run.
pub(crate) struct Work {
    pub(crate) name: String,
    prepare: Box<dyn Fn() -> Run>,
}

impl Work {
    pub(crate) fn new<R: FnMut() -> usize + 'static>(
        name: impl Into<String>,
        prepare: impl Fn() -> R + 'static,
    ) -> Work {
        Work { name: name.into(), prepare: Box::new(move || Box::new(prepare())) }
    }

    pub(crate) fn prepare(&self) -> Run {
        (self.prepare)()
    }
}
