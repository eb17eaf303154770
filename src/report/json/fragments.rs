//! States, put together from what their places and values come to.

use std::sync::Arc;

use super::escape::escape;
use super::{raw, separator, string};
use crate::compare::{Answer, Dictionary, States, Symbols, Value};

/// Fragments by dictionary. The models of a run share one; those of a report that was read need not.
pub(super) struct Shared<'a> {
    answer: &'a Answer,
    known: Vec<(&'a Arc<Dictionary>, Fragments)>,
}

impl<'a> Shared<'a> {
    pub(super) fn new(answer: &'a Answer) -> Shared<'a> {
        Shared { answer, known: Vec::with_capacity(1) }
    }

    pub(super) fn of(&mut self, states: &'a States) -> &Fragments {
        let dictionary = states.dictionary();
        let known = self.known.iter().position(|(known, _)| Arc::ptr_eq(known, dictionary));
        let index = known.unwrap_or_else(|| {
            let Answer { places, symbols, .. } = self.answer;
            self.known.push((dictionary, Fragments::new(places, dictionary, symbols)));
            self.known.len() - 1
        });
        &self.known[index].1
    }
}

/// What a place and its value come to, made once for each value of a dictionary: `,"1:x5":"1"`, and
/// `{"values":{"0:x5":"1"` for the first place.
pub(super) struct Fragments {
    /// All of them, one behind the other.
    text: Vec<u8>,
    /// Where each ends, and before the first where that begins.
    ends: Vec<u32>,
    /// By place: its first value among them.
    places: Vec<u32>,
    /// Bytes of the longest state.
    longest: usize,
}

const STATE: &str = "{\"values\":{";
const SATISFIES: &str = "},\"satisfies\":true}";
const DOES_NOT: &str = "},\"satisfies\":false}";

impl Fragments {
    /// Numbers need no escape, and symbols are names of the test's language, which has no quotes.
    fn new(places: &[Box<str>], dictionary: &Dictionary, symbols: &Symbols) -> Fragments {
        let mut text = Vec::with_capacity(32 * (places.len() + 1));
        let mut ends = Vec::with_capacity(2 * places.len() + 1);
        ends.push(0);
        let mut firsts = Vec::with_capacity(places.len());
        let mut longest = STATE.len() + DOES_NOT.len() + 1;
        for (index, place) in places.iter().enumerate() {
            firsts.push(ends.len() as u32 - 1);
            let start = text.len();
            raw(&mut text, if index == 0 { STATE } else { "," });
            string(place, &mut text);
            raw(&mut text, ":\"");
            let key = start..text.len();
            let mut most = 0;
            for (number, value) in dictionary.of(index).iter().enumerate() {
                let from = text.len();
                if number > 0 {
                    text.extend_from_within(key.clone());
                }
                match value {
                    Value::Symbol(id) => escape(symbols.text(*id), &mut text),
                    number => number.write(symbols, &mut text),
                }
                text.push(b'"');
                ends.push(text.len() as u32);
                most = most.max(text.len() - from + key.len());
            }
            longest += most;
        }
        Fragments { text, ends, places: firsts, longest }
    }

    /// Appends all states of a table.
    pub(super) fn states(&self, states: &States, out: &mut Vec<u8>) {
        out.reserve(self.longest * states.len());
        for row in 0..states.len() {
            separator(row, out);
            self.open(states, row, out);
            raw(out, if states.satisfies(row) { SATISFIES } else { DOES_NOT });
        }
    }

    /// Appends the beginning of an object with the values of a state.
    pub(super) fn values(&self, states: &States, row: usize, out: &mut Vec<u8>) {
        self.open(states, row, out);
        out.push(b'}');
    }

    #[inline]
    fn open(&self, states: &States, row: usize, out: &mut Vec<u8>) {
        if self.places.is_empty() {
            raw(out, STATE);
        }
        for (first, number) in self.places.iter().zip(states.numbers(row)) {
            let at = *first as usize + number;
            out.extend_from_slice(&self.text[self.ends[at] as usize..self.ends[at + 1] as usize]);
        }
    }
}
