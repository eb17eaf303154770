//! diy7's names of tests.

use rvlitmus_core::litmus::Spanned;

use super::edge::{Edge, Kind, Relation, Sd, atom_name};
use crate::program::Order;

/// The family, then how each hart orders its operations, and what accesses that stand alone are.
pub(super) fn name(family: &str, edges: &[Spanned<Edge>]) -> String {
    let harts = harts(edges);
    let alone = alone(edges);
    let all_same = harts.first().filter(|first| harts.iter().all(|hart| hart == *first));
    let mut parts = vec![family.to_owned()];
    match all_same.map(String::as_str) {
        Some("po") => {}
        Some("pos") if harts.len() == 1 => {}
        Some(one) if harts.len() > 1 => parts.push(format!("{one}s")),
        _ => parts.extend(harts),
    }
    parts.extend(alone);
    parts.join("+")
}

/// What the harts with more than one operation do.
fn harts(edges: &[Spanned<Edge>]) -> Vec<String> {
    let mut harts: Vec<Vec<String>> = vec![Vec::new()];
    let mut depth = 0;
    for edge in edges {
        match edge.value.relation {
            Relation::Leave(_) => depth += 1,
            Relation::Back(_) => depth -= 1,
            _ => {}
        }
        let ends = edge.value.is_external_com() || edge.value.relation == Relation::Hat;
        if ends && depth <= 0 {
            harts.push(Vec::new());
        } else if let Some(last) = harts.last_mut() {
            last.push(word(&edge.value));
        }
    }
    harts.into_iter().filter(|hart| !hart.is_empty()).map(|hart| hart.join("-")).collect()
}

fn word(edge: &Edge) -> String {
    let suffix = |sd| if sd == Sd::Same { "s" } else { "" };
    let relation = match edge.relation {
        Relation::Po(sd, ..) => format!("po{}", suffix(sd)),
        Relation::Fence(fence, sd, ..) => format!("{}{}", fence.name(), suffix(sd)),
        Relation::Dp(dep, sd, _) => format!("{}{}", dep.name(), suffix(sd)),
        Relation::Leave(com) => format!("[{}", com.name()),
        Relation::Back(com) => format!("{}]", com.name()),
        Relation::Hat | Relation::Rmw(_) | Relation::Com(..) => edge.relation.to_string(),
    };
    let atoms = match (edge.from, edge.to) {
        (None, None) => String::new(),
        (from, to) => atom_name(from) + &atom_name(to),
    };
    (relation + &atoms).to_lowercase()
}

/// What the accesses that stand alone on their harts are, unless all are plain.
fn alone(edges: &[Spanned<Edge>]) -> Option<String> {
    let count = edges.len();
    let atoms = (0..count).filter_map(|at| {
        let before = &edges[(at + count - 1) % count].value;
        let own = &edges[at].value;
        (before.is_external_com() && own.is_external_com()).then_some(own.from)
    });
    let atoms: Vec<_> = atoms.collect();
    atoms.iter().any(Option::is_some).then(|| {
        let name = |atom: &Option<_>| atom.map_or_else(|| "Na".to_owned(), |_| atom_name(*atom));
        atoms.iter().map(name).collect()
    })
}

/// Is the annotation one that only an AMO shows in all of the public tests?
pub(super) fn is_both(edge: &Edge) -> bool {
    edge.from.is_some_and(|atom| atom.kind == Kind::Ordered(Order::Both))
}
