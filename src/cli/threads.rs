//! How many threads work on tests.

use anyhow::Context;

/// Makes the threads that work on tests. Without a number there is one for each processor, but not
/// before there are several tests, or a large one: making them takes longer than a small test does.
///
/// # Errors
/// They cannot be had.
pub(super) fn make(number: usize) -> anyhow::Result<()> {
    if number == 0 {
        return Ok(());
    }
    rayon::ThreadPoolBuilder::new()
        .num_threads(number)
        .build_global()
        .with_context(|| format!("{number} threads cannot be had"))
}
