//! The final states of one test under one model, as a table of values.

use std::cmp::Ordering;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::marks::Marks;
use super::{Symbols, Value};
use crate::program::packed::{Layout, Packed, bits_for};

/// States by row, places by column. Rows are sorted (see [`Value::order`]) and distinct.
///
/// A row holds the numbers of its values in a dictionary for each place, which the models of a test share.
/// Clones share everything.
#[derive(Clone, Debug, Default)]
pub struct States {
    dictionary: Arc<Dictionary>,
    rows: Arc<Packed>,
    satisfies: Marks,
}

/// The same states, whatever their dictionaries.
impl PartialEq for States {
    fn eq(&self, other: &States) -> bool {
        self.len() == other.len()
            && self.dictionary.places() == other.dictionary.places()
            && self.iter().zip(other.iter()).all(|((a, x), (b, y))| x == y && a.eq(b))
    }
}

/// For each place the values that it may have, in order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Dictionary {
    /// One place behind the other.
    values: Vec<Value>,
    /// By place: where its values end.
    ends: Vec<u32>,
}

impl Dictionary {
    /// No places, with room.
    pub(super) fn new(places: usize, values: usize) -> Dictionary {
        Dictionary { values: Vec::with_capacity(values), ends: Vec::with_capacity(places) }
    }

    /// Adds a value to the place that [`Dictionary::close`] is to end.
    pub(super) fn push(&mut self, value: Value) {
        self.values.push(value);
    }

    /// Puts the values of the last place in order, each once. Appends to `ranks` where each of them stands
    /// then.
    pub(super) fn close(&mut self, symbols: &Symbols, ranks: &mut Vec<u32>) {
        let start = self.ends.last().map_or(0, |end| *end as usize);
        let own = &mut self.values[start..];
        if own.is_sorted_by(|a, b| a.order(*b, symbols) == Ordering::Less) {
            ranks.extend(0..own.len() as u32);
        } else {
            let before = own.to_vec();
            own.sort_unstable_by(|a, b| a.order(*b, symbols));
            let mut sorted = own.to_vec();
            sorted.dedup();
            self.values.truncate(start);
            self.values.extend_from_slice(&sorted);
            let rank = |value: &Value| sorted.binary_search_by(|v| v.order(*value, symbols));
            ranks.extend(before.iter().map(|value| rank(value).unwrap_or(0) as u32));
        }
        self.ends.push(self.values.len() as u32);
    }

    /// Number of places.
    #[must_use]
    pub fn places(&self) -> usize {
        self.ends.len()
    }

    /// Number of values of all places.
    pub fn values(&self) -> usize {
        self.values.len()
    }

    /// The values of a place.
    #[must_use]
    pub fn of(&self, place: usize) -> &[Value] {
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        &self.values[start as usize..self.ends[place] as usize]
    }
}

impl States {
    /// Rows of numbers of `dictionary`, sorted and distinct, and what each says of the condition.
    pub(super) fn of_rows(
        dictionary: Arc<Dictionary>,
        rows: Arc<Packed>,
        satisfies: impl Iterator<Item = bool>,
    ) -> States {
        let satisfies = Marks::new(rows.len(), satisfies);
        States { dictionary, rows, satisfies }
    }

    /// Number of states.
    #[must_use]
    pub fn len(&self) -> usize {
        self.satisfies.len()
    }

    /// No state at all: the filter kept none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// By place: the values that it may have in a state, in order.
    #[must_use]
    pub fn dictionary(&self) -> &Arc<Dictionary> {
        &self.dictionary
    }

    /// Is it the very same table?
    #[must_use]
    pub fn shares_rows(&self, other: &States) -> bool {
        Arc::ptr_eq(&self.rows, &other.rows) && Arc::ptr_eq(&self.dictionary, &other.dictionary)
    }

    /// The values of one state, as numbers in the dictionary of each place.
    #[inline]
    pub fn numbers(&self, row: usize) -> impl Iterator<Item = usize> + Clone + '_ {
        let row = self.rows.row(row);
        self.rows.layout.fields().iter().map(|field| field.of(row) as usize)
    }

    /// The same as indices in the dictionary as a whole, one place behind the other.
    #[inline]
    pub fn entries(&self, row: usize) -> impl Iterator<Item = usize> + '_ {
        let mut start = 0;
        self.dictionary.ends.iter().zip(self.numbers(row)).map(move |(end, number)| {
            let entry = start + number;
            start = *end as usize;
            entry
        })
    }

    /// Calls `each` with what [`States::entries`] gives, in less time.
    #[inline]
    pub fn for_entries(&self, row: usize, mut each: impl FnMut(usize)) {
        let [word] = *self.rows.row(row) else { return self.entries(row).for_each(each) };
        let mut start = 0;
        for (field, end) in self.rows.layout.fields().iter().zip(&self.dictionary.ends) {
            each(start + field.of_word(word));
            start = *end as usize;
        }
    }

    /// The values of one state, one per place.
    pub fn row(&self, row: usize) -> impl Iterator<Item = Value> + Clone + '_ {
        let numbers = self.numbers(row).enumerate();
        numbers.map(|(place, number)| self.dictionary.of(place)[number])
    }

    /// Does the state satisfy the proposition of the test's condition?
    #[must_use]
    pub fn satisfies(&self, row: usize) -> bool {
        self.satisfies.of(row)
    }

    /// All states with whether they satisfy the proposition.
    pub fn iter(
        &self,
    ) -> impl Iterator<Item = (impl Iterator<Item = Value> + Clone + '_, bool)> + '_ {
        (0..self.len()).map(|row| (self.row(row), self.satisfies(row)))
    }

    /// How many states satisfy the proposition.
    #[must_use]
    pub fn positive(&self) -> usize {
        self.satisfies.count()
    }

    /// Where a row of another table with the same symbols stands in this one.
    #[must_use]
    pub fn find(&self, other: &States, row: usize, symbols: &Symbols) -> Option<usize> {
        if Arc::ptr_eq(&self.dictionary, &other.dictionary) && self.rows.layout == other.rows.layout
        {
            return self.rows.find(other.rows.row(row));
        }
        self.find_values(other.row(row), symbols)
    }

    /// Where the state with these values stands.
    #[must_use]
    pub fn find_values(
        &self,
        values: impl IntoIterator<Item = Value>,
        symbols: &Symbols,
    ) -> Option<usize> {
        let mut row = vec![0; self.rows.layout.words()];
        let mut places = 0;
        for (place, value) in values.into_iter().enumerate() {
            if place == self.dictionary.places() {
                return None;
            }
            let known = self.dictionary.of(place);
            let number = known.binary_search_by(|known| known.order(value, symbols)).ok()?;
            self.rows.layout.put(&mut row, place, number as u32);
            places += 1;
        }
        (places == self.dictionary.places()).then(|| self.rows.find(&row)).flatten()
    }

    /// The rows that `other` lacks. Both have the dictionary of one test.
    pub(super) fn without<'s>(
        &'s self,
        other: &'s States,
        symbols: &'s Symbols,
    ) -> impl Iterator<Item = usize> + 's {
        let rows = if self.shares_rows(other) { 0 } else { self.len() };
        let alike = Arc::ptr_eq(&self.dictionary, &other.dictionary);
        let mut there = self.rows_in(other);
        (0..rows).filter(move |row| match alike {
            true => there.next().flatten().is_none(),
            false => other.find(self, *row, symbols).is_none(),
        })
    }

    /// For each row where it stands in `other`, which has the same dictionary.
    pub fn rows_in<'s>(&'s self, other: &'s States) -> impl Iterator<Item = Option<usize>> + 's {
        let mut next = 0;
        (0..self.len()).map(move |row| {
            let row = self.rows.row(row);
            while next < other.len() && other.rows.row(next) < row {
                next += 1;
            }
            (next < other.len() && other.rows.row(next) == row).then_some(next)
        })
    }
}

/// States in any order, of which a table is made.
#[derive(Clone, Debug, Default)]
pub struct Unsorted {
    columns: Vec<(Vec<Value>, FxHashMap<Value, u32>)>,
    numbers: Vec<u32>,
    satisfies: Vec<bool>,
}

impl Unsorted {
    /// No states of `places` values.
    #[must_use]
    pub fn new(places: usize) -> Unsorted {
        Unsorted { columns: vec![Default::default(); places], ..Unsorted::default() }
    }

    /// Adds a state. Values beyond the number of places are dropped, missing ones are 0.
    pub fn push(&mut self, values: impl IntoIterator<Item = Value>, satisfies: bool) {
        let mut values = values.into_iter();
        for (known, numbers) in &mut self.columns {
            let value = values.next().unwrap_or(Value::Signed(0));
            self.numbers.push(*numbers.entry(value).or_insert_with(|| {
                known.push(value);
                known.len() as u32 - 1
            }));
        }
        self.satisfies.push(satisfies);
    }

    /// The table, each state once.
    #[must_use]
    pub fn sorted(self, symbols: &Symbols) -> States {
        let mut dictionary = Dictionary::default();
        let (mut ranks, mut starts) = (Vec::new(), Vec::new());
        for (values, _) in self.columns {
            starts.push(ranks.len());
            values.into_iter().for_each(|value| dictionary.push(value));
            dictionary.close(symbols, &mut ranks);
        }
        let places = dictionary.places();
        let bits = (0..places).map(|place| bits_for(dictionary.of(place).len()));
        let mut rows = Packed::new(Layout::new(bits), self.satisfies.len());
        let mut row = vec![0; rows.layout.words()];
        for state in 0..self.satisfies.len() {
            row.fill(0);
            for (place, start) in starts.iter().enumerate() {
                let number = self.numbers[state * places + place];
                rows.layout.put(&mut row, place, ranks[start + number as usize]);
            }
            rows.push(&row);
        }
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by(|a, b| rows.row(*a).cmp(rows.row(*b)));
        order.dedup_by(|a, b| rows.row(*a) == rows.row(*b));
        let satisfies = order.iter().map(|row| self.satisfies[*row]);
        States::of_rows(Arc::new(dictionary), Arc::new(rows.gather(&order)), satisfies)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[[i64; 2]]) -> States {
        let mut states = Unsorted::new(2);
        for row in rows {
            states.push(row.iter().map(|v| Value::Signed(*v)), row[0] == 1);
        }
        states.sorted(&Symbols::default())
    }

    fn values(states: &States) -> Vec<Vec<Value>> {
        states.iter().map(|(row, _)| row.collect()).collect()
    }

    #[test]
    fn rows_are_sorted_and_distinct() {
        let states = table(&[[1, 0], [0, -1], [1, 0], [0, 1]]);
        let expected = [[0, -1], [0, 1], [1, 0]].map(|row| row.map(Value::Signed).to_vec());
        assert_eq!(values(&states), expected);
        assert_eq!((states.len(), states.positive()), (3, 1));
        assert!(states.satisfies(2));
    }

    #[test]
    fn rows_are_found_in_another_table() {
        let (symbols, big) = (Symbols::default(), table(&[[0, 0], [0, 1], [1, 1], [2, 5]]));
        let small = table(&[[0, 1], [1, 0], [2, 5]]);
        let found: Vec<_> = (0..3).map(|row| big.find(&small, row, &symbols)).collect();
        assert_eq!(found, [Some(1), None, Some(3)]);
        assert_eq!(small.without(&big, &symbols).collect::<Vec<_>>(), [1]);
        let same = States {
            satisfies: Marks::new(4, [true; 4].into_iter()),
            rows: Arc::new(Packed::clone(&big.rows)),
            ..big.clone()
        };
        assert_eq!(big.without(&same, &symbols).count(), 0);
        assert_eq!(
            (0..4).map(|row| same.find(&big, row, &symbols)).collect::<Option<Vec<_>>>(),
            Some(vec![0, 1, 2, 3])
        );
    }

    #[test]
    fn a_test_that_observes_nothing_has_one_state() {
        let mut states = Unsorted::new(0);
        states.push([], true);
        states.push([], true);
        let states = states.sorted(&Symbols::default());
        assert_eq!((states.len(), states.find_values([], &Symbols::default())), (1, Some(0)));
    }
}
