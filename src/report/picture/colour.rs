//! The colours and widths of arrows.

use rvlitmus_core::axiomatic::evidence::EdgeKind;
use rvlitmus_core::axiomatic::picture::{Arrow, ArrowKind};

/// The colour of what is wrong: a cycle, or what violates an axiom.
pub(super) const WRONG: &str = "#cf222e";

/// Returns the colour of an arrow.
pub(super) fn colour(arrow: &Arrow) -> &'static str {
    match arrow.kind {
        _ if arrow.wrong => WRONG,
        ArrowKind::Violation => WRONG,
        ArrowKind::Relation(EdgeKind::Ppo) => "#8c959f",
        ArrowKind::Relation(EdgeKind::Rf) => "#1a7f37",
        ArrowKind::Relation(EdgeKind::Co) => "#0969da",
        ArrowKind::Relation(EdgeKind::Fr) => "#bc4c00",
        ArrowKind::Relation(EdgeKind::Atomicity) => "#8250df",
    }
}

/// Returns the colour and the width of an arrow's line.
pub(super) fn stroke(arrow: &Arrow) -> (&'static str, f64) {
    (colour(arrow), if arrow.wrong { 2.4 } else { 1.2 })
}
