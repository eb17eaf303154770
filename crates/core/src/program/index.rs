//! Finding things by what they are called, in lists that may be long.

use std::hash::Hash;

use rustc_hash::FxHashMap;

/// So many are told apart by looking at all of them, which takes less time than a table.
pub(super) const FEW: usize = 16;

/// Where the things of a list stand, by key, once the list is long.
pub(super) struct Index<K>(FxHashMap<K, usize>);

impl<K: Eq + Hash> Index<K> {
    /// Of a list without anything.
    pub(super) fn new() -> Index<K> {
        Index(FxHashMap::default())
    }

    /// Of this list, whose keys differ.
    pub(super) fn of<T>(list: &[T], key: impl Fn(&T) -> K) -> Index<K> {
        let mut index = Index::new();
        index.extend(list, key);
        index
    }

    /// Takes note of what was added to the list.
    #[inline]
    pub(super) fn extend<T>(&mut self, list: &[T], key: impl Fn(&T) -> K) {
        if list.len() > FEW {
            let known = self.0.len();
            let added = list[known..].iter().enumerate();
            self.0.extend(added.map(|(number, item)| (key(item), known + number)));
        }
    }

    /// Where in the list the key is; `is` says what has it.
    #[inline]
    pub(super) fn position<T>(
        &self,
        list: &[T],
        key: &K,
        is: impl Fn(&T) -> bool,
    ) -> Option<usize> {
        match list.len() > FEW {
            true => self.0.get(key).copied(),
            false => list.iter().position(is),
        }
    }
}
