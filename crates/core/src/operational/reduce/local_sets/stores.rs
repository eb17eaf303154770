//! What a hart can store next.

use std::rc::Rc;

use super::blank_values::{Chain, Passes};
use super::part::push_part;
use super::{LocalSets, SetNumber, WORDS_BETWEEN_CHECKS};
use crate::operational::compile::Set;
use crate::operational::step::Stop;

/// A store that a hart can perform next.
#[derive(Debug)]
pub(super) struct OwnStore<S> {
    pub(super) cells: S,
    /// What is written, by cell.
    pub(super) values: Box<[u64]>,
    pub(super) passes: Passes,
    /// Where the hart may be then.
    pub(super) set: SetNumber,
}

/// Stores that a hart can perform next, each with where it is then.
#[derive(Debug, Default)]
pub(super) struct Moves {
    /// Which bytes are written, what becomes of the chain, and memory then.
    pub(super) labels: Vec<u64>,
    pub(super) parts: Vec<u64>,
    order: Vec<usize>,
}

impl<S: Set> LocalSets<'_, S> {
    /// What hart `h`, which is in one of the local states of `set`, can store next, `memory` being as it is and
    /// others possibly still writing `written`.
    pub(super) fn stores(
        &mut self,
        h: usize,
        set: SetNumber,
        memory: &[u64],
        written: S,
    ) -> Result<Rc<[OwnStore<S>]>, Stop> {
        self.set_memory(memory);
        let before = self.chain;
        self.ask(set, S::EMPTY, written);
        if let Some(known) = self.stored.get(&self.words[..]) {
            return Ok(Rc::clone(known));
        }
        let key: Box<[u64]> = self.words[..].into();
        self.find_moves(h, set, memory)?;
        let mut moves = std::mem::take(&mut self.moves);
        let label = S::WORDS + 1 + memory.len();
        let Moves { labels, parts, order } = &mut moves;
        let label_of = |index: usize| &labels[index * label..(index + 1) * label];
        order.clear();
        order.extend(0..labels.len() / label);
        order.sort_by_key(|index| label_of(*index));
        let size = self.part_words(h);
        let mut stores = Vec::new();
        for group in order.chunk_by(|a, b| label_of(*a) == label_of(*b)) {
            for index in group {
                self.todo.extend_from_slice(&parts[index * size..(index + 1) * size]);
            }
            let (cells, memory) = label_of(group[0]).split_at(S::WORDS);
            let (passes, memory) = (Passes::ALL[memory[0] as usize], &memory[1..]);
            self.set_memory(memory);
            let cells = S::get(cells);
            self.chain = match (passes, cells.first()) {
                (Passes::Nothing, Some(cell)) => before.without(cell),
                (Passes::ToItself, cell) => Chain::At(Some(h), cell),
                (Passes::ToOther, _) => Chain::At(None, None),
                (Passes::ToTheEnd, _) => Chain::Ended,
                (Passes::Nothing, None) => before,
            };
            let values = cells.members().map(|cell| memory[cell]).collect();
            let set = self.settle(h, written)?;
            if !self.store.members(set).is_empty() {
                stores.push(OwnStore { cells, values, passes, set });
            }
        }
        self.chain = before;
        self.moves = moves;
        let stores: Rc<[OwnStore<S>]> = stores.into();
        self.stored.insert(key, Rc::clone(&stores));
        Ok(stores)
    }

    /// Finds the stores that hart `h`, in one of the local states of `set`, can perform next.
    fn find_moves(&mut self, h: usize, set: SetNumber, memory: &[u64]) -> Result<(), Stop> {
        self.moves.labels.clear();
        self.moves.parts.clear();
        let mut checked = 0;
        for index in 0..self.store.members(set).len() {
            let member = self.store.members(set)[index];
            self.get(h, member);
            self.step()?;
            let stores = self.stepper.view().hart_state(&self.state, h).enabled.stores;
            for place in stores.members() {
                let words = self.moves.labels.len() + self.moves.parts.len();
                if words > checked + WORDS_BETWEEN_CHECKS {
                    checked = words;
                    self.check()?;
                }
                self.get(h, member);
                self.set_memory(memory);
                let link = self.link_of(h, place);
                let LocalSets { stepper, state, .. } = self;
                let Some(cells) = stepper.perform_unseen(state, h, place)? else { continue };
                let Some(link) = link else {
                    self.add_move(h, cells, Passes::Nothing);
                    continue;
                };
                let carried = self.extra[h].carried.take();
                if link.known {
                    self.add_move(h, cells, Passes::ToItself);
                    self.add_move(h, cells, Passes::ToOther);
                    if link.is_sink {
                        self.add_move(h, cells, Passes::ToTheEnd);
                    }
                }
                if link.may_be_blank {
                    self.extra[h].carried = carried;
                    self.state[self.stepper.machine.memory + link.cell] = 0;
                    self.add_move(h, cells, Passes::Nothing);
                }
            }
        }
        Ok(())
    }

    /// The hart `h` has stored to `cells`.
    fn add_move(&mut self, h: usize, cells: S, passes: Passes) {
        let LocalSets { stepper, state, moves, extra, .. } = self;
        let machine = stepper.machine;
        let from = moves.labels.len();
        moves.labels.resize(from + S::WORDS, 0);
        cells.put(&mut moves.labels[from..]);
        moves.labels.push(passes as u64);
        let memory = machine.memory..machine.memory + machine.cells.list.len();
        moves.labels.extend_from_slice(&state[memory]);
        push_part(machine, state, &extra[h], h, &mut moves.parts);
    }
}
