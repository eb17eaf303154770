//! One test for a program that runs on hardware: from its file to what the program needs.

use rvlitmus_harness::{HardwareTest, Harness, NotEmitted, Refusal};

use super::explain::{asked, failed, mistaken};
use super::test::WholeTestWatch;
use super::{Setup, Source, Unexplained};

/// What a program has of a test.
#[derive(Debug)]
pub enum Emitted {
    /// The test.
    Test(Box<HardwareTest>),
    /// Nothing, for this reason.
    LeftOut(Refusal),
}

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
            Ok(test) => Ok(Emitted::Test(Box::new(test))),
            Err(NotEmitted::Hardware(refusal)) => Ok(Emitted::LeftOut(refusal)),
            Err(NotEmitted::Mistakes(mistakes)) => Err(wrong(mistakes)),
            Err(NotEmitted::Failed(failure)) => Err(failed(failure, setup)),
        }
    })
}
