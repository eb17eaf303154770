//! The final states of one test under one model, as a table of values.

use std::cmp::Ordering;

use super::{Symbols, Value};

/// States by row, places by column. Rows are sorted (see [`Value::order`]) and distinct.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct States {
    width: usize,
    cells: Vec<Value>,
    satisfies: Vec<bool>,
}

impl States {
    /// A table with `width` places and no states, with room for `rows`.
    #[must_use]
    pub fn new(width: usize, rows: usize) -> States {
        States {
            width,
            cells: Vec::with_capacity(width * rows),
            satisfies: Vec::with_capacity(rows),
        }
    }

    /// Adds a state; [`States::finish`] puts it in its place. Values beyond the width are dropped,
    /// missing ones are 0.
    pub fn push(&mut self, values: impl IntoIterator<Item = Value>, satisfies: bool) {
        self.cells.extend(values.into_iter().take(self.width));
        self.satisfies.push(satisfies);
        self.cells.resize(self.width * self.satisfies.len(), Value::Signed(0));
    }

    /// Sorts the rows and drops repeated ones.
    pub fn finish(&mut self, symbols: &Symbols) {
        let in_order =
            (1..self.len()).all(|row| self.order(row - 1, self, row, symbols) == Ordering::Less);
        if in_order {
            return;
        }
        let mut rows: Vec<usize> = (0..self.len()).collect();
        rows.sort_by(|&a, &b| self.order(a, self, b, symbols));
        rows.dedup_by(|a, b| self.row(*a) == self.row(*b));
        let mut sorted = States::new(self.width, rows.len());
        for row in rows {
            sorted.push(self.row(row).iter().copied(), self.satisfies[row]);
        }
        *self = sorted;
    }

    /// How a row of this table sorts against one of another table with the same symbols.
    #[must_use]
    pub fn order(&self, row: usize, other: &States, at: usize, symbols: &Symbols) -> Ordering {
        let pairs = self.row(row).iter().zip(other.row(at));
        pairs
            .map(|(a, b)| a.order(*b, symbols))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    /// Number of states.
    #[must_use]
    pub fn len(&self) -> usize {
        self.satisfies.len()
    }

    /// No state at all: the filter kept none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.satisfies.is_empty()
    }

    /// The values of one state, one per place.
    #[must_use]
    pub fn row(&self, row: usize) -> &[Value] {
        &self.cells[row * self.width..(row + 1) * self.width]
    }

    /// Does the state satisfy the proposition of the test's condition?
    #[must_use]
    pub fn satisfies(&self, row: usize) -> bool {
        self.satisfies[row]
    }

    /// All states with whether they satisfy the proposition.
    pub fn iter(&self) -> impl Iterator<Item = (&[Value], bool)> {
        (0..self.len()).map(|row| (self.row(row), self.satisfies[row]))
    }

    /// How many states satisfy the proposition.
    #[must_use]
    pub fn positive(&self) -> usize {
        self.satisfies.iter().filter(|satisfies| **satisfies).count()
    }

    /// Where a row of `other` stands in this table.
    #[must_use]
    pub fn find(&self, other: &States, at: usize, symbols: &Symbols) -> Option<usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.order(middle, other, at, symbols) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Some(middle),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[[i64; 2]]) -> States {
        let mut states = States::new(2, rows.len());
        for row in rows {
            states.push(row.iter().map(|v| Value::Signed(*v)), row[0] == 1);
        }
        states.finish(&Symbols::default());
        states
    }

    #[test]
    fn rows_are_sorted_and_distinct() {
        let states = table(&[[1, 0], [0, -1], [1, 0], [0, 1]]);
        let expected = table(&[[0, -1], [0, 1], [1, 0]]);
        assert_eq!(states, expected);
        assert_eq!((states.len(), states.positive()), (3, 1));
    }

    #[test]
    fn rows_are_found_in_another_table() {
        let (symbols, big) = (Symbols::default(), table(&[[0, 0], [0, 1], [1, 1], [2, 5]]));
        let small = table(&[[0, 1], [1, 0], [2, 5]]);
        let found: Vec<_> = (0..3).map(|row| big.find(&small, row, &symbols)).collect();
        assert_eq!(found, [Some(1), None, Some(3)]);
    }

    #[test]
    fn a_test_that_observes_nothing_has_one_state() {
        let mut states = States::new(0, 2);
        states.push([], true);
        states.push([], true);
        states.finish(&Symbols::default());
        assert_eq!(states.len(), 1);
    }
}
