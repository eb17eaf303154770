//! The final states of a program.

use std::sync::Arc;

use super::packed::Packed;

/// The values of [`super::Program::observed`], in that order, each extended to 64 bits as its type says.
pub type FinalState = Box<[u64]>;

/// Distinct final states in their order: value by value, as signed numbers.
///
/// For each observed place the values that it has in some state are kept once; the states are rows of
/// their numbers, see [`super::packed`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct FinalStates {
    /// The values of all places, one place behind the other, each ascending as signed numbers.
    values: Vec<u64>,
    /// By place: where its values end.
    ends: Vec<u32>,
    rows: Arc<Packed>,
}

impl FinalStates {
    /// Puts the states of a table together, sorted rows of numbers of the columns' values.
    pub(super) fn new(values: Vec<u64>, ends: Vec<u32>, rows: Packed) -> FinalStates {
        FinalStates { values, ends, rows: Arc::new(rows) }
    }

    /// How many states there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Bytes of memory that they take.
    pub fn memory(&self) -> usize {
        size_of::<FinalStates>() + 8 * self.values.len() + 4 * self.ends.len() + self.rows.memory()
    }

    /// None at all: the filter kept none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of observed places.
    #[must_use]
    pub fn places(&self) -> usize {
        self.ends.len()
    }

    /// How many values all places together have.
    pub fn values(&self) -> usize {
        self.values.len()
    }

    /// The values that an observed place has in some state, ascending as signed numbers.
    #[must_use]
    pub fn column(&self, place: usize) -> &[u64] {
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        &self.values[start as usize..self.ends[place] as usize]
    }

    /// The states as numbers of the values of each [`FinalStates::column`].
    pub(crate) fn rows(&self) -> &Arc<Packed> {
        &self.rows
    }

    /// Replaces what is in `values` by the state number `index`.
    pub fn read(&self, index: usize, values: &mut Vec<u64>) {
        let row = self.rows.row(index);
        let value = |place: usize| self.column(place)[self.rows.layout.get(row, place) as usize];
        values.clear();
        values.extend((0..self.places()).map(value));
    }

    /// All states.
    pub fn iter(&self) -> impl Iterator<Item = FinalState> + '_ {
        (0..self.len()).map(|index| {
            let mut values = Vec::with_capacity(self.places());
            self.read(index, &mut values);
            values.into()
        })
    }

    /// Is `state` one of them?
    #[must_use]
    pub fn contains(&self, state: &[u64]) -> bool {
        let mut row = vec![0; self.rows.layout.words()];
        state.len() == self.places()
            && state.iter().enumerate().all(|(place, value)| {
                let column = self.column(place);
                let found = column.binary_search_by_key(&(*value as i64), |v| *v as i64);
                found.is_ok_and(|number| self.rows.layout.put(&mut row, place, number as u32))
            })
            && self.rows.find(&row).is_some()
    }
}
