//! Families of tests that grow: the same idea for any number of harts or words.
//!
//! They show how the cost of an answer grows with its size, where a corpus of small tests cannot.
//! Each family is a function from its number to a [`sketch::Sketch`]; the text of a sketch is an ordinary
//! litmus file, which the parser reads like any other: no engine knows that a test was generated.
//!
//! [`measure()`] runs a family for growing numbers; [`table`] and [`svg`] show what came out.

mod locks;
mod rings;
mod shared;
mod sketch;

use sketch::Sketch;

/// Not many more have a place for their code in memory's layout.
const MOST_HARTS: u32 = 4000;

/// One family.
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
    sketch: fn(u32) -> Sketch,
}

/// Every family, in the order in which reports list them.
pub const FAMILIES: [Family; 12] = [
    Family {
        name: "sb",
        title: "store buffering in a ring",
        counts: "harts",
        least: 2,
        most: MOST_HARTS,
        sketch: rings::store_buffering,
    },
    Family {
        name: "lb",
        title: "load buffering in a ring, data dependencies",
        counts: "harts",
        least: 2,
        most: MOST_HARTS,
        sketch: rings::load_buffering,
    },
    Family {
        name: "ws",
        title: "two writes by each hart of a ring",
        counts: "harts",
        least: 2,
        most: MOST_HARTS,
        sketch: rings::two_writes,
    },
    Family {
        name: "iriw",
        title: "independent reads of two independent writes, fenced",
        counts: "readers",
        least: 1,
        most: MOST_HARTS - 2,
        sketch: rings::independent_reads,
    },
    Family {
        name: "mp",
        title: "a message of many words and a flag",
        counts: "words",
        least: 1,
        most: rings::MOST_WORDS,
        sketch: rings::message,
    },
    Family {
        name: "writers",
        title: "writers of one word, and a reader that reads twice",
        counts: "writers",
        least: 2,
        most: MOST_HARTS - 1,
        sketch: shared::writers,
    },
    Family {
        name: "mixed",
        title: "overlapping stores of different sizes, and a reader",
        counts: "writers",
        least: 1,
        most: shared::MOST_PIECES,
        sketch: shared::mixed_sizes,
    },
    Family {
        name: "lrsc",
        title: "a counter incremented once with LR and SC",
        counts: "harts",
        least: 1,
        most: MOST_HARTS,
        sketch: shared::reserved_counter,
    },
    Family {
        name: "amo",
        title: "a counter incremented twice with amoadd",
        counts: "harts",
        least: 1,
        most: MOST_HARTS,
        sketch: shared::atomic_counter,
    },
    Family {
        name: "spin-swap",
        title: "an amoswap spin lock around a counter",
        counts: "harts",
        least: 1,
        most: MOST_HARTS,
        sketch: locks::swap,
    },
    Family {
        name: "spin-lrsc",
        title: "an LR/SC spin lock around a counter",
        counts: "harts",
        least: 1,
        most: MOST_HARTS,
        sketch: locks::reserved,
    },
    Family {
        name: "ticket",
        title: "a ticket lock around a counter",
        counts: "harts",
        least: 1,
        most: MOST_HARTS,
        sketch: locks::ticket,
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
        let sketch = || Sketch { name, ..(self.sketch)(n) };
        (self.least..=self.most).contains(&n).then(|| sketch().to_string())
    }
}

#[cfg(test)]
mod tests;
