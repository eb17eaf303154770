//! The part of the global memory order that is certain, kept transitive while demands come in.

use crate::axiomatic::axioms::Demand;
use crate::axiomatic::candidate::OpId;
use crate::axiomatic::relation::{Relation, WouldCycle};

/// Pairs that every global memory order of the candidate contains, and implications not yet settled.
#[derive(Clone, Debug)]
pub(in crate::axiomatic) struct PartialGmo {
    certain: Relation<OpId>,
    implications: Vec<Implication>,
    /// Of each, at least one pair must hold: what excuses a failed SC.
    choices: Vec<Vec<(OpId, OpId)>>,
}

/// If `store` precedes `other`, then `then` precedes `other`.
#[derive(Clone, Copy, Debug)]
struct Implication {
    store: OpId,
    other: OpId,
    then: OpId,
}

impl PartialGmo {
    /// Nothing is known of the order of `size` operations.
    #[must_use]
    pub(super) fn new(size: usize) -> PartialGmo {
        PartialGmo { certain: Relation::new(size), implications: Vec::new(), choices: Vec::new() }
    }

    /// What is certain, transitive.
    #[must_use]
    pub(in crate::axiomatic) fn certain(&self) -> &Relation<OpId> {
        &self.certain
    }

    /// Adds a demand. Call [`PartialGmo::propagate`] when all are in.
    ///
    /// # Errors
    /// [`WouldCycle`] if it cannot be met.
    pub(super) fn demand(&mut self, demand: Demand) -> Result<(), WouldCycle> {
        match demand {
            Demand::Nothing => {}
            Demand::Before(a, b) => {
                self.certain.insert_closed(a, b)?;
            }
            Demand::Implies { store, other, then } => {
                self.implications.push(Implication { store, other, then });
            }
            Demand::Impossible => return Err(WouldCycle),
        }
        Ok(())
    }

    /// Demands that one of the pairs holds.
    pub(super) fn demand_one_of(&mut self, pairs: Vec<(OpId, OpId)>) {
        self.choices.push(pairs);
    }

    /// Draws all consequences: an implication forwards once its premise is certain, and backwards once
    /// its conclusion is refuted. What is settled is dropped.
    ///
    /// # Errors
    /// [`WouldCycle`] if the demands contradict one another.
    pub(super) fn propagate(&mut self) -> Result<(), WouldCycle> {
        loop {
            let mut changed = false;
            let mut kept = 0;
            for i in 0..self.implications.len() {
                let Implication { store, other, then } = self.implications[i];
                if self.certain.contains(store, other) {
                    changed |= self.certain.insert_closed(then, other)?;
                } else if self.certain.contains(other, then) {
                    changed |= self.certain.insert_closed(other, store)?;
                } else if !self.certain.contains(other, store)
                    && !self.certain.contains(then, other)
                {
                    self.implications[kept] = self.implications[i];
                    kept += 1;
                }
            }
            self.implications.truncate(kept);
            if !changed {
                return Ok(());
            }
        }
    }

    /// Decides what is left open until one total order can meet every demand. `None` if none can.
    #[must_use]
    pub(super) fn solve(mut self) -> Option<PartialGmo> {
        self.propagate().ok()?;
        if let Some(Implication { store, other, .. }) = self.implications.first().copied() {
            return self.clone().with(other, store).or_else(|| self.with(store, other));
        }
        let met =
            |pairs: &Vec<(OpId, OpId)>| pairs.iter().any(|(a, b)| self.certain.contains(*a, *b));
        if let Some(open) = self.choices.iter().position(|pairs| !met(pairs)) {
            let pairs = self.choices.swap_remove(open);
            return pairs.into_iter().find_map(|(a, b)| self.clone().with(a, b));
        }
        Some(self)
    }

    fn with(mut self, a: OpId, b: OpId) -> Option<PartialGmo> {
        self.certain.insert_closed(a, b).ok()?;
        self.solve()
    }
}
