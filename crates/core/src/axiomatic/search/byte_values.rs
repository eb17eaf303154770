//! Which bytes, with which values, traces need from other harts, and which they write.
//!
//! A quick look at whether traces can belong to one execution: most combinations already fail here.

use rustc_hash::FxHashMap;

use crate::axiomatic::footprint::{Footprint, bytes_of, initial_value};
use crate::axiomatic::trace::{Op, Trace};
use crate::program::Program;

/// A byte of memory and a value that some trace has for it.
type ByteValue = (u64, u8);

/// A set of bytes with values, by the numbers that [`ByteValueNumbers`] gives them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct ByteValues(Vec<u64>);

impl ByteValues {
    /// Bytes of memory that it takes.
    pub(super) fn bytes(&self) -> usize {
        self.0.len() * size_of::<u64>()
    }

    /// Adds all of `other`.
    pub(super) fn add(&mut self, other: &ByteValues) {
        self.0.resize(self.0.len().max(other.0.len()), 0);
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine |= theirs;
        }
    }

    /// Is everything of it in one of `sets`?
    pub(super) fn within(&self, sets: [&ByteValues; 3]) -> bool {
        self.0.iter().enumerate().all(|(word, needed)| {
            let there = sets.iter().fold(0, |all, set| all | set.0.get(word).unwrap_or(&0));
            needed & !there == 0
        })
    }

    fn contains(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 != 0)
    }

    fn insert(&mut self, number: usize) {
        if self.0.len() <= number / 64 {
            self.0.resize(number / 64 + 1, 0);
        }
        self.0[number / 64] |= 1 << (number % 64);
    }
}

/// Gives numbers to bytes with values.
#[derive(Default)]
pub(super) struct ByteValueNumbers {
    numbers: FxHashMap<ByteValue, usize>,
}

impl ByteValueNumbers {
    /// What the stores of a trace write.
    pub(super) fn written(&mut self, trace: &Trace) -> ByteValues {
        let stores = trace.ops.iter().filter(|op| op.writes());
        self.set(stores.flat_map(|op| byte_values(op, op.written)))
    }

    /// What the loads of a trace return that neither the initial state nor its own stores hold.
    pub(super) fn needed(&mut self, program: &Program, trace: &Trace) -> ByteValues {
        let own: Vec<ByteValue> = trace
            .ops
            .iter()
            .filter(|op| op.writes())
            .flat_map(|op| byte_values(op, op.written))
            .collect();
        let initial = |(address, value): ByteValue| {
            initial_value(program, Footprint { address, width: 1 }) as u8 == value
        };
        let loads = trace.ops.iter().filter(|op| op.reads());
        let needed = loads.flat_map(|op| byte_values(op, op.read));
        self.set(needed.filter(|byte| !own.contains(byte) && !initial(*byte)))
    }

    /// Does the load return a byte with a value that `set` contains?
    pub(super) fn reads_any(&self, load: &Op, set: &ByteValues) -> bool {
        !set.0.is_empty()
            && byte_values(load, load.read)
                .any(|byte| self.numbers.get(&byte).is_some_and(|number| set.contains(*number)))
    }

    fn set(&mut self, bytes: impl Iterator<Item = ByteValue>) -> ByteValues {
        let mut values = ByteValues::default();
        for byte in bytes {
            let next = self.numbers.len();
            values.insert(*self.numbers.entry(byte).or_insert(next));
        }
        values
    }
}

fn byte_values(op: &Op, value: u128) -> impl Iterator<Item = ByteValue> {
    let footprint = op.footprint;
    bytes_of(footprint.mask()).map(move |byte| (footprint.byte(byte), (value >> (8 * byte)) as u8))
}
