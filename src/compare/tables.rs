//! The states of several models as tables with one dictionary, named as the test names them.

use std::sync::Arc;

use super::naming::Naming;
use super::states::{Dictionary, in_order};
use super::{ModelOutcomes, States, Symbols};
use crate::program::packed::{Packed, bits_for};
use crate::program::{Observed, Program};

/// The states that each model reaches.
pub(super) struct Tables {
    /// By model.
    pub(super) tables: Vec<States>,
    /// Those among the values.
    pub(super) symbols: Symbols,
}

/// A printed place: what engines found, and how it is shown.
struct Place {
    /// Index of the place among the observed ones.
    index: usize,
    /// The values as engines have them, in the order in which they are printed.
    bits: Vec<u64>,
    /// By model: what the numbers of its values become. `None` if they stay.
    numbers: Vec<Option<Vec<u32>>>,
    /// Are values printed in the order in which engines have them?
    in_order: bool,
}

impl Tables {
    /// Gives the states of `found` to print: `printed` places, which may be fewer than the observed.
    pub(super) fn new(
        program: &Program,
        printed: &[(usize, &Observed)],
        naming: &Naming<'_>,
        found: &[ModelOutcomes],
    ) -> Tables {
        let mut symbols = Symbols::default();
        let mut dictionary = Dictionary::with_capacity(printed.len());
        let mut places = Vec::with_capacity(printed.len());
        for &(index, observed) in printed {
            let columns = || found.iter().map(|found| &found.outcomes.states.columns()[index]);
            let all = union(columns());
            let named =
                all.iter().map(|bits| naming.value(*bits, observed.rendering, &mut symbols));
            let (values, ranks) = in_order(named.collect(), &symbols);
            let in_order = ranks.iter().copied().eq(0..ranks.len() as u32);
            let numbers = columns().map(|column| {
                let same = in_order && *column == all;
                (!same).then(|| renumbered(column, &all, &ranks))
            });
            let numbers = numbers.collect();
            let mut bits = all;
            if !in_order {
                let before = bits.clone();
                before.iter().zip(&ranks).for_each(|(value, rank)| bits[*rank as usize] = *value);
            }
            dictionary.push(values);
            places.push(Place { index, bits, numbers, in_order });
        }
        let dictionary = Arc::new(dictionary);
        let mut state = vec![0; program.observed.len()];
        let tables = found.iter().enumerate().map(|(model, found)| {
            let rows = shown(found, model, &places);
            let satisfies = |row: usize| {
                program.condition.as_ref().is_none_or(|condition| {
                    for (column, place) in places.iter().enumerate() {
                        state[place.index] = place.bits[rows.get(row, column) as usize];
                    }
                    condition.holds(&state)
                })
            };
            let satisfies = (0..rows.len()).map(satisfies).collect();
            States::of_rows(dictionary.clone(), rows, satisfies)
        });
        Tables { tables: tables.collect(), symbols }
    }
}

/// The rows of one model as they are printed.
fn shown(found: &ModelOutcomes, model: usize, places: &[Place]) -> Packed {
    let states = &found.outcomes.states;
    let all = places.len() == states.columns().len();
    let bits = |place: &Place| bits_for(place.bits.len());
    let unchanged = places.iter().all(|place| place.numbers[model].is_none());
    if all && unchanged && states.rows().layout.bits().eq(places.iter().map(bits)) {
        return states.rows().clone();
    }
    let most = places.iter().map(|place| place.bits.len()).max().unwrap_or(0);
    let same: Vec<u32> = (0..most as u32).collect();
    let columns = places
        .iter()
        .map(|place| (place.index, bits(place), place.numbers[model].as_deref().unwrap_or(&same)));
    let mut rows = states.rows().remap(columns);
    if !all || !places.iter().all(|place| place.in_order) {
        rows.sort();
        rows.dedup();
    }
    rows
}

/// The values of all columns, each once, in order.
fn union<'c>(mut columns: impl Iterator<Item = &'c Vec<u64>>) -> Vec<u64> {
    let mut all = columns.next().cloned().unwrap_or_default();
    for column in columns {
        if *column != all && column.iter().any(|value| !all.contains(value)) {
            all.extend_from_slice(column);
            all.sort_unstable_by_key(|value| *value as i64);
            all.dedup();
        }
    }
    all
}

/// The rank of each value of `column` among `all`.
fn renumbered(column: &[u64], all: &[u64], ranks: &[u32]) -> Vec<u32> {
    let number = |value: &u64| all.binary_search_by_key(&(*value as i64), |v| *v as i64);
    column.iter().map(|value| number(value).map_or(0, |number| ranks[number])).collect()
}
