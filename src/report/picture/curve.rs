//! The shapes of arrows: curves between neighbouring columns and within one, heads, and the points that
//! a line runs through.

use super::geometry::{BOX_HEIGHT, EventBox, Point};

/// How far apart the points of a line are at most.
const STEP: f64 = 4.0;

/// A cubic curve.
#[derive(Clone, Copy)]
pub(super) struct Curve {
    pub(super) from: Point,
    pub(super) first: Point,
    pub(super) second: Point,
    pub(super) to: Point,
}

impl Curve {
    /// Returns it in the path language of SVG.
    pub(super) fn data(self) -> String {
        let Curve { from, first, second, to } = self;
        format!(
            "M{:.1} {:.1} C{:.1} {:.1} {:.1} {:.1} {:.1} {:.1}",
            from.x, from.y, first.x, first.y, second.x, second.y, to.x, to.y
        )
    }

    /// Returns the point at `t`, 0 at the start and 1 at the end.
    pub(super) fn at(self, t: f64) -> Point {
        let s = 1.0 - t;
        let mix = |a: f64, b: f64, c: f64, d: f64| {
            s * s * s * a + 3.0 * s * s * t * b + 3.0 * s * t * t * c + t * t * t * d
        };
        Point {
            x: mix(self.from.x, self.first.x, self.second.x, self.to.x),
            y: mix(self.from.y, self.first.y, self.second.y, self.to.y),
        }
    }

    /// Returns points on it, from the start to the end.
    pub(super) fn points(self) -> Vec<Point> {
        let coarse: Vec<Point> = (0..=16_u8).map(|i| self.at(f64::from(i) / 16.0)).collect();
        points(&coarse)
    }

    /// Returns the straight line from one point to the other.
    pub(super) fn straight(from: Point, to: Point) -> Curve {
        let third =
            |t: f64| Point { x: from.x + (to.x - from.x) * t, y: from.y + (to.y - from.y) * t };
        Curve { from, first: third(1.0 / 3.0), second: third(2.0 / 3.0), to }
    }

    /// Returns a curve from one column to another.
    pub(super) fn across(from: EventBox, to: EventBox) -> Curve {
        let side = |of: EventBox, towards: EventBox| {
            let x = if towards.x > of.x { of.x + of.width } else { of.x };
            Point { x, y: of.y + BOX_HEIGHT / 2.0 }
        };
        let (mut start, mut end) = (side(from, to), side(to, from));
        // What goes right leaves above the middle, what goes left below it, so that rf and fr between
        // the same two boxes do not coincide.
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

    /// Returns a curve past the operations between, `bulge` to the right of the column, or to its left
    /// where that is negative.
    pub(super) fn around(from: EventBox, to: EventBox, bulge: f64) -> Curve {
        // A cubic curve reaches three quarters of the way to its control points.
        let out = bulge / 0.75;
        let edge = |of: EventBox| if bulge < 0.0 { of.x } else { of.x + of.width };
        let point = |of: EventBox, dy: f64| Point { x: edge(of), y: of.y + dy };
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
}

/// Returns points on straight pieces, near one another.
pub(super) fn points(corners: &[Point]) -> Vec<Point> {
    let mut all: Vec<Point> = corners.first().copied().into_iter().collect();
    for piece in corners.windows(2) {
        let (dx, dy) = (piece[1].x - piece[0].x, piece[1].y - piece[0].y);
        let steps = (dx.hypot(dy) / STEP).ceil().max(1.0);
        let mut step = 1.0;
        while step <= steps {
            let t = step / steps;
            all.push(Point { x: piece[0].x + dx * t, y: piece[0].y + dy * t });
            step += 1.0;
        }
    }
    all
}

/// Returns the corners of an arrow's head.
pub(super) fn head(tip: Point, back: Point) -> String {
    let (dx, dy) = (tip.x - back.x, tip.y - back.y);
    let length = dx.hypot(dy).max(0.001);
    let (ux, uy) = (dx / length, dy / length);
    let corner = |along: f64, aside: f64| {
        format!("{:.1},{:.1}", tip.x - ux * along - uy * aside, tip.y - uy * along + ux * aside)
    };
    [corner(0.0, 0.0), corner(9.0, 4.0), corner(9.0, -4.0)].join(" ")
}
