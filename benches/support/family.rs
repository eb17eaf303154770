//! Members of the scaling families that take some milliseconds at most.

use rvlitmus_core::litmus::{LineIndex, parse};
use rvlitmus_core::model::BaseModel;
use rvlitmus_core::program::{full_hart, link};
use rvlitmus_generate::family;

use super::Work;
use super::corpus::{compiled, explored};

const MEMBERS: [(&str, u32); 12] = [
    ("sb", 8),
    ("lb", 8),
    ("ws", 8),
    ("iriw", 5),
    ("mp", 8),
    ("writers", 5),
    ("mixed", 5),
    ("lrsc", 5),
    ("amo", 4),
    ("spin-swap", 3),
    ("spin-lrsc", 2),
    ("ticket", 2),
];

/// Compiling and exploring one member of each family.
pub(crate) fn families() -> Vec<Work> {
    let member = |(name, n): &(&'static str, u32)| {
        let (name, n) = (*name, *n);
        Work::new(format!("{name} {n}"), move || member(name, n))
    };
    MEMBERS.iter().map(member).collect()
}

fn member(name: &str, n: u32) -> impl FnMut() -> usize + use<> {
    let text = family(name).and_then(|family| family.test(n)).expect("a member");
    let test = parse(&text).expect("a test");
    let program = link(&test, &LineIndex::new(&text), |_| full_hart(BaseModel::Rvwmo));
    let program = program.expect("a program");
    move || {
        let mut explorer = compiled(&program).expect("small enough");
        explored(&mut explorer, BaseModel::Rvwmo, program.harts.len())
    }
}
