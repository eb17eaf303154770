//! Litmus tests that are made rather than written.
//!
//! A [`Family`] is the same idea for any number of harts, readers or words: the cost of an answer
//! grows with its size, which a corpus of small tests cannot show. What it gives is the text of an
//! ordinary litmus file, which the parser reads like any other: no engine knows that a test was
//! generated.
//!
//! ```
//! let ring = rvlitmus_generate::family("sb").expect("store buffering in a ring");
//! let test = ring.test(3).expect("three harts are neither too few nor too many");
//! assert!(test.starts_with("RISCV SB-3\n"));
//! assert_eq!(ring.test(1), None, "a ring has two harts at least");
//! ```
//!
//! A new family is a function from its number to a `GeneratedTest`, in the file of the tests that it
//! is like, and a row of [`FAMILIES`].
//!
//! A [`Cycle`] is read from the names of its edges, and makes the test that diy7 makes of it.
//! [`synthesise`] finds every minimal test that tells two models apart. [`advise_in_contexts`] puts a sequence of
//! instructions into every small program. All of them make small programs in neutral
//! form, which one printer gives its registers.

mod assemble;
mod contexts;
mod cycle;
mod differ;
mod generated_test;
mod judge;
mod locks;
mod one_location;
mod program;
mod readers;
mod rings;

pub use contexts::advise_in_contexts;
pub use cycle::{Annotations, Cycle, Options as CycleOptions, cycles};
pub use differ::{Alphabet, AlphabetError, Mode, Request, Synthesised, synthesise};
pub use program::Width;

use generated_test::GeneratedTest;

/// Who made a test, as its line `Generator=` says.
pub const GENERATOR: &str = concat!("rvlitmus ", env!("CARGO_PKG_VERSION"));

/// The most harts of a test: not many more have a place for their code in memory's layout.
const MOST_HARTS: u32 = 4000;

/// A family of tests that grow with a number.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// What the command line calls it.
    pub name: &'static str,
    /// What its tests are, in a few words.
    pub title: &'static str,
    /// What its number counts: `harts`, `readers`, `words`.
    pub counts: &'static str,
    /// The smallest number that makes a test.
    pub least: u32,
    /// The largest.
    pub most: u32,
    make: fn(u32) -> GeneratedTest,
}

/// Every family, in the order in which reports list them.
pub const FAMILIES: [Family; 12] = [
    Family {
        name: "sb",
        title: "store buffering in a ring",
        counts: "harts",
        least: 2,
        most: MOST_HARTS,
        make: rings::store_buffering,
    },
    Family {
        name: "lb",
        title: "load buffering in a ring, data dependencies",
        counts: "harts",
        least: 2,
        most: MOST_HARTS,
        make: rings::load_buffering,
    },
    Family {
        name: "ws",
        title: "two writes by each hart of a ring",
        counts: "harts",
        least: 2,
        most: MOST_HARTS,
        make: rings::two_writes,
    },
    Family {
        name: "iriw",
        title: "independent reads of two independent writes, fenced",
        counts: "readers",
        least: 1,
        most: MOST_HARTS - 2,
        make: readers::independent_reads,
    },
    Family {
        name: "mp",
        title: "a message of many words and a flag",
        counts: "words",
        least: 1,
        most: readers::MOST_WORDS,
        make: readers::message,
    },
    Family {
        name: "writers",
        title: "writers of one word, and a reader that reads twice",
        counts: "writers",
        least: 2,
        most: MOST_HARTS - 1,
        make: one_location::writers,
    },
    Family {
        name: "mixed",
        title: "overlapping stores of different sizes, and a reader",
        counts: "writers",
        least: 1,
        most: one_location::MOST_PIECES,
        make: one_location::mixed_sizes,
    },
    Family {
        name: "lrsc",
        title: "a counter incremented once with LR and SC",
        counts: "harts",
        least: 1,
        most: MOST_HARTS,
        make: one_location::reserved_counter,
    },
    Family {
        name: "amo",
        title: "a counter incremented twice with amoadd",
        counts: "harts",
        least: 1,
        most: MOST_HARTS,
        make: one_location::atomic_counter,
    },
    Family {
        name: "spin-swap",
        title: "an amoswap spin lock around a counter",
        counts: "harts",
        least: 1,
        most: MOST_HARTS,
        make: locks::swap,
    },
    Family {
        name: "spin-lrsc",
        title: "an LR/SC spin lock around a counter",
        counts: "harts",
        least: 1,
        most: MOST_HARTS,
        make: locks::reserved,
    },
    Family {
        name: "ticket",
        title: "a ticket lock around a counter",
        counts: "harts",
        least: 1,
        most: MOST_HARTS,
        make: locks::ticket,
    },
];

/// The family called `name`.
#[must_use]
pub fn family(name: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| family.name == name)
}

impl Family {
    /// The text of the test of number `n`, or `None` where there is none: see [`Family::least`] and
    /// [`Family::most`].
    #[must_use]
    pub fn test(&self, n: u32) -> Option<String> {
        let name = format!("{}-{n}", self.name.to_ascii_uppercase());
        let test = || GeneratedTest { name, ..(self.make)(n) };
        (self.least..=self.most).contains(&n).then(|| test().to_string())
    }
}

#[cfg(test)]
mod tests;
