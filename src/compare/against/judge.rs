//! Judging the states of a test that both sides have.

use std::collections::{BTreeMap, BTreeSet};

use super::normal::{typed, typed_state};
use super::{Content, Known, Source, State, Witness};
use rvlitmus_core::litmus::CType;

/// What comparing one test came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Finding {
    /// The same states on both sides. Between hardware and a model: every state was seen.
    Equal,
    /// States on one side only. Between hardware and a model, states that only the model has were not
    /// seen, which is no contradiction.
    Different {
        /// Only in the first.
        only_a: Vec<State>,
        /// Only in the second.
        only_b: Vec<State>,
    },
    /// The first side says this of the condition, the second the opposite, and one of them says nothing
    /// else.
    OtherVerdict(Witness),
    /// The sides report other places, so their states cannot be compared.
    OtherPlaces,
    /// The same name, but another test, because the hashes differ, and no side has the other's test. As
    /// if each were on one side only.
    OtherTest,
    /// One side, or both, did not finish it.
    Unfinished,
}

/// One test that both sides have.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pair {
    /// Its name.
    pub name: String,
    /// What sort of side the first is.
    pub a: Source,
    /// And the second.
    pub b: Source,
    /// What came out.
    pub finding: Finding,
    /// How often hardware showed the states that it alone has.
    pub seen: BTreeMap<State, u64>,
}

impl Pair {
    /// States that hardware showed and the model forbids; or, between two of a kind, all states that
    /// only one side has.
    #[must_use]
    pub fn contradictions(&self) -> Vec<&State> {
        let Finding::Different { only_a, only_b } = &self.finding else { return Vec::new() };
        match (self.a, self.b) {
            (Source::Hardware, Source::Model) => only_a.iter().collect(),
            (Source::Model, Source::Hardware) => only_b.iter().collect(),
            _ => only_a.iter().chain(only_b).collect(),
        }
    }

    /// Do the sides contradict one another, as far as they speak of the same test?
    #[must_use]
    pub fn contradicts(&self) -> bool {
        match self.finding {
            Finding::OtherPlaces => true,
            Finding::OtherVerdict(a) => match (self.a, self.b) {
                (Source::Hardware, Source::Model) => a == Witness::Found,
                (Source::Model, Source::Hardware) => a == Witness::None,
                _ => true,
            },
            _ => !self.contradictions().is_empty(),
        }
    }

    /// States that a model allows and hardware never showed.
    #[must_use]
    pub fn unseen(&self) -> usize {
        match (&self.finding, self.a, self.b) {
            (Finding::Different { only_b, .. }, Source::Hardware, Source::Model) => only_b.len(),
            (Finding::Different { only_a, .. }, Source::Model, Source::Hardware) => only_a.len(),
            _ => 0,
        }
    }
}

/// How often each of `states`, which are typed, was seen.
fn counts<'a>(sides: [&Known; 2], states: impl Iterator<Item = &'a State>) -> BTreeMap<State, u64> {
    let types = types(sides);
    let mut seen: BTreeMap<State, u64> = BTreeMap::new();
    for (state, count) in sides.into_iter().flat_map(|side| &side.seen) {
        *seen.entry(typed_state(state, &types)).or_default() += count;
    }
    states.filter_map(|state| Some((state.clone(), *seen.get(state)?))).collect()
}

/// What either side knows of the types of places.
fn types([a, b]: [&Known; 2]) -> BTreeMap<String, CType> {
    let mut types = b.types.clone();
    types.extend(a.types.iter().map(|(place, ctype)| (place.clone(), *ctype)));
    types
}

impl Pair {
    /// Compares two results of one test.
    pub(super) fn of(a: &Known, b: &Known) -> Pair {
        let finding = finding(a, b);
        let seen = match &finding {
            Finding::Different { only_a, only_b } => counts([a, b], only_a.iter().chain(only_b)),
            _ => BTreeMap::new(),
        };
        Pair { name: a.name.clone(), a: a.source, b: b.source, finding, seen }
    }

    /// Two tests that have nothing but the name in common.
    pub(super) fn of_others(a: &Known, b: &Known) -> Pair {
        let finding = Finding::OtherTest;
        Pair { name: a.name.clone(), a: a.source, b: b.source, finding, seen: BTreeMap::new() }
    }
}

fn finding(a: &Known, b: &Known) -> Finding {
    let (in_a, in_b) = match (&a.content, &b.content) {
        (Content::States(in_a, _), Content::States(in_b, _)) => (in_a, in_b),
        (of_a, of_b) => return verdicts(of_a, of_b),
    };
    let places = |states: &BTreeSet<State>| -> Option<Vec<String>> {
        states.first().map(|state| state.keys().cloned().collect())
    };
    if let (Some(a), Some(b)) = (places(in_a), places(in_b))
        && a != b
    {
        return Finding::OtherPlaces;
    }
    if in_a == in_b {
        return Finding::Equal;
    }
    let types = types([a, b]);
    let (in_a, in_b) = (typed(in_a, &types), typed(in_b, &types));
    if in_a == in_b {
        return Finding::Equal;
    }
    Finding::Different {
        only_a: in_a.difference(&in_b).cloned().collect(),
        only_b: in_b.difference(&in_a).cloned().collect(),
    }
}

/// Where one side has no states.
fn verdicts(a: &Content, b: &Content) -> Finding {
    let verdict = |content: &Content| match content {
        Content::Unfinished => None,
        Content::Verdict(witness) => Some(*witness),
        Content::States(_, witness) => *witness,
    };
    match (verdict(a), verdict(b)) {
        (Some(a), Some(b)) if a == b => Finding::Equal,
        (Some(a), Some(_)) => Finding::OtherVerdict(a),
        _ => Finding::Unfinished,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::against::compare;

    #[test]
    fn hardware_may_show_less_and_never_more() {
        let model = Known::with_values("MP", None, Source::Model, &["0", "1", "2"]);
        let honest = Known::with_values("MP", None, Source::Hardware, &["0"]);
        let broken = Known::with_values("MP", None, Source::Hardware, &["0", "3"]);
        let judge = |a: &Known, b: &Known| {
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
        let states = Known::with_values("MP", None, Source::Model, &["0"]);
        let isla = |witness| Known { content: Content::Verdict(witness), ..Known::named("MP") };
        let judge = |a: &Known, b: &Known| {
            compare(std::slice::from_ref(a), std::slice::from_ref(b)).pairs.remove(0)
        };
        assert_eq!(judge(&states, &isla(Witness::Found)).finding, Finding::Equal);
        let pair = judge(&states, &isla(Witness::None));
        assert!(pair.finding == Finding::OtherVerdict(Witness::Found) && pair.contradicts());
        // Not seeing what is allowed is no contradiction; seeing what is forbidden is one.
        let board = Known { source: Source::Hardware, ..states };
        assert!(judge(&board, &isla(Witness::None)).contradicts());
        let content = Content::Verdict(Witness::None);
        let unseen = Known { source: Source::Hardware, content, ..Known::named("MP") };
        assert!(!judge(&unseen, &isla(Witness::Found)).contradicts());
        assert_eq!(judge(&board, &Known::named("MP")).finding, Finding::Unfinished);
    }
}
