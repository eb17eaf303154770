//! States, put together from what their places and values come to.

use std::num::NonZeroU32;
use std::ops::Range;

use super::escape::escape;
use super::{Out, raw, separator, string};
use rvlitmus_core::answer::{Dictionary, PlaceNames, States, Symbols, Value};

/// What each place and each of its values come to, made once for each value of a dictionary.
pub(super) struct Fragments {
    /// In the order of the dictionary, one place behind the other.
    all: Vec<Fragment>,
    /// What long ones end with.
    rests: Vec<Box<[u8]>>,
    /// Bytes of the longest state.
    longest: usize,
    /// Are all values of one byte, so that states differ in single bytes?
    alike: bool,
}

/// The text of a place and its value: `,"1:x5":"1"`, and `{"values":{"0:x5":"1"` for the first place.
///
/// To copy a number of bytes that the compiler knows, and to take back those that do not count, takes
/// half the time of copying as many as there are.
#[derive(Clone, Copy)]
struct Fragment {
    text: [u8; SHORT],
    length: u8,
    /// The value, if it is of one byte.
    value: u8,
    /// What follows in [`Fragments::rests`], counted from 1.
    rest: Option<NonZeroU32>,
}

/// Nearly no fragment has more bytes.
const SHORT: usize = 26;

const STATE: &str = "{\"values\":{";
const SATISFIES: &str = "},\"satisfies\":true}";
const DOES_NOT: &str = "},\"satisfies\":false}";

/// What follows the values of a state.
pub(super) fn tail(satisfies: bool) -> &'static str {
    if satisfies { SATISFIES } else { DOES_NOT }
}

impl Fragments {
    /// Numbers need no escape, and symbols are names of the test's language, which has no quotes.
    ///
    /// The texts are made at the end of `out`, where there is room.
    pub(super) fn new(
        places: &PlaceNames,
        dictionary: &Dictionary,
        symbols: &Symbols,
        out: &mut Vec<u8>,
    ) -> Fragments {
        let mut fragments = Fragments {
            all: Vec::with_capacity(dictionary.values()),
            rests: Vec::new(),
            longest: STATE.len() + DOES_NOT.len() + 1,
            alike: true,
        };
        let start = out.len();
        for (index, place) in places.iter().enumerate() {
            raw(out, if index == 0 { STATE } else { "," });
            string(place, out);
            raw(out, ":\"");
            let key = out.len();
            let mut longest = key + 2;
            let digits = Fragment::before_digit(&out[start..]);
            for value in dictionary.of(index) {
                if let (Value::Signed(digit @ 0..=9), Some(digits)) = (value, &digits) {
                    fragments.all.push(digits.with(b'0' + *digit as u8));
                    continue;
                }
                match value {
                    Value::Symbol(id) => escape(symbols.text(*id), out),
                    number => number.write(symbols, out),
                }
                out.push(b'"');
                longest = longest.max(out.len());
                fragments.add(&out[start..], out.len() - key == 2);
                out.truncate(key);
            }
            fragments.longest += longest - start;
            out.truncate(start);
        }
        fragments
    }

    /// Bytes for so many states, at most.
    pub(super) fn bytes(&self, states: usize) -> usize {
        self.longest * states + SHORT
    }

    fn add(&mut self, fragment: &[u8], of_a_byte: bool) {
        let (short, rest) = fragment.split_at(fragment.len().min(SHORT));
        let mut text = [0; SHORT];
        text[..short.len()].copy_from_slice(short);
        self.alike &= of_a_byte && rest.is_empty();
        let rest = if rest.is_empty() { None } else { Some(self.add_rest(rest)) };
        let value = fragment[fragment.len() - 2];
        self.all.push(Fragment { text, length: short.len() as u8, value, rest });
    }

    #[cold]
    fn add_rest(&mut self, rest: &[u8]) -> NonZeroU32 {
        self.rests.push(rest.into());
        NonZeroU32::MIN.saturating_add(self.rests.len() as u32 - 1)
    }

    /// Appends all states; says where each of them was written to.
    pub(super) fn states(&self, states: &States, out: &mut Vec<u8>) -> Vec<Range<usize>> {
        let mut before = 0..0;
        let row = |row| {
            separator(row, out);
            let start = out.len();
            if row > 0 && self.alike {
                self.state_like(before.clone(), states, row, out);
            } else {
                self.state(states, row, out);
            }
            before = start..out.len();
            before.clone()
        };
        (0..states.len()).map(row).collect()
    }

    /// Appends all states, which need not stay.
    pub(super) fn hand_on(&self, states: &States, out: &mut Out<'_>) {
        for row in 0..states.len() {
            separator(row, out);
            self.state(states, row, out);
            out.row();
        }
    }

    /// Appends a state.
    pub(super) fn state(&self, states: &States, row: usize, out: &mut Vec<u8>) {
        self.values(states, row, out);
        raw(out, tail(states.satisfies(row)));
    }

    /// Appends a state where all are alike: the one before, with other values.
    #[inline]
    fn state_like(&self, before: Range<usize>, states: &States, row: usize, out: &mut Vec<u8>) {
        let start = out.len();
        out.extend_from_within(before);
        let (text, mut length) = (&mut out[start..], 0);
        states.for_entries(row, |entry| {
            let fragment = &self.all[entry];
            length += usize::from(fragment.length);
            text[length - 2] = fragment.value;
        });
        if states.satisfies(row) != states.satisfies(row - 1) {
            out.truncate(start + length);
            raw(out, tail(states.satisfies(row)));
        }
    }

    /// Appends the beginning of an object with the values of a state.
    pub(super) fn values(&self, states: &States, row: usize, out: &mut Vec<u8>) {
        if self.all.is_empty() {
            raw(out, STATE);
        }
        for value in states.entries(row) {
            let Fragment { text, length, rest, .. } = &self.all[value];
            let end = out.len() + usize::from(*length);
            out.extend_from_slice(text);
            out.truncate(end);
            if let Some(rest) = rest {
                out.extend_from_slice(&self.rests[rest.get() as usize - 1]);
            }
        }
    }
}

impl Fragment {
    /// One that lacks its digit behind this text, if it is short.
    fn before_digit(key: &[u8]) -> Option<Fragment> {
        let mut text = [0; SHORT];
        text.get_mut(..key.len())?.copy_from_slice(key);
        *text.get_mut(key.len() + 1)? = b'"';
        Some(Fragment { text, length: key.len() as u8 + 2, value: 0, rest: None })
    }

    /// The same with the digit.
    #[inline]
    fn with(mut self, digit: u8) -> Fragment {
        self.text[usize::from(self.length) - 2] = digit;
        self.value = digit;
        self
    }
}
