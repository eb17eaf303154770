//! What harts do with the chain: see [`super::blank_values`].

use super::LocalSets;
use super::blank_values::Chain;
use crate::operational::compile::Set;
use crate::operational::step::{Alive, Stop};

/// A store to a link.
#[derive(Clone, Copy, Debug)]
pub(super) struct LinkStore {
    pub(super) cell: usize,
    pub(super) is_sink: bool,
    /// Can it pass on the chain?
    pub(super) known: bool,
    pub(super) may_be_blank: bool,
}

impl<S: Set> LocalSets<'_, S> {
    /// Where the chain may be before anything happened, and the link that is not blank then.
    pub(super) fn beginnings(&self) -> Vec<(Chain, Option<usize>)> {
        let Some(links) = &self.links else { return vec![(Chain::Ended, None)] };
        let Some(sink) = links.sink else { return vec![(Chain::Ended, None)] };
        let readers = (0..self.stepper.machine.harts.len()).map(Some);
        let read = readers.flat_map(|h| {
            links.cells.members().map(move |cell| (Chain::At(h, Some(cell)), Some(cell)))
        });
        let mut beginnings: Vec<_> = read.collect();
        beginnings.push((Chain::Ended, Some(sink)));
        if links.begins {
            beginnings.push((Chain::Before, None));
        }
        beginnings
    }

    /// Makes all links blank but one.
    pub(super) fn blank_memory(&mut self, link: Option<usize>) {
        let Some(links) = &self.links else { return };
        let memory = self.stepper.machine.memory;
        let blank = links.cells.members().filter(|cell| Some(*cell) != link);
        blank.for_each(|cell| self.state[memory + cell] = 0);
    }

    /// Is the load at `place` of hart `h` one that carries the chain or is blank?
    pub(super) fn is_carrier(&self, h: usize, place: usize) -> bool {
        let at = self.stepper.view().at(&self.state, h);
        self.links.as_ref().is_some_and(|links| links.is_carrier(&at, h, place))
    }

    /// What there is to know of the store at `place` of hart `h`, if it is one to a link.
    pub(super) fn link_of(&self, h: usize, place: usize) -> Option<LinkStore> {
        let links = self.links.as_ref()?;
        let at = self.stepper.view().at(&self.state, h);
        let cell = (at.cells_of(place) & links.cells).first()?;
        let is_sink = links.sink == Some(cell);
        let is_to_read =
            self.chain == Chain::At(Some(h), Some(cell)) && self.extra[h].carried.is_none();
        let known = match links.source(&at, h, place) {
            _ if at.facts.reads.has(place) => is_to_read,
            Some(source) => self.extra[h].carried == Some(source),
            None => self.chain == Chain::Before && self.extra[h].carried.is_none(),
        };
        let shown = is_sink && self.chain == Chain::Ended;
        Some(LinkStore { cell, is_sink, known, may_be_blank: !is_to_read && !shown })
    }

    /// The carrier at `place` of hart `h` can be performed: it is blank, or carries the chain, or waits if it
    /// may do so `later`. What that comes to is put to [`LocalSets::todo`].
    pub(super) fn settle_carrier(
        &mut self,
        h: usize,
        place: usize,
        later: bool,
    ) -> Result<Alive, Stop> {
        let before = self.part(h);
        if later && self.stepper.sleep(&mut self.state, h, place)? == Alive::Yes {
            self.put(h);
        }
        self.set_part(h, &before);
        let carries = self.may_carry(h, place);
        if self.stepper.perform_load(&mut self.state, h, place)? == Alive::No {
            return Ok(Alive::No);
        }
        if carries {
            let carried = self.extra[h].carried.replace(place);
            self.put(h);
            self.extra[h].carried = carried;
        }
        let word = self.stepper.machine.harts[h].loaded_word(place);
        self.state[word] = 0;
        self.put(h);
        Ok(Alive::No)
    }

    /// Is what the carrier at `place` of hart `h` would return on the chain?
    fn may_carry(&self, h: usize, place: usize) -> bool {
        let Some(links) = &self.links else { return false };
        let at = self.stepper.view().at(&self.state, h);
        let cell = at.cells_of(place).first();
        let source = cell.and_then(|cell| at.youngest_writer(at.older_stores(place), cell));
        match source {
            None => self.chain == Chain::At(Some(h), cell) && self.extra[h].carried.is_none(),
            Some(store) => match links.source(&at, h, store) {
                Some(source) => self.extra[h].carried == Some(source),
                None => self.chain == Chain::Before && self.extra[h].carried.is_none(),
            },
        }
    }

    /// Can hart `h` no more pass on the chain as it has to, or has it another one?
    pub(super) fn is_lost(&self, h: usize) -> bool {
        if self.links.is_none() {
            return false;
        }
        let hart_state = self.stepper.view().hart_state(&self.state, h);
        let at = self.stepper.view().at(&self.state, h);
        match (self.extra[h].carried, self.chain) {
            (Some(_), Chain::Ended | Chain::At(None, _)) => true,
            (Some(place), _) => at.place(place).value_users.within(at.position.performed),
            (None, Chain::At(Some(_), Some(cell))) => !hart_state.reads.has(cell),
            (None, Chain::At(Some(_), None)) => true,
            (None, _) => false,
        }
    }
}
