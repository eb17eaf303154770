//! Arrows that pass other harts' columns: they leave and enter boxes at the side, run up or down in the
//! gap beside a column and across in a lane between two rows, so that they meet no box, no arrow's head
//! and no label of program order.

use super::geometry::{BOX_HEIGHT, EventBox, Point, ROW};

/// Distances of the arrows in one lane from the boxes above it, in the order in which they come. The
/// middle is left to labels of program order, the end to its arrows' heads.
const IN_LANE: [f64; 6] = [13.0, 49.0, 19.0, 44.0, 8.0, 39.0];
/// The same in the lane above the first row, which nothing else runs through.
const ABOVE: [f64; 6] = [46.0, 36.0, 41.0, 31.0, 51.0, 26.0];
/// Distances of the arrows in one gap from the column that they leave or enter.
const IN_GAP: [f64; 4] = [20.0, 28.0, 36.0, 14.0];
/// Distances of their labels from that column.
const LABELS: [f64; 4] = [65.0, 95.0, 125.0, 155.0];
/// How far above the middle of a box an arrow to the right is, and below it one to the left: further
/// than arrows between neighbours.
const ASIDE: f64 = 16.0;

/// Routes arrows, and counts those in each lane and beside each column.
#[derive(Default)]
pub(super) struct Router {
    /// Lane `r` is above row `r`.
    across: Vec<usize>,
    /// By the side of a column, in tenths of the page's unit.
    beside: Vec<(i64, usize)>,
}

/// A line of straight pieces.
pub(super) struct Route {
    pub(super) points: [Point; 6],
    /// Where its label stands.
    pub(super) label: Point,
}

/// A box with its row.
#[derive(Clone, Copy)]
pub(super) struct Cell {
    pub(super) outline: EventBox,
    pub(super) row: usize,
}

impl Router {
    /// Returns the height of the next arrow in a lane.
    fn height(&mut self, lane: usize, first_row: f64) -> f64 {
        if self.across.len() <= lane {
            self.across.resize(lane + 1, 0);
        }
        let nth = self.across[lane];
        self.across[lane] += 1;
        let above = first_row + lane as f64 * ROW - (ROW - BOX_HEIGHT);
        let offsets = if lane == 0 { ABOVE } else { IN_LANE };
        above + offsets[nth % offsets.len()]
    }

    /// Returns which of the arrows beside a column the next one is.
    fn place_beside(&mut self, side: f64) -> usize {
        let key = (side * 10.0).round() as i64;
        match self.beside.iter_mut().find(|(at, _)| *at == key) {
            Some((_, count)) => {
                *count += 1;
                *count
            }
            None => {
                self.beside.push((key, 0));
                0
            }
        }
    }

    /// Returns a route from box to box, through the lane next to the source on the target's side.
    /// `first_row` is the top of the first row.
    pub(super) fn route(&mut self, from: Cell, to: Cell, first_row: f64) -> Route {
        let right = to.outline.x > from.outline.x;
        let towards = if right { 1.0 } else { -1.0 };
        let lane = if to.row > from.row { from.row + 1 } else { from.row };
        let y = self.height(lane, first_row);
        let side = |outline: EventBox, on_right: bool| {
            if on_right { outline.x + outline.width } else { outline.x }
        };
        let (near, far) = (side(from.outline, right), side(to.outline, !right));
        let (leaving, entering) = (self.place_beside(near), self.place_beside(far));
        let out = near + towards * IN_GAP[leaving % IN_GAP.len()];
        let back = far - towards * IN_GAP[entering % IN_GAP.len()];
        let level = |cell: Cell| cell.outline.y + BOX_HEIGHT / 2.0 - towards * ASIDE;
        let points = [
            Point { x: near, y: level(from) },
            Point { x: out, y: level(from) },
            Point { x: out, y },
            Point { x: back, y },
            Point { x: back, y: level(to) },
            Point { x: far, y: level(to) },
        ];
        let label = Point { x: near + towards * LABELS[leaving % LABELS.len()], y };
        Route { points, label }
    }
}

impl Route {
    /// Returns it in the path language of SVG, with rounded corners.
    pub(super) fn data(&self) -> String {
        const RADIUS: f64 = 8.0;
        let shifted = |from: Point, to: Point| {
            let (dx, dy) = (to.x - from.x, to.y - from.y);
            let length = dx.hypot(dy).max(0.001);
            let step = RADIUS.min(length / 2.0) / length;
            Point { x: from.x + dx * step, y: from.y + dy * step }
        };
        let [first, .., last] = self.points;
        let mut data = format!("M{:.1} {:.1}", first.x, first.y);
        for corner in self.points.windows(3) {
            let (a, b) = (shifted(corner[1], corner[0]), shifted(corner[1], corner[2]));
            data.push_str(&format!(
                " L{:.1} {:.1} Q{:.1} {:.1} {:.1} {:.1}",
                a.x, a.y, corner[1].x, corner[1].y, b.x, b.y
            ));
        }
        data.push_str(&format!(" L{:.1} {:.1}", last.x, last.y));
        data
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOP: f64 = 100.0;

    fn cell(column: usize, row: usize) -> Cell {
        let (x, y) = (column as f64 * 280.0, TOP + row as f64 * ROW);
        Cell { outline: EventBox { x, y, width: 150.0 }, row }
    }

    /// Does the straight piece go through the box?
    fn meets(a: Point, b: Point, outline: EventBox) -> bool {
        let within = |low: f64, high: f64, from: f64, to: f64| low < to && from < high;
        within(a.x.min(b.x), a.x.max(b.x), outline.x, outline.x + outline.width)
            && within(a.y.min(b.y), a.y.max(b.y), outline.y, outline.y + BOX_HEIGHT)
    }

    #[test]
    fn no_path_meets_a_box_and_each_ends_level() {
        let cells = || (0..4_usize).flat_map(|column| (0..3).map(move |row| (column, row)));
        for (from, to) in cells().flat_map(|from| cells().map(move |to| (from, to))) {
            if from.0.abs_diff(to.0) < 2 {
                continue;
            }
            let mut router = Router::default();
            for nth in 0..4 {
                let route = router.route(cell(from.0, from.1), cell(to.0, to.1), TOP);
                for (column, row) in cells() {
                    let outline = cell(column, row).outline;
                    let met =
                        route.points.windows(2).any(|piece| meets(piece[0], piece[1], outline));
                    assert!(!met, "arrow {nth} of {from:?} to {to:?} meets {column}, {row}");
                }
                let [.., back, tip] = route.points;
                let level = back.y == tip.y && (back.x - tip.x).abs() > 12.0;
                assert!(level, "no room for the head from {from:?} to {to:?}");
            }
        }
    }
}
