//! The shards of one run put together: every test in the place that it has in the whole run.
//!
//! Reports that are merged in any other way may overlap and lack tests; see [`merge`](super::merge()). Here
//! nothing may be missing, double or of another run, and all that is wrong is found.

use std::collections::BTreeMap;

use crate::results::{Listing, Shard, TestReport};

/// The report of one shard.
#[derive(Clone, PartialEq, Debug)]
pub struct ShardReport {
    /// Which it is, if it says so.
    pub shard: Option<Shard>,
    /// Of what it is a part, if it came to its end.
    pub listing: Option<Listing>,
    /// Its tests.
    pub tests: Vec<TestReport>,
}

/// Why reports are not the shards of one run; reports are meant by their index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ShardFault {
    /// The report is not that of a shard.
    NoShard(usize),
    /// The report lacks tests.
    Unfinished(usize, Shard),
    /// Two reports are parts of differently divided tests.
    OtherDivision([usize; 2]),
    /// Two reports are parts of other tests, or were balanced by other costs.
    OtherListing([usize; 2]),
    /// Two reports are of one shard.
    Double([usize; 2], Shard),
    /// No report is of these shards.
    Missing(Vec<Shard>),
    /// The report's tests do not say their places in the whole run, or not as the other reports do.
    Places(usize),
}

/// All tests of all shards, as the report of the whole run has them.
///
/// # Errors
/// Everything that is wrong.
pub fn join_shards(reports: Vec<ShardReport>) -> Result<Vec<TestReport>, Vec<ShardFault>> {
    let faults = faults(&reports);
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut tests = Vec::with_capacity(reports.iter().map(|report| report.tests.len()).sum());
    for (report, ShardReport { listing, tests: own, .. }) in reports.into_iter().enumerate() {
        let listed = listing.map_or(0, |listing| listing.tests);
        for mut test in own {
            let index = test.index.take().filter(|index| *index < listed);
            tests.push((index.ok_or_else(|| vec![ShardFault::Places(report)])?, report, test));
        }
    }
    tests.sort_by_key(|(index, ..)| *index);
    match tests.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        Some(pair) => Err(vec![ShardFault::Places(pair[1].1)]),
        None => Ok(tests.into_iter().map(|(.., test)| test).collect()),
    }
}

fn faults(reports: &[ShardReport]) -> Vec<ShardFault> {
    let mut faults = Vec::new();
    // The first report of each shard, of any, and of those that came to their end.
    let mut known: BTreeMap<Shard, usize> = BTreeMap::new();
    let mut first: Option<(usize, Shard)> = None;
    let mut whole: Option<(usize, Listing)> = None;
    for (report, ShardReport { shard, listing, .. }) in reports.iter().enumerate() {
        let Some(shard) = *shard else {
            faults.push(ShardFault::NoShard(report));
            continue;
        };
        let (division, of) = *first.get_or_insert((report, shard));
        if of.sibling(0) != shard.sibling(0) {
            faults.push(ShardFault::OtherDivision([division, report]));
            continue;
        }
        let before = *known.entry(shard).or_insert(report);
        if before != report {
            faults.push(ShardFault::Double([before, report], shard));
        }
        let Some(listing) = *listing else {
            faults.push(ShardFault::Unfinished(report, shard));
            continue;
        };
        let (other, listed) = *whole.get_or_insert((report, listing));
        if listed != listing {
            faults.push(ShardFault::OtherListing([other, report]));
        }
    }
    if let Some((_, shard)) = first {
        let all = (0..shard.of.get()).map(|part| shard.sibling(part));
        let missing: Vec<Shard> = all.filter(|shard| !known.contains_key(shard)).collect();
        if !missing.is_empty() {
            faults.push(ShardFault::Missing(missing));
        }
    }
    faults
}
