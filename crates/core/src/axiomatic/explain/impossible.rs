//! States that no choice of what loads return leads to.

use crate::litmus::HartId;
use crate::program::{Fault, FinalState, ObservedFrom};

use super::Explainer;
use super::states::parts;

/// A part of the observed state that cannot be what a state says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Impossible {
    /// Indices into [`crate::program::Program::observed`]: the registers of one hart, or one piece of
    /// memory.
    pub places: Vec<usize>,
    /// What these can be, together; sorted.
    pub possible: Vec<Vec<u64>>,
}

impl Explainer<'_> {
    /// The parts of `state` that the code cannot leave so, whatever loads return.
    pub(super) fn impossible(
        &self,
        state: &FinalState,
        stop: &dyn Fn() -> bool,
    ) -> Result<Vec<Impossible>, Fault> {
        let of_hart = |hart: HartId| {
            let observed = self.program.observed.iter().enumerate();
            observed
                .filter(|(_, o)| matches!(o.from, ObservedFrom::Register(of, _) if of == hart))
                .map(|(index, _)| index)
                .collect::<Vec<usize>>()
        };
        let memory = self.program.observed.iter().enumerate();
        let memory = memory
            .filter(|(_, o)| matches!(o.from, ObservedFrom::Memory { .. }))
            .map(|(index, _)| vec![index]);
        let harts = (0..self.program.harts.len() as u16).map(|hart| of_hart(HartId(hart)));
        let places: Vec<Vec<usize>> = harts.chain(memory).collect();
        let impossible = places
            .into_iter()
            .zip(parts(self.program, self.refuter.any(stop)?))
            .filter(|(places, _)| !places.is_empty())
            .filter(|(_, part)| !part.iter().any(|v| v.iter().all(|(i, x)| state[*i] == *x)))
            .map(|(places, part)| Impossible {
                places,
                possible: part
                    .into_iter()
                    .map(|values| values.into_iter().map(|(_, value)| value).collect())
                    .collect(),
            })
            .collect();
        Ok(impossible)
    }
}
