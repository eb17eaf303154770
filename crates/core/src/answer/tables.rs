//! The states of a test's machines as one table, named as the test names them.

use std::iter;
use std::sync::Arc;

use super::marks::Marks;
use super::naming::Naming;
use super::states::Dictionary;
use super::{States, Symbols};
use crate::program::packed::{Field, Packed, bits_for};
use crate::program::{FinalStates, Observed, Predicate, Program};

/// What becomes of the values of the printed places.
struct Places {
    /// By printed place: index among the observed ones, and where its values end in what follows.
    ends: Vec<(usize, usize)>,
    /// The values that any model has, ascending as signed numbers.
    bits: Vec<u64>,
    /// Where each stands in the dictionary.
    ranks: Vec<u32>,
    /// The values in the order of the dictionary.
    as_printed: Vec<u64>,
    /// By observed place; what is not printed is not asked for.
    asked: Vec<Asked>,
}

/// An observed place that is looked up.
#[derive(Clone, Copy, Default)]
struct Asked {
    /// Where its number is in a row.
    field: Field,
    /// Where its values begin and end.
    start: usize,
    end: usize,
}

/// The rows of one word in which some of the bits are the ones that are wanted.
#[derive(Clone, Copy)]
struct Wanted {
    mask: u64,
    bits: u64,
}

impl Wanted {
    const NONE: Wanted = Wanted { mask: 0, bits: 1 };
}

/// Comparisons between two looks at the time.
const COMPARISONS_BETWEEN_CHECKS: usize = 1 << 16;

/// The table of the states that the machines reach, and the symbols among its values. `printed` are the
/// places that are shown, which may be fewer than the observed. `None` where the time is up.
pub(super) fn table<'o>(
    program: &Program,
    printed: impl Iterator<Item = (usize, &'o Observed)> + Clone,
    naming: &Naming<'_>,
    found: &[Option<&FinalStates>],
    expired: &dyn Fn() -> bool,
) -> Option<(States, Symbols)> {
    let mut symbols = Symbols::default();
    let mut places = Places::with_room();
    let dictionary = places.fill(printed, naming, found, &mut symbols);
    let mut rows: Vec<Option<Arc<Packed>>> = Vec::with_capacity(found.len());
    for (machine, states) in found.iter().enumerate() {
        // Machines that agree have the same rows.
        let before = found[..machine].iter().position(|known| known == states);
        rows.push(match (states, before) {
            (None, _) => None,
            (_, Some(before)) => rows[before].clone(),
            (Some(states), None) => Some(places.shown(states, &dictionary)),
        });
    }
    let condition = program.condition.as_ref();
    let observed = program.observed.len();
    let states = States::of_machines(dictionary, &rows, |rows| {
        places.marks(rows, observed, condition, expired)
    })?;
    Some((states, symbols))
}

impl Places {
    /// Room for what most tests have.
    fn with_room() -> Places {
        Places {
            ends: Vec::with_capacity(8),
            bits: Vec::with_capacity(32),
            ranks: Vec::with_capacity(32),
            as_printed: Vec::with_capacity(32),
            asked: Vec::new(),
        }
    }

    /// Takes the values of the printed places, and makes their dictionary.
    fn fill<'o>(
        &mut self,
        printed: impl Iterator<Item = (usize, &'o Observed)> + Clone,
        naming: &Naming<'_>,
        found: &[Option<&FinalStates>],
        symbols: &mut Symbols,
    ) -> Dictionary {
        let Places { ends, bits, ranks, as_printed, .. } = self;
        let most = found.iter().flatten().next().map_or(0, |states| states.values());
        let mut dictionary = Dictionary::new(printed.clone().count(), most);
        for (index, observed) in printed {
            let start = bits.len();
            unite(found.iter().flatten().map(|states| states.column(index)), bits);
            ends.push((index, bits.len()));
            for bits in &bits[start..] {
                dictionary.push(naming.value(*bits, observed.ctype(), symbols));
            }
            dictionary.close(symbols, ranks);
            as_printed.extend_from_slice(&bits[start..]);
            for (rank, bits) in ranks[start..].iter().zip(&bits[start..]) {
                as_printed[start + *rank as usize] = *bits;
            }
        }
        dictionary
    }

    /// Does each value stand in the dictionary where it stood before?
    fn in_order(&self) -> bool {
        self.as_printed == self.bits
    }

    /// What each row says of the condition; `None` where the time is up.
    fn marks(
        &mut self,
        rows: &Packed,
        observed: usize,
        condition: Option<&Predicate>,
        expired: &dyn Fn() -> bool,
    ) -> Option<Marks> {
        let Some(condition) = condition else {
            return Some(Marks::new(rows.len(), iter::repeat(true)));
        };
        self.asked.clear();
        self.asked.resize(observed, Asked::default());
        let mut start = 0;
        for ((index, end), field) in self.ends.iter().zip(rows.layout.fields()) {
            self.asked[*index] = Asked { field: *field, start, end: *end };
            start = *end;
        }
        if rows.layout.words() == 1
            && let Some(equations) = condition.equations()
        {
            let wanted = self.wanted(equations);
            return Some(Marks::new(
                rows.len(),
                rows.words().iter().map(|row| row & wanted.mask == wanted.bits),
            ));
        }
        let between = COMPARISONS_BETWEEN_CHECKS / condition.comparisons().max(1) + 1;
        let mut late = false;
        let marks = (0..rows.len()).map(|row| {
            late |= (row + 1).is_multiple_of(between) && expired();
            let row = rows.row(row);
            !late && condition.holds_where(|observed| self.value(row, observed))
        });
        let marks = Marks::new(rows.len(), marks);
        (!late).then_some(marks)
    }

    /// The rows in which places have these values.
    fn wanted(&self, equations: impl Iterator<Item = (usize, u64)>) -> Wanted {
        let mut wanted = Wanted { mask: 0, bits: 0 };
        for (observed, value) in equations {
            let Asked { field, start, end } = self.asked[observed];
            let known = &self.as_printed[start..end];
            let Some(number) = known.iter().position(|known| *known == value) else {
                return Wanted::NONE;
            };
            let (mask, bits) = (field.mask(), (number as u64) << field.shift);
            if wanted.mask & mask != 0 && wanted.bits & mask != bits {
                return Wanted::NONE;
            }
            wanted = Wanted { mask: wanted.mask | mask, bits: wanted.bits | bits };
        }
        wanted
    }

    /// The value of an observed place in a row as it is shown.
    #[inline]
    fn value(&self, row: &[u64], observed: usize) -> u64 {
        let Asked { field, start, .. } = self.asked[observed];
        self.as_printed[start + field.of(row) as usize]
    }

    /// The rows of one model as numbers of the dictionary.
    fn shown(&self, states: &FinalStates, dictionary: &Dictionary) -> Arc<Packed> {
        let all = self.ends.len() == states.places();
        if all && self.in_order() && states.values() == self.bits.len() {
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
        let (mut start, numbers) = (0, numbers.as_slice());
        let columns = self.ends.iter().zip(&ends).enumerate();
        let columns = columns.map(move |(place, ((index, _), end))| {
            let numbers = &numbers[start..*end];
            start = *end;
            (*index, bits_for(dictionary.of(place).len()), numbers)
        });
        let mut rows = states.rows().remap(columns);
        if !all || !self.in_order() {
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
        if all[start..] == *column {
            continue;
        }
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
