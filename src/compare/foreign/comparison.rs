//! Which results of the two sides are of the same test.
//!
//! A name may be that of several tests, which differ in their hashes. Every result of either side ends up
//! in a pair, in `only_a` or `only_b`, or is one of those that say the same as another of their side.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use super::pair::{Finding, Pair};
use super::result::ToolResult;

/// Most pairs of results of one name that are compared though no hash tells the tests apart.
const MOST_PAIRS: usize = 10_000;

/// All tests of two sides.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Comparison {
    /// Results that both have of one test, in the order of the first.
    pub pairs: Vec<Pair>,
    /// Tests of the first side only, in its order, by name.
    pub only_a: Vec<String>,
    /// Tests of the second side only, sorted by name.
    pub only_b: Vec<String>,
    /// Results of the first side that say the same of the same test as an earlier one.
    pub repeated_a: usize,
    /// Results of the second side that do.
    pub repeated_b: usize,
}

impl Comparison {
    /// Is there no test that was compared?
    #[must_use]
    pub fn compares_nothing(&self) -> bool {
        self.pairs.iter().all(|pair| pair.finding == Finding::OtherTest)
    }
}

/// Compares two sides. Several tests of one name are told apart by their hashes, where both sides have
/// them; what a side says of a test twice counts once.
#[must_use]
pub fn compare(a: &[ToolResult], b: &[ToolResult]) -> Comparison {
    let (a, b) = (ToolResults::of(a), ToolResults::of(b));
    let mut comparison =
        Comparison { repeated_a: a.repeated, repeated_b: b.repeated, ..Comparison::default() };
    let mut partners_a: Vec<Vec<usize>> = vec![Vec::new(); a.results.len()];
    let mut found_b = vec![false; b.results.len()];
    let crowded = crowded(&a, &b);
    for name in &crowded {
        b.named(name).iter().for_each(|index| found_b[*index] = true);
    }
    let is_crowded = |result: &ToolResult| crowded.contains(result.name.as_str());
    for (index, result) in a.results.iter().enumerate().filter(|(_, result)| !is_crowded(result)) {
        partners_a[index] = partners(result, &b);
        partners_a[index].iter().for_each(|other| found_b[*other] = true);
    }
    // What is found from the second side only: one of the two lacks a hash, the other has a better match.
    for (index, result) in b.results.iter().enumerate() {
        if !found_b[index] {
            for other in partners(result, &a) {
                partners_a[other].push(index);
                found_b[index] = true;
            }
        }
    }
    let others = other_tests(&a, &b, &partners_a, &mut found_b);
    for (index, result) in a.results.iter().enumerate() {
        let pairs = partners_a[index].iter().map(|other| Pair::of(result, b.results[*other]));
        comparison.pairs.extend(pairs);
        if is_crowded(result) {
            if a.named(&result.name).first() == Some(&index) {
                let other = b.results[b.named(&result.name)[0]];
                comparison.pairs.push(Pair::not_told_apart(result, other));
            }
        } else if partners_a[index].is_empty() && a.is_first(index) {
            match others.get(&index) {
                Some(other) => comparison.pairs.push(Pair::of(result, b.results[*other])),
                None => comparison.only_a.push(result.name.clone()),
            }
        }
    }
    let names = b.names.values().flatten();
    let only_b = names.filter(|index| !found_b[**index] && b.is_first(**index));
    comparison.only_b = only_b.map(|index| b.results[*index].name.clone()).collect();
    comparison
}

/// The names that more pairs of results have, which may be of one test each, than anybody looks at.
fn crowded<'r>(a: &ToolResults<'r>, b: &ToolResults<'r>) -> BTreeSet<&'r str> {
    let mut pairs: FxHashMap<&str, usize> = FxHashMap::default();
    for (name, of_a) in &a.names {
        let (of_b, unhashed_a, unhashed_b) = (b.named(name), a.unhashed(name), b.unhashed(name));
        let unknown = unhashed_a.len() * of_b.len() + unhashed_b.len() * of_a.len();
        *pairs.entry(name).or_default() += unknown;
    }
    // Only sums are made, so their order is no matter.
    a.hashes.iter().for_each(|(key, of_a)| {
        let (of_a, of_b) = (of_a.len(), b.hashes.get(key).map_or(0, Vec::len));
        *pairs.entry(key.0).or_default() += (of_a * of_b).saturating_sub(of_a.max(of_b));
    });
    pairs.into_iter().filter(|(_, pairs)| *pairs > MOST_PAIRS).map(|(name, _)| name).collect()
}

/// What one side says of all its tests.
struct ToolResults<'r> {
    /// Each that says something of its own.
    results: Vec<&'r ToolResult>,
    /// Their indices by name.
    names: BTreeMap<&'r str, Vec<usize>>,
    /// Those of a name without a hash.
    unhashed: FxHashMap<&'r str, Vec<usize>>,
    /// Those of a name that have a hash, by it; a test may have several.
    hashes: FxHashMap<(&'r str, &'r str), Vec<usize>>,
    /// Is it the first of its name and hashes?
    first: Vec<bool>,
    repeated: usize,
}

impl<'r> ToolResults<'r> {
    fn of(all: &'r [ToolResult]) -> ToolResults<'r> {
        let mut side = ToolResults {
            results: Vec::new(),
            names: BTreeMap::new(),
            unhashed: FxHashMap::default(),
            hashes: FxHashMap::default(),
            first: Vec::new(),
            repeated: 0,
        };
        let (mut tests, mut said) = (FxHashSet::default(), FxHashSet::default());
        for result in all {
            let ToolResult { name, hashes, source, answer, .. } = result;
            // How often states were seen does not matter.
            if !said.insert((name, hashes, source, answer)) {
                side.repeated += 1;
                continue;
            }
            let index = side.results.len();
            side.names.entry(name).or_default().push(index);
            for hash in hashes {
                side.hashes.entry((name, hash)).or_default().push(index);
            }
            if hashes.is_empty() {
                side.unhashed.entry(name).or_default().push(index);
            }
            side.first.push(tests.insert((name, hashes)));
            side.results.push(result);
        }
        side
    }

    fn named(&self, name: &str) -> &[usize] {
        self.names.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Those of a name of which no hash says which test they are of.
    fn unhashed(&self, name: &str) -> &[usize] {
        self.unhashed.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// Is it the first result of its test?
    fn is_first(&self, index: usize) -> bool {
        self.first[index]
    }
}

/// Returns the results of the same hash; without any, those of which it cannot be known.
fn partners(result: &ToolResult, side: &ToolResults<'_>) -> Vec<usize> {
    let mut same: Vec<usize> = Vec::new();
    for hash in &result.hashes {
        let key = (result.name.as_str(), hash.as_str());
        same.extend(side.hashes.get(&key).into_iter().flatten());
    }
    same.sort_unstable();
    same.dedup();
    if !same.is_empty() {
        return same;
    }
    let unknown = match result.hashes.is_empty() {
        true => side.named(&result.name),
        false => side.unhashed(&result.name),
    };
    unknown.to_vec()
}

/// Pairs what is left of the first side with what is left of the second under the same name, unless the two
/// sides have a test of that name in common. One of the second is taken for each of the first, as long as
/// there are both, and marked in `found_b`.
fn other_tests(
    a: &ToolResults<'_>,
    b: &ToolResults<'_>,
    partners_a: &[Vec<usize>],
    found_b: &mut [bool],
) -> BTreeMap<usize, usize> {
    let mut others = BTreeMap::new();
    for (name, of_a) in &a.names {
        if of_a.iter().any(|index| !partners_a[*index].is_empty()) {
            continue;
        }
        let firsts_a = of_a.iter().copied().filter(|index| a.is_first(*index));
        let left_b = |index: &usize| !found_b[*index] && b.is_first(*index);
        let firsts_b: Vec<usize> = b.named(name).iter().copied().filter(left_b).collect();
        for (in_a, in_b) in firsts_a.zip(firsts_b) {
            found_b[in_b] = true;
            others.insert(in_a, in_b);
        }
    }
    others
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::foreign::{Finding, Source};

    #[test]
    fn more_than_anybody_looks_at_are_not_told_apart() {
        let many = |hash: Option<&str>| -> Vec<ToolResult> {
            let one = |value: u32| {
                ToolResult::with_values("MP", hash, Source::Model, &[&value.to_string()])
            };
            (0..200).map(one).collect()
        };
        for (a, b) in [(None, None), (Some("1"), Some("1")), (None, Some("1"))] {
            let comparison = compare(&many(a), &many(b));
            let [pair] = &comparison.pairs[..] else { panic!("{} pairs", comparison.pairs.len()) };
            assert!(pair.finding == Finding::NotToldApart && pair.undecided());
            assert!(comparison.only_a.is_empty() && comparison.only_b.is_empty());
        }
    }

    #[test]
    fn tests_are_matched_by_name_and_hash() {
        use Source::Model;
        let a = [
            ToolResult::with_values("MP", Some("1"), Model, &["0", "1"]),
            ToolResult::with_values("MP", Some("2"), Model, &["7"]),
            ToolResult::with_values("SB", None, Model, &["0"]),
            ToolResult::with_values("other", Some("1"), Model, &["0"]),
            ToolResult::with_values("here", None, Model, &["0"]),
        ];
        let b = [
            ToolResult::with_values("SB", Some("9"), Model, &["0", "1"]),
            ToolResult::with_values("MP", Some("1"), Model, &["0", "1"]),
            ToolResult::with_values("other", Some("2"), Model, &["0"]),
            ToolResult::with_values("there", None, Model, &["0"]),
        ];
        let comparison = compare(&a, &b);
        let found: Vec<(&str, bool)> = comparison
            .pairs
            .iter()
            .map(|pair| (pair.name.as_str(), pair.finding == Finding::Equal))
            .collect();
        assert_eq!(found, [("MP", true), ("SB", false), ("other", true)]);
        assert_eq!(comparison.pairs[1].contradictions().len(), 1);
        // The hashes differ: the name decides, and that it does is said.
        assert!(comparison.pairs[2].hashes_differ && !comparison.pairs[1].hashes_differ);
        assert_eq!(
            (&comparison.only_a[..], &comparison.only_b[..]),
            // The other test of a name that both have is on one side only, too.
            (&["MP".to_owned(), "here".to_owned()][..], &["there".to_owned()][..])
        );
    }

    #[test]
    fn every_test_of_a_name_is_accounted_for() {
        use Source::Model;
        let test = |hash: &'static str, values: &[&str]| {
            ToolResult::with_values("MP", Some(hash), Model, values)
        };
        let a = [test("1", &["0"]), test("2", &["0"]), test("1", &["0"]), test("1", &["7"])];
        let b = [test("3", &["0"]), test("1", &["0"]), test("4", &["0"]), test("4", &["1"])];
        let forth = compare(&a, &b);
        // Both results of hash 1 against the one there; 2 here; 3 and 4 there.
        assert_eq!(forth.pairs.len(), 2);
        assert_eq!((forth.only_a.len(), forth.only_b.len()), (1, 2));
        assert_eq!((forth.repeated_a, forth.repeated_b), (1, 0));
        let back = compare(&b, &a);
        assert_eq!((back.pairs.len(), back.only_a.len(), back.only_b.len()), (2, 2, 1));
        // Without a hash in common each has the other's name.
        let other = compare(&a[1..2], &b[..1]);
        assert!(other.pairs[0].finding == Finding::Equal && other.pairs[0].hashes_differ);
        assert_eq!((other.only_a.len(), other.only_b.len()), (0, 0));
        let more = compare(&a[1..2], &b);
        assert_eq!((more.pairs.len(), more.only_a.len(), more.only_b.len()), (1, 0, 2));
        // Where it cannot be known, the name decides.
        let nameless = [ToolResult::with_values("MP", None, Model, &["0"]), test("1", &["0"])];
        let unknown = compare(&nameless[1..], &nameless);
        assert_eq!((unknown.pairs.len(), unknown.only_b.len()), (2, 0));
    }
}
