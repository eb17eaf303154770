//! The states of several models as tables with one dictionary, named as the test names them.

use std::sync::Arc;

use super::naming::Naming;
use super::states::Dictionary;
use super::{ModelOutcomes, States, Symbols};
use crate::program::packed::{Packed, bits_for};
use crate::program::{FinalStates, Observed, Program};

/// The states that each model reaches.
pub(super) struct Tables {
    /// By model.
    pub(super) tables: Vec<States>,
    /// Those among the values.
    pub(super) symbols: Symbols,
}

/// What becomes of the values of the printed places.
#[derive(Default)]
struct Places {
    /// By printed place: index among the observed ones, and where its values end in what follows.
    ends: Vec<(usize, usize)>,
    /// The values that any model has, ascending as signed numbers.
    bits: Vec<u64>,
    /// Where each stands in the dictionary.
    ranks: Vec<u32>,
    /// Does each stand there as it stood before?
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
        let most = found.first().map_or(0, |found| found.outcomes.states.values());
        let mut dictionary = Dictionary::new(printed.len(), most);
        let mut symbols = Symbols::default();
        let mut places = Places {
            ends: Vec::with_capacity(printed.len()),
            bits: Vec::with_capacity(most),
            ranks: Vec::with_capacity(most),
            in_order: true,
        };
        for &(index, observed) in printed {
            let start = places.bits.len();
            unite(found.iter().map(|f| f.outcomes.states.column(index)), &mut places.bits);
            places.ends.push((index, places.bits.len()));
            for bits in &places.bits[start..] {
                dictionary.push(naming.value(*bits, observed.rendering, &mut symbols));
            }
            places.in_order &= dictionary.close(&symbols, &mut places.ranks);
        }
        let dictionary = Arc::new(dictionary);
        let as_printed = places.as_printed();
        let mut state = vec![0; program.observed.len()];
        let mut tables: Vec<States> = Vec::with_capacity(found.len());
        for (model, of_model) in found.iter().enumerate() {
            // Models that agree have one table.
            let states = &of_model.outcomes.states;
            let before = found[..model].iter().position(|f| f.outcomes.states == *states);
            if let Some(before) = before {
                tables.push(tables[before].clone());
                continue;
            }
            let rows = places.shown(states, &dictionary);
            let satisfies = (0..rows.len()).map(|row| {
                program.condition.as_ref().is_none_or(|condition| {
                    let mut start = 0;
                    for (column, (index, end)) in places.ends.iter().enumerate() {
                        state[*index] = as_printed[start + rows.get(row, column) as usize];
                        start = *end;
                    }
                    condition.holds(&state)
                })
            });
            tables.push(States::of_rows(dictionary.clone(), rows.clone(), satisfies));
        }
        Tables { tables, symbols }
    }
}

impl Places {
    /// The values of each place in the order of the dictionary.
    fn as_printed(&self) -> Vec<u64> {
        let mut bits = self.bits.clone();
        let mut start = 0;
        for (_, end) in &self.ends {
            for at in start..*end {
                bits[start + self.ranks[at] as usize] = self.bits[at];
            }
            start = *end;
        }
        bits
    }

    /// The rows of one model as numbers of the dictionary.
    fn shown(&self, states: &FinalStates, dictionary: &Dictionary) -> Arc<Packed> {
        let all = self.ends.len() == states.places();
        if all && self.in_order && states.values() == self.bits.len() {
            // Every place has all its values, and they are numbered alike.
            return states.rows().clone();
        }
        let mut numbers = Vec::with_capacity(states.values());
        let mut ends = Vec::with_capacity(self.ends.len());
        let mut start = 0;
        for (index, end) in &self.ends {
            let known = &self.bits[start..*end];
            numbers.extend(states.column(*index).iter().map(|value| {
                let number = known.binary_search_by_key(&(*value as i64), |v| *v as i64);
                number.map_or(0, |number| self.ranks[start + number])
            }));
            ends.push(numbers.len());
            start = *end;
        }
        let mut start = 0;
        let columns = self.ends.iter().zip(&ends).enumerate().map(|(place, ((index, _), end))| {
            let numbers = &numbers[start..*end];
            start = *end;
            (*index, bits_for(dictionary.of(place).len()), numbers)
        });
        let mut rows = states.rows().remap(columns);
        if !all || !self.in_order {
            rows.sort();
            rows.dedup();
        }
        Arc::new(rows)
    }
}

/// Appends the values of all columns, each once, in order.
fn unite<'c>(columns: impl Iterator<Item = &'c [u64]>, all: &mut Vec<u64>) {
    let start = all.len();
    for column in columns {
        let more = column.iter().filter(|value| {
            all[start..].binary_search_by_key(&(**value as i64), |v| *v as i64).is_err()
        });
        let more: Vec<u64> = match all.len() == start {
            true => {
                all.extend_from_slice(column);
                continue;
            }
            false => more.copied().collect(),
        };
        if !more.is_empty() {
            all.extend(more);
            all[start..].sort_unstable_by_key(|value| *value as i64);
        }
    }
}
