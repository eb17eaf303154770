//! Where everything of a figure stands.

use rvlitmus_core::axiomatic::picture::{Arrow, Position};

use super::colour::stroke;
use super::curve::{self, Curve};
use super::figure::{Figure, lines};
use super::geometry::{BOX_HEIGHT, EventBox, Point, ROW, Rect};
use super::label::{self, Label, Placed, label_width};
use super::routing::{Cell, Router};

/// Width of a character of the boxes' font.
const CHAR: f64 = 7.3;
pub(super) const MARGIN: f64 = 24.0;
/// Where the first row of boxes starts.
pub(super) const TOP: f64 = 106.0;
/// Room between columns: the first that leaves every label a good place, else the one that leaves the
/// most.
const GAPS: [f64; 5] = [130.0, 160.0, 190.0, 230.0, 280.0];

/// An arrow as it is drawn.
pub(super) struct DrawnArrow {
    /// Its line in the path language of SVG.
    pub(super) data: String,
    /// The tip of its head, and a point behind it.
    pub(super) tip: Point,
    pub(super) back: Point,
    /// The points that it runs through.
    line: Vec<Point>,
    /// Where the middle of its label would best be.
    label: Point,
}

impl DrawnArrow {
    /// Returns an arrow along a curve; its head points away from the point at `behind`.
    fn curve(curve: Curve, behind: f64, label: Point) -> DrawnArrow {
        let (data, tip, back) = (curve.data(), curve.to, curve.at(behind));
        DrawnArrow { data, tip, back, line: curve.points(), label }
    }
}

/// The places of everything on the page.
pub(super) struct Layout<'p> {
    /// Left edge and width of each hart's column.
    pub(super) columns: Vec<(f64, f64)>,
    pub(super) width: f64,
    pub(super) height: f64,
    /// What is drawn later lies above.
    pub(super) arrows: Vec<(&'p Arrow, DrawnArrow)>,
    pub(super) labels: Vec<Label<'p>>,
    pub(super) places: Placed,
}

impl Figure {
    /// Returns the narrowest layout in which no label is in the way of anything, or the one with the least
    /// trouble.
    pub(super) fn layout(&self) -> Layout<'_> {
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

    /// Returns the layout with so much room between columns.
    fn layout_with(&self, gap: f64) -> Layout<'_> {
        let columns = self.columns(gap);
        let rows =
            self.picture.harts.iter().map(|hart| hart.events.len()).max().unwrap_or(0).max(1);
        let right = columns.last().map_or(MARGIN, |(x, width)| x + width);
        let title_width = self.title.chars().count() as f64 * 9.0 + 2.0 * MARGIN;
        let width = (right + self.outside(false) + MARGIN).max(title_width);
        let height = TOP + (rows - 1) as f64 * ROW + BOX_HEIGHT + MARGIN + 12.0;
        let mut router = Router::default();
        let mut arrows: Vec<&Arrow> = self.picture.arrows.iter().collect();
        arrows.sort_by_key(|arrow| arrow.wrong);
        let arrows: Vec<(&Arrow, DrawnArrow)> = arrows
            .into_iter()
            .map(|arrow| (arrow, self.drawn(arrow, &columns, &mut router)))
            .collect();
        let mut labels: Vec<Label<'_>> = Vec::new();
        for (arrow, drawn) in &arrows {
            let (colour, _) = stroke(arrow);
            let (lines, bold) = (arrow.label.as_slice(), arrow.wrong);
            let (best, line) = (drawn.label, drawn.line.clone());
            labels.push(Label { lines, colour, bold, best, line });
        }
        let page = Rect { x: 2.0, y: TOP - 66.0, width: width - 4.0, height: height - TOP + 66.0 };
        let places = label::place(&labels, &self.solid(&columns), page);
        Layout { columns, width, height, arrows, labels, places }
    }

    /// Returns what no label may cover: boxes and headings.
    fn solid(&self, columns: &[(f64, f64)]) -> Vec<Rect> {
        let boxes = columns.iter().zip(&self.picture.harts).flat_map(|(column, hart)| {
            (0..hart.events.len()).map(|row| {
                let EventBox { x, y, width } = event_box(*column, row);
                Rect { x, y, width, height: BOX_HEIGHT }
            })
        });
        let headings = columns.iter().zip(&self.picture.harts).map(|((x, width), hart)| {
            let text = hart.heading.chars().count() as f64 * 8.0;
            Rect { x: x + (width - text) / 2.0, y: TOP - 55.0, width: text, height: 17.0 }
        });
        boxes.chain(headings).collect()
    }

    /// Returns the left edge and the width of each column.
    fn columns(&self, gap: f64) -> Vec<(f64, f64)> {
        let mut x = MARGIN + self.outside(true);
        self.picture
            .harts
            .iter()
            .map(|hart| {
                let text = hart.events.iter().flat_map(lines).map(|line| line.chars().count());
                let widest = text.max().unwrap_or(0).max(hart.heading.chars().count());
                let column = (x, widest as f64 * CHAR + 20.0);
                x += column.1 + gap;
                column
            })
            .collect()
    }

    /// Returns the room beside an outer column for curves that pass operations between, with their labels.
    fn outside(&self, left: bool) -> f64 {
        let outer = if left { 0 } else { self.picture.harts.len().saturating_sub(1) };
        self.picture
            .arrows
            .iter()
            .filter(|a| a.from.hart == a.to.hart && a.to.row != a.from.row + 1)
            .filter(|a| a.from.hart == outer && self.outward_is_left(a) == left)
            .map(|a| self.bulge(a) + label_width(&a.label, a.wrong) + 6.0)
            .fold(0.0, f64::max)
    }

    /// Is the arrow drawn to the left of its column? Those of the left half of the columns are.
    fn outward_is_left(&self, arrow: &Arrow) -> bool {
        2 * arrow.from.hart < self.picture.harts.len()
    }

    /// Returns how far from its column an arrow goes that passes operations between: the more, the further.
    fn bulge(&self, arrow: &Arrow) -> f64 {
        let passed = arrow.from.row.abs_diff(arrow.to.row).min(5) as f64;
        20.0 + 15.0 * passed + 24.0 * self.beside(arrow).max(0.0)
    }

    /// Returns the shape of an arrow.
    fn drawn(&self, arrow: &Arrow, columns: &[(f64, f64)], router: &mut Router) -> DrawnArrow {
        let (from_row, to_row) = (arrow.from.row, arrow.to.row);
        let at = |at: Position| event_box(columns[at.hart], at.row);
        let (from, to) = (at(arrow.from), at(arrow.to));
        let columns_apart = arrow.from.hart.abs_diff(arrow.to.hart);
        if columns_apart > 1 {
            let cell = |outline, row| Cell { outline, row };
            let route = router.route(cell(from, from_row), cell(to, to_row), TOP);
            let [.., back, tip] = route.points;
            DrawnArrow {
                data: route.data(),
                tip,
                back,
                line: curve::points(&route.points),
                label: route.label,
            }
        } else if columns_apart == 1 {
            let curve = Curve::across(from, to);
            DrawnArrow::curve(curve, 0.96, curve.at(0.3))
        } else if to_row == from_row + 1 {
            let x = from.middle() + self.beside(arrow) * 26.0;
            let start = Point { x, y: from.y + BOX_HEIGHT };
            let curve = Curve::straight(start, Point { x, y: to.y });
            DrawnArrow::curve(curve, 0.96, curve.at(0.5))
        } else {
            // On the outer side of the column, the label too.
            let outward = if self.outward_is_left(arrow) { -1.0 } else { 1.0 };
            let curve = Curve::around(from, to, outward * self.bulge(arrow));
            let Point { x, y } = curve.at(0.5);
            let aside = label_width(&arrow.label, arrow.wrong) / 2.0 - 10.0;
            DrawnArrow::curve(curve, 0.96, Point { x: x + outward * aside, y })
        }
    }

    /// Returns which of several arrows between the same two operations it is, counted from their middle.
    fn beside(&self, arrow: &Arrow) -> f64 {
        let same: Vec<&Arrow> = self
            .picture
            .arrows
            .iter()
            .filter(|other| (other.from, other.to) == (arrow.from, arrow.to))
            .collect();
        let index = same.iter().position(|other| *other == arrow).unwrap_or(0);
        index as f64 - (same.len() - 1) as f64 / 2.0
    }
}

/// Returns the box in a row of a column.
pub(super) fn event_box((x, width): (f64, f64), row: usize) -> EventBox {
    EventBox { x, y: TOP + row as f64 * ROW, width }
}
