//! The last choice of a search: how each observed place ends, once every hart has its trace.

use super::final_state::Ending;
use super::partial_candidate::PartialCandidate;
use super::{Goal, Search};
use crate::program::FinalState;

impl<'t, G: Goal> Search<'t, G> {
    /// Is one of the final states of any use?
    pub(super) fn any_wanted(&mut self, endings: &[Vec<Ending>]) -> bool {
        if endings.iter().any(Vec::is_empty) {
            return false;
        }
        let mut chosen = vec![0; endings.len()];
        let mut values: Vec<u64> = endings.iter().map(|choices| choices[0].value).collect();
        loop {
            if self.goal.wants_state(&values.as_slice().into()) {
                return true;
            }
            // The next combination, the last place changing first.
            let more = |place: &usize| chosen[*place] + 1 < endings[*place].len();
            let Some(place) = (0..endings.len()).rev().find(more) else { return false };
            if self.ends() {
                return false;
            }
            chosen[place] += 1;
            chosen[place + 1..].fill(0);
            for place in place..endings.len() {
                values[place] = endings[place][chosen[place]].value;
            }
        }
    }

    /// Chooses how each observed place ends, in every way that is of use.
    pub(super) fn choose_endings(
        &mut self,
        partial: PartialCandidate<'t>,
        endings: &[Vec<Ending>],
    ) {
        // A place that ends in one way, which demands nothing, leaves nothing to choose.
        let fixed = |choices: &[Ending]| matches!(choices, [only] if only.demands.is_empty());
        let open: Vec<usize> =
            (0..endings.len()).filter(|place| !fixed(&endings[*place])).collect();
        let mut values: Vec<u64> =
            endings.iter().map(|choices| choices.first().map_or(0, |first| first.value)).collect();
        // For each open place up to the one that is chosen: what was chosen before it, and the next ending.
        let mut chosen = vec![(partial, 0)];
        while let Some(depth) = chosen.len().checked_sub(1) {
            let (partial, next) = &mut chosen[depth];
            if self.ends() {
                return;
            }
            let index = *next;
            *next += 1;
            let Some(&place) = open.get(depth) else {
                let state: FinalState = values.as_slice().into();
                if let Some((partial, _)) = chosen.pop()
                    && self.goal.wants_state(&state)
                    && let Some((partial, order)) = self.complete(self.harts.len() - 1, partial)
                {
                    self.goal.found(&partial.candidate, &order, Some(state));
                }
                continue;
            };
            let Some(ending) = endings[place].get(index) else {
                chosen.pop();
                continue;
            };
            let mut more = partial.clone();
            let met = ending.demands.iter().try_for_each(|demand| more.order.demand(*demand));
            if met.and_then(|()| more.order.propagate()).is_ok() {
                if !self.has_room(more.bytes() * (chosen.len() + 3)) {
                    return;
                }
                values[place] = ending.value;
                chosen.push((more, 0));
            }
        }
    }
}
