//! One shard of a run: which of the tests that are found are in it, and where each stands in the whole run.
//!
//! A test is known by its path, as reports have it, so that an edited test stays in its shard and nothing is
//! read to find out. Arguments that lead to no test are no shard's own: each says so.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use rustc_hash::FxHashMap;

use super::Found;
use crate::results::{Division, Fingerprint, Listing, Shard, TestReport};

/// What decides whether a test is in a shard.
#[derive(Clone, PartialEq, Debug)]
pub struct Sharding {
    shard: Shard,
    /// The parts of tests whose cost is known.
    balance: FxHashMap<String, u32>,
    /// Of the costs, where there are any.
    digest: Fingerprint,
}

impl Sharding {
    /// The tests of `shard`, which needs to know no costs.
    #[must_use]
    pub fn new(shard: Shard) -> Sharding {
        Sharding { shard, balance: FxHashMap::default(), digest: Fingerprint::default() }
    }

    /// The tests of `shard`, if all tests are divided so that each has about as much to do as any other,
    /// by what the tests of an earlier report cost: the dearest first, each to the part that has least.
    #[must_use]
    pub fn balanced(shard: Shard, earlier: &[TestReport]) -> Sharding {
        let costs = costs(earlier);
        let mut digest = Fingerprint::default();
        for (path, cost) in &costs {
            digest = digest.and(path.as_bytes()).and(&cost.to_be_bytes());
        }
        let mut dearest: Vec<(&str, u64)> = costs.into_iter().collect();
        dearest.sort_by_key(|(path, cost)| (Reverse(*cost), *path));
        // What each part has to do, the one with least at the top.
        let parts = (0..shard.of.get()).map(|part| Reverse((0_u64, part)));
        let mut loads: BinaryHeap<_> = parts.collect();
        let mut balance = FxHashMap::default();
        for (path, cost) in dearest {
            if let Some(mut least) = loads.peek_mut() {
                let (load, part) = least.0;
                balance.insert(path.to_owned(), part);
                least.0 = (load.saturating_add(cost), part);
            }
        }
        Sharding { shard: shard.divided(Division::Balance), balance, digest }
    }

    /// Which shard it is.
    #[must_use]
    pub fn shard(&self) -> Shard {
        self.shard
    }

    /// Is the test of this path, at this place of the listing, in the shard?
    #[must_use]
    pub fn holds(&self, path: &str, index: u64) -> bool {
        let part = match self.shard.division {
            Division::Count => {
                let parts = u64::from(self.shard.of.get());
                return index % parts == u64::from(self.shard.part());
            }
            Division::Hash => self.shard.by_hash(path),
            Division::Balance => {
                self.balance.get(path).copied().unwrap_or_else(|| self.shard.by_hash(path))
            }
        };
        part == self.shard.part()
    }
}

/// What the tests of each path cost: time where the report has it for all of them, and otherwise work. What
/// a limit ended, nobody knows to cost less than the dearest.
fn costs(earlier: &[TestReport]) -> BTreeMap<&str, u64> {
    let stats = |test: &TestReport| {
        let machines = test.answer().map_or(&[][..], |answer| &answer.machines);
        machines.iter().map(|machine| machine.stats).collect::<Vec<_>>()
    };
    let timed = earlier.iter().flat_map(stats).all(|stats| stats.microseconds.is_some());
    let cost = |test: &TestReport| {
        let of = stats(test).into_iter().map(|stats| match timed {
            true => stats.microseconds.unwrap_or(0),
            false => stats.work,
        });
        // Even a test with nothing to explore is read and reported.
        of.fold(1_u64, u64::saturating_add)
    };
    let unfinished =
        |test: &&TestReport| test.failures().any(|failure| failure.status.unfinished());
    let dearest = earlier.iter().map(cost).max().unwrap_or(1);
    let mut costs = BTreeMap::new();
    for test in earlier {
        let cost = if unfinished(&test) { dearest } else { cost(test) };
        let sum = costs.entry(&*test.path).or_insert(0_u64);
        *sum = sum.saturating_add(cost);
    }
    costs
}

/// A task of a run.
#[derive(Debug)]
pub struct Listed {
    /// What the arguments led to.
    pub found: Found,
    /// Its place among the tests that they name, in a shard.
    pub index: Option<u64>,
}

/// The tests of a run, or of a shard of it, as they are asked for.
pub struct Listings<I> {
    all: I,
    sharding: Option<Sharding>,
    listing: Listing,
}

impl<I: Iterator<Item = Found>> Listings<I> {
    /// Those of `all` that are in the shard, or all without one.
    pub fn new(all: I, sharding: Option<Sharding>) -> Listings<I> {
        let digest = sharding.as_ref().map(|sharding| sharding.digest).unwrap_or_default();
        Listings { all, sharding, listing: Listing { tests: 0, digest } }
    }

    /// What was listed so far, whichever shard it is in; nothing is counted without one.
    pub fn listing(&self) -> Option<Listing> {
        self.sharding.as_ref().map(|_| self.listing)
    }
}

impl<I: Iterator<Item = Found>> Iterator for Listings<I> {
    type Item = Listed;

    fn next(&mut self) -> Option<Listed> {
        loop {
            let found = self.all.next()?;
            let (Some(sharding), Found::Test(source)) = (&self.sharding, &found) else {
                return Some(Listed { found, index: None });
            };
            let index = self.listing.tests;
            self.listing.tests += 1;
            self.listing.digest = self.listing.digest.and(source.shown.as_bytes());
            if sharding.holds(&source.shown, index) {
                return Some(Listed { found, index: Some(index) });
            }
        }
    }
}
