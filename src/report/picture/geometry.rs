//! Points, rectangles and boxes on the page, in the units of SVG.

/// Height of the box of an operation.
pub(super) const BOX_HEIGHT: f64 = 44.0;
/// Distance from one row of boxes to the next.
pub(super) const ROW: f64 = 108.0;

/// A point on the page.
#[derive(Clone, Copy)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

/// The box of an operation.
#[derive(Clone, Copy)]
pub(super) struct EventBox {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
}

impl EventBox {
    /// Returns the horizontal middle.
    pub(super) fn middle(self) -> f64 {
        self.x + self.width / 2.0
    }
}

/// A rectangle on the page.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Rect {
    /// Returns the rectangle of that size around a point.
    pub(super) fn around(middle: Point, width: f64, height: f64) -> Rect {
        Rect { x: middle.x - width / 2.0, y: middle.y - height / 2.0, width, height }
    }

    /// Is the point in it or on its edge?
    pub(super) fn contains(self, point: Point) -> bool {
        self.x <= point.x
            && point.x <= self.x + self.width
            && self.y <= point.y
            && point.y <= self.y + self.height
    }

    /// Do the two overlap?
    pub(super) fn meets(self, other: Rect) -> bool {
        self.x < other.x + other.width
            && other.x < self.x + self.width
            && self.y < other.y + other.height
            && other.y < self.y + self.height
    }

    /// Returns the rectangle with that much more on every side.
    pub(super) fn wider(self, by: f64) -> Rect {
        Rect {
            x: self.x - by,
            y: self.y - by,
            width: self.width + 2.0 * by,
            height: self.height + 2.0 * by,
        }
    }
}
