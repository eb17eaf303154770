//! Where an exploration has to stop.

/// Where an exploration has to stop, and how many threads it may use.
#[derive(Clone, Copy)]
pub struct Limits<'a> {
    /// Asked now and then; `true` ends the exploration with [`crate::program::Completeness::Timeout`].
    pub interrupted: &'a (dyn Fn() -> bool + Sync),
    /// Bytes that the table of states may take.
    pub memory: usize,
    /// May a large test use the threads of the current rayon pool? Without the feature `parallel` it
    /// never does.
    pub parallel: bool,
}

impl Default for Limits<'_> {
    fn default() -> Self {
        Limits { interrupted: &|| false, memory: usize::MAX, parallel: false }
    }
}
