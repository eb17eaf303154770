//! One test for a program that runs on hardware: from its file to what the program needs.

use rvlitmus_harness::{HardwareTest, Harness, NotEmitted};

use super::explain::{asked, failed, mistaken};
use super::test::WholeTestWatch;
use super::{Setup, Source, Unexplained};

/// A test and its place in the program, or why it has none there.
pub type Emitted = Result<HardwareTest, String>;

/// Prepares one test; `None` for a test that the selection of `setup` leaves out. That hardware cannot run it is no
/// error: it is left out for this reason.
///
/// # Errors
/// The test cannot be read or run.
pub fn emit_test(
    source: &Source,
    setup: &Setup,
    harness: &Harness,
) -> Option<Result<Emitted, Unexplained>> {
    asked(source, setup, |text| {
        let wrong = |mistakes| mistaken(mistakes, &source.shown, text, setup);
        let watch = WholeTestWatch::new(setup);
        let test = harness.session.read_within(text, &watch).map_err(wrong)?;
        match harness.test(&test, &watch) {
            Ok(test) => Ok(Ok(test)),
            Err(NotEmitted::Hardware(refusal)) => Ok(Err(refusal.to_string())),
            Err(NotEmitted::Mistakes(mistakes)) => Err(wrong(mistakes)),
            Err(NotEmitted::Failed(failure)) => Err(failed(failure, setup)),
        }
    })
}
