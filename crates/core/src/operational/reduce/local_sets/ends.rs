//! Final states: what the harts' sets hold at their ends, in every combination.

use super::blank_values::Chain;
use super::{LocalSets, SetNumber};
use crate::operational::compile::Set;

impl<S: Set> LocalSets<'_, S> {
    /// Calls `record` with the final states in which the harts may be with `joint`.
    pub(crate) fn finals(&mut self, joint: &[u64], mut record: impl FnMut(&[u64]) -> bool) {
        let harts = self.stepper.machine.harts.len();
        self.set_memory(&joint[harts..joint.len() - 1]);
        let ended: Vec<SetNumber> =
            joint[..harts].iter().map(|set| self.store.set(*set as SetNumber).ended).collect();
        let counts: Vec<usize> = ended.iter().map(|set| self.store.members(*set).len()).collect();
        if counts.contains(&0) {
            return;
        }
        let mut chosen = vec![0; harts];
        for (h, set) in ended.iter().enumerate() {
            self.get(h, self.store.members(*set)[0]);
        }
        let mut values = Vec::new();
        loop {
            self.observe(&mut values);
            if !record(&values) {
                return;
            }
            let Some(h) = (0..harts).find(|h| chosen[*h] + 1 < counts[*h]) else { return };
            chosen[h] += 1;
            self.get(h, self.store.members(ended[h])[chosen[h]]);
            for h in 0..h {
                chosen[h] = 0;
                self.get(h, self.store.members(ended[h])[0]);
            }
        }
    }

    /// What the final states depend on: the harts' ends and the cells that are observed.
    pub(crate) fn end_of(&self, joint: &[u64], end: &mut Vec<u64>) {
        let machine = self.stepper.machine;
        let (sets, memory) = joint.split_at(machine.harts.len());
        end.clear();
        end.extend(sets.iter().map(|set| u64::from(self.store.set(*set as SetNumber).ended)));
        end.extend(machine.observed_cells.members().map(|cell| memory[cell]));
    }

    /// May all harts be at their end?
    pub(crate) fn may_end(&self, joint: &[u64]) -> bool {
        if joint.last().is_none_or(|word| Chain::of(*word) != Chain::Ended) {
            return false;
        }
        let sets = joint[..self.stepper.machine.harts.len()].iter();
        let mut ended = sets.map(|set| self.store.set(*set as SetNumber).ended);
        ended.all(|set| !self.store.members(set).is_empty())
    }
}
