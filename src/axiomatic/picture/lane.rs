//! Arrows that pass other harts' columns: they run in the lanes between the rows of boxes, so that
//! they cross no box.

use super::svg::{BOX_HEIGHT, Place, Point, ROW};

/// Distances of the arrows in one lane from the boxes above it, in the order in which they come. The
/// middle is left to labels of program order.
const OFFSETS: [f64; 6] = [12.0, 54.0, 18.0, 48.0, 7.0, 59.0];

/// How many arrows run in each lane; lane `r` is above row `r`.
#[derive(Default)]
pub(super) struct Lanes {
    used: Vec<usize>,
}

/// A path of straight pieces.
pub(super) struct Path {
    pub(super) points: Vec<Point>,
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
        if self.used.len() <= lane {
            self.used.resize(lane + 1, 0);
        }
        let offset = OFFSETS[self.used[lane] % OFFSETS.len()];
        self.used[lane] += 1;
        let above = first_row + lane as f64 * ROW - (ROW - BOX_HEIGHT);
        // There is less room above the first row and below the last one.
        if lane == 0 { above + 28.0 + offset / 3.0 } else { above + offset }
    }

    /// From box to box through the lane that both border on, or else through the source's lane and
    /// beside the target's column. `first_row` is the top of the first row.
    pub(super) fn path(&mut self, from: Spot, to: Spot, first_row: f64) -> Path {
        let right = to.place.x > from.place.x;
        let towards = if right { 1.0 } else { -1.0 };
        let lane = match (from.row, to.row) {
            (0, 0) => 0,
            (a, b) if b > a => a + 1,
            (a, _) => a,
        };
        let y = self.height(lane, first_row);
        let edge = |spot: Spot| {
            if y < spot.place.y { spot.place.y } else { spot.place.y + BOX_HEIGHT }
        };
        let start = from.place.middle() + towards * from.place.width / 4.0;
        let near = if right { from.place.x + from.place.width } else { from.place.x };
        let label = Point { x: near + towards * 65.0, y };
        let mut points = vec![Point { x: start, y: edge(from) }, Point { x: start, y }];
        if from.row.abs_diff(to.row) <= 1 {
            let end = to.place.middle() - towards * to.place.width / 4.0;
            points.extend([Point { x: end, y }, Point { x: end, y: edge(to) }]);
        } else {
            let side = if right { to.place.x } else { to.place.x + to.place.width };
            let beside = side - towards * 24.0;
            let middle = to.place.y + BOX_HEIGHT / 2.0;
            let turn = [Point { x: beside, y }, Point { x: beside, y: middle }];
            points.extend(turn);
            points.push(Point { x: side, y: middle });
        }
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
        let mut data = String::new();
        for (index, point) in self.points.iter().enumerate() {
            let (before, after) = (index.checked_sub(1), self.points.get(index + 1));
            match (before.map(|i| self.points[i]), after) {
                (None, _) => data.push_str(&format!("M{:.1} {:.1}", point.x, point.y)),
                (_, None) => data.push_str(&format!(" L{:.1} {:.1}", point.x, point.y)),
                (Some(before), Some(after)) => {
                    let (a, b) = (shifted(*point, before), shifted(*point, *after));
                    data.push_str(&format!(
                        " L{:.1} {:.1} Q{:.1} {:.1} {:.1} {:.1}",
                        a.x, a.y, point.x, point.y, b.x, b.y
                    ));
                }
            }
        }
        data
    }
}
