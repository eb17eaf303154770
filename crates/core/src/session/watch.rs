//! Who is told how a test goes, and says when to stop.

/// What is done for a test, in order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Phase {
    /// File to text: the caller's.
    Read,
    /// Text to test.
    Parse,
    /// Test to program: names become addresses.
    Link,
    /// Program to the operational engine's paths.
    Compile,
    /// Every outcome on the machine of this number.
    Explore(usize),
    /// Outcomes side by side, verdicts.
    Compare,
    /// Why a machine does not reach what another one reaches.
    Explain,
    /// The result of one test to bytes: the caller's.
    Print,
}

/// Watches the road of a test.
pub trait Watch: Sync {
    /// A phase begins.
    fn begin(&self, phase: Phase) {
        let _ = phase;
    }

    /// A phase ends.
    fn end(&self, phase: Phase) {
        let _ = phase;
    }

    /// Is the phase that is under way to end, with what was found so far? Asked now and then, by every
    /// thread that works on the test.
    fn expired(&self) -> bool {
        false
    }

    /// Was it memory that ran out, of the run as a whole, and not time?
    fn out_of_memory(&self) -> bool {
        false
    }
}

/// Nobody watches, and nothing is ended early.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Watch for Unwatched {}

/// Does the work of a phase.
pub fn during<T>(watch: &dyn Watch, phase: Phase, work: impl FnOnce() -> T) -> T {
    watch.begin(phase);
    let result = work();
    watch.end(phase);
    result
}
