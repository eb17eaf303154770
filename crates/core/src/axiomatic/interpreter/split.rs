//! Misaligned loads and stores, which fall into bytes: see [`crate::program::misaligned`].

use crate::arch::{Action, Extend, Register};
use crate::axiomatic::footprint::{Footprint, bytes_of};
use crate::axiomatic::relation::Index;
use crate::axiomatic::trace::{Nth, NthSet};
use crate::model::AccessKind;
use crate::program::Fault;

use super::Interpreter;
use super::access::Access;
use super::state::{InterpreterState, Provenance};

/// Combinations of values of the bytes of one load.
const MOST_VALUES: usize = 1 << 18;

impl Interpreter<'_> {
    /// Executes a load or store byte by byte; gives every state that it may lead to.
    pub(super) fn split(
        &self,
        state: InterpreterState,
        action: Action,
        access: Access,
    ) -> Result<Vec<InterpreterState>, Fault> {
        let mut states = match action {
            Action::Load { destination, extend, .. } => {
                self.split_load(state, destination, extend, access)?
            }
            Action::Store { source, .. } => self.split_store(state, source, access)?,
            // Nothing else is ever split.
            _ => Vec::new(),
        };
        states.iter_mut().for_each(|state| state.pc += 1);
        Ok(states)
    }

    fn split_load(
        &self,
        state: InterpreterState,
        destination: Register,
        extend: Extend,
        access: Access,
    ) -> Result<Vec<InterpreterState>, Fault> {
        let start = Provenance { deps: NthSet::default(), past: access.address.past };
        let mut bytes = state.bytes();
        let mut partly = vec![(state, 0u128, start)];
        for (byte, piece) in pieces(access) {
            let mut next = Vec::new();
            let mut taken = 0;
            for (state, value, provenance) in &partly {
                if next.len() > MOST_VALUES {
                    let what = format!("a misaligned load of {} with many values", self.hart);
                    return Err(Fault::TooLarge { what, limit: MOST_VALUES });
                }
                if (self.stop)() {
                    return Ok(Vec::new());
                }
                for (read, past) in self.readable(state, piece.footprint, None) {
                    let mut state = state.clone();
                    let nth = Nth::from_index(state.ops.len());
                    self.read(&mut state, AccessKind::Load, piece, read);
                    let provenance = provenance.and(Provenance { deps: NthSet::of(nth), past });
                    taken += state.bytes() + size_of::<(u128, Provenance)>();
                    self.memory.check(bytes + taken)?;
                    next.push((state, value | read << (8 * byte), provenance));
                }
            }
            partly = next;
            bytes = taken;
        }
        let extended = |value: u128| {
            let unused = 64 - 8 * u32::from(access.footprint.width);
            let top = (value as u64) << unused;
            match extend {
                Extend::Sign => (top as i64 >> unused) as u64,
                Extend::Zero => top >> unused,
            }
        };
        let finish = |(mut state, value, provenance): (InterpreterState, u128, Provenance)| {
            state.set(destination, extended(value), provenance);
            state
        };
        Ok(partly.into_iter().map(finish).collect())
    }

    fn split_store(
        &self,
        mut state: InterpreterState,
        source: Register,
        access: Access,
    ) -> Result<Vec<InterpreterState>, Fault> {
        let (value, provenance) = (state.get(source), state.provenance(source));
        for (byte, piece) in pieces(access) {
            let data = (u128::from(value >> (8 * byte)), provenance);
            if !self.store(&mut state, AccessKind::Store, piece, data)? {
                return Ok(Vec::new());
            }
        }
        Ok(vec![state])
    }
}

/// The bytes of an access, each as an access of its own.
fn pieces(access: Access) -> impl Iterator<Item = (usize, Access)> {
    bytes_of(access.footprint.mask()).map(move |byte| {
        let footprint = Footprint { address: access.footprint.byte(byte), width: 1 };
        (byte, Access { footprint, ..access })
    })
}
