//! Which bytes, with which values, traces need from other harts, and which they have to give.
//!
//! A quick look at whether traces can belong to one execution: most combinations already fail here.

use rustc_hash::FxHashMap;

use crate::program::Program;

use super::footprint::{Footprint, bytes_of};
use super::run::initial_value;
use super::trace::{Op, Trace};

/// A byte of memory and a value that some trace has for it.
type Held = (u64, u8);

/// A set of bytes with values, by the numbers that [`Market`] gives them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Goods(Vec<u64>);

impl Goods {
    /// Adds all of `other`.
    pub(super) fn add(&mut self, other: &Goods) {
        self.0.resize(self.0.len().max(other.0.len()), 0);
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine |= theirs;
        }
    }

    /// Is everything of it in one of `sets`?
    pub(super) fn within(&self, sets: [&Goods; 3]) -> bool {
        self.0.iter().enumerate().all(|(word, needed)| {
            let there = sets.iter().fold(0, |all, set| all | set.0.get(word).unwrap_or(&0));
            needed & !there == 0
        })
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
pub(super) struct Market {
    numbers: FxHashMap<Held, usize>,
}

impl Market {
    /// What the stores of a trace write.
    pub(super) fn gives(&mut self, trace: &Trace) -> Goods {
        let stores = trace.ops.iter().filter(|op| op.writes());
        self.goods(stores.flat_map(|op| held(op, op.written)))
    }

    /// What the loads of a trace return that neither the initial state nor its own stores hold.
    pub(super) fn needs(&mut self, program: &Program, trace: &Trace) -> Goods {
        let own: Vec<Held> =
            trace.ops.iter().filter(|op| op.writes()).flat_map(|op| held(op, op.written)).collect();
        let initial = |(address, value): Held| {
            initial_value(program, Footprint { address, width: 1 }) as u8 == value
        };
        let loads = trace.ops.iter().filter(|op| op.reads());
        let needed = loads.flat_map(|op| held(op, op.read));
        self.goods(needed.filter(|byte| !own.contains(byte) && !initial(*byte)))
    }

    fn goods(&mut self, bytes: impl Iterator<Item = Held>) -> Goods {
        let mut goods = Goods::default();
        for byte in bytes {
            let next = self.numbers.len();
            goods.insert(*self.numbers.entry(byte).or_insert(next));
        }
        goods
    }
}

fn held(op: &Op, value: u128) -> impl Iterator<Item = Held> {
    let footprint = op.footprint;
    bytes_of(footprint.mask()).map(move |byte| (footprint.byte(byte), (value >> (8 * byte)) as u8))
}
