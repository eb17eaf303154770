//! The texts of arrows, and where they stand: on their arrow or beside it, where no box and no other text
//! is, and if possible no other arrow.

use super::drawing::{Element, unit};
use super::geometry::{Point, Rect};

/// Width of a character, and of a bold one.
const CHAR: f64 = 6.4;
const BOLD_CHAR: f64 = 7.1;
/// Height of a line.
const LINE: f64 = 14.0;
/// What is free around the text.
const RIM: f64 = 4.0;
/// What crossing another arrow costs, in the page's units of distance.
const CROSSING: f64 = 200.0;
/// What hiding the head of an arrow costs.
const HEAD: f64 = 600.0;
/// What standing away from the arrow costs.
const ASIDE: f64 = 30.0;

/// The text of an arrow.
pub(super) struct Label<'p> {
    /// One line for each rule.
    pub(super) lines: &'p [String],
    pub(super) colour: &'static str,
    pub(super) bold: bool,
    /// Where its middle would best be.
    pub(super) best: Point,
    /// The points of its arrow, the head last.
    pub(super) line: Vec<Point>,
}

impl Label<'_> {
    fn size(&self) -> (f64, f64) {
        (label_width(self.lines, self.bold), self.lines.len() as f64 * LINE + 2.0)
    }

    /// Returns the elements that show it in a place.
    pub(super) fn elements(&self, place: Rect) -> Vec<Element> {
        let Rect { x, y, width, height } = place;
        let behind = [
            ("x", unit(x)),
            ("y", unit(y)),
            ("width", unit(width)),
            ("height", unit(height)),
            ("rx", "3".to_owned()),
            ("fill", "#ffffff".to_owned()),
            ("fill-opacity", "0.9".to_owned()),
        ];
        let texts = self.lines.iter().enumerate().map(|(index, line)| {
            let place = [
                ("x", unit(x + width / 2.0)),
                ("y", unit(y + 12.0 + index as f64 * LINE)),
                ("text-anchor", "middle".to_owned()),
                ("font-size", "11".to_owned()),
                ("font-weight", if self.bold { "bold" } else { "normal" }.to_owned()),
                ("fill", self.colour.to_owned()),
            ];
            Element::new("text", place).saying(line)
        });
        [Element::new("rect", behind)].into_iter().chain(texts).collect()
    }

    /// Returns the middles that are tried, each with what its distance from the best one costs.
    fn tries(&self) -> Vec<(Point, f64)> {
        let (width, height) = self.size();
        let (right, down) = (width / 2.0 + 3.0, height / 2.0 + 3.0);
        let mut tries = vec![(self.best, 0.0)];
        // The ends are left to what shows where the arrow comes from and goes to.
        let inner = self.line.len().saturating_sub(6);
        for point in self.line.iter().take(inner).skip(3).step_by(2) {
            let away = (point.x - self.best.x).hypot(point.y - self.best.y) * 0.5;
            for (dx, dy) in [(0.0, 0.0), (right, 0.0), (-right, 0.0), (0.0, down), (0.0, -down)] {
                let aside = if dx == 0.0 && dy == 0.0 { 0.0 } else { ASIDE };
                tries.push((Point { x: point.x + dx, y: point.y + dy }, away + aside));
            }
        }
        tries
    }
}

/// Returns the width of a label with its rim; rules stand below one another.
pub(super) fn label_width(lines: &[String], bold: bool) -> f64 {
    let longest = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
    longest as f64 * if bold { BOLD_CHAR } else { CHAR } + 2.0 * RIM
}

/// The places of all labels.
pub(super) struct Placed {
    /// In the order of the labels.
    pub(super) places: Vec<Rect>,
    /// How much of other arrows they hide, and how far some are from their own.
    pub(super) trouble: f64,
    /// Where the lowest ends.
    pub(super) bottom: f64,
}

/// Finds each label a place within `page` that meets neither `taken` nor another label, the bold ones
/// first and then the wide ones. What finds none there stands below the page.
pub(super) fn place(labels: &[Label<'_>], taken: &[Rect], page: Rect) -> Placed {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|a, b| {
        let key = |label: &Label<'_>| (label.bold, label.size().0);
        key(&labels[*b]).partial_cmp(&key(&labels[*a])).unwrap_or(std::cmp::Ordering::Equal)
    });
    let nowhere = Rect { x: 0.0, y: 0.0, width: 0.0, height: 0.0 };
    let mut taken: Vec<Rect> = taken.to_vec();
    let mut placed =
        Placed { places: vec![nowhere; labels.len()], trouble: 0.0, bottom: page.height };
    for index in order {
        let label = &labels[index];
        let (width, height) = label.size();
        let free = |rect: Rect| {
            let inside = rect.x >= page.x && rect.x + rect.width <= page.x + page.width;
            let inside = inside && rect.y >= page.y && rect.y + rect.height <= page.y + page.height;
            inside && !taken.iter().any(|other| other.meets(rect.wider(1.0)))
        };
        let mut found: Option<(f64, Rect)> = None;
        let better = |found: Option<(f64, Rect)>, (middle, distance): (Point, f64)| {
            let rect = Rect::around(middle, width, height);
            if found.is_some_and(|(cost, _)| cost <= distance) || !free(rect) {
                return found;
            }
            let cost = distance + hidden(labels, index, rect);
            if found.is_none_or(|(best, _)| cost < best) { Some((cost, rect)) } else { found }
        };
        for middle in label.tries() {
            found = better(found, middle);
        }
        // These come in the order of their distances.
        for middle in far(label.best) {
            if found.is_some_and(|(cost, _)| cost <= middle.1) {
                break;
            }
            found = better(found, middle);
        }
        let (cost, rect) = found.unwrap_or_else(|| {
            let rect = Rect { x: label.best.x.max(page.x), y: placed.bottom, width, height };
            placed.bottom += height + 2.0;
            (10.0 * CROSSING, rect)
        });
        placed.trouble += if cost >= CROSSING { cost } else { 0.0 };
        placed.places[index] = rect;
        taken.push(rect);
    }
    placed
}

/// Returns middles around a point, for a label that finds no place at its arrow.
fn far(best: Point) -> impl Iterator<Item = (Point, f64)> {
    (1..60_u8).flat_map(move |ring| {
        let radius = f64::from(ring) * 10.0;
        (0..16_u8).map(move |step| {
            let angle = f64::from(step) * std::f64::consts::TAU / 16.0;
            let middle =
                Point { x: best.x + radius * angle.cos(), y: best.y + radius * angle.sin() };
            (middle, CROSSING * 2.0 + radius)
        })
    })
}

/// Returns the cost of what a label in that place hides: other arrows, and heads of any.
fn hidden(labels: &[Label<'_>], own: usize, rect: Rect) -> f64 {
    let near = rect.wider(2.0);
    let of = |(index, other): (usize, &Label<'_>)| {
        let head = other.line.iter().rev().take(3).any(|point| near.contains(*point));
        let crossed = index != own && other.line.iter().any(|point| near.contains(*point));
        f64::from(u8::from(head)) * HEAD + f64::from(u8::from(crossed)) * CROSSING
    };
    labels.iter().enumerate().map(of).sum()
}
