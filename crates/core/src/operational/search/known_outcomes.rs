//! What is known of machines that were explored before.
//!
//! Corpora are generated: many of their tests differ in names, registers, fences and dependencies, and are
//! one and the same to the machine. Under Ztso most ways of asking for order come to the same. So what was
//! found is kept, under a *description* of all that a search looks at: a machine with the same description
//! has the same outcomes. Descriptions are compared in full, not by a hash.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use super::keys::hash;
use crate::model::Options;
use crate::operational::compile::{CompiledMachine, Reductions, Set};
use crate::program::{Completeness, Outcomes};

/// Independent parts, each with a lock of its own.
const SHARDS: usize = 64;
/// Bytes that a part keeps at most.
const MOST_BYTES: usize = 256 << 10;
/// States of the largest answer that is kept.
const MOST_STATES: usize = 4096;

/// Outcomes of machines that were explored before, for all threads that are handed it. It takes a bounded
/// amount of memory.
#[derive(Debug)]
pub struct KnownOutcomes([Mutex<Shard>; SHARDS]);

type ByDescription = FxHashMap<Box<[u8]>, Outcomes>;

/// Outcomes, by what they were found under and by description.
#[derive(Debug, Default)]
struct Shard {
    found: FxHashMap<(Options, Reductions), ByDescription>,
    bytes: usize,
}

impl Default for KnownOutcomes {
    fn default() -> Self {
        KnownOutcomes(std::array::from_fn(|_| Mutex::default()))
    }
}

impl KnownOutcomes {
    /// The part that a description belongs to.
    fn shard(&self, description: &[u8]) -> MutexGuard<'_, Shard> {
        let end = &description[description.len().saturating_sub(16)..];
        self.0[hash(end) as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was found of a machine with this description.
    pub(crate) fn recall<S: Set>(
        &self,
        machine: &CompiledMachine<'_, S>,
        description: &[u8],
    ) -> Option<Outcomes> {
        let under = (machine.options, machine.reductions);
        self.shard(description).found.get(&under)?.get(description).cloned()
    }

    /// Keeps what was found of a machine with this description.
    pub(crate) fn keep<S: Set>(
        &self,
        machine: &CompiledMachine<'_, S>,
        description: &[u8],
        found: &Outcomes,
    ) {
        if found.completeness != Completeness::Complete || found.states.len() > MOST_STATES {
            return;
        }
        let bytes = size_of::<Outcomes>() + description.len() + found.states.memory();
        let mut shard = self.shard(description);
        if shard.bytes + bytes > MOST_BYTES {
            *shard = Shard::default();
        }
        shard.bytes += bytes;
        let under = (machine.options, machine.reductions);
        shard.found.entry(under).or_default().insert(description.into(), found.clone());
    }
}
