//! Which stores the bytes of one read may come from.
//!
//! A read, and the final state, returns for each of its bytes the latest, in the global memory order,
//! of *one* set of stores; the set is the same for all of its bytes. So what it returns is what one
//! sees from above when the stores of the set lie on one another like sheets, the initial state at the
//! bottom. Where a store is seen, it is seen with every byte that no later one hides.

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
    descend(target, sheets, bottom, &mut Vec::new(), &mut all);
    all
}

fn descend(
    rest: ByteMask,
    sheets: &[Sheet],
    bottom: ByteMask,
    above: &mut Vec<Patch>,
    all: &mut Vec<Vec<Patch>>,
) {
    if rest == 0 {
        let mut patches = above.clone();
        patches.sort_unstable_by_key(|p| p.bytes.trailing_zeros());
        if !all.contains(&patches) {
            all.push(patches);
        }
        return;
    }
    if rest & !bottom == 0 {
        above.push(Patch { bytes: rest, sheet: None });
        descend(0, sheets, bottom, above, all);
        above.pop();
    }
    for (index, sheet) in sheets.iter().enumerate() {
        let seen = sheet.covers & rest;
        if seen != 0 && seen & !sheet.visible == 0 {
            above.push(Patch { bytes: seen, sheet: Some(index) });
            descend(rest & !seen, sheets, bottom, above, all);
            above.pop();
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
    fn a_store_that_may_not_be_seen_somewhere_is_hidden_there() {
        assert_eq!(see(0b1111, &[(15, 12), (3, 3)], 0), ["bbaa"]);
        assert!(see(0b1111, &[(12, 12)], 12).is_empty());
    }
}
