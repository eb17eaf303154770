//! Segments and single accesses put together to cycles, each a candidate for a test.

use super::segments::Segment;
use crate::cycle::Dir;
use crate::program::{Access, Op, Order, Program, Step};

/// What stands between two communications of a cycle.
#[derive(Clone, Copy, Debug)]
pub(super) enum Item<'a> {
    /// Several accesses of a hart.
    Segment(&'a Segment),
    /// A single store, or load.
    Single(Dir),
}

impl Item<'_> {
    fn entry(&self) -> Dir {
        match self {
            Item::Segment(segment) => segment.entry,
            Item::Single(dir) => *dir,
        }
    }

    fn exit(&self) -> Dir {
        match self {
            Item::Segment(segment) => segment.exit,
            Item::Single(dir) => *dir,
        }
    }

    /// Can a communication lead from its last access to the first one of another?
    pub(super) fn meets(&self, next: &Item<'_>) -> bool {
        (self.exit(), next.entry()) != (Dir::R, Dir::R)
    }

    /// Is its last access in another location than its first?
    fn changes(&self) -> bool {
        match self {
            Item::Segment(segment) => !segment.same_location(),
            Item::Single(_) => false,
        }
    }
}

/// Calls `each` with the program of every way to put the items of a cycle on at most so many harts.
/// `short_cuts` asks for cycles, too, of which a single access could be left out.
pub(super) fn programs(
    items: &[Item<'_>],
    harts: usize,
    short_cuts: bool,
    each: &mut dyn FnMut(Program),
) {
    let count = items.len();
    let fits = (0..count).all(|at| items[at].meets(&items[(at + 1) % count]));
    if !fits || items.iter().filter(|item| item.changes()).count() == 1 {
        return;
    }
    let turned = items.iter().rposition(Item::changes).map_or(0, |last| (last + 1) % count);
    let items: Vec<Item<'_>> = (0..count).map(|at| items[(turned + at) % count]).collect();
    let placed = placed(&items);
    partitions(count, harts, &mut vec![0], &mut |blocks| {
        let is_needed = |at: usize| {
            let (before, after) = ((at + count - 1) % count, (at + 1) % count);
            matches!(items[at], Item::Segment(_))
                || short_cuts
                || (items[before].exit(), items[after].entry()) == (Dir::R, Dir::R)
                || (count > 2 && blocks[before] == blocks[after])
        };
        if (0..count).all(is_needed) {
            orders(&placed, blocks, &mut |program| shared(program, each));
        }
    });
}

/// The steps of each item with the locations of the whole program.
fn placed(items: &[Item<'_>]) -> Vec<Vec<Step>> {
    let (mut symbols, mut location) = (1, 0);
    let last = items.len() - 1;
    let mut placed = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let entry = location;
        match item.changes() {
            false => {}
            true if at == last => location = 0,
            true => {
                location = symbols;
                symbols += 1;
            }
        }
        let inner = symbols;
        let segment;
        let steps = match item {
            Item::Segment(segment) => &segment.steps,
            Item::Single(dir) => {
                let op = match dir {
                    Dir::R => Op::Load(Order::Plain),
                    Dir::W => Op::Store(Order::Plain),
                };
                segment = vec![Step::Access(Access::new(op, 0, 0))];
                &segment
            }
        };
        let mut steps = steps.clone();
        for access in steps.iter_mut().filter_map(Step::access_mut) {
            access.location = match access.location {
                0 => entry,
                1 => location,
                fresh => inner + fresh - 2,
            };
            symbols = symbols.max(access.location + 1);
        }
        placed.push(steps);
    }
    placed
}

/// Every way to let locations that are accessed once be others.
fn shared(program: Program, each: &mut dyn FnMut(Program)) {
    if program.harts.len() == 1 {
        return each(program);
    }
    let is_private = |location: &usize| {
        program.accesses().filter(|access| access.location == *location).count() == 1
    };
    let Some(private) = (0..program.locations()).find(is_private) else {
        return each(program);
    };
    for other in (0..program.locations()).filter(|other| program.is_shared(*other)) {
        let mut program = program.clone();
        for access in program.harts.iter_mut().flatten().filter_map(Step::access_mut) {
            if access.location == private {
                access.location = other;
            }
        }
        shared(program, each);
    }
}

/// Every way to give items to harts so that neighbours in the cycle are on different ones.
fn partitions(count: usize, most: usize, blocks: &mut Vec<usize>, each: &mut dyn FnMut(&[usize])) {
    let place = blocks.len();
    if place == count {
        if count == 1 || blocks[0] != blocks[count - 1] {
            each(blocks);
        }
        return;
    }
    let used = blocks.iter().max().map_or(0, |most| most + 1);
    for block in 0..(used + 1).min(most) {
        if blocks[place - 1] != block {
            blocks.push(block);
            partitions(count, most, blocks, each);
            blocks.pop();
        }
    }
}

/// Every order of the items of each hart.
fn orders(placed: &[Vec<Step>], blocks: &[usize], each: &mut dyn FnMut(Program)) {
    let harts = blocks.iter().max().map_or(0, |most| most + 1);
    let members = |hart: usize| -> Vec<usize> {
        (0..blocks.len()).filter(|item| blocks[*item] == hart).collect()
    };
    let mut programs = vec![Program::default()];
    for hart in 0..harts {
        let mut arranged = Vec::new();
        permutations(&mut members(hart), 0, &mut |order| {
            let mut steps: Vec<Step> = Vec::new();
            for item in order {
                append(&mut steps, &placed[*item]);
            }
            arranged.push(steps);
        });
        programs = programs
            .iter()
            .flat_map(|program| {
                arranged.iter().map(|steps| {
                    let mut program = program.clone();
                    program.harts.push(steps.clone());
                    program
                })
            })
            .collect();
    }
    programs.into_iter().for_each(each);
}

/// Puts steps behind others, with what depends on what.
fn append(steps: &mut Vec<Step>, more: &[Step]) {
    let before = steps.iter().filter(|step| step.access().is_some()).count();
    let mut more = more.to_vec();
    for access in more.iter_mut().filter_map(Step::access_mut) {
        access.dep = access.dep.map(|(dep, source)| (dep, source + before));
    }
    steps.extend(more);
}

fn permutations(items: &mut [usize], from: usize, each: &mut dyn FnMut(&[usize])) {
    if from + 1 >= items.len() {
        return each(items);
    }
    for at in from..items.len() {
        items.swap(from, at);
        permutations(items, from + 1, each);
        items.swap(from, at);
    }
}
