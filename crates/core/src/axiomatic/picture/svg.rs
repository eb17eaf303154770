//! Scalable Vector Graphics, complete in one file.

use std::fmt::Write as _;

use super::curve::{self, Curve, head};
use super::dot::{WRONG, colour};
use super::label::{self, Label, Placed, Rect, label_width};
use super::lane::{Lanes, Spot};
use super::{Arrow, At, Event, Picture};

/// Width of a character of the boxes' font.
const CHAR: f64 = 7.3;
pub(super) const BOX_HEIGHT: f64 = 44.0;
pub(super) const ROW: f64 = 108.0;
const MARGIN: f64 = 24.0;
/// Where the first row of boxes starts.
const TOP: f64 = 106.0;
/// Room between columns: the first that leaves every label a good place, else the one that leaves the
/// most.
const GAPS: [f64; 5] = [130.0, 160.0, 190.0, 230.0, 280.0];

#[derive(Clone, Copy)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// A picture without the page that it is on.
struct Drawing {
    elements: String,
    width: f64,
    height: f64,
}

/// Pictures below one another on one page, for a browser. The page has a background of its own, so
/// that it can be read on light and on dark ones.
#[must_use]
pub fn svg(pictures: &[Picture]) -> String {
    let drawings: Vec<Drawing> = pictures.iter().map(Picture::drawing).collect();
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

/// A box on the page.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
}

impl Place {
    pub(super) fn middle(self) -> f64 {
        self.x + self.width / 2.0
    }
}

/// An arrow as it is drawn.
struct Drawn {
    data: String,
    /// The tip of its head, and a point behind it.
    tip: Point,
    back: Point,
    /// The points that it runs through.
    line: Vec<Point>,
    /// Where the middle of its label would best be.
    label: Point,
}

impl Drawn {
    fn curve(curve: Curve, behind: f64, label: Point) -> Drawn {
        let (data, tip, back) = (curve.data(), curve.to, curve.at(behind));
        Drawn { data, tip, back, line: curve.points(), label }
    }
}

/// Where everything is.
struct Layout<'p> {
    /// Left edge and width of each hart's column.
    columns: Vec<(f64, f64)>,
    width: f64,
    height: f64,
    /// What is drawn later lies above.
    arrows: Vec<(&'p Arrow, Drawn)>,
    labels: Vec<Label<'p>>,
    places: Placed,
}

impl Picture {
    /// What is drawn, from the point 0,0.
    fn drawing(&self) -> Drawing {
        let layout = self.layout();
        let mut out = String::new();
        let _ = writeln!(
            out,
            "<text x=\"{MARGIN}\" y=\"28\" font-size=\"15\" font-weight=\"bold\" fill=\"#1f2328\">{}</text>",
            escaped(&self.title)
        );
        if self.harts.is_empty() {
            return self.in_words(out);
        }
        for ((heading, _), (x, width)) in self.harts.iter().zip(&layout.columns) {
            let _ = writeln!(
                out,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"13\" font-weight=\"bold\" fill=\"#57606a\">{}</text>",
                x + width / 2.0,
                TOP - 42.0,
                escaped(heading)
            );
        }
        for (hart, column) in layout.columns.iter().enumerate() {
            self.draw_program_order(&mut out, *column, hart);
        }
        for (arrow, drawn) in &layout.arrows {
            let (colour, width) = look(arrow);
            let _ = writeln!(
                out,
                "<path d=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"/>",
                drawn.data
            );
            let head = head(drawn.tip, drawn.back);
            let _ = writeln!(out, "<polygon points=\"{head}\" fill=\"{colour}\"/>");
        }
        for (hart, (_, events)) in self.harts.iter().enumerate() {
            for (row, event) in events.iter().enumerate() {
                draw_event(&mut out, event, place(layout.columns[hart], row));
            }
        }
        for (label, place) in layout.labels.iter().zip(&layout.places.places) {
            out.push_str(&label.svg(*place));
        }
        let height = layout.height.max(layout.places.bottom + MARGIN);
        Drawing { elements: out, width: layout.width, height }
    }

    /// The rest of a picture that is words alone.
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

    /// The narrowest layout in which no label is in the way of anything, or the one with the least
    /// trouble.
    fn layout(&self) -> Layout<'_> {
        let mut best = self.layout_with(GAPS[0]);
        for gap in &GAPS[1..] {
            if best.places.trouble == 0.0 {
                break;
            }
            let other = self.layout_with(*gap);
            if other.places.trouble < best.places.trouble {
                best = other;
            }
        }
        best
    }

    fn layout_with(&self, gap: f64) -> Layout<'_> {
        let columns = self.columns(gap);
        let rows = self.harts.iter().map(|(_, events)| events.len()).max().unwrap_or(0).max(1);
        let right = columns.last().map_or(MARGIN, |(x, width)| x + width);
        let title_width = self.title.chars().count() as f64 * 9.0 + 2.0 * MARGIN;
        let width = (right + self.outside(false) + MARGIN).max(title_width);
        let height = TOP + (rows - 1) as f64 * ROW + BOX_HEIGHT + MARGIN + 12.0;
        let mut lanes = Lanes::default();
        let mut arrows: Vec<&Arrow> = self.arrows.iter().collect();
        arrows.sort_by_key(|arrow| arrow.wrong);
        let arrows: Vec<(&Arrow, Drawn)> = arrows
            .into_iter()
            .map(|arrow| (arrow, self.drawn(arrow, &columns, &mut lanes)))
            .collect();
        let mut labels: Vec<Label<'_>> = Vec::new();
        for (arrow, drawn) in &arrows {
            let (colour, _) = look(arrow);
            let (lines, bold) = (arrow.label.as_slice(), arrow.wrong);
            let (best, line) = (drawn.label, drawn.line.clone());
            labels.push(Label { lines, colour, bold, best, line });
        }
        let page = Rect { x: 2.0, y: TOP - 66.0, width: width - 4.0, height: height - TOP + 66.0 };
        let places = label::place(&labels, &self.solid(&columns), page);
        Layout { columns, width, height, arrows, labels, places }
    }

    /// What no label may cover: boxes and headings.
    fn solid(&self, columns: &[(f64, f64)]) -> Vec<Rect> {
        let boxes = columns.iter().zip(&self.harts).flat_map(|(column, (_, events))| {
            (0..events.len()).map(|row| {
                let Place { x, y, width } = place(*column, row);
                Rect { x, y, width, height: BOX_HEIGHT }
            })
        });
        let headings = columns.iter().zip(&self.harts).map(|((x, width), (heading, _))| {
            let text = heading.chars().count() as f64 * 8.0;
            Rect { x: x + (width - text) / 2.0, y: TOP - 55.0, width: text, height: 17.0 }
        });
        boxes.chain(headings).collect()
    }

    fn columns(&self, gap: f64) -> Vec<(f64, f64)> {
        let mut x = MARGIN + self.outside(true);
        self.harts
            .iter()
            .map(|(heading, events)| {
                let lines = events.iter().flat_map(Event::lines);
                let text = lines.map(|line| line.chars().count()).max().unwrap_or(0);
                let widest = text.max(heading.chars().count());
                let column = (x, widest as f64 * CHAR + 20.0);
                x += column.1 + gap;
                column
            })
            .collect()
    }

    /// Room beside an outer column for curves that pass operations between, with their labels.
    fn outside(&self, left: bool) -> f64 {
        let outer = if left { 0 } else { self.harts.len().saturating_sub(1) };
        self.arrows
            .iter()
            .filter(|a| a.from.hart == a.to.hart && a.to.row != a.from.row + 1)
            .filter(|a| a.from.hart == outer && self.outward_is_left(a) == left)
            .map(|a| self.bulge(a) + label_width(&a.label, a.wrong) + 6.0)
            .fold(0.0, f64::max)
    }

    /// Curves beside the columns of the left half are on their left.
    fn outward_is_left(&self, arrow: &Arrow) -> bool {
        2 * arrow.from.hart < self.harts.len()
    }

    /// How far from its column an arrow goes that passes operations between: the more, the further.
    fn bulge(&self, arrow: &Arrow) -> f64 {
        let passed = arrow.from.row.abs_diff(arrow.to.row).min(5) as f64;
        20.0 + 15.0 * passed + 24.0 * self.beside(arrow).max(0.0)
    }

    fn drawn(&self, arrow: &Arrow, columns: &[(f64, f64)], lanes: &mut Lanes) -> Drawn {
        let (from_row, to_row) = (arrow.from.row, arrow.to.row);
        let at = |at: At| place(columns[at.hart], at.row);
        let (from, to) = (at(arrow.from), at(arrow.to));
        let columns_apart = arrow.from.hart.abs_diff(arrow.to.hart);
        if columns_apart > 1 {
            let spot = |place, row| Spot { place, row };
            let path = lanes.path(spot(from, from_row), spot(to, to_row), TOP);
            let [.., back, tip] = path.points;
            Drawn {
                data: path.data(),
                tip,
                back,
                line: curve::points(&path.points),
                label: path.label,
            }
        } else if columns_apart == 1 {
            let curve = Curve::across(from, to);
            Drawn::curve(curve, 0.96, curve.at(0.3))
        } else if to_row == from_row + 1 {
            let x = from.middle() + self.beside(arrow) * 26.0;
            let start = Point { x, y: from.y + BOX_HEIGHT };
            let curve = Curve::straight(start, Point { x, y: to.y });
            Drawn::curve(curve, 0.96, curve.at(0.5))
        } else {
            // On the outer side of the column, the label too.
            let outward = if self.outward_is_left(arrow) { -1.0 } else { 1.0 };
            let curve = Curve::around(from, to, outward * self.bulge(arrow));
            let Point { x, y } = curve.at(0.5);
            let aside = label_width(&arrow.label, arrow.wrong) / 2.0 - 10.0;
            Drawn::curve(curve, 0.96, Point { x: x + outward * aside, y })
        }
    }

    /// A faint line from each operation to the next, where no arrow shows the way.
    fn draw_program_order(&self, out: &mut String, column: (f64, f64), hart: usize) {
        for (from, to) in self.unordered(hart) {
            let (from, to) = (place(column, from.row), place(column, to.row));
            let _ = writeln!(
                out,
                "<path d=\"M{x:.1} {:.1} L{x:.1} {:.1}\" stroke=\"#d0d7de\" stroke-width=\"1.2\" stroke-dasharray=\"4 4\"/>",
                from.y + BOX_HEIGHT,
                to.y,
                x = from.middle()
            );
        }
    }

    /// Which of several arrows between the same two operations it is, counted from their middle.
    fn beside(&self, arrow: &Arrow) -> f64 {
        let same: Vec<&Arrow> = self
            .arrows
            .iter()
            .filter(|other| (other.from, other.to) == (arrow.from, arrow.to))
            .collect();
        let index = same.iter().position(|other| *other == arrow).unwrap_or(0);
        index as f64 - (same.len() - 1) as f64 / 2.0
    }
}

/// Colour and width of an arrow.
fn look(arrow: &Arrow) -> (&'static str, f64) {
    if arrow.wrong { (WRONG, 2.4) } else { (colour(arrow.kind), 1.2) }
}

fn place((x, width): (f64, f64), row: usize) -> Place {
    Place { x, y: TOP + row as f64 * ROW, width }
}

fn draw_event(out: &mut String, event: &Event, place: Place) {
    let Place { x, y, width } = place;
    let (stroke, effect) = match event.violates {
        Some(_) => (format!("{WRONG}\" stroke-width=\"2.4"), WRONG),
        None => ("#57606a".to_owned(), "#0550ae"),
    };
    let _ = writeln!(
        out,
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{BOX_HEIGHT}\" rx=\"6\" fill=\"#f6f8fa\" stroke=\"{stroke}\"/>"
    );
    for (text, (dy, colour)) in event.lines().iter().zip([(18.0, "#1f2328"), (35.0, effect)]) {
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-family=\"monospace\" fill=\"{colour}\">{}</text>",
            place.middle(),
            y + dy,
            escaped(text)
        );
    }
}

pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
