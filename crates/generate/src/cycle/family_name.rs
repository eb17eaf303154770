//! What families of tests are called, by what their harts do first and last.

/// The name of a family whose harts do this, each `W`, `WR` or longer; where there is none, what they do.
pub(crate) fn of(harts: &[&str], one_location: bool) -> String {
    let key = harts.join("+");
    known(&key, one_location).map_or(key, str::to_owned)
}

/// By which harts are put in an order that has a name: longer ones and stores first.
pub(crate) fn order(dirs: &str) -> impl Ord + use<> {
    const ORDER: [&str; 6] = ["W", "WW", "RW", "RR", "WR", "R"];
    (ORDER.iter().position(|known| *known == dirs).unwrap_or(ORDER.len()), dirs.to_owned())
}

fn known(key: &str, one_location: bool) -> Option<&'static str> {
    Some(match (key, one_location) {
        ("WW", true) => "CoWW",
        ("RW", true) => "CoRW1",
        ("W+RW", true) => "CoRW2",
        ("W+WR", true) => "CoWR",
        ("W+RR", true) => "CoRR",
        ("WR", true) => "CoWR0",
        ("WW+RR", _) => "MP",
        ("WR+WR", _) => "SB",
        ("WR+WR+WR", _) => "3.SB",
        ("WR+WR+WR+WR", _) => "4.SB",
        ("W+RW+RR", _) => "WRC",
        ("W+RR+WR", _) => "RWC",
        ("RW+RW", _) => "LB",
        ("RW+RW+RW", _) => "3.LB",
        ("RW+RW+RW+RW", _) => "4.LB",
        ("WW+WR", _) => "R",
        ("W+RW+WR", _) => "WRW+WR",
        ("W+RR+WW", _) => "WRR+2W",
        ("WW+RW", _) => "S",
        ("W+RW+RW", _) => "WWC",
        ("WW+WW", _) => "2+2W",
        ("WW+WW+WW", _) => "3.2W",
        ("WW+WW+WW+WW", _) => "4.2W",
        ("W+RW+WW", _) => "WRW+2W",
        ("WW+RR+WR", _) => "W+RWC",
        ("WW+RW+RR", _) => "ISA2",
        ("W+RR+W+RR", _) => "IRIW",
        ("W+RR+W+RW" | "W+RW+W+RR", _) => "IRRWIW",
        ("W+RW+W+RW", _) => "IRWIW",
        ("WW+RW+WR", _) => "Z6.0",
        ("WW+WW+RW", _) => "Z6.1",
        ("WW+RW+RW", _) => "Z6.2",
        ("WW+WW+RR", _) => "Z6.3",
        ("WW+WR+WR", _) => "Z6.4",
        ("WW+WW+WR", _) => "Z6.5",
        _ => return None,
    })
}
