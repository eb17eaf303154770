//! What each state of a table says of the condition.

use std::sync::Arc;

/// One truth value for each state. Clones share what takes memory of its own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Marks {
    /// The bits of a number, the first state's being the lowest: most tests have few states.
    Few {
        /// Those beyond the last state are 0.
        bits: u64,
        states: usize,
    },
    Many(Arc<[bool]>),
}

/// No states.
impl Default for Marks {
    fn default() -> Marks {
        Marks::Few { bits: 0, states: 0 }
    }
}

impl Marks {
    /// Takes a mark for each of so many states.
    pub(super) fn new(states: usize, marks: impl Iterator<Item = bool>) -> Marks {
        if states > u64::BITS as usize {
            return Marks::Many(marks.take(states).collect());
        }
        let mut bits = 0;
        marks.take(states).enumerate().for_each(|(state, mark)| bits |= u64::from(mark) << state);
        Marks::Few { bits, states }
    }

    /// How many states there are.
    #[inline]
    pub(super) fn len(&self) -> usize {
        match self {
            Marks::Few { states, .. } => *states,
            Marks::Many(marks) => marks.len(),
        }
    }

    /// The mark of one state.
    #[inline]
    pub(super) fn of(&self, state: usize) -> bool {
        match self {
            Marks::Few { bits, .. } => bits >> state & 1 == 1,
            Marks::Many(marks) => marks[state],
        }
    }

    /// How many states have both marks.
    pub(super) fn count_with(&self, other: &Marks) -> usize {
        match (self, other) {
            (Marks::Few { bits, .. }, Marks::Few { bits: others, .. }) => {
                (bits & others).count_ones() as usize
            }
            _ => (0..self.len()).filter(|state| self.of(*state) && other.of(*state)).count(),
        }
    }

    /// How many are marked.
    pub(super) fn count(&self) -> usize {
        match self {
            Marks::Few { bits, .. } => bits.count_ones() as usize,
            Marks::Many(marks) => marks.iter().filter(|mark| **mark).count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_marks_are_what_they_were_made_of() {
        for states in [0, 1, 63, 64, 65, 200] {
            let mark = |state: usize| state % 3 == 1;
            let marks = Marks::new(states, (0..states).map(mark));
            assert_eq!(marks.len(), states);
            assert!((0..states).all(|state| marks.of(state) == mark(state)));
            assert_eq!(marks.count(), (0..states).filter(|state| mark(*state)).count());
        }
    }
}
