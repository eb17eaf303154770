//! Arrows that pass other harts' columns: they leave and enter boxes at the side, run up or down in the
//! gap beside a column and across in a lane between two rows, so that they meet no box, no arrow's head
//! and no label of program order.

use super::svg::{BOX_HEIGHT, Place, Point, ROW};

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

/// How many arrows run in each lane and beside each column.
#[derive(Default)]
pub(super) struct Lanes {
    /// Lane `r` is above row `r`.
    across: Vec<usize>,
    /// By the side of a column, in tenths of the page's unit.
    beside: Vec<(i64, usize)>,
}

/// A path of straight pieces.
pub(super) struct Path {
    pub(super) points: [Point; 6],
    /// Where its label stands.
    pub(super) label: Point,
}

/// A box with its row.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    pub(super) place: Place,
    pub(super) row: usize,
}

impl Lanes {
    /// The height of the next arrow in a lane.
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

    /// Which of the arrows beside a column the next one is.
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

    /// From box to box, through the lane next to the source on the target's side. `first_row` is the top
    /// of the first row.
    pub(super) fn path(&mut self, from: Spot, to: Spot, first_row: f64) -> Path {
        let right = to.place.x > from.place.x;
        let towards = if right { 1.0 } else { -1.0 };
        let lane = if to.row > from.row { from.row + 1 } else { from.row };
        let y = self.height(lane, first_row);
        let side = |place: Place, on_right: bool| {
            if on_right { place.x + place.width } else { place.x }
        };
        let (near, far) = (side(from.place, right), side(to.place, !right));
        let (leaving, entering) = (self.place_beside(near), self.place_beside(far));
        let out = near + towards * IN_GAP[leaving % IN_GAP.len()];
        let back = far - towards * IN_GAP[entering % IN_GAP.len()];
        let level = |spot: Spot| spot.place.y + BOX_HEIGHT / 2.0 - towards * ASIDE;
        let points = [
            Point { x: near, y: level(from) },
            Point { x: out, y: level(from) },
            Point { x: out, y },
            Point { x: back, y },
            Point { x: back, y: level(to) },
            Point { x: far, y: level(to) },
        ];
        let label = Point { x: near + towards * LABELS[leaving % LABELS.len()], y };
        Path { points, label }
    }
}

impl Path {
    /// As the path language of SVG, with rounded corners.
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

    fn spot(column: usize, row: usize) -> Spot {
        let (x, y) = (column as f64 * 280.0, TOP + row as f64 * ROW);
        Spot { place: Place { x, y, width: 150.0 }, row }
    }

    /// Does the straight piece go through the box?
    fn meets(a: Point, b: Point, place: Place) -> bool {
        let within = |low: f64, high: f64, from: f64, to: f64| low < to && from < high;
        within(a.x.min(b.x), a.x.max(b.x), place.x, place.x + place.width)
            && within(a.y.min(b.y), a.y.max(b.y), place.y, place.y + BOX_HEIGHT)
    }

    #[test]
    fn no_path_meets_a_box_and_each_ends_level() {
        let spots = || (0..4_usize).flat_map(|column| (0..3).map(move |row| (column, row)));
        for (from, to) in spots().flat_map(|from| spots().map(move |to| (from, to))) {
            if from.0.abs_diff(to.0) < 2 {
                continue;
            }
            let mut lanes = Lanes::default();
            for nth in 0..4 {
                let path = lanes.path(spot(from.0, from.1), spot(to.0, to.1), TOP);
                for (column, row) in spots() {
                    let place = spot(column, row).place;
                    let met = path.points.windows(2).any(|piece| meets(piece[0], piece[1], place));
                    assert!(!met, "arrow {nth} of {from:?} to {to:?} meets {column}, {row}");
                }
                let [.., back, tip] = path.points;
                let level = back.y == tip.y && (back.x - tip.x).abs() > 12.0;
                assert!(level, "no room for the head from {from:?} to {to:?}");
            }
        }
    }
}
