//! Runs the axiomatic engine over a corpus and compares every state with a file of expected ones.
//!
//! `axiomatic_corpus CORPUS EXPECTED.jsonl rvwmo|ztso ratified|rcpc [SUBSTRING]`
#![allow(clippy::print_stdout, clippy::print_stderr)] // a program for the terminal

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use rayon::prelude::*;
use rvlitmus::axiomatic;
use rvlitmus::litmus::{LineIndex, parse};
use rvlitmus::model::{MemoryModel, Options, ZalasrReading};
use rvlitmus::program::{Outcomes, Program, full_hart, link};

struct Row {
    path: String,
    time: Duration,
    work: u64,
    problem: Option<String>,
}

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [corpus, expected, model, zalasr, rest @ ..] = &arguments[..] else {
        anyhow::bail!("usage: axiomatic_corpus CORPUS EXPECTED MODEL READING [SUBSTRING]");
    };
    let model = if model == "ztso" { MemoryModel::Ztso } else { MemoryModel::Rvwmo };
    let zalasr = if zalasr == "rcpc" { ZalasrReading::Rcpc } else { ZalasrReading::Ratified };
    let options = Options { zalasr, ..Options::default() };
    let text = std::fs::read_to_string(expected)?;
    let lines: Vec<&str> =
        text.lines().filter(|l| rest.first().is_none_or(|part| l.contains(&**part))).collect();
    let mut rows: Vec<Row> = lines
        .par_iter()
        .map(|line| {
            let expected: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
            let path = expected["path"].as_str().unwrap_or_default().to_string();
            let start = Instant::now();
            let (work, problem) = match run(&Path::new(corpus).join(&path), model, &options) {
                Err(error) => (0, Some(error)),
                Ok((program, outcomes)) => {
                    (outcomes.work, compare(&program, &outcomes, &expected["states"]))
                }
            };
            let time = start.elapsed();
            if time > Duration::from_secs(5) {
                eprintln!("{path}: {time:?}");
            }
            Row { path, time, work, problem }
        })
        .collect();
    let wrong = rows.iter().filter(|r| r.problem.is_some()).count();
    for row in rows.iter().filter(|r| r.problem.is_some()).take(40) {
        println!("{}: {}", row.path, row.problem.as_deref().unwrap_or_default());
    }
    let total: Duration = rows.iter().map(|r| r.time).sum();
    println!("{} tests, {wrong} differ, {total:?} of one core", rows.len());
    rows.sort_by_key(|r| std::cmp::Reverse(r.time));
    for row in rows.iter().take(8) {
        println!("  {:?} {} candidates {}", row.time, row.work, row.path);
    }
    Ok(())
}

fn run(path: &Path, model: MemoryModel, options: &Options) -> Result<(Program, Outcomes), String> {
    let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
    let test = parse(&text).map_err(|e| format!("{e:?}"))?;
    let program =
        link(&test, &LineIndex::new(&text), |_| full_hart(model)).map_err(|e| format!("{e:?}"))?;
    let models = vec![model; program.harts.len()];
    let start = Instant::now();
    let stop = || start.elapsed() > Duration::from_secs(120);
    let outcomes =
        axiomatic::outcomes(&program, &models, options, &stop).map_err(|e| e.to_string())?;
    Ok((program, outcomes))
}

fn compare(program: &Program, found: &Outcomes, expected: &serde_json::Value) -> Option<String> {
    let expected: BTreeSet<String> = expected
        .as_array()?
        .iter()
        .filter_map(|state| state.as_object())
        .map(|state| {
            let mut parts: Vec<String> =
                state.iter().map(|(k, v)| format!("{k}={}", v.as_str().unwrap_or("?"))).collect();
            parts.sort();
            parts.join("; ")
        })
        .collect();
    let found_states: BTreeSet<String> = found
        .states
        .iter()
        .map(|state| {
            let mut parts: Vec<String> = program
                .observed
                .iter()
                .zip(state)
                .filter(|(o, _)| o.printed)
                .map(|(o, value)| {
                    let symbol = program.locations.iter().find(|l| l.address == *value);
                    let number = if o.rendering.signed() {
                        (*value as i64).to_string()
                    } else {
                        value.to_string()
                    };
                    format!("{}={}", o.place, symbol.map_or(number, |l| l.name.to_string()))
                })
                .collect();
            parts.sort();
            parts.join("; ")
        })
        .collect();
    if expected == found_states {
        return None;
    }
    let missing: Vec<&String> = expected.difference(&found_states).take(3).collect();
    let extra: Vec<&String> = found_states.difference(&expected).take(3).collect();
    Some(format!("{:?} missing {missing:?} extra {extra:?}", found.completeness))
}
