//! The graph language of Graphviz.

use std::fmt::Write as _;

use super::{EventId, Kind, Picture};

impl Picture {
    /// For Graphviz.
    #[must_use]
    pub(super) fn graph(&self) -> String {
        let mut out = String::from("digraph execution {\n");
        let _ = writeln!(out, "  label={};", quoted(&self.title));
        out.push_str("  labelloc=t; fontname=\"sans-serif\"; splines=true; newrank=true;\n");
        out.push_str("  node [shape=box, style=rounded, fontname=\"monospace\"];\n");
        out.push_str("  edge [fontname=\"sans-serif\", fontsize=11];\n");
        for (hart, (heading, events)) in self.harts.iter().enumerate() {
            let _ = writeln!(out, "  subgraph cluster_{hart} {{");
            let _ = writeln!(out, "    label={}; color=\"#d0d7de\";", quoted(heading));
            for event in events {
                let place = event.place.map(|n| format!("{n}. ")).unwrap_or_default();
                let label = format!("{}\n{place}{}", event.instruction, event.effect);
                let _ = writeln!(out, "    {} [label={}];", name(event.id), quoted(&label));
            }
            for pair in events.windows(2) {
                let (a, b) = (name(pair[0].id), name(pair[1].id));
                let _ = writeln!(out, "    {a} -> {b} [style=invis, weight=10];");
            }
            out.push_str("  }\n");
        }
        for arrow in &self.arrows {
            let (a, b) = (name(arrow.from), name(arrow.to));
            let color = if arrow.in_cycle { "#cf222e" } else { colour(arrow.kind) };
            let width = if arrow.in_cycle { "2.5" } else { "1" };
            let _ = writeln!(
                out,
                "  {a} -> {b} [label={}, color=\"{color}\", fontcolor=\"{color}\", penwidth={width}, constraint=false];",
                quoted(&arrow.label)
            );
        }
        out.push_str("}\n");
        out
    }
}

fn name(event: EventId) -> String {
    format!("e{}_{}", event.hart.0, event.nth.0)
}

/// The colour of an arrow that is not part of a cycle.
pub(super) fn colour(kind: Kind) -> &'static str {
    match kind {
        Kind::Ppo => "#8c959f",
        Kind::Rf => "#1a7f37",
        Kind::Co => "#0969da",
        Kind::Fr => "#bc4c00",
        Kind::Atomicity => "#8250df",
    }
}

fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}
