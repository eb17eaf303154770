//! States, put together from what their places and values come to.

use std::num::NonZeroU32;
use std::ops::Range;
use std::sync::Arc;

use super::escape::escape;
use super::{Out, raw, separator, string};
use crate::compare::{Answer, Dictionary, States, Symbols, Value};

/// The states of one test as they are written. The models of a run share a dictionary and most states;
/// those of a report that was read need not.
pub(super) struct Written<'a> {
    answer: &'a Answer,
    known: Vec<Known<'a>>,
}

/// A dictionary, and the first table of it.
struct Known<'a> {
    states: &'a States,
    fragments: Fragments,
    /// By row: where it was written to, if that stays.
    rows: Vec<Range<usize>>,
}

impl<'a> Written<'a> {
    pub(super) fn new(answer: &'a Answer) -> Written<'a> {
        Written { answer, known: Vec::with_capacity(1) }
    }

    /// Appends the states of a model.
    pub(super) fn states(&mut self, states: &'a States, out: &mut Out<'_>) {
        let dictionary = states.dictionary();
        let same = |known: &&Known<'_>| Arc::ptr_eq(known.states.dictionary(), dictionary);
        let Some(known) = self.known.iter().find(same) else {
            let Answer { places, symbols, .. } = self.answer;
            let fragments = Fragments::new(places, dictionary, symbols);
            let mut rows = Vec::new();
            if out.stays() {
                out.reserve(fragments.longest * states.len() + SHORT);
                rows = fragments.states(states, out);
            } else {
                fragments.hand_on(states, out);
            }
            self.known.push(Known { states, fragments, rows });
            return;
        };
        if !out.stays() {
            known.fragments.hand_on(states, out);
            return;
        }
        if states.shares_rows(known.states) {
            if let (Some(first), Some(last)) = (known.rows.first(), known.rows.last()) {
                out.extend_from_within(first.start..last.end);
            }
            return;
        }
        for (row, before) in states.rows_in(known.states).enumerate() {
            separator(row, out);
            match before {
                Some(before) if known.states.satisfies(before) == states.satisfies(row) => {
                    out.extend_from_within(known.rows[before].clone());
                }
                _ => known.fragments.state(states, row, out),
            }
        }
    }

    /// Appends the beginning of an object with the values of a state of a model that was written.
    pub(super) fn values(&self, states: &States, row: usize, out: &mut Vec<u8>) {
        let known = self.known.iter().find(|known| known.states.shares_rows(states));
        let Some(known) = known else { return };
        match known.rows.get(row) {
            Some(written) => {
                let rest = if states.satisfies(row) { SATISFIES } else { DOES_NOT };
                out.extend_from_within(written.start..written.end - rest.len());
            }
            None => known.fragments.values(states, row, out),
        }
        out.push(b'}');
    }
}

/// What each place and each of its values come to, made once for each value of a dictionary.
struct Fragments {
    /// In the order of the dictionary, one place behind the other.
    all: Vec<Fragment>,
    /// What long ones end with.
    rests: Vec<Box<[u8]>>,
    /// Bytes of the longest state.
    longest: usize,
}

/// The text of a place and its value: `,"1:x5":"1"`, and `{"values":{"0:x5":"1"` for the first place.
///
/// To copy a number of bytes that the compiler knows, and to take back those that do not count, takes
/// half the time of copying as many as there are.
struct Fragment {
    text: [u8; SHORT],
    length: u8,
    /// What follows in [`Fragments::rests`], counted from 1.
    rest: Option<NonZeroU32>,
}

/// Nearly no fragment has more bytes.
const SHORT: usize = 27;

const STATE: &str = "{\"values\":{";
const SATISFIES: &str = "},\"satisfies\":true}";
const DOES_NOT: &str = "},\"satisfies\":false}";

impl Fragments {
    /// Numbers need no escape, and symbols are names of the test's language, which has no quotes.
    fn new(places: &[Box<str>], dictionary: &Dictionary, symbols: &Symbols) -> Fragments {
        let mut fragments = Fragments {
            all: Vec::with_capacity(dictionary.values()),
            rests: Vec::new(),
            longest: STATE.len() + DOES_NOT.len() + 1,
        };
        let mut text = Vec::with_capacity(128);
        for (index, place) in places.iter().enumerate() {
            text.clear();
            raw(&mut text, if index == 0 { STATE } else { "," });
            string(place, &mut text);
            raw(&mut text, ":\"");
            let (key, mut longest) = (text.len(), 0);
            for value in dictionary.of(index) {
                text.truncate(key);
                match value {
                    Value::Symbol(id) => escape(symbols.text(*id), &mut text),
                    number => number.write(symbols, &mut text),
                }
                text.push(b'"');
                longest = longest.max(text.len());
                fragments.add(&text);
            }
            fragments.longest += longest;
        }
        fragments
    }

    fn add(&mut self, fragment: &[u8]) {
        let (short, rest) = fragment.split_at(fragment.len().min(SHORT));
        let mut text = [0; SHORT];
        text[..short.len()].copy_from_slice(short);
        let rest = if rest.is_empty() { None } else { Some(self.add_rest(rest)) };
        self.all.push(Fragment { text, length: short.len() as u8, rest });
    }

    #[cold]
    fn add_rest(&mut self, rest: &[u8]) -> NonZeroU32 {
        self.rests.push(rest.into());
        NonZeroU32::MIN.saturating_add(self.rests.len() as u32 - 1)
    }

    /// Appends all states; says where each of them was written to.
    fn states(&self, states: &States, out: &mut Vec<u8>) -> Vec<Range<usize>> {
        let row = |row| {
            separator(row, out);
            let start = out.len();
            self.state(states, row, out);
            start..out.len()
        };
        (0..states.len()).map(row).collect()
    }

    /// Appends all states, which need not stay.
    fn hand_on(&self, states: &States, out: &mut Out<'_>) {
        for row in 0..states.len() {
            separator(row, out);
            self.state(states, row, out);
            out.row();
        }
    }

    /// Appends a state.
    #[inline]
    fn state(&self, states: &States, row: usize, out: &mut Vec<u8>) {
        self.values(states, row, out);
        raw(out, if states.satisfies(row) { SATISFIES } else { DOES_NOT });
    }

    /// Appends the beginning of an object with the values of a state.
    #[inline]
    fn values(&self, states: &States, row: usize, out: &mut Vec<u8>) {
        if self.all.is_empty() {
            raw(out, STATE);
        }
        for value in states.entries(row) {
            let Fragment { text, length, rest } = &self.all[value];
            let end = out.len() + usize::from(*length);
            out.extend_from_slice(text);
            out.truncate(end);
            if let Some(rest) = rest {
                out.extend_from_slice(&self.rests[rest.get() as usize - 1]);
            }
        }
    }
}
