//! Compares the cost of each phase, format and family with recorded figures, or records them.
//!
//! ```text
//! cargo run --release --example baseline              differences from benches/baseline.json
//! cargo run --release --example baseline -- record    new figures, to be committed with their reason
//! ```
//!
//! Instructions are those of valgrind's callgrind: nearly the same on every machine for one compiler,
//! so that a change by more than a percent is a change of the program. Times are the best of several
//! runs and hold for the machine that the baseline names only.
#![allow(clippy::print_stdout)]

#[path = "../../benches/support/mod.rs"]
#[allow(dead_code, unused_imports)] // the public corpus is for criterion
mod support;
mod valgrind;

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use support::{Work, families, own};

/// A change of instructions by more is marked.
const NOTABLE: f64 = 1.0;
/// So long each piece of work is repeated for its best time.
const LONG: Duration = Duration::from_millis(400);

/// Recorded figures.
#[derive(Serialize, Deserialize)]
struct Baseline {
    /// Compiler, which instructions depend on.
    rustc: String,
    /// Machine, which times depend on.
    machine: String,
    work: Vec<Figures>,
}

#[derive(Serialize, Deserialize)]
struct Figures {
    name: String,
    instructions: Option<u64>,
    nanoseconds: u64,
}

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        None | Some("compare") => compare(),
        Some("record") => record(),
        Some(valgrind::UNDER_VALGRIND) => {
            let wanted = std::env::args().nth(2);
            valgrind::work_once(work().iter().find(|work| Some(&work.name) == wanted.as_ref()));
            ExitCode::SUCCESS
        }
        Some(other) => {
            eprintln!("baseline: `{other}` is not `compare` or `record`");
            ExitCode::from(2)
        }
    }
}

/// Everything that has a baseline, in the order of the table.
fn work() -> Vec<Work> {
    let corpus = own();
    let mut all = corpus.engine_work();
    all.extend(corpus.print_work());
    all.push(corpus.whole_work());
    all.extend(families());
    all
}

fn path() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/baseline.json")
}

fn measured() -> Baseline {
    let mut count = valgrind::is_installed();
    if !count {
        println!("valgrind is not installed: no instructions are counted, only times taken");
    }
    let mut figures = |work: Work| {
        let instructions = count.then(|| valgrind::instructions(&work)).transpose();
        let instructions = instructions.unwrap_or_else(|why| {
            println!("no instructions are counted from `{}` on: {why}", work.name);
            count = false;
            None
        });
        let nanoseconds = u64::try_from(best(&work).as_nanos()).unwrap_or(u64::MAX);
        Figures { name: work.name, instructions, nanoseconds }
    };
    let work = work().into_iter().map(&mut figures).collect();
    Baseline { rustc: rustc(), machine: machine(), work }
}

fn best(work: &Work) -> Duration {
    let mut run = work.prepare();
    let begun = Instant::now();
    let mut best = Duration::MAX;
    while begun.elapsed() < LONG {
        let start = Instant::now();
        black_box(run());
        best = best.min(start.elapsed());
    }
    best
}

fn record() -> ExitCode {
    let baseline = measured();
    let text = serde_json::to_string_pretty(&baseline).expect("plain data");
    match fs::write(path(), text + "\n") {
        Ok(()) => {
            println!("{} figures recorded in benches/baseline.json", baseline.work.len());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("baseline: benches/baseline.json cannot be written: {error}");
            ExitCode::from(2)
        }
    }
}

fn compare() -> ExitCode {
    let recorded = fs::read_to_string(path()).map_err(|error| error.to_string());
    let recorded = recorded.and_then(|text| {
        serde_json::from_str::<Baseline>(&text).map_err(|error| error.to_string())
    });
    let recorded = match recorded {
        Ok(recorded) => recorded,
        Err(error) => {
            eprintln!("baseline: benches/baseline.json: {error}");
            return ExitCode::from(2);
        }
    };
    let now = measured();
    for (what, then, now) in
        [("compiler", &recorded.rustc, &now.rustc), ("machine", &recorded.machine, &now.machine)]
    {
        if then != now {
            println!("another {what}: recorded with {then}, now {now}");
        }
    }
    println!(
        "{:16} {:>13} {:>13} {:>8}   {:>9} {:>9} {:>8}",
        "", "instructions", "now", "", "time", "now", ""
    );
    for now in &now.work {
        let then = recorded.work.iter().find(|then| then.name == now.name);
        println!("{}", row(then, now));
    }
    for then in recorded.work.iter().filter(|t| now.work.iter().all(|n| n.name != t.name)) {
        println!("{:16} is not measured any more", then.name);
    }
    ExitCode::SUCCESS
}

fn row(then: Option<&Figures>, now: &Figures) -> String {
    let count =
        |count: Option<u64>| count.map_or("-".into(), |n| format!("{:.3} M", n as f64 / 1e6));
    let time = |ns: u64| format!("{:.3} ms", ns as f64 / 1e6);
    let Some(then) = then else {
        let (name, instructions) = (&now.name, count(now.instructions));
        return format!(
            "{name:16} {:>13} {instructions:>13} {:>8}   {:>9} {:>9}",
            "new",
            "",
            "",
            time(now.nanoseconds)
        );
    };
    let change = |then: u64, now: u64| 100.0 * (now as f64 / then as f64 - 1.0);
    let instructions = then.instructions.zip(now.instructions).map(|(then, now)| change(then, now));
    let mark = match instructions {
        Some(change) if change > NOTABLE => "  more",
        Some(change) if change < -NOTABLE => "  less",
        _ => "",
    };
    format!(
        "{:16} {:>13} {:>13} {:>8}   {:>9} {:>9} {:>+7.1}%{mark}",
        now.name,
        count(then.instructions),
        count(now.instructions),
        instructions.map_or("-".into(), |change| format!("{change:+.2}%")),
        time(then.nanoseconds),
        time(now.nanoseconds),
        change(then.nanoseconds, now.nanoseconds),
    )
}

fn rustc() -> String {
    let output = Command::new("rustc").arg("--version").output();
    output.map_or("unknown".into(), |o| String::from_utf8_lossy(&o.stdout).trim().to_owned())
}

/// The processor, where the system tells.
fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or(std::env::consts::ARCH, |(_, model)| model);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{model}, {threads} threads")
}
