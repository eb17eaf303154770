//! The search for witnesses: executions of a machine that end in a state.

use std::borrow::Borrow;

use crate::axiomatic::candidate::{Candidate, Layout, OpId};
use crate::axiomatic::evidence::Witness;
use crate::axiomatic::interpreter::{Scope, traces};
use crate::axiomatic::search::PartialGmo;
use crate::axiomatic::search::StepPair;
use crate::axiomatic::search::{Goal, Search};
use crate::axiomatic::trace::{End, Trace};
use crate::litmus::HartId;
use crate::program::{Fault, FinalState, Program};

use super::execution::{event, execution};
use super::machine::Machine;

/// Finds executions of one machine.
pub struct WitnessSearch<'p> {
    machine: Machine<'p>,
    /// The traces of each hart that may be part of an execution.
    pub(super) traces: Vec<Vec<Trace>>,
}

impl<'p> WitnessSearch<'p> {
    /// Works out the traces of the harts. `stop` is meant as [`Explainer::new`] says.
    ///
    /// # Errors
    /// [`Fault::TooLarge`].
    ///
    /// [`Explainer::new`]: super::Explainer::new
    pub fn new(machine: Machine<'p>, stop: &dyn Fn() -> bool) -> Result<Self, Fault> {
        let Machine { program, models, options } = machine;
        let traces = traces(program, models, options, Scope::Plausible, stop)?;
        Ok(WitnessSearch { machine, traces })
    }

    /// Finds an execution that ends in `state`, unless there is none or `stop` ends the search.
    #[must_use]
    pub fn witness(&self, state: &FinalState, stop: &dyn Fn() -> bool) -> Option<Witness> {
        self.witness_without(&[], state, stop)
    }

    /// Finds one in which the pairs of `without` need not keep their order.
    pub(super) fn witness_without(
        &self,
        without: &[StepPair],
        state: &FinalState,
        stop: &dyn Fn() -> bool,
    ) -> Option<Witness> {
        let traces = traces_ending_in(self.machine.program, &self.traces, state);
        self.witness_among(&traces, without, state, stop)
    }

    /// Finds one among traces that end in the state.
    pub(super) fn witness_among(
        &self,
        traces: &[Vec<impl Borrow<Trace>>],
        without: &[StepPair],
        state: &FinalState,
        stop: &dyn Fn() -> bool,
    ) -> Option<Witness> {
        let Machine { program, options, .. } = self.machine;
        let layout = Layout::of(traces);
        let goal = FirstWitness { state, witness: None, stop };
        Search::new(program, options, &layout, traces, without, goal).run().0.witness
    }
}

/// The goal of a search for the first execution that ends in a state.
pub(super) struct FirstWitness<'s> {
    pub(super) state: &'s FinalState,
    pub(super) witness: Option<Witness>,
    pub(super) stop: &'s dyn Fn() -> bool,
}

impl Goal for FirstWitness<'_> {
    fn wants_traces(&mut self, _: &[&Trace]) -> bool {
        self.witness.is_none()
    }

    fn wants_state(&mut self, state: &FinalState) -> bool {
        self.witness.is_none() && state == self.state
    }

    fn found(&mut self, candidate: &Candidate<'_>, order: &PartialGmo, state: Option<FinalState>) {
        let (Some(state), Some(gmo)) = (state, order.certain().linear_extension()) else { return };
        let there = |op: &OpId| candidate.get(*op).is_some();
        let gmo = gmo.into_iter().filter(there).map(|op| event(candidate.layout, op)).collect();
        self.witness = Some(Witness { execution: execution(candidate), gmo, state });
    }

    fn stop(&mut self) -> bool {
        self.witness.is_some() || (self.stop)()
    }
}

/// Returns the complete traces that leave the observed registers as `state` has them.
pub(super) fn traces_ending_in<'t>(
    program: &Program,
    traces: &'t [Vec<Trace>],
    state: &FinalState,
) -> Vec<Vec<&'t Trace>> {
    let ends_so = |hart: usize, trace: &Trace| {
        program.observed_registers(HartId(hart as u16)).all(|(index, register)| {
            let value = trace.registers[register.number()];
            program.observed[index].ctype().normalize(value) == state[index]
        })
    };
    traces
        .iter()
        .enumerate()
        .map(|(hart, traces)| {
            traces.iter().filter(|t| t.end == End::Complete && ends_so(hart, t)).collect()
        })
        .collect()
}
