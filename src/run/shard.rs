//! One shard of a run: which of the tests that are found are in it, and where each stands in the whole run.
//!
//! A test is known by its path, as reports have it, so that an edited test stays in its shard and nothing is
//! read to find out. Arguments that lead to no test are no shard's own: each says so.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use rustc_hash::FxHashMap;

use super::Found;
use crate::results::{Division, Fingerprint, Listing, Shard, ShardTests, TestReport};

/// What decides whether a test is in a shard.
#[derive(Clone, PartialEq, Debug)]
pub struct Sharding {
    shard: Shard,
    /// The parts of tests whose cost is known.
    balance: FxHashMap<String, u32>,
    /// Of the costs, where there are any, and of what else the shards of a run share.
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
    ///
    /// # Errors
    /// A test of the report cannot be read.
    pub fn balanced<E>(
        shard: Shard,
        earlier: impl Iterator<Item = Result<TestReport, E>>,
    ) -> Result<Sharding, E> {
        let costs = costs(earlier)?;
        let mut digest = Fingerprint::default();
        for (path, cost) in &costs {
            digest = digest.and(path.as_bytes()).and(&cost.to_be_bytes());
        }
        // Paths are in order, which a sort keeps.
        let mut dearest: Vec<(String, u64)> = costs.into_iter().collect();
        dearest.sort_by_key(|(_, cost)| Reverse(*cost));
        // What each part has to do, the one with least at the top.
        let parts = (0..shard.of.get()).map(|part| Reverse((0_u64, part)));
        let mut loads: BinaryHeap<_> = parts.collect();
        let mut balance = FxHashMap::default();
        for (path, cost) in dearest {
            if let Some(mut least) = loads.peek_mut() {
                let (load, part) = least.0;
                balance.insert(path, part);
                least.0 = (load.saturating_add(cost), part);
            }
        }
        Ok(Sharding { shard: shard.divided(Division::Balance), balance, digest })
    }

    /// For a run with settings of this fingerprint: shards of another run are not parts of it.
    #[must_use]
    pub fn of_run(self, settings: Fingerprint) -> Sharding {
        let digest = self.digest.and(settings.to_string().as_bytes());
        Sharding { digest, ..self }
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
fn costs<E>(
    earlier: impl Iterator<Item = Result<TestReport, E>>,
) -> Result<BTreeMap<String, u64>, E> {
    let costs: Vec<Cost> = earlier.map(|test| test.map(Cost::of)).collect::<Result<_, E>>()?;
    let timed = costs.iter().all(|cost| cost.time.is_some());
    let cost = |cost: &Cost| cost.time.filter(|_| timed).unwrap_or(cost.work);
    let dearest = costs.iter().map(cost).max().unwrap_or(1);
    let mut of_paths = BTreeMap::new();
    for test in costs {
        let cost = if test.unfinished { dearest } else { cost(&test) };
        let sum = of_paths.entry(test.path).or_insert(0_u64);
        *sum = sum.saturating_add(cost);
    }
    Ok(of_paths)
}

/// What is kept of a test to know its cost.
struct Cost {
    path: String,
    work: u64,
    /// Microseconds, if each exploration has them.
    time: Option<u64>,
    unfinished: bool,
}

impl Cost {
    fn of(test: TestReport) -> Cost {
        let unfinished = test.failures().any(|failure| failure.status.unfinished());
        let machines = test.answer().map_or(&[][..], |answer| &answer.machines);
        // Even a test with nothing to explore is read and reported.
        let mut sum = (1_u64, Some(1_u64));
        for stats in machines.iter().map(|machine| machine.stats) {
            let time = sum.1.zip(stats.microseconds);
            sum = (sum.0.saturating_add(stats.work), time.map(|(sum, it)| sum.saturating_add(it)));
        }
        Cost { path: test.path, work: sum.0, time: sum.1, unfinished }
    }
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
        Listings {
            all,
            sharding,
            listing: Listing { tests: 0, digest, own: ShardTests::default() },
        }
    }

    /// What was listed so far, whichever shard it is in, and which tests the shard's report has; nothing is
    /// counted without one.
    pub fn listing(&self, own: ShardTests) -> Option<Listing> {
        self.sharding.as_ref().map(|_| Listing { own, ..self.listing })
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
