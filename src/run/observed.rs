//! Which states that were seen, on hardware or in another tool, a test may reach.

use std::sync::Arc;

use rvlitmus_core::program::Completeness;
use rvlitmus_core::session::ReadTest;

use super::explain::{Unexplained, asked, mistaken, unasked};
use super::machines::machines;
use super::test::WholeTestWatch;
use super::{Setup, Source, TestWatch};

/// Whether a state is reached, or what ended the search for it.
pub type IsReached = Result<bool, Completeness>;

/// What each machine says of the states of one test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reachable {
    /// The test's name.
    pub name: String,
    /// The hashes by which logs may know it.
    pub hashes: Vec<String>,
    /// By machine and state; nothing of a test that was not asked about.
    pub machines: Vec<(Arc<str>, Vec<IsReached>)>,
}

/// Asks of each state of a test whether its machines reach it; `None` for a test that the selection of `setup` leaves
/// out. `states` gives those of a test, as propositions, if it is asked about.
///
/// # Errors
/// The test or a state cannot be read, or it does not run.
pub fn reachable(
    source: &Source,
    setup: &Setup,
    states: impl FnOnce(&ReadTest) -> Option<Vec<String>>,
) -> Option<Result<Reachable, Unexplained>> {
    asked(source, setup, |text| {
        let watch = TestWatch::new(setup);
        let wrong = |mistakes| mistaken(mistakes, &source.shown, text, setup);
        let test = setup.session.read_within(text, &watch).map_err(wrong)?;
        let (states, machines) = match states(&test) {
            Some(states) => (states, machines(&test, setup).map_err(wrong)?.0),
            None => Default::default(),
        };
        let said = machines.iter().map(|machine| {
            let watch = WholeTestWatch::new(setup);
            let reaches = |state: &String| {
                let said = setup.session.reaches(&test, machine, state, &watch);
                said.map_err(|cause| unasked(cause, "--observed", state, (source, text), setup))
            };
            let reached = states.iter().map(reaches).collect::<Result<_, Unexplained>>()?;
            Ok((machine.id.clone(), reached))
        });
        let machines = said.collect::<Result<_, Unexplained>>()?;
        let hashes = test.hash.into_iter().chain(test.other_hashes).collect();
        Ok(Reachable { name: test.test.name, hashes, machines })
    })
}
