//! Which stores the bytes of one read may come from.
//!
//! A read, and the final state, returns for each of its bytes the latest, in the global memory order,
//! of *one* set of stores; the set is the same for all of its bytes. So the stores of the set lie on one
//! another, the initial state at the bottom, and a store that is a source of any byte is the source of
//! every byte that no later one covers.

use rustc_hash::FxHashSet;

use super::footprint::{ByteMask, bytes_of};

/// A store that may be a source of a read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct StoreBytes {
    /// The bytes of the read that it covers.
    pub(super) covers: ByteMask,
    /// The bytes of the read that it may be the source of.
    pub(super) possible: ByteMask,
}

/// Some bytes of a read and their source.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct BytesFrom {
    /// Which bytes of the read.
    pub(super) bytes: ByteMask,
    /// Index of the store, `None` for the initial state.
    pub(super) store: Option<usize>,
}

/// Every choice of sources for the bytes of `target`, without duplicates. The initial state may be the source
/// of those in `initial` only.
///
/// In each choice every byte of `target` has exactly one source.
#[must_use]
pub(super) fn choices_of_sources(
    target: ByteMask,
    stores: &[StoreBytes],
    initial: ByteMask,
) -> Vec<Vec<BytesFrom>> {
    let mut all = Vec::new();
    each_choice_of_sources(target, stores, initial, &|| false, |choice| all.push(choice.to_vec()));
    all
}

/// Calls `found` with each of the [`choices_of_sources`], but only with some of them if `stop`, which is asked
/// now and then, says so: there are as many as the product of what each byte may come from.
pub(super) fn each_choice_of_sources(
    target: ByteMask,
    stores: &[StoreBytes],
    initial: ByteMask,
    stop: &dyn Fn() -> bool,
    mut found: impl FnMut(&[BytesFrom]),
) {
    let whole = |store: &StoreBytes| store.covers & target == target;
    if target != 0 && stores.len() < FEW_STORES && stores.iter().all(whole) {
        // Every byte has the same source.
        let may_be = |possible: ByteMask| target & !possible == 0;
        let later = stores.iter().enumerate().filter(|(_, store)| may_be(store.possible));
        let initial = may_be(initial).then_some(None);
        for store in initial.into_iter().chain(later.map(|(index, _)| Some(index))) {
            found(&[BytesFrom { bytes: target, store }]);
        }
        return;
    }
    let mut chooser = Chooser {
        stores,
        initial,
        chosen: Vec::new(),
        known: FxHashSet::default(),
        found: &mut found,
        stop,
        steps: 0,
        stopped: false,
    };
    chooser.choose(target, None);
}

/// So few stores that looking at each takes no question whether to stop.
const FEW_STORES: usize = STOP_CHECK_INTERVAL as usize - 2;

/// Steps between two questions whether to stop.
const STOP_CHECK_INTERVAL: u32 = 4096;

/// Chooses sources, those of the latest store first.
struct Chooser<'a> {
    stores: &'a [StoreBytes],
    initial: ByteMask,
    chosen: Vec<BytesFrom>,
    known: FxHashSet<Vec<BytesFrom>>,
    found: &'a mut dyn FnMut(&[BytesFrom]),
    stop: &'a dyn Fn() -> bool,
    steps: u32,
    stopped: bool,
}

impl Chooser<'_> {
    /// Chooses sources for the bytes of `rest`, all of them earlier than the store chosen last.
    fn choose(&mut self, rest: ByteMask, last: Option<usize>) {
        self.steps += 1;
        if self.steps.is_multiple_of(STOP_CHECK_INTERVAL) {
            self.stopped |= (self.stop)();
        }
        if self.stopped {
            return;
        }
        if rest == 0 {
            let mut choice = self.chosen.clone();
            choice.sort_unstable_by_key(|from| from.bytes.trailing_zeros());
            if !self.known.contains(&choice) {
                (self.found)(&choice);
                self.known.insert(choice);
            }
            return;
        }
        if rest & !self.initial == 0 {
            self.chosen.push(BytesFrom { bytes: rest, store: None });
            self.choose(0, None);
            self.chosen.pop();
        }
        for (index, store) in self.stores.iter().enumerate() {
            let bytes = store.covers & rest;
            // Of two stores that do not overlap either may be the later: one order will do.
            let turned = last
                .is_some_and(|last| index < last && store.covers & self.stores[last].covers == 0);
            if bytes != 0 && bytes & !store.possible == 0 && !turned {
                self.chosen.push(BytesFrom { bytes, store: Some(index) });
                self.choose(rest & !bytes, Some(index));
                self.chosen.pop();
            }
        }
    }
}

/// The source of each byte of the read.
pub(super) fn by_byte(choice: &[BytesFrom]) -> impl Iterator<Item = (usize, Option<usize>)> + '_ {
    choice.iter().flat_map(|from| bytes_of(from.bytes).map(|byte| (byte, from.store)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(
        target: ByteMask,
        stores: &[(ByteMask, ByteMask)],
        initial: ByteMask,
    ) -> Vec<String> {
        let stores: Vec<StoreBytes> = stores
            .iter()
            .map(|(covers, possible)| StoreBytes { covers: *covers, possible: *possible })
            .collect();
        let mut found: Vec<String> = choices_of_sources(target, &stores, initial)
            .iter()
            .map(|choice| {
                let mut text = vec!['?'; 4];
                for (byte, store) in by_byte(choice) {
                    text[byte] = store.map_or('i', |s| (b'a' + s as u8) as char);
                }
                text.into_iter().collect()
            })
            .collect();
        found.sort();
        found
    }

    #[test]
    fn equal_footprints_are_never_mixed() {
        assert_eq!(choices(0b1111, &[(15, 15), (15, 15)], 15), ["aaaa", "bbbb", "iiii"]);
    }

    #[test]
    fn a_narrow_store_lies_on_a_wide_one_or_below_it() {
        assert_eq!(choices(0b1111, &[(15, 15), (3, 3)], 15), ["aaaa", "bbaa", "bbii", "iiii"]);
    }

    #[test]
    fn disjoint_stores_combine_freely() {
        assert_eq!(choices(0b1111, &[(12, 12), (3, 3)], 15), ["bbaa", "bbii", "iiaa", "iiii"]);
    }

    #[test]
    fn many_bytes_that_may_come_from_many_stores_end_when_they_shall() {
        let bytes =
            (0..8).flat_map(|byte| [StoreBytes { covers: 1 << byte, possible: 1 << byte }; 9]);
        let stores: Vec<StoreBytes> = bytes.collect();
        assert_eq!(choices_of_sources(0b111, &stores, 0xff).len(), 1000);
        let mut seen = 0;
        each_choice_of_sources(0xff, &stores, 0xff, &|| true, |_| seen += 1);
        assert!(seen < 4096);
    }

    #[test]
    fn a_store_that_is_not_the_source_of_a_byte_has_a_later_one_there() {
        assert_eq!(choices(0b1111, &[(15, 12), (3, 3)], 0), ["bbaa"]);
        assert!(choices(0b1111, &[(12, 12)], 12).is_empty());
    }
}
