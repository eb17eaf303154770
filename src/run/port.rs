//! Tests of x86 that move to RISC-V: one test, from its file to its targets.

use rvlitmus_core::litmus::{Diagnostic, Diagnostics, Problem};
use rvlitmus_core::model::Model;
use rvlitmus_port::check::{Checker, NotChecked, Source as Origin, Target};
use rvlitmus_port::{Lowered, Map, lower};

use super::explain::{asked, failed, mistaken};
use super::test::WholeTestWatch;
use super::{Setup, Source, TestWatch, Unexplained};
use rvlitmus_core::answer::{Failure, Mistake, Status};

/// A test of x86, and what became of it under each map.
#[derive(Debug)]
pub struct Ported {
    /// The test with its states.
    pub origin: Origin,
    /// In the order of the maps; why nothing is known of a target.
    pub targets: Vec<Result<Target, String>>,
}

/// Reads one test of x86 and checks it under these maps; `None` for a test that the selection of `setup` leaves out.
///
/// # Errors
/// The test cannot be read or run, or not all of its states are known.
pub fn port_test(
    source: &Source,
    setup: &Setup,
    maps: &[(Map, Model)],
) -> Option<Result<Ported, Unexplained>> {
    asked(source, setup, |text| {
        let wrong = |mistakes| mistaken(mistakes, &source.shown, text, setup);
        let checker = Checker::new(setup.session.settings().clone());
        let watch = WholeTestWatch::new(setup);
        let origin = checker.source(text, &watch).map_err(|error| match error {
            NotChecked::Mistakes(mistakes) => wrong(mistakes),
            NotChecked::Failed(failure) => failed(failure, setup),
            error => {
                let mistake = Mistake::of_file(error.to_string());
                failed(Failure::new(Status::Unsupported, mistake), setup)
            }
        })?;
        let targets = maps.iter().map(|(map, model)| {
            let target = checker.target(&origin, map, model, &watch);
            target.map_err(|error| match &error {
                NotChecked::NotLowered(not) if not.span.end > 0 => {
                    let (line, _) = origin.test.lines.line_column(not.span.start);
                    format!("line {line}: {error}")
                }
                _ => error.to_string(),
            })
        });
        let targets = targets.collect();
        Ok(Ported { origin, targets })
    })
}

/// Reads one test of x86 and lowers it; `None` for a test that the selection of `setup` leaves out.
///
/// # Errors
/// The test cannot be read or lowered.
pub fn lower_test(
    source: &Source,
    setup: &Setup,
    map: &Map,
) -> Option<Result<Lowered, Unexplained>> {
    asked(source, setup, |text| {
        let wrong = |mistakes| mistaken(mistakes, &source.shown, text, setup);
        let test = setup.session.read_within(text, &TestWatch::new(setup)).map_err(wrong)?;
        lower(&test.test, map, test.hash.as_deref()).map_err(|error| {
            let problem = Problem::Unsupported;
            let diagnostic =
                Diagnostic { problem, span: error.span, message: error.message, help: None };
            wrong(Diagnostics(vec![diagnostic]))
        })
    })
}
