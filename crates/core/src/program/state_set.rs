//! Final states while they are found.

use std::mem::take;

use hashbrown::HashTable;
#[cfg(feature = "parallel")]
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rustc_hash::FxHashMap;

use super::packed::{Layout, Packed, bits_for};
use super::states::FinalStates;

/// The values of one place, in the order in which they turned up.
#[derive(Clone, Debug, Default)]
struct Column {
    values: Vec<u64>,
    /// Number of each value, once there are many.
    numbers: FxHashMap<u64, u32>,
}

/// So many values are found by looking at all.
const SCANNED: usize = 16;

impl Column {
    /// The number of a value, which is added if it is new.
    #[inline]
    fn number(&mut self, value: u64) -> u32 {
        if self.values.len() <= SCANNED {
            if let Some(number) = self.values.iter().position(|known| *known == value) {
                return number as u32;
            }
        } else if let Some(number) = self.numbers.get(&value) {
            return *number;
        }
        self.add(value)
    }

    #[cold]
    fn add(&mut self, value: u64) -> u32 {
        self.values.push(value);
        if self.values.len() > SCANNED {
            for (number, value) in self.values.iter().enumerate().skip(self.numbers.len()) {
                self.numbers.insert(*value, number as u32);
            }
        }
        self.values.len() as u32 - 1
    }

    /// The number of a value that is known.
    fn known(&self, value: u64) -> Option<u32> {
        if self.values.len() > SCANNED {
            return self.numbers.get(&value).copied();
        }
        self.values.iter().position(|known| *known == value).map(|number| number as u32)
    }

    fn clear(&mut self) {
        self.values.clear();
        self.numbers.clear();
    }
}

/// Final states as an engine finds them, each kept once.
#[derive(Clone, Debug, Default)]
pub struct StateSet {
    columns: Vec<Column>,
    rows: Packed,
    /// The numbers of the rows, by hash.
    numbers: HashTable<u32>,
    /// Room for a row of several words.
    row: Vec<u64>,
    /// By column and number: where the value stands among all, once they are in order.
    ranks: Vec<u32>,
}

/// For each place the values that it has in some of the sets, in order, and where they end: as
/// [`FinalStates`] has them.
fn dictionary(sets: &[StateSet]) -> (Vec<u64>, Vec<u32>) {
    let places = sets.first().map_or(0, |set| set.columns.len());
    let count = sets.iter().flat_map(|set| &set.columns).map(|column| column.values.len()).sum();
    let (mut values, mut ends) = (Vec::with_capacity(count), Vec::with_capacity(places));
    for place in 0..places {
        let start = values.len();
        for set in sets {
            values.extend_from_slice(&set.columns[place].values);
        }
        values[start..].sort_unstable_by_key(|value| *value as i64);
        let mut kept = start;
        for index in start..values.len() {
            if index == start || values[index] != values[kept - 1] {
                values[kept] = values[index];
                kept += 1;
            }
        }
        values.truncate(kept);
        ends.push(kept as u32);
    }
    (values, ends)
}

/// Bits of a column before they turn out to be too few.
const FIRST_BITS: u8 = 2;

impl StateSet {
    /// No states of `places` values.
    pub fn new(places: usize) -> StateSet {
        let mut set = StateSet::default();
        set.reset(places);
        set
    }

    /// Empties it, and keeps the allocations unless they are large.
    pub fn reset(&mut self, places: usize) {
        if self.numbers.capacity() > 1 << 16 {
            *self = StateSet::default();
        }
        self.columns.iter_mut().for_each(Column::clear);
        self.numbers.clear();
        if self.columns.len() == places {
            self.rows.clear();
        } else {
            self.columns.resize(places, Column::default());
            self.rows = Packed::new(Layout::new((0..places).map(|_| FIRST_BITS)), 0);
        }
    }

    /// Bytes of memory that it takes.
    pub fn memory(&self) -> usize {
        let values: usize = self.columns.iter().map(|column| column.values.capacity()).sum();
        self.rows.memory() + self.numbers.allocation_size() + 24 * values
    }

    /// Adds a state; says whether it was new.
    #[inline]
    pub fn insert(&mut self, state: impl Iterator<Item = u64> + Clone) -> bool {
        if self.rows.layout.words() == 1
            && let Some(row) = self.word(state.clone())
        {
            return self.insert_row(&[row]);
        }
        self.insert_wide(state)
    }

    /// The row of a state where rows are words; `None` if a number does not fit.
    #[inline]
    fn word(&mut self, state: impl Iterator<Item = u64>) -> Option<u64> {
        let (mut row, mut beyond) = (0, 0);
        let columns = self.columns.iter_mut().zip(state).zip(self.rows.layout.fields());
        for ((column, value), field) in columns {
            let number = u64::from(column.number(value));
            row |= number << field.shift;
            beyond |= number >> field.bits;
        }
        (beyond == 0).then_some(row)
    }

    fn insert_wide(&mut self, state: impl Iterator<Item = u64> + Clone) -> bool {
        let mut row = take(&mut self.row);
        loop {
            row.clear();
            row.resize(self.rows.layout.words(), 0);
            let mut fits = true;
            for (place, (column, value)) in self.columns.iter_mut().zip(state.clone()).enumerate() {
                fits &= self.rows.layout.put(&mut row, place, column.number(value));
            }
            if fits {
                let new = self.insert_row(&row);
                self.row = row;
                return new;
            }
            self.widen();
        }
    }

    /// Adds a row; says whether it was new.
    #[inline]
    fn insert_row(&mut self, row: &[u64]) -> bool {
        let StateSet { rows, numbers, .. } = self;
        let (of, hash_of_row) = (|number: &u32| rows.row(*number as usize), hash(row));
        if numbers.find(hash_of_row, |number| of(number) == row).is_some() {
            return false;
        }
        numbers.insert_unique(hash_of_row, rows.len() as u32, |number| hash(of(number)));
        rows.push(row);
        true
    }

    /// Is `state` there?
    pub fn contains(&self, state: &[u64]) -> bool {
        let mut row = vec![0; self.rows.layout.words()];
        let known = self.columns.iter().zip(state).enumerate().all(|(place, (column, value))| {
            column.known(*value).is_some_and(|number| self.rows.layout.put(&mut row, place, number))
        });
        known && self.numbers.find(hash(&row), |n| self.rows.row(*n as usize) == row).is_some()
    }

    /// The states in order.
    pub fn sorted(&mut self) -> FinalStates {
        let (values, ends) = dictionary(std::slice::from_ref(self));
        let rows = self.rows_in(&values, &ends);
        FinalStates::new(values, ends, rows)
    }

    /// The states of all `sets`, whose places are the same, in order. Uses the threads of the current
    /// rayon pool where the feature `parallel` is on.
    pub fn all_sorted(sets: Vec<StateSet>) -> FinalStates {
        let (values, ends) = dictionary(&sets);
        #[cfg(feature = "parallel")]
        let sets = sets.into_par_iter();
        #[cfg(not(feature = "parallel"))]
        let sets = sets.into_iter();
        let parts: Vec<Packed> = sets.map(|mut set| set.rows_in(&values, &ends)).collect();
        let rows = parts.into_iter().reduce(|a, b| a.merge(&b)).unwrap_or_default();
        FinalStates::new(values, ends, rows)
    }

    /// The rows in order, with numbers of a [`dictionary`] that has all their values.
    fn rows_in(&mut self, values: &[u64], ends: &[u32]) -> Packed {
        let StateSet { columns, rows, ranks, .. } = self;
        let mut start = 0;
        let places = columns.iter().zip(ends).map(move |(column, end)| {
            let all = &values[start..*end as usize];
            start = *end as usize;
            (column.values.as_slice(), all)
        });
        ranks.clear();
        for (own, all) in places.clone() {
            let rank = |value: &u64| all.binary_search_by_key(&(*value as i64), |v| *v as i64);
            ranks.extend(own.iter().map(|value| rank(value).unwrap_or_default() as u32));
        }
        let mut ranks = ranks.as_slice();
        let columns = places.enumerate().map(move |(place, (own, all))| {
            let (numbers, rest) = ranks.split_at(own.len());
            ranks = rest;
            (place, bits_for(all.len()), numbers)
        });
        let mut rows = rows.remap(columns);
        rows.sort();
        rows
    }

    /// Twice the bits for every column that has more values than they can number.
    #[cold]
    fn widen(&mut self) {
        let same: Vec<u32> =
            (0..self.columns.iter().map(|column| column.values.len() as u32).max().unwrap_or(0))
                .collect();
        let bits: Vec<u8> = self.rows.layout.bits().collect();
        let columns = self.columns.iter().zip(&bits).enumerate();
        let columns = columns.map(|(place, (column, bits))| {
            let fits = bits_for(column.values.len()) <= *bits;
            (place, if fits { *bits } else { 2 * bits }, same.as_slice())
        });
        self.rows = self.rows.remap(columns);
        self.numbers.clear();
        let StateSet { rows, numbers, .. } = self;
        let hash = |row: usize| hash(rows.row(row));
        for row in 0..rows.len() {
            numbers.insert_unique(hash(row), row as u32, |row| hash(*row as usize));
        }
    }
}

/// A product of 128 bits, folded: rows differ in their highest bits, and slots are chosen by the lowest.
fn hash(row: &[u64]) -> u64 {
    row.iter().fold(0, |hash: u64, word| {
        let product = u128::from(hash ^ word) * 0x9E37_79B9_7F4A_7C15;
        product as u64 ^ (product >> 64) as u64
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::states::FinalState;
    use super::*;

    fn filled(states: &[Vec<u64>], places: usize) -> StateSet {
        let mut set = StateSet::new(places);
        let mut known = BTreeSet::new();
        for state in states {
            assert_eq!(set.contains(state), known.contains(state));
            assert_eq!(set.insert(state.iter().copied()), known.insert(state.clone()));
        }
        assert_eq!(set.sorted().len(), known.len());
        set
    }

    fn states(count: u64, places: u64, values: u64) -> Vec<Vec<u64>> {
        let value =
            |n: u64, place| (n.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (7 * place % 50)) % values;
        let sign = |value: u64| if value.is_multiple_of(3) { value.wrapping_neg() } else { value };
        (0..count).map(|n| (0..places).map(|place| sign(value(n, place))).collect()).collect()
    }

    #[test]
    fn each_state_is_kept_once_and_they_come_in_order() {
        for (count, places, values) in
            [(0, 3, 1), (5, 0, 1), (100, 3, 2), (300, 5, 40), (500, 70, 3), (2000, 2, 1000)]
        {
            let all = states(count, places, values);
            let mut set = filled(&all, places as usize);
            let mut expected: Vec<FinalState> = all.into_iter().map(Into::into).collect();
            expected.sort_by_key(|state| state.iter().map(|v| *v as i64).collect::<Vec<i64>>());
            expected.dedup();
            let sorted = set.sorted();
            assert_eq!(sorted.iter().collect::<Vec<_>>(), expected);
            assert!(expected.iter().all(|state| sorted.contains(state)));
            assert!(!sorted.contains(&vec![12345; places as usize + 1]));
        }
    }

    #[test]
    fn sets_are_put_together_whatever_their_order() {
        let all = states(400, 4, 30);
        let parts = vec![filled(&all[..250], 4), filled(&[], 4), filled(&all[150..], 4)];
        let mut backwards = all.clone();
        backwards.reverse();
        assert_eq!(StateSet::all_sorted(parts), filled(&backwards, 4).sorted());
        assert!(StateSet::all_sorted(Vec::new()).is_empty());
    }

    #[test]
    fn an_emptied_set_is_as_new() {
        let mut set = filled(&states(100, 3, 90), 3);
        for places in [3, 2] {
            set.reset(places);
            assert!(!set.contains(&vec![0; places]));
            for state in states(50, places as u64, 20) {
                set.insert(state.iter().copied());
            }
            assert_eq!(set.sorted(), filled(&states(50, places as u64, 20), places).sorted());
        }
    }
}
