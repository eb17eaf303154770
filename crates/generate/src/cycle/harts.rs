//! Which hart does which operation of a cycle.

use rvlitmus_core::litmus::Diagnostic;

use super::Cycle;
use super::edge::{Com, Dir, Relation};
use super::events::Event;
use super::parse::mistake;

/// The operations of each hart, in program order.
pub(super) fn split(cycle: &Cycle) -> Result<Vec<Vec<usize>>, Diagnostic> {
    let count = cycle.edges.len();
    let stays = |at: usize| cycle.edges[at % count].value.same_hart();
    let start = match stays(count - 1) {
        false => 0,
        true => {
            let leaves = (0..count).find(|at| !stays(*at)).unwrap_or(0);
            (0..count).map(|by| (leaves + by) % count).find(|at| stays(*at)).unwrap_or(leaves)
        }
    };
    let last = (start + count - 1) % count;
    if stays(last) {
        let edge = &cycle.edges[last];
        let message = format!("`{}` leads to another hart without a communication", edge.value);
        return Err(mistake(edge.span, message, None));
    }
    let mut harts: Vec<Vec<usize>> = vec![Vec::new()];
    for at in (0..count).map(|by| (start + by) % count) {
        if let Some(hart) = harts.last_mut() {
            hart.push(at);
        }
        if !stays(at) && at != last {
            harts.push(Vec::new());
        }
    }
    for leave in (0..count).map(|by| (start + by) % count) {
        let edge = &cycle.edges[leave];
        if !matches!(edge.value.relation, Relation::Leave(_)) {
            continue;
        }
        let again = (cycle.back_of(leave) + 1) % count;
        let of = |at: usize| harts.iter().position(|hart| hart.contains(&at)).unwrap_or(0);
        let (left, back) = (of(leave), of(again));
        if left == back {
            let message = format!("`{}` leaves a hart that it does not come back to", edge.value);
            return Err(mistake(edge.span, message, None));
        }
        let rest = std::mem::take(&mut harts[back]);
        harts[left].extend(rest);
    }
    harts.retain(|hart| !hart.is_empty());
    Ok(harts)
}

/// The line `Com=`: by which communication each hart is left.
pub(super) fn communications(cycle: &Cycle, harts: &[Vec<usize>], events: &[Event]) -> String {
    let names = harts.iter().filter_map(|hart| {
        let last = *hart.last()?;
        match cycle.edges[last].value.relation {
            Relation::Com(com, _) | Relation::Leave(com) | Relation::Back(com) => Some(com.name()),
            Relation::Hat => Some(hat(events, last).name()),
            _ => None,
        }
    });
    names.collect::<Vec<_>>().join(" ")
}

/// What a `Hat` stands for: is there a write before it in its location, one behind it, or both?
fn hat(events: &[Event], at: usize) -> Com {
    let count = events.len();
    let here = events[at].location;
    let writes = |step: usize| {
        (1..count)
            .map(|by| (at + by * step) % count)
            .take_while(|other| events[*other].location == here)
            .any(|other| events[other].dir == Dir::W)
    };
    match (writes(count - 1), writes(1)) {
        (true, true) => Com::Ws,
        (true, false) => Com::Rf,
        (false, _) => Com::Fr,
    }
}

/// The line `Prefetch=`: what litmus7 may do with the caches of a hart before it runs.
pub(super) fn prefetch(harts: &[Vec<usize>], events: &[Event]) -> String {
    let mut hints = Vec::new();
    for (number, hart) in harts.iter().enumerate() {
        let (Some(first), Some(last)) = (hart.first(), hart.last()) else { continue };
        let (first, last) = (&events[*first], &events[*last]);
        if first.location == last.location {
            continue;
        }
        let name = crate::program::location_name;
        let letter = if last.dir == Dir::W { 'W' } else { 'T' };
        hints.push(format!("{number}:{}=F", name(first.location)));
        hints.push(format!("{number}:{}={letter}", name(last.location)));
    }
    hints.join(",")
}
