//! Binary relations over a fixed, small domain, as rows of bits.

use std::fmt;
use std::marker::PhantomData;

/// A typed index into a domain `0..n`.
pub trait Index: Copy + Eq + fmt::Debug {
    /// The number behind the type.
    fn index(self) -> usize;
    /// The element with that number.
    fn from_index(index: usize) -> Self;
}

/// A set of pairs over `0..size`, row by row.
///
/// The domain is fixed when it is made, so that no operation allocates but `clone`.
#[derive(Clone, PartialEq, Eq)]
pub struct Relation<I> {
    size: usize,
    words: usize,
    rows: Vec<u64>,
    domain: PhantomData<I>,
}

impl<I: Index> Relation<I> {
    /// The empty relation over `size` elements.
    #[must_use]
    pub fn new(size: usize) -> Self {
        let words = size.div_ceil(64).max(1);
        Relation { size, words, rows: vec![0; words * size], domain: PhantomData }
    }

    /// The relation that holds where `f` says so.
    pub fn from_fn(size: usize, mut f: impl FnMut(I, I) -> bool) -> Self {
        let mut relation = Relation::new(size);
        for a in 0..size {
            for b in 0..size {
                if f(I::from_index(a), I::from_index(b)) {
                    relation.insert(I::from_index(a), I::from_index(b));
                }
            }
        }
        relation
    }

    /// Number of elements of the domain.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// Does `a` stand in the relation to `b`?
    #[must_use]
    pub fn contains(&self, a: I, b: I) -> bool {
        self.rows[a.index() * self.words + b.index() / 64] >> (b.index() % 64) & 1 != 0
    }

    /// Adds a pair; says whether it was new.
    pub fn insert(&mut self, a: I, b: I) -> bool {
        let word = &mut self.rows[a.index() * self.words + b.index() / 64];
        let before = *word;
        *word |= 1 << (b.index() % 64);
        *word != before
    }

    /// The elements that `a` stands in the relation to, ascending.
    pub fn successors(&self, a: I) -> impl Iterator<Item = I> + '_ {
        let row = &self.rows[a.index() * self.words..(a.index() + 1) * self.words];
        row.iter().enumerate().flat_map(|(w, bits)| {
            let mut rest = *bits;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros() as usize)?;
                rest &= rest - 1;
                Some(I::from_index(w * 64 + bit))
            })
        })
    }

    /// All pairs, ascending.
    pub fn pairs(&self) -> impl Iterator<Item = (I, I)> + '_ {
        (0..self.size).map(I::from_index).flat_map(move |a| self.successors(a).map(move |b| (a, b)))
    }

    /// The least transitive relation that contains this one.
    #[must_use]
    pub fn closure(mut self) -> Self {
        for middle in 0..self.size {
            for from in 0..self.size {
                if self.contains(I::from_index(from), I::from_index(middle)) {
                    self.add_row(from, middle);
                }
            }
        }
        self
    }

    /// Adds an edge to a relation that is transitive and keeps it so, in one pass over the rows.
    ///
    /// # Errors
    /// [`WouldCycle`] if `b` reaches `a` already; the relation is then unchanged.
    pub fn insert_closed(&mut self, a: I, b: I) -> Result<bool, WouldCycle> {
        if a == b || self.contains(b, a) {
            return Err(WouldCycle);
        }
        if self.contains(a, b) {
            return Ok(false);
        }
        for from in 0..self.size {
            if from == a.index() || self.contains(I::from_index(from), a) {
                self.insert(I::from_index(from), b);
                self.add_row(from, b.index());
            }
        }
        Ok(true)
    }

    /// Adds row `source` to row `target`.
    fn add_row(&mut self, target: usize, source: usize) {
        for word in 0..self.words {
            self.rows[target * self.words + word] |= self.rows[source * self.words + word];
        }
    }

    /// A shortest cycle, starting at its least element, or `None` if the relation is acyclic.
    ///
    /// Breadth first from every element, so the answer depends on the pairs alone.
    #[must_use]
    pub fn shortest_cycle(&self) -> Option<Vec<I>> {
        let mut best: Option<Vec<I>> = None;
        let mut tree = Tree::default();
        for start in 0..self.size {
            let most = best.as_ref().map_or(self.size, |best| best.len() - 1);
            best = self.cycle_through(I::from_index(start), most, &mut tree).or(best);
        }
        best
    }

    /// A shortest cycle through `start`, which comes first.
    #[must_use]
    pub fn shortest_cycle_through(&self, start: I) -> Option<Vec<I>> {
        self.cycle_through(start, self.size, &mut Tree::default())
    }

    /// The same, if it has no more than `most` elements.
    fn cycle_through(&self, start: I, most: usize, tree: &mut Tree<I>) -> Option<Vec<I>> {
        let Tree { from, reached } = tree;
        from.clear();
        from.resize(self.size, None);
        reached.clear();
        reached.reserve(self.size);
        reached.push(start);
        // Elements in front of `next` have the one length of path, those from there on one more.
        let (mut done, mut next, mut length) = (0, 1, 1);
        while done < reached.len() && length <= most {
            let a = reached[done];
            for b in self.successors(a) {
                if b == start {
                    let mut cycle = vec![a];
                    while let Some(previous) = from[cycle[cycle.len() - 1].index()]
                        .filter(|_| cycle[cycle.len() - 1] != start)
                    {
                        cycle.push(previous);
                    }
                    cycle.reverse();
                    return Some(cycle);
                }
                if from[b.index()].is_none() {
                    from[b.index()] = Some(a);
                    reached.push(b);
                }
            }
            done += 1;
            if done == next {
                (next, length) = (reached.len(), length + 1);
            }
        }
        None
    }

    /// A total order of the whole domain that extends the relation, the least element first wherever
    /// there is a choice; `None` if there is a cycle.
    #[must_use]
    pub fn linear_extension(&self) -> Option<Vec<I>> {
        let mut waiting_for = vec![0usize; self.size];
        for (_, b) in self.pairs() {
            waiting_for[b.index()] += 1;
        }
        let mut done = vec![false; self.size];
        let mut order = Vec::with_capacity(self.size);
        while order.len() < self.size {
            let next = (0..self.size).find(|i| !done[*i] && waiting_for[*i] == 0)?;
            done[next] = true;
            order.push(I::from_index(next));
            for b in self.successors(I::from_index(next)) {
                waiting_for[b.index()] -= 1;
            }
        }
        Some(order)
    }
}

/// The paths that a search has found from its start, breadth first.
struct Tree<I> {
    /// By element, the one before it on its path.
    from: Vec<Option<I>>,
    /// In the order in which they were reached.
    reached: Vec<I>,
}

impl<I> Default for Tree<I> {
    fn default() -> Self {
        Tree { from: Vec::new(), reached: Vec::new() }
    }
}

/// The edge would have closed a cycle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WouldCycle;

impl<I: Index> fmt::Debug for Relation<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.pairs().map(|(a, b)| (a.index(), b.index()))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Index for usize {
        fn index(self) -> usize {
            self
        }
        fn from_index(index: usize) -> usize {
            index
        }
    }

    fn relation(size: usize, pairs: &[(usize, usize)]) -> Relation<usize> {
        let mut relation = Relation::new(size);
        for (a, b) in pairs {
            assert!(relation.insert(*a, *b));
        }
        relation
    }

    #[test]
    fn closure_equals_the_closure_kept_edge_by_edge() {
        let pairs = [(3, 70), (70, 5), (5, 64), (64, 99), (0, 3), (99, 98), (1, 5)];
        let closed = relation(100, &pairs).closure();
        let mut kept = Relation::new(100);
        for (a, b) in pairs {
            assert_eq!(kept.insert_closed(a, b), Ok(true));
        }
        assert_eq!(kept, closed);
        assert!(closed.contains(0, 98));
        assert!(!closed.contains(98, 0));
        assert_eq!(kept.insert_closed(0, 98), Ok(false));
        assert_eq!(kept.insert_closed(98, 0), Err(WouldCycle));
        assert_eq!(kept.insert_closed(7, 7), Err(WouldCycle));
        assert_eq!(kept, closed);
    }

    #[test]
    fn the_shortest_cycle_is_found() {
        let mut r = relation(6, &[(0, 1), (1, 2), (2, 3), (3, 0), (4, 5)]);
        assert_eq!(r.shortest_cycle(), Some(vec![0, 1, 2, 3]));
        r.insert(3, 2);
        assert_eq!(r.shortest_cycle(), Some(vec![2, 3]));
        r.insert(5, 5);
        assert_eq!(r.shortest_cycle(), Some(vec![5]));
        assert_eq!(relation(4, &[(0, 1), (2, 1), (0, 3)]).shortest_cycle(), None);
    }

    #[test]
    fn the_shortest_cycle_is_the_first_of_those_through_every_element() {
        let mut state = 1_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            state >> 33
        };
        for _ in 0..500 {
            let often = 4 + random() % 12;
            let r = Relation::<usize>::from_fn(9, |_, _| random() % often == 0);
            let cycles = (0..9).filter_map(|start| r.shortest_cycle_through(start));
            assert_eq!(r.shortest_cycle(), cycles.min_by_key(Vec::len), "{r:?}");
        }
    }

    #[test]
    fn linear_extensions_extend() {
        let r = relation(5, &[(4, 0), (0, 2), (3, 1)]);
        assert_eq!(r.linear_extension(), Some(vec![3, 1, 4, 0, 2]));
        assert_eq!(relation(2, &[(0, 1), (1, 0)]).linear_extension(), None);
    }
}
