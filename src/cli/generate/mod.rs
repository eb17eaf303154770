//! `rvlitmus generate`: tests by the names of cycles, and tests that tell two models apart.

mod args;
mod cycles;
mod suite;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use anyhow::{Context, bail, ensure};

pub(super) use args::{GENERATE_HELP, GenerateArgs};

use super::exit::Outcome;
use super::output::{self, Outputs};
use super::plan;
use super::stop::stop_on;
use super::threads;

/// A test that was made.
struct Made {
    name: String,
    /// What stands behind its name in a list: its cycle.
    about: String,
    /// Its operations and harts.
    size: (usize, usize),
    text: String,
}

/// Makes what the arguments ask for.
pub(super) fn generate(args: &GenerateArgs) -> anyhow::Result<Outcome> {
    threads::make(args.jobs.map_or(0, usize::from))?;
    let flag = Arc::new(AtomicBool::new(false));
    let stop = stop_on(&flag, args.deadline.map(Duration::from_secs_f64))?;
    let suite = match args.differ.as_slice() {
        [] => cycles::made(args, &flag)?.map(|tests| (tests, None)),
        _ => suite::made(args, &flag)?.map(|(tests, manifest)| (tests, Some(manifest))),
    };
    if let Some(cause) = stop.cause() {
        bail!("{cause}: nothing is written, for there may be more tests");
    }
    // What is wrong with cycles was said.
    let Some((mut tests, mut manifest)) = suite else { return Ok(Outcome::NotRun) };
    ensure!(manifest.is_some() || !tests.is_empty(), "there is no such test");
    rename(&mut tests, args.prefix.as_deref().unwrap_or_default());
    if let Some(sharding) = plan::sharding(&args.shards)? {
        // By hash or costs, as `run` divides the folder of all of them.
        let mut indices = 0..;
        tests.retain(|test| {
            indices.next().is_some_and(|index| sharding.holds(&file_of(test), index))
        });
        if let Some(manifest) = &mut manifest {
            manifest["shard"] = sharding.shard().to_string().into();
        }
    }
    if args.list {
        return output::print(&list(&tests));
    }
    if args.count {
        return output::print(&counts(&tests));
    }
    match (&args.output, tests.as_slice()) {
        (Some(folder), _) => write(args, folder, tests, manifest, &flag),
        (None, [test]) => output::print(&test.text),
        (None, []) => bail!("there is no such test"),
        (None, _) => bail!(
            "{} tests do not fit standard output: name a folder with -o DIR, or ask for --list or --count",
            tests.len()
        ),
    }
}

/// Puts the prefix before names, and gives tests of one name numbers, from the second on. Files of names that differ
/// in their letters' case alone would be one file on some systems.
fn rename(tests: &mut [Made], prefix: &str) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for test in tests {
        let count = seen.entry(test.name.to_lowercase()).or_default();
        *count += 1;
        let number = if *count > 1 { format!("-{count}") } else { String::new() };
        test.name = format!("{prefix}{}{number}", test.name);
        let rest = test.text.split_once('\n').map_or("", |(_, rest)| rest);
        test.text = format!("RISCV {}\n{rest}", test.name);
    }
}

/// The name of a test's file.
fn file_of(test: &Made) -> String {
    format!("{}.litmus", test.name)
}

fn list(tests: &[Made]) -> String {
    let width = tests.iter().map(|test| test.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for Made { name, about, .. } in tests {
        let _ = writeln!(text, "{name:width$}  {about}");
    }
    text
}

/// How many tests there are of each number of operations and harts.
fn counts(tests: &[Made]) -> String {
    let most = |of: fn(&Made) -> usize| tests.iter().map(of).max().unwrap_or(0);
    let (most_ops, most_harts) = (most(|test| test.size.0), most(|test| test.size.1));
    let mut text = "ops".to_owned();
    for harts in 1..=most_harts {
        let _ =
            write!(text, " {:>8}", format!("{harts} hart{}", if harts == 1 { "" } else { "s" }));
    }
    text += "    total\n";
    for ops in 1..=most_ops {
        let of = |harts| tests.iter().filter(|test| test.size == (ops, harts)).count();
        let row: Vec<usize> = (1..=most_harts).map(of).collect();
        if row.iter().all(|count| *count == 0) {
            continue;
        }
        let _ = write!(text, "{ops:3}");
        row.iter().for_each(|count| _ = write!(text, " {count:8}"));
        let _ = writeln!(text, " {:8}", row.iter().sum::<usize>());
    }
    let _ = writeln!(text, "all {:>1$}", tests.len(), 9 * most_harts + 8);
    text
}

/// Writes the tests and what they are, and prints where they are.
fn write(
    args: &GenerateArgs,
    folder: &Path,
    tests: Vec<Made>,
    manifest: Option<serde_json::Value>,
    stop: &Arc<AtomicBool>,
) -> anyhow::Result<Outcome> {
    let shown = crate::results::shown_path(folder);
    std::fs::create_dir_all(folder).with_context(|| format!("{shown} cannot be created"))?;
    let cycles = args.cycle.iter().filter_map(|cycle| cycle.strip_prefix('@')).map(PathBuf::from);
    let read = cycles.chain(args.shards.balance.clone());
    let mut outputs = Outputs::new(&args.force).reads_tests(&[], stop).reads(read);
    let mut files = Vec::with_capacity(tests.len() + 1);
    let mut paths = String::new();
    for test in tests {
        let path = folder.join(file_of(&test));
        let _ = writeln!(paths, "{}", path.display());
        files.push((outputs.place(Some(&path))?, test.text));
    }
    if let Some(manifest) = manifest {
        let path = folder.join("manifest.json");
        files.push((outputs.place(Some(&path))?, format!("{manifest:#}\n")));
    }
    for (file, text) in files {
        file.write_one_of_many(text.as_bytes())?;
    }
    output::print(&paths)
}
