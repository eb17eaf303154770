//! Curves as tables: for the terminal, for a page, for programs.

use std::fmt::Write as _;
use std::time::Duration;

use indicatif::HumanCount;
use serde_json::{Value, json};

use super::growth::{Curve, End, Point};
use rvlitmus_generate::Family;

const HEADS: [&str; 11] = [
    "family",
    "n",
    "end",
    "time",
    "states",
    "transitions",
    "outcomes",
    "states/outcome",
    "transitions/outcome",
    "memory",
    "bytes/state",
];

/// One row for each test.
fn row(family: &Family, point: &Point) -> [String; 11] {
    [
        family.name.to_owned(),
        point.n.to_string(),
        point.end.word().to_owned(),
        time(point.time),
        count(point.states),
        count(point.transitions),
        count(point.outcomes),
        per(point.states, point.outcomes).map_or_else(dash, share),
        per(point.transitions, point.outcomes).map_or_else(dash, share),
        point.memory.map_or_else(dash, memory),
        point
            .memory
            .filter(|bytes| *bytes >= LEAST_BYTES)
            .and_then(|bytes| per(bytes, point.states))
            .map_or_else(dash, |ratio| format!("{ratio:.0}")),
    ]
}

/// Below this the allocator's habits outweigh the table.
const LEAST_BYTES: u64 = 4 << 20;

fn dash() -> String {
    "-".to_owned()
}

fn per(a: u64, b: u64) -> Option<f64> {
    (b > 0).then(|| a as f64 / b as f64)
}

impl End {
    /// One word, as statuses are called elsewhere.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            End::Complete => "complete",
            End::Bounded => "bounded",
            End::Timeout => "timeout",
            End::MemoryLimit => "memory",
            End::Refused(_) => "refused",
        }
    }
}

/// The line above [`text_row`]'s.
#[must_use]
pub fn text_head() -> String {
    let [family, n, end, time, states, _, outcomes, _, _, memory, _] = HEADS;
    line([family, n, end, time, states, outcomes, "trans/outc", memory, "B/state"])
}

/// One test for the terminal, as soon as it is there.
#[must_use]
pub fn text_row(family: &Family, point: &Point) -> String {
    let [family, n, end, time, states, _, outcomes, _, ratio, memory, size] = &row(family, point);
    line([family, n, end, time, states, outcomes, ratio, memory, size])
}

fn line([family, n, end, time, states, outcomes, ratio, memory, size]: [&str; 9]) -> String {
    format!(
        "{family:<9} {n:>3} {end:<8} {time:>7} {states:>10} {outcomes:>9} {ratio:>10} {memory:>8} {size:>7}\n"
    )
}

/// What a family came to: its largest test, and how much each step cost at the end.
fn summary(curve: &Curve) -> Option<[String; 8]> {
    let largest = curve.largest()?;
    let grows = |figure: fn(&Point) -> f64| {
        growth(curve, figure).map_or_else(dash, |factor| format!("{factor:.2}"))
    };
    let first = curve.family.title;
    Some([
        format!("{first} (`{}`)", curve.family.name),
        format!("{} {}", largest.n, curve.family.counts),
        time(largest.time),
        count(largest.states),
        count(largest.outcomes),
        grows(|p| p.time.as_secs_f64()),
        grows(|p| p.states as f64),
        grows(|p| p.outcomes as f64),
    ])
}

/// The factor by which a figure grows with each step of `n`, over the last quarter of the curve.
fn growth(curve: &Curve, figure: fn(&Point) -> f64) -> Option<f64> {
    let answered: Vec<&Point> = curve.points.iter().filter(|p| p.answered()).collect();
    let last = answered.last()?;
    let from = answered.get((answered.len() * 3 / 4).min(answered.len().checked_sub(2)?))?;
    let steps = f64::from(last.n - from.n);
    let (a, b) = (figure(from), figure(last));
    (a > 0.0 && b > 0.0).then(|| (b / a).powf(1.0 / steps))
}

/// Both tables as Markdown: one row for each family, then one for each test.
#[must_use]
pub fn markdown(curves: &[Curve]) -> String {
    let heads = [
        "family",
        "largest",
        "time",
        "states",
        "outcomes",
        "time grows",
        "states grow",
        "outcomes grow",
    ];
    let mut text = String::new();
    markdown_row(&mut text, &heads);
    markdown_row(&mut text, &["---", "--:", "--:", "--:", "--:", "--:", "--:", "--:"]);
    for cells in curves.iter().filter_map(summary) {
        markdown_row(&mut text, &cells);
    }
    text.push('\n');
    markdown_row(&mut text, &HEADS);
    markdown_row(
        &mut text,
        &HEADS.map(|head| if matches!(head, "family" | "end") { "---" } else { "--:" }),
    );
    for curve in curves {
        for point in &curve.points {
            markdown_row(&mut text, &row(curve.family, point));
        }
    }
    text
}

fn markdown_row<S: AsRef<str>>(text: &mut String, cells: &[S]) {
    let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

/// Everything, for programs.
#[must_use]
pub fn to_json(curves: &[Curve]) -> Value {
    let point = |p: &Point| {
        json!({
            "n": p.n,
            "end": p.end.word(),
            "refused": match &p.end { End::Refused(why) => Some(why), _ => None },
            "seconds": p.time.as_secs_f64(),
            "states": p.states,
            "outcomes": p.outcomes,
            "transitions": p.transitions,
            "memory": p.memory,
        })
    };
    let curve = |c: &Curve| {
        json!({
            "name": c.family.name,
            "title": c.family.title,
            "counts": c.family.counts,
            "points": c.points.iter().map(point).collect::<Vec<_>>(),
        })
    };
    curves.iter().map(curve).collect()
}

/// Three digits and a unit.
#[must_use]
pub fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        s if s >= 1.0 => format!("{} s", digits(s)),
        s if s >= 1e-3 => format!("{} ms", digits(s * 1e3)),
        s => format!("{} us", digits(s * 1e6)),
    }
}

/// Three digits and a unit.
#[must_use]
pub fn memory(bytes: u64) -> String {
    let mib = bytes as f64 / f64::from(1 << 20);
    match mib {
        m if m >= 1000.0 => format!("{} GiB", digits(m / 1024.0)),
        m if m >= 1.0 => format!("{} MiB", digits(m)),
        _ => format!("{} KiB", bytes / 1024),
    }
}

fn digits(number: f64) -> String {
    match number {
        n if n >= 100.0 => format!("{n:.0}"),
        n if n >= 10.0 => format!("{n:.1}"),
        n => format!("{n:.2}"),
    }
}

fn share(ratio: f64) -> String {
    if ratio < 100.0 { format!("{ratio:.1}") } else { count(ratio.round() as u64) }
}

/// With commas between thousands.
#[must_use]
pub fn count(number: u64) -> String {
    HumanCount(number).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rvlitmus_generate::family;

    fn curve() -> Curve {
        let point = |n: u32, end: End| Point {
            n,
            end,
            time: Duration::from_micros(1 << n),
            states: 1 << n,
            outcomes: u64::from(n),
            transitions: 2 << n,
            memory: Some(1 << n),
        };
        let mut points: Vec<Point> = (1..=24).map(|n| point(n, End::Complete)).collect();
        points.push(point(25, End::Timeout));
        Curve { family: family("iriw").unwrap(), points }
    }

    #[test]
    fn figures_have_three_digits_and_a_unit() {
        let times = [0, 999, 1_000, 12_345, 999_499, 1_234_567, 250_000_000];
        let shown = times.map(|us| time(Duration::from_micros(us)));
        assert_eq!(shown, ["0.00 us", "999 us", "1.00 ms", "12.3 ms", "999 ms", "1.23 s", "250 s"]);
        assert_eq!([512, 3 << 19, 5 << 30].map(memory), ["0 KiB", "1.50 MiB", "5.00 GiB"]);
        assert_eq!(
            [0, 999, 1_000, 34_911, 5_440_527].map(count).join(" "),
            "0 999 1,000 34,911 5,440,527"
        );
    }

    #[test]
    fn growth_is_that_of_the_answers() {
        assert!((growth(&curve(), |p| p.states as f64).unwrap() - 2.0).abs() < 1e-9);
        let one = Curve { points: curve().points[..1].to_vec(), ..curve() };
        assert_eq!(growth(&one, |p| p.states as f64), None);
        assert_eq!(growth(&Curve { points: Vec::new(), ..one }, |_| 1.0), None);
    }

    #[test]
    fn rows_fit_a_terminal() {
        let curve = curve();
        let rows = curve.points.iter().map(|point| text_row(curve.family, point));
        for row in rows.chain([text_head()]) {
            assert!(row.trim_end().chars().count() <= 80, "{row}");
            assert_eq!(row.chars().count(), text_head().chars().count(), "{row}");
        }
    }

    #[test]
    fn tables_hold_every_test() {
        let page = markdown(&[curve()]);
        assert_eq!(page.lines().filter(|line| line.starts_with("| iriw ")).count(), 25);
        assert!(page.contains("| 24 readers | 16.8 s | 16,777,216 | 24 |"), "{page}");
        assert!(page.contains("| iriw | 25 | timeout |"), "{page}");
        assert_eq!(to_json(&[curve()])[0]["points"].as_array().map(Vec::len), Some(25));
    }
}
