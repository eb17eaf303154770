//! Curves as a picture: time over `n`, both axes logarithmic, so that what grows like a power of `n`
//! is a straight line and what grows faster bends upwards. Scalable Vector Graphics, complete in one
//! file, with colours for light and dark pages.

use std::fmt::Write as _;

use super::growth::{Curve, Point};
use super::table::time;

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 520.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 680.0;
const TOP: f64 = 50.0;
const BOTTOM: f64 = 460.0;
/// Colours that people with any kind of sight tell apart; the second half of the families has dashes.
const COLOURS: [&str; 6] = ["#0072b2", "#d55e00", "#009e73", "#b5529b", "#c98a00", "#3da5d9"];

const STYLE: &str = "\
  svg { --page: #ffffff; --ink: #1f2328; --faint: #d8dee4; font: 13px sans-serif }
  @media (prefers-color-scheme: dark) {
    svg { --page: #0d1117; --ink: #e6edf3; --faint: #30363d }
  }
  .page { fill: #ffffff; fill: var(--page) }
  text { fill: #1f2328; fill: var(--ink) }
  .grid { stroke: #d8dee4; stroke: var(--faint); stroke-width: 1 }
  .line { fill: none; stroke-width: 2; stroke-linejoin: round }
  .title { font-size: 16px; font-weight: bold }
  .right { text-anchor: end }
  .middle { text-anchor: middle }
";

/// A logarithmic axis: values from `low` to `high` on `from` to `to`.
#[derive(Clone, Copy, Debug)]
struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Axis {
    /// The axis from the power of `base` below all values to the one above.
    fn around(values: impl Iterator<Item = f64>, base: f64, from: f64, to: f64) -> Axis {
        let logs = values.filter(|v| *v > 0.0).map(|v| v.log(base));
        let (low, high) =
            logs.fold((f64::MAX, f64::MIN), |(low, high), v| (low.min(v), high.max(v)));
        if low > high {
            return Axis { low: 1.0, high: base, from, to };
        }
        let (low, high) = ((low + 1e-9).floor(), (high - 1e-9).ceil());
        Axis { low: base.powf(low), high: base.powf(high.max(low + 1.0)), from, to }
    }

    fn at(self, value: f64) -> f64 {
        let share = (value / self.low).ln() / (self.high / self.low).ln();
        self.from + share.clamp(0.0, 1.0) * (self.to - self.from)
    }

    /// The powers of `base` on the axis.
    fn ticks(self, base: f64) -> impl Iterator<Item = f64> {
        let last = self.high * 1.000_001;
        std::iter::successors(Some(self.low), move |v| Some(v * base))
            .take_while(move |v| *v <= last)
    }
}

/// The picture of `curves` with a `title`. A test without an answer ends its line in a cross.
#[must_use]
pub fn svg(curves: &[Curve], title: &str) -> String {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let x = Axis::around(points().map(|p| f64::from(p.n)), 2.0, LEFT, RIGHT);
    let y = Axis::around(points().map(|p| p.time.as_secs_f64()), 10.0, BOTTOM, TOP);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" \
         height=\"{HEIGHT}\" role=\"img\">\n<title>{title}</title>\n<style>\n{STYLE}</style>\n\
         <rect class=\"page\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>\n",
        title = escaped(title),
    );
    text(&mut out, LEFT, 26.0, "title", title);
    grid(&mut out, x, y);
    for (number, curve) in curves.iter().enumerate() {
        line(&mut out, curve, x, y, Stroke::of(number));
        legend(&mut out, curve, number);
    }
    out.push_str("</svg>\n");
    out
}

fn grid(out: &mut String, x: Axis, y: Axis) {
    for tick in x.ticks(2.0) {
        let at = x.at(tick);
        let _ = writeln!(
            out,
            "<line class=\"grid\" x1=\"{at:.1}\" y1=\"{TOP}\" x2=\"{at:.1}\" y2=\"{BOTTOM}\"/>"
        );
        text(out, at, BOTTOM + 18.0, "middle", &format!("{tick:.0}"));
    }
    for tick in y.ticks(10.0) {
        let at = y.at(tick);
        let _ = writeln!(
            out,
            "<line class=\"grid\" x1=\"{LEFT}\" y1=\"{at:.1}\" x2=\"{RIGHT}\" y2=\"{at:.1}\"/>"
        );
        let label = time(std::time::Duration::from_secs_f64(tick));
        text(out, LEFT - 8.0, at + 4.0, "right", &round(&label));
    }
    text(out, (LEFT + RIGHT) / 2.0, BOTTOM + 42.0, "middle", "n: harts, readers, writers or words");
}

/// `10.0 ms` as `10 ms`: ticks are powers of ten.
fn round(label: &str) -> String {
    match label.split_once('.') {
        Some((whole, rest)) => {
            format!("{whole} {}", rest.split_once(' ').map_or("", |(_, unit)| unit))
        }
        None => label.to_owned(),
    }
}

/// How the line of one family looks.
#[derive(Clone, Copy)]
struct Stroke {
    colour: &'static str,
    dashes: &'static str,
}

impl Stroke {
    fn of(number: usize) -> Stroke {
        let dashed = number / COLOURS.len() % 2 == 1;
        let dashes = if dashed { " stroke-dasharray=\"7 4\"" } else { "" };
        Stroke { colour: COLOURS[number % COLOURS.len()], dashes }
    }
}

fn line(out: &mut String, curve: &Curve, x: Axis, y: Axis, stroke: Stroke) {
    let Stroke { colour, dashes } = stroke;
    let place = |p: &Point| (x.at(f64::from(p.n)), y.at(p.time.as_secs_f64().max(y.low)));
    let path: Vec<String> = curve
        .points
        .iter()
        .map(|p| {
            let (x, y) = place(p);
            format!("{x:.1},{y:.1}")
        })
        .collect();
    let _ = writeln!(
        out,
        "<polyline class=\"line\" stroke=\"{colour}\"{dashes} points=\"{}\"/>",
        path.join(" ")
    );
    for point in &curve.points {
        let (x, y) = place(point);
        let _ = if point.answered() {
            writeln!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.5\" fill=\"{colour}\"/>")
        } else {
            writeln!(
                out,
                "<path class=\"line\" stroke=\"{colour}\" d=\"M{:.1} {:.1}l10 10m0 -10l-10 10\"/>",
                x - 5.0,
                y - 5.0
            )
        };
    }
}

/// The line's name, and how far it goes.
fn legend(out: &mut String, curve: &Curve, number: usize) {
    let Stroke { colour, dashes } = Stroke::of(number);
    let (x, y) = (RIGHT + 22.0, TOP + 14.0 + 26.0 * number as f64);
    let _ = writeln!(
        out,
        "<line class=\"line\" stroke=\"{colour}\"{dashes} x1=\"{x}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\"/>",
        x + 34.0
    );
    let reached = curve.largest().map_or_else(String::new, |p| format!(", up to {}", p.n));
    text(out, x + 42.0, y + 4.5, "", &format!("{}{reached}", curve.family.name));
}

fn text(out: &mut String, x: f64, y: f64, class: &str, text: &str) {
    let text = escaped(text);
    let _ = writeln!(out, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{text}</text>");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::measure::End;
    use rvlitmus_generate::FAMILIES;

    fn curves() -> Vec<Curve> {
        let point = |n: u32| Point {
            n,
            end: if n == 16 { End::Timeout } else { End::Complete },
            time: Duration::from_micros(u64::from(n).pow(3)),
            states: 1,
            outcomes: 1,
            transitions: 1,
            memory: None,
        };
        FAMILIES
            .iter()
            .map(|family| Curve { family, points: (2..=16).map(point).collect() })
            .collect()
    }

    #[test]
    fn a_picture_is_well_formed_and_has_a_line_for_each_family() {
        let picture = svg(&curves(), "a < b & c");
        let mut reader = quick_xml::Reader::from_str(&picture);
        let mut lines = 0;
        loop {
            match reader.read_event().expect("XML") {
                quick_xml::events::Event::Empty(tag) => {
                    lines += usize::from(tag.name().as_ref() == b"polyline")
                }
                quick_xml::events::Event::Eof => break,
                _ => {}
            }
        }
        assert_eq!(lines, FAMILIES.len());
        assert_eq!(picture.matches("up to 15").count(), FAMILIES.len());
        let looks: std::collections::BTreeSet<(&str, &str)> =
            (0..FAMILIES.len()).map(|n| (Stroke::of(n).colour, Stroke::of(n).dashes)).collect();
        assert_eq!(looks.len(), FAMILIES.len(), "two families look the same");
    }

    #[test]
    fn axes_reach_from_power_to_power() {
        let axis = Axis::around([3.0, 900.0].into_iter(), 10.0, 0.0, 300.0);
        assert!((axis.low - 1.0).abs() < 1e-9 && (axis.high - 1000.0).abs() < 1e-6);
        assert!((axis.at(10.0) - 100.0).abs() < 1e-6);
        assert_eq!(axis.ticks(10.0).count(), 4);
        assert!(svg(&[], "empty").ends_with("</svg>\n"));
    }
}
