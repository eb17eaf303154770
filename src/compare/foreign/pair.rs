//! Compares two results of one test.

use std::collections::{BTreeMap, BTreeSet};

use rvlitmus_core::litmus::CType;

use super::canonical::{NamedState, as_declared, needs_64_bits, state_as_declared};
use super::result::{Source, ToolAnswer, ToolResult, Witness};

/// What comparing one test came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Finding {
    /// Both sides have the same states, or the same verdict, and there are no others. Between hardware and
    /// a model: every state was seen.
    Equal,
    /// States are on one side only. Between hardware and a model, states that only the model has were not
    /// seen, which is no contradiction; where loops of the model were cut there may be no such state.
    Different {
        /// The states that only the first side has.
        only_a: Vec<NamedState>,
        /// The states that only the second side has.
        only_b: Vec<NamedState>,
    },
    /// Loops were cut on one side or both, and what was found does not decide whether they differ: the side
    /// that lacks a state may have it beyond the bound.
    Bounded {
        /// The states that only the first side has so far.
        only_a: Vec<NamedState>,
        /// The states that only the second side has so far.
        only_b: Vec<NamedState>,
    },
    /// The first side says this of the condition, the second the opposite, and one of them says nothing
    /// else.
    OtherVerdict(Witness),
    /// The sides report other places, so their states cannot be compared.
    OtherPlaces,
    /// The name is the same and the test another one: the hashes differ, and so do the places. As if each
    /// were on one side only.
    OtherTest,
    /// Both sides have so many results of this name that no hash tells apart that they are not compared.
    NotToldApart,
    /// The first side, the second or both did not finish it.
    Unfinished([bool; 2]),
}

/// One test that both sides have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    /// The test's name.
    pub name: String,
    /// Where the first side's states come from.
    pub a: Source,
    /// Where the second side's states come from.
    pub b: Source,
    /// What came out.
    pub finding: Finding,
    /// Do the hashes differ, so that the name alone says that it is one test?
    pub hashes_differ: bool,
    /// How often hardware showed the states that it alone has.
    pub seen: BTreeMap<NamedState, u64>,
}

impl Pair {
    /// Compares two results of one test.
    pub(super) fn of(a: &ToolResult, b: &ToolResult) -> Pair {
        let hashes_differ = a.same_test(b) == Some(false);
        let finding = match finding(a, b) {
            Finding::OtherPlaces if hashes_differ => Finding::OtherTest,
            finding => finding,
        };
        let seen = match &finding {
            Finding::Different { only_a, only_b } | Finding::Bounded { only_a, only_b } => {
                counts([a, b], only_a.iter().chain(only_b))
            }
            _ => BTreeMap::new(),
        };
        Pair { name: a.name.clone(), a: a.source, b: b.source, finding, hashes_differ, seen }
    }

    /// Stands for all results of a name that are not told apart.
    pub(super) fn not_told_apart(a: &ToolResult, b: &ToolResult) -> Pair {
        Pair {
            name: a.name.clone(),
            a: a.source,
            b: b.source,
            finding: Finding::NotToldApart,
            hashes_differ: false,
            seen: BTreeMap::new(),
        }
    }

    /// Which side is hardware, where the other is a model.
    fn hardware(&self) -> Option<Side> {
        match (self.a, self.b) {
            (Source::Hardware, Source::Hardware) => None,
            (Source::Hardware, _) => Some(Side::A),
            (_, Source::Hardware) => Some(Side::B),
            _ => None,
        }
    }

    /// Returns the states that hardware showed and the model forbids; or, between two of a kind, all states
    /// that only one side has.
    #[must_use]
    pub fn contradictions(&self) -> Vec<&NamedState> {
        let Finding::Different { only_a, only_b } = &self.finding else { return Vec::new() };
        match self.hardware() {
            Some(Side::A) => only_a.iter().collect(),
            Some(Side::B) => only_b.iter().collect(),
            None => only_a.iter().chain(only_b).collect(),
        }
    }

    /// Do the sides contradict one another, as far as they speak of the same test?
    #[must_use]
    pub fn contradicts(&self) -> bool {
        !self.hashes_differ && self.says_otherwise()
    }

    /// Do the sides contradict one another, if they speak of the same test?
    fn says_otherwise(&self) -> bool {
        match self.finding {
            Finding::OtherPlaces => true,
            Finding::OtherVerdict(a) => match self.hardware() {
                Some(Side::A) => a == Witness::Found,
                Some(Side::B) => a == Witness::None,
                None => true,
            },
            _ => !self.contradictions().is_empty(),
        }
    }

    /// Is it unknown whether the sides contradict one another? So it is where they would, but their hashes
    /// differ: they may speak of two tests.
    #[must_use]
    pub fn undecided(&self) -> bool {
        matches!(
            self.finding,
            Finding::Unfinished(_) | Finding::Bounded { .. } | Finding::NotToldApart
        ) || self.hashes_differ && self.says_otherwise()
    }

    /// How many states a model allows that hardware never showed.
    #[must_use]
    pub fn unseen(&self) -> usize {
        match (&self.finding, self.hardware()) {
            (Finding::Different { only_b, .. }, Some(Side::A)) => only_b.len(),
            (Finding::Different { only_a, .. }, Some(Side::B)) => only_a.len(),
            _ => 0,
        }
    }
}

/// One of the two sides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Side {
    A,
    B,
}

/// How often each of `states`, which are as declared, was seen.
fn counts<'a>(
    sides: [&ToolResult; 2],
    states: impl Iterator<Item = &'a NamedState>,
) -> BTreeMap<NamedState, u64> {
    let types = types(sides);
    let mut seen: BTreeMap<NamedState, u64> = BTreeMap::new();
    for (state, count) in sides.into_iter().flat_map(|side| &side.seen) {
        *seen.entry(state_as_declared(state, &types)).or_default() += count;
    }
    states.filter_map(|state| Some((state.clone(), *seen.get(state)?))).collect()
}

/// What either side knows of the types of places. One whose type nobody says has 64 bits where some number needs them.
fn types([a, b]: [&ToolResult; 2]) -> BTreeMap<String, CType> {
    let mut types = b.types.clone();
    types.extend(a.types.iter().map(|(place, ctype)| (place.clone(), *ctype)));
    for side in [a, b].iter().filter(|_| !a.all_types && !b.all_types) {
        let ToolAnswer::States(states, _) = &side.answer else { continue };
        for (place, value) in states.iter().flatten() {
            if needs_64_bits(value) && !types.contains_key(place) {
                types.insert(place.clone(), CType::Int64);
            }
        }
    }
    types
}

fn finding(a: &ToolResult, b: &ToolResult) -> Finding {
    let (in_a, in_b) = match (&a.answer, &b.answer) {
        (ToolAnswer::States(in_a, _), ToolAnswer::States(in_b, _)) => (in_a, in_b),
        (of_a, of_b) => return verdicts(of_a, of_b),
    };
    let places = |states: &BTreeSet<NamedState>| -> Option<Vec<String>> {
        states.first().map(|state| state.keys().cloned().collect())
    };
    if let (Some(a), Some(b)) = (places(in_a), places(in_b))
        && a != b
    {
        return Finding::OtherPlaces;
    }
    let all = a.source != Source::BoundedModel && b.source != Source::BoundedModel;
    if all && in_a == in_b {
        return Finding::Equal;
    }
    let types = types([a, b]);
    let (in_a, in_b) = match a.all_types && b.all_types {
        // Each was printed as its own types say.
        true => (in_a.clone(), in_b.clone()),
        false => (as_declared(in_a, &types), as_declared(in_b, &types)),
    };
    if all && in_a == in_b {
        return Finding::Equal;
    }
    let only_a: Vec<NamedState> = in_a.difference(&in_b).cloned().collect();
    let only_b: Vec<NamedState> = in_b.difference(&in_a).cloned().collect();
    let decided = match (a.source, b.source) {
        (Source::BoundedModel, Source::BoundedModel) => false,
        // What was found is allowed, and all else is not known to be forbidden.
        (Source::BoundedModel, Source::Hardware) => only_b.is_empty(),
        (Source::Hardware, Source::BoundedModel) => only_a.is_empty(),
        // What was found and is forbidden by the other, which lacks nothing.
        (Source::BoundedModel, Source::Model) => !only_a.is_empty(),
        (Source::Model, Source::BoundedModel) => !only_b.is_empty(),
        _ => true,
    };
    match decided {
        true => Finding::Different { only_a, only_b },
        false => Finding::Bounded { only_a, only_b },
    }
}

/// Compares verdicts, where one side has no states.
fn verdicts(a: &ToolAnswer, b: &ToolAnswer) -> Finding {
    let verdict = |answer: &ToolAnswer| match answer {
        ToolAnswer::Unfinished => None,
        ToolAnswer::Verdict(witness) => Some(*witness),
        ToolAnswer::States(_, witness) => *witness,
    };
    match (verdict(a), verdict(b)) {
        (Some(a), Some(b)) if a == b => Finding::Equal,
        (Some(a), Some(_)) => Finding::OtherVerdict(a),
        (a, b) => Finding::Unfinished([a.is_none(), b.is_none()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::foreign::compare;

    #[test]
    fn hardware_may_show_less_and_never_more() {
        let model = ToolResult::with_values("MP", None, Source::Model, &["0", "1", "2"]);
        let honest = ToolResult::with_values("MP", None, Source::Hardware, &["0"]);
        let broken = ToolResult::with_values("MP", None, Source::Hardware, &["0", "3"]);
        let judge = |a: &ToolResult, b: &ToolResult| {
            let pair = compare(std::slice::from_ref(a), std::slice::from_ref(b)).pairs.remove(0);
            (pair.contradictions().len(), pair.unseen())
        };
        assert_eq!(judge(&honest, &model), (0, 2));
        assert_eq!(judge(&model, &honest), (0, 2));
        assert_eq!(judge(&broken, &model), (1, 2));
        assert_eq!(judge(&model, &broken), (1, 2));
        assert_eq!(judge(&model, &model), (0, 0));
    }

    #[test]
    fn a_side_with_verdicts_alone_is_compared_by_verdict() {
        let states = ToolResult::with_values("MP", None, Source::Model, &["0"]);
        let isla = |witness| ToolResult {
            answer: ToolAnswer::Verdict(witness),
            ..ToolResult::unfinished("MP")
        };
        let judge = |a: &ToolResult, b: &ToolResult| {
            compare(std::slice::from_ref(a), std::slice::from_ref(b)).pairs.remove(0)
        };
        assert_eq!(judge(&states, &isla(Witness::Found)).finding, Finding::Equal);
        let pair = judge(&states, &isla(Witness::None));
        assert!(pair.finding == Finding::OtherVerdict(Witness::Found) && pair.contradicts());
        // Not seeing what is allowed is no contradiction; seeing what is forbidden is one.
        let board = ToolResult { source: Source::Hardware, ..states };
        assert!(judge(&board, &isla(Witness::None)).contradicts());
        let answer = ToolAnswer::Verdict(Witness::None);
        let unseen =
            ToolResult { source: Source::Hardware, answer, ..ToolResult::unfinished("MP") };
        assert!(!judge(&unseen, &isla(Witness::Found)).contradicts());
        assert_eq!(
            judge(&board, &ToolResult::unfinished("MP")).finding,
            Finding::Unfinished([false, true])
        );
    }
    #[test]
    fn what_lies_beyond_a_bound_is_not_decided() {
        use Source::{BoundedModel, Hardware, Model};
        let judge = |a, in_a: &[&str], b, in_b: &[&str]| {
            let a = ToolResult::with_values("MP", None, a, in_a);
            let b = ToolResult::with_values("MP", None, b, in_b);
            let pair = Pair::of(&a, &b);
            let back = Pair::of(&b, &a);
            assert_eq!(pair.undecided(), back.undecided());
            assert_eq!(pair.contradicts(), back.contradicts());
            assert_ne!(pair.finding, Finding::Equal);
            (pair.undecided(), pair.contradicts())
        };
        let (undecided, fine, contradiction) = ((true, false), (false, false), (false, true));
        for (in_a, b, in_b, expected) in [
            (&["0", "1"][..], Model, &["0", "1"][..], undecided),
            (&["0"], Model, &["0", "1"], undecided),
            (&["0", "2"], Model, &["0", "1"], contradiction),
            (&["0"], BoundedModel, &["0"], undecided),
            (&["0"], BoundedModel, &["1"], undecided),
            (&["0", "1"], Hardware, &["0"], fine),
            (&["0"], Hardware, &["0"], fine),
            (&["0"], Hardware, &["1"], undecided),
        ] {
            assert_eq!(judge(BoundedModel, in_a, b, in_b), expected, "{in_a:?} {b:?} {in_b:?}");
        }
    }

    #[test]
    fn what_one_side_declares_holds_for_a_side_that_says_no_types() {
        let log = |value| ToolResult::with_values("w", None, Source::Model, &[value]);
        let report = |value, types: &[CType]| {
            let types = types.iter().map(|ctype| ("0:x5".to_owned(), *ctype)).collect();
            ToolResult { types, all_types: true, ..log(value) }
        };
        let equal = |a: &ToolResult, b: &ToolResult| {
            let found = finding(a, b);
            assert_eq!(finding(b, a) == Finding::Equal, found == Finding::Equal);
            found == Finding::Equal
        };
        let (none, word, byte) = (&[][..], &[CType::Uint64][..], &[CType::Uint8][..]);
        assert!(equal(&log("4294967295"), &report("-1", none)));
        assert!(equal(&log("18446744073709551615"), &report("-1", none)));
        assert!(equal(&log("-1"), &report("18446744073709551615", word)));
        assert!(equal(&log("257"), &report("1", byte)));
        // The report says that it is an `int`.
        assert!(equal(&log("8589934594"), &report("2", none)));
        assert!(!equal(&log("8589934594"), &report("2", word)));
        assert!(!equal(&log("18446744073709551615"), &log("4294967295")));
        assert!(!equal(&log("-18446744073709551614"), &log("2")));
        // What reports say is as their own types say.
        assert!(!equal(&report("257", none), &report("1", byte)));
        assert!(equal(&report("1", none), &report("1", byte)));
        let Finding::Different { only_a, .. } = finding(&log("-1"), &report("1", word)) else {
            panic!("they differ")
        };
        assert_eq!(only_a[0]["0:x5"], "18446744073709551615");
    }
}
