//! The final states of one test, those of all its machines in one table.

use std::cmp::Ordering;
use std::iter::repeat;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::marks::Marks;
use super::{Symbols, Value};
use crate::program::packed::{Layout, Packed, bits_for};

/// Every state that some machine of the test reaches: states by row, places by column.
///
/// Rows are sorted (see [`Value::order`]) and distinct. A row holds the numbers of its values in a
/// dictionary for each place.
#[derive(Clone, Debug, Default)]
pub struct States {
    dictionary: Arc<Dictionary>,
    rows: Arc<Packed>,
    satisfies: Marks,
    /// By machine: which of the rows it reaches.
    reached: Vec<Marks>,
}

/// The same states of the same machines, whatever their dictionaries.
impl PartialEq for States {
    fn eq(&self, other: &States) -> bool {
        let marks = |states: &States, row| {
            let reached = (0..states.machines()).map(move |machine| states.reaches(machine, row));
            (states.satisfies(row), reached.collect::<Vec<_>>())
        };
        self.len() == other.len()
            && self.dictionary.places() == other.dictionary.places()
            && self.machines() == other.machines()
            && (0..self.len()).all(|row| {
                marks(self, row) == marks(other, row) && self.row(row).eq(other.row(row))
            })
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
    /// Rows of numbers of `dictionary`, sorted and distinct, for each machine, and what `satisfies` says of
    /// a row and the condition.
    pub(super) fn of_machines(
        dictionary: Dictionary,
        machines: &[Option<Arc<Packed>>],
        satisfies: impl FnOnce(&Packed) -> Option<Marks>,
    ) -> Option<States> {
        let mut all = machines.iter().flatten();
        let mut rows = all.next().cloned().unwrap_or_default();
        for other in all {
            if other.words() != rows.words() {
                rows = Arc::new(rows.merge(other));
            }
        }
        let reached = machines.iter().map(|of_machine| {
            let Some(own) = of_machine else { return Marks::new(rows.len(), repeat(false)) };
            // A machine that reaches as many states as there are reaches all of them.
            if own.len() == rows.len() {
                return Marks::new(rows.len(), repeat(true));
            }
            let mut next = 0;
            let marks = (0..rows.len()).map(|row| {
                let reached = next < own.len() && own.row(next) == rows.row(row);
                next += usize::from(reached);
                reached
            });
            Marks::new(rows.len(), marks)
        });
        let reached = reached.collect();
        let satisfies = satisfies(&rows)?;
        Some(States { dictionary: Arc::new(dictionary), rows, satisfies, reached })
    }

    /// Number of states.
    #[must_use]
    pub fn len(&self) -> usize {
        self.satisfies.len()
    }

    /// No machine reaches any state.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of machines.
    #[must_use]
    pub fn machines(&self) -> usize {
        self.reached.len()
    }

    /// The values that each place may have in a state, in order.
    #[must_use]
    pub fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// The values of one state, as indices in the dictionary as a whole, one place behind the other.
    #[inline]
    pub fn entries(&self, row: usize) -> impl Iterator<Item = usize> + Clone + '_ {
        let row = self.rows.row(row);
        let starts = std::iter::once(&0).chain(&self.dictionary.ends);
        let fields = self.rows.layout.fields().iter();
        fields.zip(starts).map(move |(field, start)| *start as usize + field.of(row) as usize)
    }

    /// Calls `each` with what [`States::entries`] gives, in less time.
    #[inline]
    pub fn for_entries(&self, row: usize, mut each: impl FnMut(usize)) {
        let (row, mut start) = (self.rows.row(row), 0);
        for (field, end) in self.rows.layout.fields().iter().zip(&self.dictionary.ends) {
            each(start + field.of(row) as usize);
            start = *end as usize;
        }
    }

    /// The values of one state, one per place.
    pub fn row(&self, row: usize) -> impl Iterator<Item = Value> + Clone + '_ {
        self.entries(row).map(|entry| self.dictionary.values[entry])
    }

    /// Does the state satisfy the proposition of the test's condition?
    #[must_use]
    pub fn satisfies(&self, row: usize) -> bool {
        self.satisfies.of(row)
    }

    /// Does a machine reach the state?
    #[must_use]
    pub fn reaches(&self, machine: usize, row: usize) -> bool {
        self.reached[machine].of(row)
    }

    /// The rows that a machine reaches.
    pub fn of(&self, machine: usize) -> impl Iterator<Item = usize> + Clone + '_ {
        (0..self.len()).filter(move |row| self.reaches(machine, *row))
    }

    /// Do two machines reach the same states?
    #[must_use]
    pub fn same(&self, a: usize, b: usize) -> bool {
        self.reached[a] == self.reached[b]
    }

    /// How many states a machine reaches.
    #[must_use]
    pub fn count(&self, machine: usize) -> usize {
        self.reached[machine].count()
    }

    /// How many of the states that a machine reaches satisfy the proposition.
    #[must_use]
    pub fn positive(&self, machine: usize) -> usize {
        self.reached[machine].count_with(&self.satisfies)
    }

    /// The rows that one machine reaches and another does not.
    pub fn lacked(&self, weaker: usize, stronger: usize) -> impl Iterator<Item = usize> + '_ {
        self.of(weaker).filter(move |row| !self.reaches(stronger, *row))
    }

    /// Where the state with these values stands.
    #[must_use]
    pub fn find(
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
}

/// States in any order, of which a table is made.
#[derive(Clone, Debug, Default)]
pub struct Unsorted {
    columns: Vec<(Vec<Value>, FxHashMap<Value, u32>)>,
    numbers: Vec<u32>,
    /// Of each state: does it satisfy the proposition, and which machine reaches it?
    marks: Vec<(bool, u32)>,
}

impl Unsorted {
    /// No states of `places` values.
    #[must_use]
    pub fn new(places: usize) -> Unsorted {
        Unsorted { columns: vec![Default::default(); places], ..Unsorted::default() }
    }

    /// Adds a state that a machine reaches. Values beyond the number of places are dropped, missing ones
    /// are 0.
    pub fn push(
        &mut self,
        machine: usize,
        values: impl IntoIterator<Item = Value>,
        satisfies: bool,
    ) {
        let mut values = values.into_iter();
        for (known, numbers) in &mut self.columns {
            let value = values.next().unwrap_or(Value::Signed(0));
            self.numbers.push(*numbers.entry(value).or_insert_with(|| {
                known.push(value);
                known.len() as u32 - 1
            }));
        }
        self.marks.push((satisfies, machine as u32));
    }

    /// The table for so many machines, each state once.
    #[must_use]
    pub fn sorted(self, machines: usize, symbols: &Symbols) -> States {
        let mut dictionary = Dictionary::default();
        let (mut ranks, mut starts) = (Vec::new(), Vec::new());
        for (values, _) in self.columns {
            starts.push(ranks.len());
            values.into_iter().for_each(|value| dictionary.push(value));
            dictionary.close(symbols, &mut ranks);
        }
        let places = dictionary.places();
        let bits = (0..places).map(|place| bits_for(dictionary.of(place).len()));
        let mut rows = Packed::new(Layout::new(bits), self.marks.len());
        let mut row = vec![0; rows.layout.words()];
        for state in 0..self.marks.len() {
            row.fill(0);
            for (place, start) in starts.iter().enumerate() {
                let number = self.numbers[state * places + place];
                rows.layout.put(&mut row, place, ranks[start + number as usize]);
            }
            rows.push(&row);
        }
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by(|a, b| rows.row(*a).cmp(rows.row(*b)));
        let same: Vec<&[usize]> = order.chunk_by(|a, b| rows.row(*a) == rows.row(*b)).collect();
        let reached = (0..machines as u32).map(|machine| {
            let reaches = |states: &&[usize]| states.iter().any(|s| self.marks[*s].1 == machine);
            Marks::new(same.len(), same.iter().map(reaches))
        });
        let reached = reached.collect();
        let satisfies = Marks::new(same.len(), same.iter().map(|states| self.marks[states[0]].0));
        let firsts: Vec<usize> = same.iter().map(|states| states[0]).collect();
        let rows = Arc::new(rows.gather(&firsts));
        States { dictionary: Arc::new(dictionary), rows, satisfies, reached }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: &[(usize, [i64; 2])]) -> States {
        let mut states = Unsorted::new(2);
        for (machine, row) in rows {
            states.push(*machine, row.iter().map(|v| Value::Signed(*v)), row[0] == 1);
        }
        states.sorted(2, &Symbols::default())
    }

    #[test]
    fn rows_are_sorted_and_distinct_and_know_their_machines() {
        let rows = [(0, [1, 0]), (1, [0, -1]), (0, [1, 0]), (0, [0, 1]), (1, [1, 0])];
        let states = table(&rows);
        let expected = [[0, -1], [0, 1], [1, 0]].map(|row| row.map(Value::Signed).to_vec());
        let found: Vec<Vec<Value>> =
            (0..states.len()).map(|row| states.row(row).collect()).collect();
        assert_eq!(found, expected);
        assert_eq!([0, 1].map(|m| (states.count(m), states.positive(m))), [(2, 1), (2, 1)]);
        assert_eq!(states.lacked(0, 1).collect::<Vec<_>>(), [1]);
        assert_eq!(states.lacked(1, 0).collect::<Vec<_>>(), [0]);
        let symbols = Symbols::default();
        assert_eq!(states.find([1, 0].map(Value::Signed), &symbols), Some(2));
        assert_eq!(states.find([1, 1].map(Value::Signed), &symbols), None);
    }

    #[test]
    fn a_test_that_observes_nothing_has_one_state() {
        let mut states = Unsorted::new(0);
        states.push(0, [], true);
        states.push(0, [], true);
        let states = states.sorted(1, &Symbols::default());
        assert_eq!((states.len(), states.find([], &Symbols::default())), (1, Some(0)));
    }
}
