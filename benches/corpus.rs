//! Where the time of a corpus goes: parse, link, compile, explore; and how it is spread over the
//! tests.
//!
//! Runs over `litmus/`, and over `../shared/corpus/riscv` where that is there. Besides criterion's
//! figures it prints, for each corpus, the median, the 99th percentile and the slowest test for both
//! models together, each test at the best of five runs.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use rvlitmus::explore::{Explorer, Limits, Reductions};
use rvlitmus::litmus::{LineIndex, Test, parse};
use rvlitmus::model::{MemoryModel, Options};
use rvlitmus::program::{Program, full_hart, link};

/// The files of one corpus, read.
struct Corpus {
    name: &'static str,
    texts: Vec<(String, String)>,
}

fn corpora() -> Vec<Corpus> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = std::env::var_os("RVLITMUS_SHARED").map_or(root.join("../shared"), PathBuf::from);
    let mut corpora = Vec::new();
    for (name, folder) in [("litmus", root.join("litmus")), ("public", shared.join("corpus/riscv"))]
    {
        let mut texts = Vec::new();
        if folder.is_dir() {
            collect(&folder, &mut texts);
            texts.sort();
            corpora.push(Corpus { name, texts });
        } else {
            println!("skipped: {name}, no {}", folder.display());
        }
    }
    corpora
}

fn collect(folder: &Path, texts: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, texts);
        } else if path.extension().is_some_and(|e| e == "litmus")
            && let Ok(text) = std::fs::read_to_string(&path)
        {
            texts.push((path.display().to_string(), text));
        }
    }
}

fn program(text: &str, test: &Test) -> Option<Program> {
    link(test, &LineIndex::new(text), |_| full_hart(MemoryModel::Rvwmo)).ok()
}

/// Both models, from a compiled program to outcomes; the number of outcomes.
fn explore(program: &Program) -> usize {
    let Ok(mut explorer) = Explorer::new(program, &Options::default(), Reductions::default())
    else {
        return 0;
    };
    [MemoryModel::Rvwmo, MemoryModel::Ztso]
        .iter()
        .filter_map(|model| {
            let models = vec![*model; program.harts.len()];
            explorer.outcomes(&models, Limits::default()).ok()
        })
        .map(|outcomes| outcomes.states.len())
        .sum()
}

fn phases(criterion: &mut Criterion) {
    for Corpus { name, texts } in corpora() {
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10);
        group.bench_function("parse", |b| {
            b.iter(|| texts.iter().filter(|(_, text)| parse(text).is_ok()).count())
        });
        let tests: Vec<(&String, Test)> =
            texts.iter().filter_map(|(_, text)| Some((text, parse(text).ok()?))).collect();
        group.bench_function("link", |b| {
            b.iter(|| tests.iter().filter_map(|(text, test)| program(text, test)).count())
        });
        let programs: Vec<Program> =
            tests.iter().filter_map(|(text, test)| program(text, test)).collect();
        group.bench_function("compile", |b| {
            b.iter(|| {
                let compile =
                    |p| Explorer::new(p, &Options::default(), Reductions::default()).is_ok();
                programs.iter().filter(|p| compile(p)).count()
            })
        });
        group.bench_function("compile and explore, both models", |b| {
            b.iter(|| programs.iter().map(explore).sum::<usize>())
        });
        group.finish();
        spread(name, &texts);
    }
}

/// Prints how the time of both models, from text to outcomes, is spread over the tests.
fn spread(name: &str, texts: &[(String, String)]) {
    let mut times: Vec<(Duration, &str)> = texts
        .iter()
        .map(|(path, text)| {
            let run = || {
                let start = Instant::now();
                if let Ok(test) = parse(text)
                    && let Some(program) = program(text, &test)
                {
                    std::hint::black_box(explore(&program));
                }
                start.elapsed()
            };
            ((0..5).map(|_| run()).min().unwrap_or_default(), path.as_str())
        })
        .collect();
    times.sort();
    let at = |share: f64| times.get(((times.len() - 1) as f64 * share) as usize);
    if let (Some(median), Some(p99), Some(slowest)) = (at(0.5), at(0.99), at(1.0)) {
        println!(
            "{name}: {} tests, median {:?}, p99 {:?}, slowest {:?} ({})",
            times.len(),
            median.0,
            p99.0,
            slowest.0,
            slowest.1
        );
    }
}

criterion_group!(benches, phases);
criterion_main!(benches);
