//! The tables of several models, of which later ones are mostly copies of what the first came to.

use std::ops::Range;
use std::sync::Arc;

use super::fragments::{Fragments, tail};
use super::{Out, separator};
use rvlitmus_core::answer::{Answer, States};

/// The states of one test as they are written. The models of a run share a dictionary and most states;
/// those of a report that was read need not.
pub(super) struct Written<'a> {
    answer: &'a Answer,
    first: Option<Known<'a>>,
    others: Vec<Known<'a>>,
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
        Written { answer, first: None, others: Vec::new() }
    }

    fn known(&self) -> impl Iterator<Item = &Known<'a>> {
        self.first.iter().chain(&self.others)
    }

    /// Appends the states of a model.
    pub(super) fn states(&mut self, states: &'a States, out: &mut Out<'_>) {
        let dictionary = states.dictionary();
        let same = |known: &&Known<'_>| Arc::ptr_eq(known.states.dictionary(), dictionary);
        let known = self.known().find(same);
        match known {
            Some(known) if out.stays() => return known.again(states, out),
            Some(known) => return known.fragments.hand_on(states, out),
            None => {}
        }
        let known = self.write_first(states, out);
        match self.first {
            None => self.first = Some(known),
            Some(_) => self.others.push(known),
        }
    }

    /// Appends the first table of its dictionary.
    fn write_first(&self, states: &'a States, out: &mut Out<'_>) -> Known<'a> {
        let Answer { places, symbols, .. } = self.answer;
        let fragments = Fragments::new(places, states.dictionary(), symbols, out);
        let mut rows = Vec::new();
        if out.stays() {
            out.reserve(fragments.bytes(states.len()));
            rows = fragments.states(states, out);
        } else {
            fragments.hand_on(states, out);
        }
        Known { states, fragments, rows }
    }

    /// Appends the beginning of an object with the values of a state of a model that was written.
    pub(super) fn values(&self, states: &States, row: usize, out: &mut Vec<u8>) {
        let known = self.known().find(|known| known.states.shares_rows(states));
        let Some(known) = known else { return };
        match known.rows.get(row) {
            Some(written) => {
                let rest = tail(states.satisfies(row));
                out.extend_from_within(written.start..written.end - rest.len());
            }
            None => known.fragments.values(states, row, out),
        }
        out.push(b'}');
    }
}

impl Known<'_> {
    /// Appends the states of another model, copying rows that stand there.
    fn again(&self, states: &States, out: &mut Vec<u8>) {
        if states.shares_rows(self.states) {
            self.copy(0..self.rows.len(), out);
            return;
        }
        let start = out.len();
        let mut run = 0..0;
        for (row, before) in states.rows_in(self.states).enumerate() {
            match before {
                Some(before) if self.states.satisfies(before) == states.satisfies(row) => {
                    if before != run.end || run.is_empty() {
                        self.copy_behind(start, run, out);
                        run = before..before;
                    }
                    run.end += 1;
                }
                _ => {
                    self.copy_behind(start, run, out);
                    run = 0..0;
                    separator(out.len() - start, out);
                    self.fragments.state(states, row, out);
                }
            }
        }
        self.copy_behind(start, run, out);
    }

    /// Copies rows, if there are any, behind those that were written from `start` on.
    fn copy_behind(&self, start: usize, rows: Range<usize>, out: &mut Vec<u8>) {
        if !rows.is_empty() {
            separator(out.len() - start, out);
            self.copy(rows, out);
        }
    }

    /// Copies rows that stand behind one another.
    fn copy(&self, rows: Range<usize>, out: &mut Vec<u8>) {
        if let [first, ..] = &self.rows[rows.clone()] {
            out.extend_from_within(first.start..self.rows[rows.end - 1].end);
        }
    }
}
