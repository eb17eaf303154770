//! Which stores the bytes of one read may come from.
//!
//! A read, and the final state, returns for each of its bytes the latest, in the global memory order,
//! of *one* set of stores; the set is the same for all of its bytes. So what it returns is what one
//! sees from above when the stores of the set lie on one another like sheets, the initial state at the
//! bottom. Where a store is seen, it is seen with every byte that no later one hides.

use rustc_hash::FxHashSet;

use super::footprint::{ByteMask, bytes_of};

/// A store that may be seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Sheet {
    /// The bytes of the read that it covers.
    pub(super) covers: ByteMask,
    /// The bytes of the read that it may be the source of.
    pub(super) visible: ByteMask,
}

/// Some bytes of a read and where they come from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Patch {
    /// Which bytes of the read.
    pub(super) bytes: ByteMask,
    /// Index of the sheet, `None` for the initial state.
    pub(super) sheet: Option<usize>,
}

/// Every way to see `target`, without duplicates. The initial state may be seen at `bottom` only.
///
/// In each answer every byte of `target` is in exactly one patch.
#[must_use]
pub(super) fn overlays(target: ByteMask, sheets: &[Sheet], bottom: ByteMask) -> Vec<Vec<Patch>> {
    let mut all = Vec::new();
    each_overlay(target, sheets, bottom, &|| false, |patches| all.push(patches.to_vec()));
    all
}

/// Shows each of the [`overlays`] to `found`, but only some of them if `stop`, which is asked now and
/// then, says so: there are as many as the product of what each byte may come from.
pub(super) fn each_overlay(
    target: ByteMask,
    sheets: &[Sheet],
    bottom: ByteMask,
    stop: &dyn Fn() -> bool,
    mut found: impl FnMut(&[Patch]),
) {
    let whole = |sheet: &Sheet| sheet.covers & target == target;
    if target != 0 && sheets.len() < FEW_SHEETS && sheets.iter().all(whole) {
        // Nothing is seen below another sheet.
        let seen = |visible: ByteMask| target & !visible == 0;
        let above = sheets.iter().enumerate().filter(|(_, sheet)| seen(sheet.visible));
        let initial = seen(bottom).then_some(None);
        for sheet in initial.into_iter().chain(above.map(|(index, _)| Some(index))) {
            found(&[Patch { bytes: target, sheet }]);
        }
        return;
    }
    let mut pile = Pile {
        sheets,
        bottom,
        above: Vec::new(),
        known: FxHashSet::default(),
        found: &mut found,
        stop,
        looks: 0,
        stopped: false,
    };
    pile.descend(target, None);
}

/// So few that looking at each takes no question whether to stop.
const FEW_SHEETS: usize = PATIENCE as usize - 2;

/// Looks between two questions whether to stop.
const PATIENCE: u32 = 4096;

/// What is seen so far, from the top.
struct Pile<'a> {
    sheets: &'a [Sheet],
    bottom: ByteMask,
    above: Vec<Patch>,
    known: FxHashSet<Vec<Patch>>,
    found: &'a mut dyn FnMut(&[Patch]),
    stop: &'a dyn Fn() -> bool,
    looks: u32,
    stopped: bool,
}

impl Pile<'_> {
    /// Sees the bytes of `rest`, below a sheet.
    fn descend(&mut self, rest: ByteMask, last: Option<usize>) {
        self.looks += 1;
        if self.looks.is_multiple_of(PATIENCE) {
            self.stopped |= (self.stop)();
        }
        if self.stopped {
            return;
        }
        if rest == 0 {
            let mut patches = self.above.clone();
            patches.sort_unstable_by_key(|p| p.bytes.trailing_zeros());
            if !self.known.contains(&patches) {
                (self.found)(&patches);
                self.known.insert(patches);
            }
            return;
        }
        if rest & !self.bottom == 0 {
            self.above.push(Patch { bytes: rest, sheet: None });
            self.descend(0, None);
            self.above.pop();
        }
        for (index, sheet) in self.sheets.iter().enumerate() {
            let seen = sheet.covers & rest;
            // Of two sheets that do not overlap either may lie on the other: one order will do.
            let turned = last
                .is_some_and(|last| index < last && sheet.covers & self.sheets[last].covers == 0);
            if seen != 0 && seen & !sheet.visible == 0 && !turned {
                self.above.push(Patch { bytes: seen, sheet: Some(index) });
                self.descend(rest & !seen, Some(index));
                self.above.pop();
            }
        }
    }
}

/// The source of each byte of the read.
pub(super) fn by_byte(patches: &[Patch]) -> impl Iterator<Item = (usize, Option<usize>)> + '_ {
    patches.iter().flat_map(|patch| bytes_of(patch.bytes).map(|byte| (byte, patch.sheet)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn see(target: ByteMask, sheets: &[(ByteMask, ByteMask)], bottom: ByteMask) -> Vec<String> {
        let sheets: Vec<Sheet> = sheets
            .iter()
            .map(|(covers, visible)| Sheet { covers: *covers, visible: *visible })
            .collect();
        let mut seen: Vec<String> = overlays(target, &sheets, bottom)
            .iter()
            .map(|patches| {
                let mut text = vec!['?'; 4];
                for (byte, sheet) in by_byte(patches) {
                    text[byte] = sheet.map_or('i', |s| (b'a' + s as u8) as char);
                }
                text.into_iter().collect()
            })
            .collect();
        seen.sort();
        seen
    }

    #[test]
    fn equal_footprints_are_never_mixed() {
        assert_eq!(see(0b1111, &[(15, 15), (15, 15)], 15), ["aaaa", "bbbb", "iiii"]);
    }

    #[test]
    fn a_narrow_store_lies_on_a_wide_one_or_below_it() {
        assert_eq!(see(0b1111, &[(15, 15), (3, 3)], 15), ["aaaa", "bbaa", "bbii", "iiii"]);
    }

    #[test]
    fn disjoint_stores_combine_freely() {
        assert_eq!(see(0b1111, &[(12, 12), (3, 3)], 15), ["bbaa", "bbii", "iiaa", "iiii"]);
    }

    #[test]
    fn many_bytes_that_may_come_from_many_stores_end_when_they_shall() {
        let bytes = (0..8).flat_map(|byte| [Sheet { covers: 1 << byte, visible: 1 << byte }; 9]);
        let sheets: Vec<Sheet> = bytes.collect();
        assert_eq!(overlays(0b111, &sheets, 0xff).len(), 1000);
        let mut seen = 0;
        each_overlay(0xff, &sheets, 0xff, &|| true, |_| seen += 1);
        assert!(seen < 4096);
    }

    #[test]
    fn a_store_that_may_not_be_seen_somewhere_is_hidden_there() {
        assert_eq!(see(0b1111, &[(15, 12), (3, 3)], 0), ["bbaa"]);
        assert!(see(0b1111, &[(12, 12)], 12).is_empty());
    }
}
