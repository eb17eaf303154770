//! Locations and values of the operations of a cycle.

use rvlitmus_core::litmus::Diagnostic;

use super::Cycle;
use super::edge::{Atom, Dir, Kind, Relation};
use super::parse::mistake;
use crate::program::{AmoOp, Bytes, Order, Width};

/// An operation: the first of the edge of the same index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Event {
    pub(super) dir: Dir,
    pub(super) atom: Option<Atom>,
    /// The AMO of which it is one half.
    pub(super) amo: Option<AmoOp>,
    pub(super) location: usize,
    pub(super) bytes: Bytes,
    /// The bytes that are stored, if others.
    pub(super) sc_bytes: Option<Bytes>,
    /// What it stores, or has to read.
    pub(super) value: i64,
    /// The operand of an AMO that stores the value.
    pub(super) operand: i64,
    /// What was in its bytes before.
    pub(super) before: i64,
    /// The whole location after it.
    pub(super) cell: u64,
    /// How wide a whole location is.
    pub(super) whole: Width,
    /// How many operations of the location come before.
    pub(super) rank: usize,
}

/// The operations of a cycle, and what was in each location at first.
pub(super) struct Events {
    pub(super) events: Vec<Event>,
    pub(super) initial: Vec<i64>,
}

/// Gives a cycle its operations. `whole` is the width of an access of which nothing else is said.
pub(super) fn events(cycle: &Cycle, whole: Width) -> Result<Events, Diagnostic> {
    let count = cycle.edges.len();
    let mut events: Vec<Event> = Vec::with_capacity(count);
    for (at, edge) in cycle.edges.iter().enumerate() {
        let own = edge.value;
        let before = cycle.edges[(at + count - 1) % count].value;
        let amo = match (own.relation, before.relation) {
            (Relation::Rmw(op), _) | (_, Relation::Rmw(op)) => Some(op),
            _ => None,
        };
        events.push(Event {
            dir: own.source().unwrap_or(Dir::R),
            atom: own.from,
            amo,
            location: 0,
            bytes: own.from.and_then(|a| a.bytes).unwrap_or(Bytes { width: whole, offset: 0 }),
            sc_bytes: own.from.and_then(|atom| atom.sc_bytes),
            value: 0,
            operand: 0,
            before: 0,
            cell: 0,
            whole,
            rank: 0,
        });
    }
    let groups = place(cycle, &mut events)?;
    let pieces = cycle.edges.iter().any(|edge| edge.value.from.is_some_and(|a| a.bytes.is_some()));
    let mut initial = vec![0; groups.len()];
    for group in groups {
        let number = events[group[0]].location;
        let cleared =
            group.iter().any(|at| matches!(events[*at].amo, Some(AmoOp::And | AmoOp::Minu)));
        let first: u64 = if cleared { spread(64, whole, pieces) } else { 0 };
        initial[number] = extract(first, Bytes { width: whole, offset: 0 });
        give_values(&mut events, &group, first, pieces);
    }
    Ok(Events { events, initial })
}

/// Gives operations their locations; returns the operations of each, in the order of the cycle.
fn place(cycle: &Cycle, events: &mut [Event]) -> Result<Vec<Vec<usize>>, Diagnostic> {
    let count = events.len();
    let edge = |at: usize| &cycle.edges[at % count];
    let back = |from: usize, found: &dyn Fn(usize) -> bool| {
        (0..count).map(|by| (from + count - by) % count).find(|at| found(*at))
    };
    let ahead = |from: usize, found: &dyn Fn(usize) -> bool| {
        (0..count).map(|by| (from + by) % count).find(|at| found(*at))
    };
    let changes = |at: usize| !edge(at).value.same_location();
    let outward = back(0, &|at| !edge(at).value.same_hart()).unwrap_or(0);
    let Some(change) = back(outward, &changes) else {
        let after_com = |at: usize| {
            let before = edge(at + count - 1).value;
            before.communicates() || matches!(before.relation, Relation::Com(..) | Relation::Rmw(_))
        };
        let start = ahead(0, &after_com).unwrap_or(0);
        return Ok(vec![(0..count).map(|by| (start + by) % count).collect()]);
    };
    let Some(start) = ahead(change, &|at| !changes(at)) else {
        let message = "every edge changes the location".to_owned();
        return Err(mistake(edge(change).span, message, None));
    };
    let mut groups: Vec<Vec<usize>> = vec![Vec::new()];
    for at in (0..count).map(|by| (start + by) % count) {
        let number = groups.len() - 1;
        events[at].location = number;
        groups[number].push(at);
        if changes(at) && (at + 1) % count != start {
            groups.push(Vec::new());
        }
    }
    if groups.len() == 1 {
        let message =
            format!("`{}` is the only edge that changes the location", edge(change).value);
        return Err(mistake(edge(change).span, message, Some("two have to, or none".to_owned())));
    }
    Ok(groups)
}

fn give_values(events: &mut [Event], group: &[usize], first: u64, pieces: bool) {
    let (mut cell, mut next) = (first, 1);
    for (rank, at) in group.iter().enumerate() {
        let event = &mut events[*at];
        event.rank = rank;
        event.before = extract(cell, event.bytes);
        match event.dir {
            Dir::R => event.value = event.before,
            Dir::W => {
                let bytes = event.sc_bytes.unwrap_or(event.bytes);
                let wanted =
                    extract(spread(next, bytes.width, pieces), Bytes { offset: 0, ..bytes });
                let op = event.amo.unwrap_or(AmoOp::Swap);
                (event.operand, event.value) = operand(op, extract(cell, bytes), wanted);
                cell = overwrite(cell, bytes, event.value as u64);
                next += 1;
            }
        }
        event.cell = cell;
    }
}

/// A value whose every byte is `byte`, if pieces of it are read.
fn spread(byte: u64, width: Width, pieces: bool) -> u64 {
    match pieces {
        true => (0..width.bytes()).fold(0, |value, at| value | byte << (8 * at)),
        false => byte,
    }
}

/// The operand by which an AMO makes `wanted` of `old`, or something else that is not `old`; and what it makes.
fn operand(op: AmoOp, old: i64, wanted: i64) -> (i64, i64) {
    match op {
        AmoOp::Swap | AmoOp::Cas => (wanted, wanted),
        AmoOp::Add => (wanted - old, wanted),
        AmoOp::Xor => (wanted ^ old, wanted),
        AmoOp::Or => {
            let free = 1 << (!old).trailing_zeros();
            (free, old | free)
        }
        AmoOp::Max | AmoOp::Maxu => (wanted, wanted.max(old)),
        AmoOp::Min => (old.min(0) - wanted, old.min(0) - wanted),
        AmoOp::And | AmoOp::Minu => (0, 0),
    }
}

fn mask(width: Width) -> u64 {
    u64::MAX >> (64 - 8 * width.bytes())
}

/// Bytes of a location, with their sign.
pub(super) fn extract(cell: u64, bytes: Bytes) -> i64 {
    let unused = 64 - 8 * bytes.width.bytes();
    ((cell >> (8 * bytes.offset)) << unused).cast_signed() >> unused
}

fn overwrite(cell: u64, bytes: Bytes, value: u64) -> u64 {
    let mask = mask(bytes.width) << (8 * bytes.offset);
    cell & !mask | (value << (8 * bytes.offset)) & mask
}

impl Event {
    /// Is it LR and SC?
    pub(super) fn is_pair(&self) -> bool {
        self.atom.is_some_and(|atom| matches!(atom.kind, Kind::Pair(..)))
    }

    /// Its annotation, if it is no pair.
    pub(super) fn order(&self) -> Order {
        match self.atom.map(|atom| atom.kind) {
            Some(Kind::Ordered(order) | Kind::FailedCas(order)) => order,
            _ => Order::Plain,
        }
    }
}
