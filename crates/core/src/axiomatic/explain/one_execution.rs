//! The search for one execution, where those that end in a state are too many to look at all.
//!
//! An execution of a locked program that loses an update is a good one to refute if nothing is wrong with
//! it but that it overlooks the lock's fences: the cycle then goes through them. So an execution is
//! looked for as if some rules were not in force, synchronization first. It is found soon where harts
//! go one after another and read what those before them left, which most executions of interest do.

use crate::axiomatic::candidate::Layout;
use crate::axiomatic::evidence::{Contradiction, Witness};
use crate::axiomatic::search::Search;
use crate::axiomatic::trace::Trace;
use crate::litmus::HartId;
use crate::model::{Options, Rule, RuleSet};
use crate::program::{Fault, FinalState};

use super::effort::Effort;
use super::machine::Machine;
use super::reason_search::{ReasonSearch, Reasons};
use super::witness_search::{FirstWitness, traces_ending_in};

/// How often the search for one execution in one way may ask whether to go on.
const ONE_WAY: u64 = 20_000;

/// What synchronizes harts.
const SYNCHRONIZATION: [Rule; 5] = [Rule::R4, Rule::R5, Rule::R6, Rule::R7, Rule::R8];
/// What orders operations by what they compute or read.
const DEPENDENCIES: [Rule; 6] = [Rule::R2, Rule::R9, Rule::R10, Rule::R11, Rule::R12, Rule::R13];

/// Which executions are looked at.
#[derive(Clone, Copy)]
enum Way {
    /// Those in which harts go one after another, early stores read first.
    EarlyFirst,
    /// The same with late stores read first.
    LateFirst,
    /// All.
    All,
}

impl ReasonSearch<'_> {
    /// Finds what forbids one execution that would end in a state which the stronger machine does not
    /// reach, or a consistent one that ends so. `None` if none was found.
    ///
    /// # Errors
    /// [`Fault::TooLarge`].
    pub(super) fn of_some_execution(
        &self,
        state: &FinalState,
        left: &mut Effort,
        expired: &dyn Fn() -> bool,
    ) -> Result<Option<Reasons>, Fault> {
        self.of_weaker_machines(|machine| {
            let mut found: Vec<Reasons> = Vec::new();
            for way in [Way::EarlyFirst, Way::LateFirst, Way::All] {
                let enough = match way {
                    Way::EarlyFirst => false,
                    Way::LateFirst => found.iter().any(|found| found.reasons.len() <= 1),
                    // It takes long.
                    Way::All => !found.is_empty(),
                };
                if enough {
                    continue;
                }
                let witness = left.spend(ONE_WAY, expired, |stop| {
                    self.one_execution(machine, way, state, stop)
                })?;
                found.extend(witness.map(|witness| self.of_execution(&witness, expired)));
            }
            Ok(found.into_iter().min_by_key(detail))
        })
    }

    /// Returns the first that is found with one of the machines whose harts make the operations of the stronger one,
    /// and that have less order: those with the more order first.
    ///
    /// # Errors
    /// That of `find`.
    pub(super) fn of_weaker_machines<T>(
        &self,
        mut find: impl FnMut(&Machine<'_>) -> Result<Option<T>, Fault>,
    ) -> Result<Option<T>, Fault> {
        let machines = self.machines();
        let without = |rules: RuleSet, less: &[Rule]| {
            less.iter().fold(rules, |rules, rule| rules.without(*rule))
        };
        let unsynchronized = without(machines.stronger.options.rules, &SYNCHRONIZATION);
        let independent = without(unsynchronized, &DEPENDENCIES);
        let weaker = (machines.same_operations()
            && machines.weaker.models != machines.stronger.models)
            .then_some(machines.weaker);
        let relaxed = [unsynchronized, independent, RuleSet::NONE]
            .map(|rules| Options { rules, ..*machines.stronger.options });
        let relaxed = relaxed.iter().map(|options| Machine { options, ..machines.stronger });
        for machine in weaker.into_iter().chain(relaxed) {
            if let Some(found) = find(&machine)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Finds an execution of a machine whose harts make the operations of the stronger one.
    pub(super) fn one_of_stronger(
        &self,
        state: &FinalState,
        left: &mut Effort,
        expired: &dyn Fn() -> bool,
    ) -> Result<Option<Witness>, Fault> {
        for way in [Way::EarlyFirst, Way::LateFirst] {
            let stronger = self.machines().stronger;
            let search = |stop: &dyn Fn() -> bool| self.one_execution(&stronger, way, state, stop);
            let found = left.spend(ONE_WAY, expired, search)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    fn one_execution(
        &self,
        machine: &Machine<'_>,
        way: Way,
        state: &FinalState,
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<Witness>, Fault> {
        let Machine { program, options, .. } = *machine;
        let traces = traces_ending_in(program, self.traces(stop)?, state);
        let annotated = |(hart, traces): (HartId, Vec<&Trace>)| -> Vec<Trace> {
            traces.into_iter().map(|trace| machine.annotate_trace(hart, trace)).collect()
        };
        let traces: Vec<Vec<Trace>> = (0u16..).map(HartId).zip(traces).map(annotated).collect();
        let layout = Layout::of(&traces);
        let goal = FirstWitness { state, witness: None, stop };
        let search = Search::new(program, options, &layout, &traces, &[], goal);
        let search = match way {
            Way::EarlyFirst => search.one_after_another(false),
            Way::LateFirst => search.one_after_another(true),
            Way::All => search,
        };
        Ok(search.run().0.witness)
    }
}

/// How much there is to follow: reasons, stores whose order has to be known, steps.
fn detail(found: &Reasons) -> (usize, usize, usize) {
    let reasons = found.reasons.iter().map(|reason| &reason.example);
    let steps = |contradiction: &Contradiction| match contradiction {
        Contradiction::Cycle(cycle) => cycle.len(),
        _ => 1,
    };
    (
        found.reasons.len(),
        reasons.clone().map(|example| example.coherence.len()).sum(),
        reasons.map(|example| steps(&example.contradiction)).sum(),
    )
}
