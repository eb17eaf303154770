//! Mutants of a test: without one of its fences or annotations (MC Mutants, ASPLOS 2023).
//!
//! What a test forbids is never seen on good hardware, so that runs which see nothing prove nothing. A mutant differs
//! in one thing and allows more. If that is seen, the same runs would have seen it of a test whose fence did not work.

use rvlitmus_core::advise::{Parts, Site, SiteKind, present, with};
use rvlitmus_core::session::{Machine, ReadTest, Watch};

use crate::Harness;
use crate::test::Prepared;

/// The mutants of a test that reach states under some model that the test does not, the first of them in the order of
/// the code.
pub(crate) fn mutants(
    harness: &Harness,
    test: &ReadTest,
    prepared: &Prepared,
    machines: &[Machine],
    watch: &dyn Watch,
) -> Vec<Prepared> {
    let sites: Vec<Site> = present(&test.test)
        .into_iter()
        .filter(|site| matches!(site.kind, SiteKind::Fence | SiteKind::Annotation))
        .collect();
    let of_site = |number: usize| {
        let rest = (0..)
            .zip(&sites)
            .map(|(other, site)| if other == number { Parts::default() } else { site.parts });
        let rest: Vec<Parts> = rest.collect();
        let mutant = ReadTest {
            test: with(&test.test, &sites, &rest),
            hash: None,
            other_hashes: Vec::new(),
            ..test.clone()
        };
        let (mut mutant, _) = harness.prepared(&mutant, machines, watch).ok()?;
        let site = &sites[number];
        mutant.mutation = Some(format!("{}'s {}", site.hart, site.stands(&test.test)?));
        mutant.tables.exceed(&prepared.tables).then_some(mutant)
    };
    (0..sites.len()).filter_map(of_site).take(harness.mutants).collect()
}
