//! The graph language of Graphviz, laid out as the SVG is: every operation has its place, so that
//! `dot` and its fellows keep harts in their columns and program order downward.

use std::fmt::Write as _;

use super::{Arrow, At, Event, Kind, Picture};

/// Inches from row to row.
const ROW: f64 = 1.4;
/// Inches of a character of the boxes' font.
const CHAR: f64 = 0.1;
/// Inches between columns, with what boxes add to their text.
const GAP: f64 = 2.4;

impl Picture {
    /// For Graphviz.
    #[must_use]
    pub(super) fn graph(&self) -> String {
        let mut out = String::from("digraph execution {\n");
        out.push_str("  layout=neato; splines=true; esep=\"+8\"; bgcolor=\"#ffffff\";\n");
        let label = [std::slice::from_ref(&self.title), &self.words].concat().join("\n");
        let _ = writeln!(out, "  label={};", quoted(&label));
        out.push_str("  labelloc=t; fontname=\"sans-serif\";\n");
        out.push_str(
            "  node [shape=box, style=filled, fillcolor=\"#f6f8fa\", color=\"#57606a\", fontname=\"monospace\", fontsize=12];\n",
        );
        out.push_str(
            "  edge [fontname=\"sans-serif\", fontsize=11, labeldistance=5, labelangle=8];\n",
        );
        let pitch = self.widest() as f64 * CHAR + GAP;
        for (hart, (heading, events)) in self.harts.iter().enumerate() {
            let x = hart as f64 * pitch;
            let _ = writeln!(
                out,
                "  h{hart} [label={}, shape=plaintext, style=\"\", fontname=\"sans-serif\", pos=\"{x:.2},0.8!\"];",
                quoted(heading)
            );
            for (row, event) in events.iter().enumerate() {
                let y = 0.0 - row as f64 * ROW;
                let label = quoted(&event.lines().join("\n"));
                let name = name(At { hart, row });
                let mark = match event.violates {
                    Some(_) => format!(", color=\"{WRONG}\", penwidth=2.5"),
                    None => String::new(),
                };
                let _ = writeln!(out, "  {name} [label={label}{mark}, pos=\"{x:.2},{y:.2}!\"];");
            }
            self.graph_program_order(&mut out, hart);
        }
        for arrow in &self.arrows {
            let (a, b) = (name(arrow.from), name(arrow.to));
            let color = if arrow.wrong { WRONG } else { colour(arrow.kind) };
            let width = if arrow.wrong { "2.5" } else { "1" };
            let _ = writeln!(
                out,
                "  {a} -> {b} [{}, color=\"{color}\", fontcolor=\"{color}\", penwidth={width}];",
                label_and_ports(arrow)
            );
        }
        out.push_str("}\n");
        out
    }

    /// Characters of the longest line of any box.
    fn widest(&self) -> usize {
        let events = self.harts.iter().flat_map(|(_, events)| events);
        events.flat_map(Event::lines).map(|line| line.chars().count()).max().unwrap_or(0)
    }

    /// Operations that nothing orders are joined by a faint line.
    fn graph_program_order(&self, out: &mut String, hart: usize) {
        for (from, to) in self.unordered(hart) {
            let (a, b) = (name(from), name(to));
            let _ =
                writeln!(out, "  {a} -> {b} [style=dashed, color=\"#d0d7de\", arrowhead=none];");
        }
    }
}

/// Within a hart the label is beside the arrow. Between harts it is at the arrow's start, away from
/// where arrows cross; arrows to the right and to the left use different sides of a box.
fn label_and_ports(arrow: &Arrow) -> String {
    let text = quoted(&arrow.label.join("\n"));
    let (from, to) = (arrow.from.hart, arrow.to.hart);
    if from == to {
        return format!("label={text}");
    }
    let along_the_top = (arrow.from.row, arrow.to.row) == (0, 0) && from.abs_diff(to) > 1;
    let (tail, head) = match (to > from, along_the_top) {
        (true, true) => ("ne", "nw"),
        (true, false) => ("e", "w"),
        (false, _) => ("sw", "se"),
    };
    format!("taillabel={text}, tailport={tail}, headport={head}")
}

fn name(at: At) -> String {
    format!("e{}_{}", at.hart, at.row)
}

/// The colour of what is wrong: a cycle, or what violates an axiom.
pub(super) const WRONG: &str = "#cf222e";

/// The colour of another arrow.
pub(super) fn colour(kind: Kind) -> &'static str {
    match kind {
        Kind::Ppo => "#8c959f",
        Kind::Rf => "#1a7f37",
        Kind::Co => "#0969da",
        Kind::Fr => "#bc4c00",
        Kind::Atomicity => "#8250df",
        Kind::Violation => WRONG,
    }
}

fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}
