//! Scalable Vector Graphics, complete in one file.

use std::fmt::Write as _;

use super::dot::{WRONG, colour};
use super::lane::{Lanes, Spot};
use super::{Arrow, At, Event, Picture};

/// Width of a character of the boxes' font.
const CHAR: f64 = 7.3;
/// Width of a character of labels.
const LABEL_CHAR: f64 = 6.4;
/// What is free around a label's text.
const RIM: f64 = 4.0;
pub(super) const BOX_HEIGHT: f64 = 44.0;
pub(super) const ROW: f64 = 108.0;
const MARGIN: f64 = 24.0;
/// Where the first row of boxes starts.
const TOP: f64 = 106.0;

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

/// A cubic curve.
#[derive(Clone, Copy)]
struct Curve {
    from: Point,
    first: Point,
    second: Point,
    to: Point,
}

impl Curve {
    /// As the path language of SVG.
    fn data(self) -> String {
        let Curve { from, first, second, to } = self;
        format!(
            "M{:.1} {:.1} C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}",
            from.x, from.y, first.x, first.y, second.x, second.y, to.x, to.y
        )
    }

    /// The point at `t`, 0 at the start and 1 at the end.
    fn at(self, t: f64) -> Point {
        let s = 1.0 - t;
        let mix = |a: f64, b: f64, c: f64, d: f64| {
            s * s * s * a + 3.0 * s * s * t * b + 3.0 * s * t * t * c + t * t * t * d
        };
        Point {
            x: mix(self.from.x, self.first.x, self.second.x, self.to.x),
            y: mix(self.from.y, self.first.y, self.second.y, self.to.y),
        }
    }
}

impl Picture {
    /// What is drawn, from the point 0,0.
    fn drawing(&self) -> Drawing {
        let columns = self.columns();
        let rows = self.harts.iter().map(|(_, events)| events.len()).max().unwrap_or(0).max(1);
        let right = columns.last().map_or(MARGIN, |(x, width)| x + width);
        let title_width = self.title.chars().count() as f64 * 9.0 + 2.0 * MARGIN;
        let width = (right + self.outside(false) + MARGIN).max(title_width);
        let height = TOP + (rows - 1) as f64 * ROW + BOX_HEIGHT + MARGIN + 12.0;
        let mut out = String::new();
        let _ = writeln!(
            out,
            "<text x=\"{MARGIN}\" y=\"28\" font-size=\"15\" font-weight=\"bold\" fill=\"#1f2328\">{}</text>",
            escaped(&self.title)
        );
        for ((heading, _), (x, width)) in self.harts.iter().zip(&columns) {
            let _ = writeln!(
                out,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"13\" font-weight=\"bold\" fill=\"#57606a\">{}</text>",
                x + width / 2.0,
                TOP - 42.0,
                escaped(heading)
            );
        }
        for (hart, column) in columns.iter().enumerate() {
            self.draw_program_order(&mut out, *column, hart);
        }
        let mut labels = Vec::new();
        let mut lanes = Lanes::default();
        let mut arrows: Vec<&Arrow> = self.arrows.iter().collect();
        arrows.sort_by_key(|arrow| arrow.wrong);
        for arrow in arrows {
            self.draw(&mut out, (&mut labels, &mut lanes), arrow, &columns);
        }
        for (hart, (_, events)) in self.harts.iter().enumerate() {
            for (row, event) in events.iter().enumerate() {
                draw_event(&mut out, event, place(columns[hart], row));
            }
        }
        for label in labels {
            out.push_str(&label.svg());
        }
        Drawing { elements: out, width, height }
    }

    /// Left edge and width of each hart's column.
    fn columns(&self) -> Vec<(f64, f64)> {
        let mut x = MARGIN + self.outside(true);
        self.harts
            .iter()
            .map(|(heading, events)| {
                let lines = events.iter().flat_map(Event::lines);
                let text = lines.map(|line| line.chars().count()).max().unwrap_or(0);
                let widest = text.max(heading.chars().count());
                let column = (x, widest as f64 * CHAR + 20.0);
                x += column.1 + 130.0;
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
            .map(|a| bulge(a) + label_width(&a.label))
            .fold(0.0, f64::max)
    }

    /// Curves beside the columns of the left half are on their left.
    fn outward_is_left(&self, arrow: &Arrow) -> bool {
        2 * arrow.from.hart < self.harts.len()
    }

    fn draw<'p>(
        &self,
        out: &mut String,
        (labels, lanes): (&mut Vec<Label<'p>>, &mut Lanes),
        arrow: &'p Arrow,
        columns: &[(f64, f64)],
    ) {
        let (from_row, to_row) = (arrow.from.row, arrow.to.row);
        let at = |at: At| place(columns[at.hart], at.row);
        let (from, to) = (at(arrow.from), at(arrow.to));
        let (colour, width) = if arrow.wrong { (WRONG, 2.4) } else { (colour(arrow.kind), 1.2) };
        let columns_apart = arrow.from.hart.abs_diff(arrow.to.hart);
        let (data, tip, back, at) = if columns_apart > 1 {
            let spot = |place, row| Spot { place, row };
            let path = lanes.path(spot(from, from_row), spot(to, to_row), TOP);
            let [.., back, tip] = path.points;
            (path.data(), tip, back, path.label)
        } else {
            let (curve, at) = if columns_apart == 1 {
                let curve = across(from, to);
                (curve, curve.at(0.3))
            } else if to_row == from_row + 1 {
                let x = from.middle() + self.beside(arrow) * 26.0;
                let curve = straight(Point { x, y: from.y + BOX_HEIGHT }, Point { x, y: to.y });
                (curve, curve.at(0.5))
            } else {
                // On the outer side of the column, the label too.
                let outward = if self.outward_is_left(arrow) { -1.0 } else { 1.0 };
                let curve = around(from, to, outward * bulge(arrow));
                let Point { x, y } = curve.at(0.5);
                let aside = label_width(&arrow.label) / 2.0 - RIM - LABEL_CHAR;
                (curve, Point { x: x + outward * aside, y })
            };
            (curve.data(), curve.to, curve.at(0.96), at)
        };
        let _ = writeln!(
            out,
            "<path d=\"{data}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"/>"
        );
        let _ = writeln!(out, "<polygon points=\"{}\" fill=\"{colour}\"/>", head(tip, back));
        labels.push(Label { at, lines: &arrow.label, colour, bold: arrow.wrong });
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

/// The text of an arrow.
struct Label<'p> {
    at: Point,
    lines: &'p [String],
    colour: &'static str,
    bold: bool,
}

impl Label<'_> {
    /// One line for each rule.
    fn svg(&self) -> String {
        const LINE: f64 = 14.0;
        let (width, height) = (label_width(self.lines), self.lines.len() as f64 * LINE + 2.0);
        let Point { x, y } = self.at;
        let weight = if self.bold { "bold" } else { "normal" };
        let (left, top) = (x - width / 2.0, y - height / 2.0);
        let mut out = format!(
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"3\" fill=\"#ffffff\" fill-opacity=\"0.9\"/>\n"
        );
        for (index, line) in self.lines.iter().enumerate() {
            let _ = writeln!(
                out,
                "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"11\" font-weight=\"{weight}\" fill=\"{}\">{}</text>",
                top + 12.0 + index as f64 * LINE,
                self.colour,
                escaped(line)
            );
        }
        out
    }
}

/// Width of a label with its rim; rules stand below one another.
fn label_width(lines: &[String]) -> f64 {
    let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    longest as f64 * LABEL_CHAR + 2.0 * RIM
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

fn straight(from: Point, to: Point) -> Curve {
    let third = |t: f64| Point { x: from.x + (to.x - from.x) * t, y: from.y + (to.y - from.y) * t };
    Curve { from, first: third(1.0 / 3.0), second: third(2.0 / 3.0), to }
}

/// From one column to another.
fn across(from: Place, to: Place) -> Curve {
    let side = |place: Place, towards: Place| {
        let x = if towards.x > place.x { place.x + place.width } else { place.x };
        Point { x, y: place.y + BOX_HEIGHT / 2.0 }
    };
    let (mut start, mut end) = (side(from, to), side(to, from));
    // What goes right leaves above the middle, what goes left below it, so that rf and fr between the
    // same two boxes do not coincide.
    let shift = if to.x > from.x { -9.0 } else { 9.0 };
    start.y += shift;
    end.y += shift;
    let bend = (end.x - start.x) * 0.35;
    Curve {
        from: start,
        first: Point { x: start.x + bend, y: start.y },
        second: Point { x: end.x - bend, y: end.y },
        to: end,
    }
}

/// How far from its column an arrow goes that passes operations between: the more, the further.
fn bulge(arrow: &Arrow) -> f64 {
    20.0 + 15.0 * arrow.from.row.abs_diff(arrow.to.row).min(5) as f64
}

/// Past the operations between, `bulge` to the right of the column, or to its left where that is
/// negative.
fn around(from: Place, to: Place, bulge: f64) -> Curve {
    // A cubic curve reaches three quarters of the way to its control points.
    let out = bulge / 0.75;
    let edge = |place: Place| if bulge < 0.0 { place.x } else { place.x + place.width };
    let point = |place: Place, dy: f64| Point { x: edge(place), y: place.y + dy };
    let (low, high) = (32.0, 12.0);
    let (start, end, down) = if to.y > from.y {
        (point(from, low), point(to, high), 1.0)
    } else {
        (point(from, high), point(to, low), -1.0)
    };
    Curve {
        from: start,
        first: Point { x: start.x + out, y: start.y + 20.0 * down },
        second: Point { x: end.x + out, y: end.y - 20.0 * down },
        to: end,
    }
}

/// The corners of the arrow's head.
fn head(tip: Point, back: Point) -> String {
    let (dx, dy) = (tip.x - back.x, tip.y - back.y);
    let length = dx.hypot(dy).max(0.001);
    let (ux, uy) = (dx / length, dy / length);
    let corner = |along: f64, aside: f64| {
        format!("{:.1},{:.1}", tip.x - ux * along - uy * aside, tip.y - uy * along + ux * aside)
    };
    [corner(0.0, 0.0), corner(9.0, 4.0), corner(9.0, -4.0)].join(" ")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
