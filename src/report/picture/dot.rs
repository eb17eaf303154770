//! The graph language of Graphviz, laid out as the SVG is: every operation has its place, so that
//! `dot` and its fellows keep harts in their columns and program order downward.

use std::fmt::Write as _;

use rvlitmus_core::axiomatic::picture::{Arrow, Position};

use rvlitmus_core::litmus::visible_lines;

use super::colour::{WRONG, colour};
use super::figure::{Figure, lines};

/// Inches from row to row.
const ROW: f64 = 1.4;
/// Inches of a character of the boxes' font.
const CHAR: f64 = 0.1;
/// Inches between columns, with what boxes add to their text.
const GAP: f64 = 2.4;

/// Writes one graph after the other.
#[must_use]
pub fn dot(figures: &[Figure]) -> String {
    figures.iter().map(Figure::graph).collect()
}

impl Figure {
    fn graph(&self) -> String {
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
        for (hart, column) in self.picture.harts.iter().enumerate() {
            let x = hart as f64 * pitch;
            let _ = writeln!(
                out,
                "  h{hart} [label={}, shape=plaintext, style=\"\", fontname=\"sans-serif\", pos=\"{x:.2},0.8!\"];",
                quoted(&column.heading)
            );
            for (row, event) in column.events.iter().enumerate() {
                let y = 0.0 - row as f64 * ROW;
                let label = quoted(&lines(event).join("\n"));
                let name = name(Position { hart, row });
                let mark = match event.violates {
                    Some(_) => format!(", color=\"{WRONG}\", penwidth=2.5"),
                    None => String::new(),
                };
                let _ = writeln!(out, "  {name} [label={label}{mark}, pos=\"{x:.2},{y:.2}!\"];");
            }
            self.graph_program_order(&mut out, hart);
        }
        for arrow in &self.picture.arrows {
            let (a, b) = (name(arrow.from), name(arrow.to));
            let color = colour(arrow);
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

    /// Returns the characters of the longest line of any box.
    fn widest(&self) -> usize {
        let events = self.picture.harts.iter().flat_map(|hart| &hart.events);
        events.flat_map(lines).map(|line| line.chars().count()).max().unwrap_or(0)
    }

    /// Joins operations that nothing orders by a faint line.
    fn graph_program_order(&self, out: &mut String, hart: usize) {
        for (from, to) in self.without_arrow(hart) {
            let (a, b) = (name(from), name(to));
            let _ =
                writeln!(out, "  {a} -> {b} [style=dashed, color=\"#d0d7de\", arrowhead=none];");
        }
    }
}

/// Returns the attributes for an arrow's label and ends. Within a hart the label is beside the arrow. Between harts it is at the arrow's start, away from
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

fn name(at: Position) -> String {
    format!("e{}_{}", at.hart, at.row)
}

fn quoted(text: &str) -> String {
    let escaped =
        visible_lines(text).replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}
