//! Explains the states of a test's condition: `axiomatic_explain FILE rvwmo|ztso`.
//! With a folder: explains every state that Ztso forbids and RVWMO allows, and every state of a
//! condition that is forbidden, and checks all evidence.
#![allow(clippy::print_stdout, clippy::print_stderr)] // a program for the terminal

use std::path::Path;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use rvlitmus::axiomatic::check;
use rvlitmus::axiomatic::explain::{Explainer, Explanation};
use rvlitmus::axiomatic::outcomes;
use rvlitmus::axiomatic::picture::Picture;
use rvlitmus::litmus::{LineIndex, parse};
use rvlitmus::model::{MemoryModel, Options};
use rvlitmus::program::{FinalState, Program, full_hart, link};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [path, model, out] = &arguments[..] {
        return draw(Path::new(path), model, Path::new(out));
    }
    let [path, model] = &arguments[..] else {
        anyhow::bail!("usage: axiomatic_explain FILE|FOLDER MODEL");
    };
    let model = if model == "ztso" { MemoryModel::Ztso } else { MemoryModel::Rvwmo };
    if Path::new(path).is_file() {
        print!("{}", one(Path::new(path), model).map_err(anyhow::Error::msg)?.text);
        return Ok(());
    }
    let files: Vec<_> = walkdir::WalkDir::new(path)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path)
        .filter(|p| p.extension().is_some_and(|e| e == "litmus"))
        .collect();
    let results: Vec<_> = files
        .par_iter()
        .map(|file| {
            let start = Instant::now();
            let result = one(file, model);
            (file, result, start.elapsed())
        })
        .collect();
    let mut total = Counts::default();
    for (file, result, time) in &results {
        match result {
            Ok(report) => total.add(&report.counts),
            Err(error) => println!("{}: {error}", file.display()),
        }
        if *time > Duration::from_secs(3) {
            println!("{}: {time:?}", file.display());
        }
    }
    println!("{} files: {total:?}", files.len());
    Ok(())
}

/// Draws the first state of the condition.
fn draw(path: &Path, model: &str, out: &Path) -> anyhow::Result<()> {
    let model = if model == "ztso" { MemoryModel::Ztso } else { MemoryModel::Rvwmo };
    let text = std::fs::read_to_string(path)?;
    let test = parse(&text).map_err(|e| anyhow::anyhow!("{e}"))?;
    let program = link(&test, &LineIndex::new(&text), |_| full_hart(model))
        .map_err(|e| anyhow::anyhow!("{e}"))?;
    let models = vec![model; program.harts.len()];
    let options = Options::default();
    let explainer = Explainer::new(&program, &models, &options, &|| false)?;
    let condition = program.condition.as_ref();
    let keep = |state: &FinalState| condition.is_none_or(|c| c.holds(state));
    let states = explainer.states(&keep, &|| false)?.unwrap_or_default();
    let Some(state) = states.first() else { anyhow::bail!("no state") };
    let words = explainer.words();
    let title = format!("{}: {}", test.name, show(&program, state));
    let picture = match explainer.explain(state, &|| false)? {
        Explanation::Allowed(witness) => {
            Picture::of_witness(&format!("{title} is allowed"), &words, &witness)
        }
        Explanation::Forbidden { reasons, .. } => {
            Picture::of_refutation(&format!("{title} is forbidden"), &words, &reasons[0].example)
        }
        Explanation::NoExecution => anyhow::bail!("no execution"),
    };
    std::fs::write(out.with_extension("svg"), picture.svg())?;
    std::fs::write(out.with_extension("dot"), picture.dot())?;
    Ok(())
}

#[derive(Default, Debug)]
struct Counts {
    allowed: usize,
    forbidden: usize,
    reasons: usize,
    truncated: usize,
    no_execution: usize,
    empty_conditions: usize,
    too_many: usize,
}

impl Counts {
    fn add(&mut self, other: &Counts) {
        self.allowed += other.allowed;
        self.forbidden += other.forbidden;
        self.reasons += other.reasons;
        self.truncated += other.truncated;
        self.no_execution += other.no_execution;
        self.empty_conditions += other.empty_conditions;
        self.too_many += other.too_many;
    }
}

struct Report {
    text: String,
    counts: Counts,
}

fn one(path: &Path, model: MemoryModel) -> Result<Report, String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    let test = parse(&text).map_err(|e| e.to_string())?;
    let program =
        link(&test, &LineIndex::new(&text), |_| full_hart(model)).map_err(|e| e.to_string())?;
    let models = vec![model; program.harts.len()];
    let options = Options::default();
    let never = || false;
    let found = outcomes(&program, &models, &options, &never).map_err(|e| e.to_string())?;
    let explainer =
        Explainer::new(&program, &models, &options, &never).map_err(|e| e.to_string())?;
    let mut counts = Counts::default();
    let condition = program.condition.as_ref();
    let keep = |state: &FinalState| condition.is_none_or(|c| c.holds(state));
    let mut states = match explainer.states(&keep, &never).map_err(|e| e.to_string())? {
        Some(states) => states,
        None => {
            counts.too_many += 1;
            found.states.iter().filter(|s| keep(s)).cloned().collect()
        }
    };
    if states.is_empty() {
        counts.empty_conditions += 1;
    }
    if model == MemoryModel::Ztso {
        let rvwmo = vec![MemoryModel::Rvwmo; program.harts.len()];
        let weaker = outcomes(&program, &rvwmo, &options, &never).map_err(|e| e.to_string())?;
        states.extend(weaker.states.into_iter().filter(|s| !found.states.contains(s)));
        states.sort();
        states.dedup();
    }
    let mut text = String::new();
    let words = explainer.words();
    for state in &states {
        let explanation = explainer.explain(state, &never).map_err(|e| e.to_string())?;
        let reached = found.states.contains(state);
        match &explanation {
            Explanation::Allowed(witness) => {
                counts.allowed += 1;
                if !reached {
                    return Err("allowed, but not an outcome".to_string());
                }
                check::witness(&program, &options, witness).map_err(|e| e.to_string())?;
            }
            Explanation::Forbidden { reasons, exhaustive } => {
                counts.forbidden += 1;
                counts.reasons += reasons.len();
                counts.truncated += usize::from(!exhaustive);
                for reason in reasons {
                    check::refutation(&program, &options, &reason.example)
                        .map_err(|e| e.to_string())?;
                    text.push_str(&format!("{}\n", words.short(&reason.example)));
                }
                if reasons.is_empty() {
                    return Err("forbidden without a reason".to_string());
                }
            }
            Explanation::NoExecution => counts.no_execution += 1,
        }
        let filtered = program.filter.as_ref().is_some_and(|f| !f.holds(state));
        if reached != matches!(explanation, Explanation::Allowed(_)) && !filtered {
            return Err(format!("{} disagrees with the outcomes", show(&program, state)));
        }
        text.push_str(&format!("{}: {}\n", show(&program, state), words.text(&explanation)));
    }
    Ok(Report { text, counts })
}

fn show(program: &Program, state: &FinalState) -> String {
    let values: Vec<String> = program
        .observed
        .iter()
        .zip(state)
        .map(|(observed, value)| format!("{}={}", observed.place, *value as i64))
        .collect();
    values.join("; ")
}
