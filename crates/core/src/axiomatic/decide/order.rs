//! The part of the global memory order that is certain, as a theory of the solver: no operation precedes itself.
//!
//! Literals stand for pairs, *a before b*. Those that are true are edges of a graph, whose nodes have ranks such
//! that every edge goes up. An edge that does not is looked at among the nodes between: either they get
//! other ranks, or there is a cycle, of which at least one literal has to be false. Ranks that were right stay
//! right when edges go.

use batsat::{Lit, Theory, TheoryArg};

/// The order, and what has been put into it.
pub(super) struct Order {
    /// By node.
    ranks: Vec<u32>,
    /// By node, the edges from it and to it: the other end, and the literal; `None` for those that always hold.
    after: Vec<Vec<(u32, Option<Lit>)>>,
    before: Vec<Vec<(u32, Option<Lit>)>>,
    /// By literal's index, what it puts in order.
    pairs: Vec<Option<(u32, u32)>>,
    /// Edges of literals, in the order in which they came.
    added: Vec<(u32, u32)>,
    /// How much of the solver's trail has been looked at.
    seen: usize,
    /// For each level, what was seen and added before it.
    levels: Vec<(usize, usize)>,
    /// For the searches: how a node was come to.
    from: Vec<Option<(u32, Option<Lit>)>>,
    conflict: Vec<Lit>,
}

impl Order {
    pub(super) fn new(nodes: usize) -> Order {
        Order {
            ranks: (0..nodes as u32).collect(),
            after: vec![Vec::new(); nodes],
            before: vec![Vec::new(); nodes],
            pairs: Vec::new(),
            added: Vec::new(),
            seen: 0,
            levels: Vec::new(),
            from: vec![None; nodes],
            conflict: Vec::new(),
        }
    }

    /// Where a node stands in an order that has every edge.
    pub(super) fn rank(&self, node: usize) -> u32 {
        self.ranks[node]
    }

    /// From now on the literal says that `a` precedes `b`.
    pub(super) fn means(&mut self, literal: Lit, a: u32, b: u32) {
        let index = literal.idx() as usize;
        if self.pairs.len() <= index {
            self.pairs.resize(index + 1, None);
        }
        self.pairs[index] = Some((a, b));
    }

    /// `a` precedes `b` in every execution. `false` if it cannot.
    pub(super) fn always(&mut self, a: u32, b: u32) -> bool {
        if !self.raise(a, b, None) {
            return false;
        }
        self.after[a as usize].push((b, None));
        self.before[b as usize].push((a, None));
        true
    }

    /// Makes ranks such that `a` is below `b`. If that cannot be, the conflict is what makes a cycle.
    fn raise(&mut self, a: u32, b: u32, literal: Option<Lit>) -> bool {
        let (low, high) = (self.ranks[b as usize], self.ranks[a as usize]);
        if a != b && high < low {
            return true;
        }
        // What comes after b and does not lie above a.
        let mut later = vec![b];
        self.from[b as usize] = Some((b, None));
        let mut next = 0;
        let mut cycle = a == b;
        while let Some(node) = later.get(next).copied().filter(|_| !cycle) {
            next += 1;
            for index in 0..self.after[node as usize].len() {
                let (to, by) = self.after[node as usize][index];
                if self.ranks[to as usize] > high || self.from[to as usize].is_some() {
                    continue;
                }
                self.from[to as usize] = Some((node, by));
                later.push(to);
                if to == a {
                    cycle = true;
                    break;
                }
            }
        }
        if cycle {
            self.conflict.clear();
            self.conflict.extend(literal.map(|literal| !literal));
            let mut node = a;
            while node != b
                && let Some((before, by)) = self.from[node as usize]
            {
                self.conflict.extend(by.map(|by| !by));
                node = before;
            }
        }
        for node in &later {
            self.from[*node as usize] = None;
        }
        if cycle {
            return false;
        }
        // What comes before a and does not lie below b.
        let mut earlier = vec![a];
        self.from[a as usize] = Some((a, None));
        let mut next = 0;
        while let Some(node) = earlier.get(next).copied() {
            next += 1;
            for (to, _) in &self.before[node as usize] {
                if self.ranks[*to as usize] >= low && self.from[*to as usize].is_none() {
                    self.from[*to as usize] = Some((node, None));
                    earlier.push(*to);
                }
            }
        }
        for node in &earlier {
            self.from[*node as usize] = None;
        }
        let by_rank =
            |nodes: &mut Vec<u32>| nodes.sort_unstable_by_key(|n| self.ranks[*n as usize]);
        by_rank(&mut earlier);
        by_rank(&mut later);
        earlier.extend(later);
        let mut ranks: Vec<u32> = earlier.iter().map(|node| self.ranks[*node as usize]).collect();
        ranks.sort_unstable();
        for (node, rank) in earlier.into_iter().zip(ranks) {
            self.ranks[node as usize] = rank;
        }
        true
    }

    /// Puts what the solver has decided since into the order.
    fn check(&mut self, solver: &mut TheoryArg<'_>) {
        while let Some(literal) = solver.model().get(self.seen).copied() {
            self.seen += 1;
            let Some((a, b)) = self.pairs.get(literal.idx() as usize).copied().flatten() else {
                continue;
            };
            if !self.raise(a, b, Some(literal)) {
                solver.raise_conflict(&self.conflict, false);
                return;
            }
            self.after[a as usize].push((b, Some(literal)));
            self.before[b as usize].push((a, Some(literal)));
            self.added.push((a, b));
        }
    }
}

impl Theory for Order {
    fn final_check(&mut self, solver: &mut TheoryArg<'_>) {
        self.check(solver);
    }

    fn partial_check(&mut self, solver: &mut TheoryArg<'_>) {
        self.check(solver);
    }

    fn create_level(&mut self) {
        self.levels.push((self.seen, self.added.len()));
    }

    fn pop_levels(&mut self, levels: usize) {
        let kept = self.levels.len() - levels;
        if let Some((seen, added)) = self.levels.get(kept).copied() {
            self.levels.truncate(kept);
            self.seen = seen;
            for (a, b) in self.added.drain(added..).rev() {
                self.after[a as usize].pop();
                self.before[b as usize].pop();
            }
        }
    }

    fn n_levels(&self) -> usize {
        self.levels.len()
    }

    fn explain_propagation(&mut self, _: Lit) -> &[Lit] {
        // Nothing is propagated.
        &[]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_follow_edges_and_cycles_are_found() {
        let mut order = Order::new(5);
        for (a, b) in [(4, 3), (3, 2), (2, 1), (1, 0)] {
            assert!(order.always(a, b));
        }
        let ranks: Vec<u32> = (0..5).map(|node| order.rank(node)).collect();
        assert_eq!(ranks, [4, 3, 2, 1, 0]);
        assert!(order.always(4, 0), "it is so already");
        assert!(!order.always(0, 4));
        assert!(!order.always(2, 2));
        assert!(order.conflict.is_empty(), "no literal is to blame");
    }
}
