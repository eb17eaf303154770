//! Scalable Vector Graphics, complete in one file.

use std::fmt::Write as _;

use rvlitmus_core::axiomatic::picture::Event;

use super::colour::{WRONG, stroke};
use super::curve::head;
use super::escape::escaped;
use super::figure::{Figure, lines};
use super::geometry::{BOX_HEIGHT, EventBox};
use super::layout::{MARGIN, TOP, event_box};

/// A figure without the page that it is on.
struct Drawing {
    elements: String,
    width: f64,
    height: f64,
}

/// Draws figures below one another on one page, for a browser. The page has a background of its own, so
/// that it can be read on light and on dark ones.
#[must_use]
pub fn svg(figures: &[Figure]) -> String {
    let drawings: Vec<Drawing> = figures.iter().map(Figure::drawing).collect();
    let width = drawings.iter().map(|d| d.width).fold(2.0 * MARGIN, f64::max);
    let height = drawings.iter().map(|d| d.height).sum::<f64>().max(2.0 * MARGIN);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"sans-serif\" font-size=\"12\">"
    );
    let _ = writeln!(out, "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>");
    let mut top = 0.0;
    for drawing in drawings {
        let _ = writeln!(out, "<g transform=\"translate(0 {top:.0})\">");
        out.push_str(&drawing.elements);
        out.push_str("</g>\n");
        top += drawing.height;
    }
    out.push_str("</svg>\n");
    out
}

impl Figure {
    /// Returns what is drawn, from the point 0,0.
    fn drawing(&self) -> Drawing {
        let layout = self.layout();
        let mut out = String::new();
        let _ = writeln!(
            out,
            "<text x=\"{MARGIN}\" y=\"28\" font-size=\"15\" font-weight=\"bold\" fill=\"#1f2328\">{}</text>",
            escaped(&self.title)
        );
        if self.picture.harts.is_empty() {
            return self.in_words(out);
        }
        for (hart, (x, width)) in self.picture.harts.iter().zip(&layout.columns) {
            let _ = writeln!(
                out,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"13\" font-weight=\"bold\" fill=\"#57606a\">{}</text>",
                x + width / 2.0,
                TOP - 42.0,
                escaped(&hart.heading)
            );
        }
        for (hart, column) in layout.columns.iter().enumerate() {
            self.draw_program_order(&mut out, *column, hart);
        }
        for (arrow, drawn) in &layout.arrows {
            let (colour, width) = stroke(arrow);
            let _ = writeln!(
                out,
                "<path d=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"/>",
                drawn.data
            );
            let head = head(drawn.tip, drawn.back);
            let _ = writeln!(out, "<polygon points=\"{head}\" fill=\"{colour}\"/>");
        }
        for (hart, column) in self.picture.harts.iter().zip(&layout.columns) {
            for (row, event) in hart.events.iter().enumerate() {
                draw_event(&mut out, event, event_box(*column, row));
            }
        }
        for (label, place) in layout.labels.iter().zip(&layout.places.places) {
            out.push_str(&label.svg(*place));
        }
        let height = layout.height.max(layout.places.bottom + MARGIN);
        Drawing { elements: out, width: layout.width, height }
    }

    /// Returns the rest of a figure that is words alone.
    fn in_words(&self, mut out: String) -> Drawing {
        let mut y = 54.0;
        for line in &self.words {
            let text = escaped(line);
            let _ = writeln!(
                out,
                "<text x=\"{MARGIN}\" y=\"{y:.1}\" font-size=\"13\" fill=\"#57606a\">{text}</text>"
            );
            y += 20.0;
        }
        let longest = self.words.iter().map(|line| line.chars().count()).max().unwrap_or(0);
        let width = (longest as f64 * 7.6).max(self.title.chars().count() as f64 * 9.0);
        Drawing { elements: out, width: width + 2.0 * MARGIN, height: y + MARGIN }
    }

    /// Draws a faint line from each operation to the next, where no arrow shows the way.
    fn draw_program_order(&self, out: &mut String, column: (f64, f64), hart: usize) {
        for (from, to) in self.without_arrow(hart) {
            let (from, to) = (event_box(column, from.row), event_box(column, to.row));
            let _ = writeln!(
                out,
                "<path d=\"M{x:.1} {:.1} L{x:.1} {:.1}\" stroke=\"#d0d7de\" stroke-width=\"1.2\" stroke-dasharray=\"4 4\"/>",
                from.y + BOX_HEIGHT,
                to.y,
                x = from.middle()
            );
        }
    }
}

fn draw_event(out: &mut String, event: &Event, outline: EventBox) {
    let EventBox { x, y, width } = outline;
    let (stroke, effect) = match event.violates {
        Some(_) => (format!("{WRONG}\" stroke-width=\"2.4"), WRONG),
        None => ("#57606a".to_owned(), "#0550ae"),
    };
    let _ = writeln!(
        out,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{BOX_HEIGHT}\" rx=\"6\" fill=\"#f6f8fa\" stroke=\"{stroke}\"/>"
    );
    for (text, (dy, colour)) in lines(event).iter().zip([(18.0, "#1f2328"), (35.0, effect)]) {
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-family=\"monospace\" fill=\"{colour}\">{}</text>",
            outline.middle(),
            y + dy,
            escaped(text)
        );
    }
}
