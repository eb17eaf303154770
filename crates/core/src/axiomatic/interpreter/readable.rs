//! The values that a read may return, when one hart runs alone.

use crate::axiomatic::byte_sources::{StoreBytes, each_choice_of_sources};
use crate::axiomatic::footprint::{Footprint, bit_mask, initial_value};
use crate::model::Rule;

use super::possible_stores::{CausalPast, PossibleStore};
use super::state::InterpreterState;
use super::{Interpreter, Scope};

impl Interpreter<'_> {
    /// The values that a read of `target` may return at this point, each with what it needs.
    ///
    /// A store of this hart that comes later in program order is not read from, nor one that a later
    /// store of this hart hides, as the load value axiom and rule 1 say. `itself` is the number of the
    /// store that the reading instruction is, if it is one.
    pub(super) fn readable(
        &self,
        state: &InterpreterState,
        target: Footprint,
        itself: Option<usize>,
    ) -> Vec<(u128, CausalPast)> {
        let plausible = self.scope == Scope::Plausible;
        let own_in_order = plausible && self.options.rules.contains(Rule::R1);
        let mut hidden = 0;
        let mut stores: Vec<&PossibleStore> = Vec::new();
        let mut bytes = Vec::new();
        for store in state.stores.iter().rev() {
            let covers = target.covered_by(store.footprint);
            if covers != 0 {
                let possible = if own_in_order { covers & !hidden } else { covers };
                bytes.push(StoreBytes { covers, possible });
                stores.push(store);
                hidden |= covers;
            }
        }
        for store in self.possible_stores.all() {
            let covers = target.covered_by(store.footprint);
            let nth = store.name.nth;
            let later = !own_in_order && nth >= state.next_store && Some(nth) != itself;
            if covers != 0 && (store.name.hart != self.hart || later) {
                bytes.push(StoreBytes { covers, possible: covers });
                stores.push(store);
            }
        }
        let initial = initial_value(self.program, target);
        let mut values: Vec<(u128, CausalPast)> = Vec::new();
        let initially = if plausible { target.mask() & !hidden } else { target.mask() };
        each_choice_of_sources(target.mask(), &bytes, initially, self.stop, |choice| {
            let mut value = 0;
            let mut past = CausalPast::default();
            for from in choice {
                let source = from.store.map(|store| stores[store]);
                value |= bit_mask(from.bytes)
                    & source.map_or(initial, |s| s.footprint.project(s.value, target));
                past = source.map_or(past, |s| past.and(s.past));
            }
            match values.iter_mut().find(|(known, _)| *known == value) {
                Some((_, known)) => *known = known.or(past),
                None => values.push((value, past)),
            }
        });
        values
    }
}
