//! What can be asked of a state.

use super::cursor::Cursor;
use super::hart_state::HartState;
use super::interner::HartStates;
use crate::operational::compile::{CompiledMachine, FinalValue, Set};

/// A machine, and the hart states that its states name by number.
pub(crate) struct View<'w, S> {
    pub(crate) machine: &'w CompiledMachine<'w, S>,
    pub(crate) hart_states: &'w HartStates<S>,
}

impl<S> Clone for View<'_, S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for View<'_, S> {}

impl<'w, S: Set> View<'w, S> {
    /// Where hart `h` stands, and what follows from that.
    #[inline]
    pub(crate) fn hart_state(self, state: &[u64], h: usize) -> &'w HartState<S> {
        self.hart_states.get(state[h])
    }

    /// Where all harts stand.
    #[inline]
    pub(crate) fn all<'s>(
        self,
        state: &'s [u64],
    ) -> impl Iterator<Item = &'w HartState<S>> + use<'s, 'w, S> {
        state[..self.machine.harts.len()].iter().map(move |number| self.hart_states.get(*number))
    }

    /// Hart `h` where it stands.
    #[inline]
    pub(crate) fn at(self, state: &[u64], h: usize) -> Cursor<'w, S> {
        Cursor::new(self.machine, h, &self.hart_state(state, h).position)
    }

    /// Is the path of hart `h` taken for certain: its conditions hold, and whatever failed on the way,
    /// here or in another hart, had a reason to?
    pub(crate) fn certain(self, state: &[u64], h: usize) -> bool {
        self.hart_state(state, h).confirmed && self.has_reasons(state)
    }

    /// Had whatever failed a reason to?
    pub(crate) fn has_reasons(self, state: &[u64]) -> bool {
        self.all(state).all(|hart_state| hart_state.failures_forced)
    }

    /// The values of the observed places in a final state, as the program's types read them.
    pub(crate) fn observed<'s>(
        self,
        state: &'s [u64],
    ) -> impl Iterator<Item = u64> + use<'s, 'w, S> {
        let machine = self.machine;
        machine.final_values.iter().map(
            #[inline]
            move |&(value, ctype)| {
                let raw = match value {
                    FinalValue::Word(word) => state[word],
                    FinalValue::Constant(value) => value,
                    FinalValue::Register(h, index) => {
                        let (hart, leaf) = (&machine.harts[h], self.hart_state(state, h).leaf);
                        let expr = leaf.map(|leaf| hart.tree.observed(leaf)[index]);
                        let eval = |expr| hart.tree.exprs.eval(expr, hart.loaded(state));
                        expr.map_or(0, eval)
                    }
                    FinalValue::Memory(span) => machine.memory_value(state, span),
                };
                ctype.normalize(raw)
            },
        )
    }
}
