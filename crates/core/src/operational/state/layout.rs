//! Where things stand in a state.
//!
//! A state is a row of words: for each hart the number of the position where it stands (see `interner`);
//! what the loads of each hart returned; one word for each memory cell; and which cells hold a store that
//! has to be read. History is not in it, so equal futures are equal states.

use crate::operational::compile::{CellSpan, CompiledMachine, Set, low_bytes};

impl<S: Set> CompiledMachine<'_, S> {
    /// Words of a state.
    pub(crate) fn words(&self) -> usize {
        self.unread_word() + S::WORDS
    }

    /// Words of a state on a stack, which has the harts behind it that are to be looked at.
    pub(crate) fn stacked_words(&self) -> usize {
        self.words() + 1
    }

    /// The numbers of the positions where harts stand in the states of a stack.
    pub(crate) fn hart_states_of<'s>(
        &self,
        stack: &'s mut [u64],
    ) -> impl Iterator<Item = &'s mut u64> + use<'s, S> {
        let harts = self.harts.len();
        stack.chunks_exact_mut(self.stacked_words()).flat_map(move |state| &mut state[..harts])
    }

    fn unread_word(&self) -> usize {
        self.memory + self.cells.list.len()
    }

    /// Cells that hold a store that has to be read before the next one: see the layer `reduce`.
    pub(crate) fn unread(&self, state: &[u64]) -> S {
        S::get(&state[self.unread_word()..])
    }

    pub(crate) fn set_unread(&self, state: &mut [u64], cells: S) {
        let word = self.unread_word();
        cells.put(&mut state[word..]);
    }

    /// Writes the state before anything happened to `words`, replacing what is there.
    pub(crate) fn initial(&self, words: &mut Vec<u64>) {
        words.clear();
        words.resize(self.memory, 0);
        words.extend(self.cells.initial(self.program));
        words.resize(self.words(), 0);
    }

    /// The bytes of a span as one number.
    #[inline]
    pub(crate) fn memory_value(&self, state: &[u64], span: CellSpan) -> u64 {
        if span.count == 1 {
            return state[self.memory + usize::from(span.first)];
        }
        let (mut value, mut shift) = (0, 0);
        for cell in span.indices() {
            value |= state[self.memory + cell] << shift;
            shift += 8 * self.cells.list[cell].bytes;
        }
        value
    }

    /// Writes a number to the bytes of a span.
    pub(crate) fn write_cells(&self, state: &mut [u64], span: CellSpan, value: u64) {
        let mut rest = value;
        for cell in span.indices() {
            let bytes = self.cells.list[cell].bytes;
            state[self.memory + cell] = low_bytes(rest, bytes);
            rest = if bytes < 8 { rest >> (8 * bytes) } else { 0 };
        }
    }
}
