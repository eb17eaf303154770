//! What a thread needs to go from state to state.

use super::control::{At, Control};
use super::local::Local;
use super::locals::{Common, Locals};
use super::machine::{Machine, Seen};
use super::perform::{Alive, Stop};
use super::set::Set;
use super::silent::Move;
use super::stubborn::{Closure, Enabled};

/// A machine, and what one thread knows of the points of its harts' paths.
pub(super) struct Walker<'m, S> {
    pub(super) machine: &'m Machine<'m, S>,
    pub(super) locals: Locals<S>,
    /// What all threads know, where there are several.
    common: Option<&'m Common<S>>,
    /// Has a value been looked at since this was set to `false`?
    pub(super) consulted: bool,
    pub(super) scratch: Scratch<S>,
}

/// Scratch that deciding on what comes next shares with doing it.
#[derive(Debug)]
pub(super) struct Scratch<S> {
    pub(super) enabled: Vec<Enabled<S>>,
    pub(super) closure: Closure<S>,
    pub(super) moves: Vec<Move>,
    /// The stores of a [`Move::Last`].
    pub(super) last: Vec<(usize, usize)>,
    /// Loops that were taken further than the bound: hart and step.
    pub(super) cuts: Vec<(usize, usize)>,
}

impl<S: Set> Default for Scratch<S> {
    fn default() -> Self {
        Scratch {
            enabled: Vec::new(),
            closure: Closure::default(),
            moves: Vec::new(),
            last: Vec::new(),
            cuts: Vec::new(),
        }
    }
}

/// What a walker leaves behind for the next one: what it found, and allocations.
pub(super) struct Kept<S> {
    pub(super) locals: Locals<S>,
    pub(super) scratch: Scratch<S>,
}

impl<S: Set> Kept<S> {
    /// Forgets what is known, for another machine.
    pub(super) fn forget(&mut self, machine: &Machine<'_, S>) {
        let depth = machine.harts.iter().map(|hart| hart.tree.depth).max().unwrap_or(0);
        self.locals.reset(depth, machine.cells.list.len());
    }
}

impl<S: Set> Default for Kept<S> {
    fn default() -> Self {
        Kept { locals: Locals::default(), scratch: Scratch::default() }
    }
}

impl<'m, S: Set> Walker<'m, S> {
    /// Knows what another walker of the machine left behind, which may have followed other models.
    pub(super) fn new(machine: &'m Machine<'m, S>, kept: Kept<S>) -> Walker<'m, S> {
        let Kept { mut locals, mut scratch } = kept;
        locals.begin_epoch();
        scratch.cuts.clear();
        Walker { machine, locals, common: None, consulted: false, scratch }
    }

    /// Knows what all threads know, and goes on where another walker of this search left off.
    pub(super) fn sharing(
        machine: &'m Machine<'m, S>,
        kept: Kept<S>,
        common: &'m Common<S>,
    ) -> Walker<'m, S> {
        let Kept { mut locals, scratch } = kept;
        common.tell(&mut locals);
        Walker { machine, locals, common: Some(common), consulted: false, scratch }
    }

    /// Brings everything up to date, before it is handed to others.
    pub(super) fn refresh_all(&mut self) {
        for number in self.locals.numbers() {
            self.refresh(number);
        }
    }

    /// Brings what can be performed at a point up to date.
    #[inline]
    pub(super) fn refresh(&mut self, number: u64) {
        if self.locals.stale(number) {
            let control = &self.locals.get(number).control;
            let can = self.machine.at(control.hart.into(), control).can(self.locals.epoch());
            self.locals.refresh(number, can);
        }
    }

    pub(super) fn leave(self) -> Kept<S> {
        Kept { locals: self.locals, scratch: self.scratch }
    }

    /// Writes the state before anything happened to `state`, replacing what is there. It is none if a hart
    /// cannot come to an end.
    pub(super) fn start(&mut self, state: &mut Vec<u64>) -> Result<Alive, Stop> {
        let machine = self.machine;
        machine.initial(state);
        for (h, hart) in machine.harts.iter().enumerate() {
            if self.go(state, h, Control::start(machine.shared[h], hart))? == Alive::No {
                return Ok(Alive::No);
            }
        }
        Ok(Alive::Yes)
    }

    /// What can be looked at.
    #[inline]
    pub(super) fn view(&self) -> View<'_, S> {
        View { machine: self.machine, locals: &self.locals }
    }

    /// The number of a point of hart `h`'s paths.
    #[inline]
    pub(super) fn number(&mut self, h: usize, mut control: Control<S>) -> u32 {
        let Walker { machine, locals, common, .. } = self;
        if !control.broken.is_empty() {
            control.broken &= machine.at(h, &control).pending_reservations();
        }
        locals.number(control, *common, |control, epoch| machine.local(h, control, epoch))
    }
}

/// What a walker only looks at, so that it can write to its scratch meanwhile.
pub(super) struct View<'w, S> {
    pub(super) machine: &'w Machine<'w, S>,
    pub(super) locals: &'w Locals<S>,
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
    pub(super) fn local(self, state: &[u64], h: usize) -> &'w Local<S> {
        self.locals.get(state[h])
    }

    /// Where all harts stand.
    #[inline]
    pub(super) fn all<'s>(
        self,
        state: &'s [u64],
    ) -> impl Iterator<Item = &'w Local<S>> + use<'s, 'w, S> {
        state[..self.machine.harts.len()].iter().map(move |number| self.locals.get(*number))
    }

    /// Hart `h` where it stands.
    #[inline]
    pub(super) fn at(self, state: &[u64], h: usize) -> At<'w, S> {
        self.machine.at(h, &self.local(state, h).control)
    }

    /// Is the path of hart `h` taken for certain: its conditions hold, and whatever failed on the way,
    /// here or in another hart, had a reason to?
    pub(super) fn certain(self, state: &[u64], h: usize) -> bool {
        self.local(state, h).confirmed && self.has_reasons(state)
    }

    /// Had whatever failed a reason to?
    pub(super) fn has_reasons(self, state: &[u64]) -> bool {
        self.all(state).all(|local| local.forced)
    }

    /// The values of the observed places in a final state, as the program's types read them.
    pub(super) fn observed<'s>(
        self,
        state: &'s [u64],
    ) -> impl Iterator<Item = u64> + use<'s, 'w, S> {
        let machine = self.machine;
        machine.seen.iter().map(
            #[inline]
            move |&(seen, rendering)| {
                let raw = match seen {
                    Seen::Word(word) => state[word],
                    Seen::Constant(value) => value,
                    Seen::Register(h, index) => {
                        let hart = &machine.harts[h];
                        let observed =
                            self.local(state, h).leaf.map(|leaf| hart.tree.observed(leaf));
                        let value = observed
                            .map(|exprs| hart.tree.exprs.eval(exprs[index], hart.loaded(state)));
                        value.unwrap_or_default()
                    }
                    Seen::Memory(span) => machine.memory_value(state, span),
                };
                rendering.normalize(raw)
            },
        )
    }
}
