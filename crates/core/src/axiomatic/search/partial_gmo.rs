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

    /// Decides what is left open until one total order can meet every demand. `None` if none can, or if
    /// `stop`, which is told how many bytes are taken, says so.
    #[must_use]
    pub(super) fn solve(self, mut stop: impl FnMut(usize) -> bool) -> Option<PartialGmo> {
        let bytes = self.bytes();
        // Orders, each with a pair that is still to be added.
        let mut open: Vec<(PartialGmo, (OpId, OpId))> = Vec::new();
        let mut next = Some(self);
        loop {
            let mut order = match next.take() {
                Some(order) => order,
                None => {
                    let (order, (a, b)) = open.pop()?;
                    let Some(order) = order.with(a, b) else { continue };
                    order
                }
            };
            if stop(bytes * (open.len() + 2)) {
                return None;
            }
            if order.propagate().is_err() {
                continue;
            }
            if let Some(Implication { store, other, .. }) = order.implications.first().copied() {
                next = order.clone().with(other, store);
                open.push((order, (store, other)));
                continue;
            }
            let met = |pairs: &Vec<(OpId, OpId)>| {
                pairs.iter().any(|(a, b)| order.certain.contains(*a, *b))
            };
            let Some(unmet) = order.choices.iter().position(|pairs| !met(pairs)) else {
                return Some(order);
            };
            let pairs = order.choices.swap_remove(unmet);
            open.extend(pairs.into_iter().rev().map(|pair| (order.clone(), pair)));
        }
    }

    /// The same with another pair, if that can be.
    fn with(mut self, a: OpId, b: OpId) -> Option<PartialGmo> {
        self.certain.insert_closed(a, b).ok()?;
        Some(self)
    }

    /// Bytes of memory that it takes.
    pub(super) fn bytes(&self) -> usize {
        PartialGmo::bytes_for(self.certain.size())
            + self.implications.capacity() * size_of::<Implication>()
    }

    /// Bytes of memory that one of so many operations takes at first.
    pub(super) fn bytes_for(size: usize) -> usize {
        size * size.div_ceil(64) * size_of::<u64>()
    }
}
