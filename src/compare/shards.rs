//! The shards of one run put together: every test in the place that it has in the whole run.
//!
//! Reports that are merged in any other way may overlap and lack tests; see [`merge`](super::merge()). Here
//! nothing may be missing, double or of another run, and all that is wrong is found. A shard has its tests in
//! the order of the whole run, so one test of each is all that has to be held.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::results::{Listing, Shard, ShardTests, TestReport};

/// The report of one shard.
#[derive(Debug)]
pub struct ShardReport<I> {
    /// Which it is, if it says so.
    pub shard: Option<Shard>,
    /// Of what it is a part, if it came to its end.
    pub listing: Option<Listing>,
    /// Its tests, in order.
    pub tests: I,
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
    /// The report has not the tests that its run wrote.
    OtherTests(usize),
}

/// Looks at the reports, all but their tests.
///
/// # Errors
/// Everything that is wrong.
pub fn join_shards<I>(reports: Vec<ShardReport<I>>) -> Result<Joined<I>, Vec<ShardFault>> {
    let faults = faults(&reports);
    if !faults.is_empty() {
        return Err(faults);
    }
    let listed = reports.iter().find_map(|report| report.listing).map_or(0, |it| it.tests);
    let unread = (0..reports.len()).collect();
    let unread_report = |ShardReport { listing, tests, .. }: ShardReport<I>| Unread {
        tests,
        head: None,
        read: ShardTests::default(),
        own: listing.map(|listing| listing.own).unwrap_or_default(),
    };
    let reports = reports.into_iter().map(unread_report).collect();
    Ok(Joined { reports, unread, heads: BinaryHeap::new(), listed, places: 0 })
}

/// All tests of all shards, as the report of the whole run has them.
#[derive(Debug)]
pub struct Joined<I> {
    reports: Vec<Unread<I>>,
    /// The reports whose next test is to be read.
    unread: Vec<usize>,
    /// The places of the next tests and whose they are.
    heads: BinaryHeap<Reverse<(u64, usize)>>,
    /// Tests of the whole run.
    listed: u64,
    /// The places that are behind.
    places: u64,
}

/// What is left of a report.
#[derive(Debug)]
struct Unread<I> {
    tests: I,
    /// The next test.
    head: Option<TestReport>,
    /// The tests that were read.
    read: ShardTests,
    /// Those that the run wrote.
    own: ShardTests,
}

/// Why tests cannot be joined.
#[derive(Debug)]
pub enum JoinError<E> {
    /// They are not those of one run.
    Fault(ShardFault),
    /// A report, meant by its index, cannot be read.
    Unreadable(usize, E),
}

impl<E, I: Iterator<Item = Result<TestReport, E>>> Joined<I> {
    fn test(&mut self) -> Result<Option<TestReport>, JoinError<E>> {
        let misplaced = |report| JoinError::Fault(ShardFault::Places(report));
        while let Some(report) = self.unread.pop() {
            let Unread { tests, head, read, own } = &mut self.reports[report];
            let Some(test) = tests.next() else {
                if read != own {
                    return Err(JoinError::Fault(ShardFault::OtherTests(report)));
                }
                continue;
            };
            let mut test = test.map_err(|error| JoinError::Unreadable(report, error))?;
            let index = test.index.take().filter(|index| *index < self.listed);
            let index = index.ok_or_else(|| misplaced(report))?;
            *read = read.and(index, &test.path);
            self.heads.push(Reverse((index, report)));
            *head = Some(test);
        }
        let Some(Reverse((index, report))) = self.heads.pop() else { return Ok(None) };
        if index < self.places {
            return Err(misplaced(report));
        }
        self.places = index + 1;
        self.unread.push(report);
        Ok(self.reports[report].head.take())
    }
}

impl<E, I: Iterator<Item = Result<TestReport, E>>> Iterator for Joined<I> {
    type Item = Result<TestReport, JoinError<E>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.test().transpose()
    }
}

fn faults<I>(reports: &[ShardReport<I>]) -> Vec<ShardFault> {
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
        if !listed.is_of_run(&listing) {
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
