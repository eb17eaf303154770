//! Where time goes: each phase of a corpus, every format, the scaling families, whole processes.
//!
//! Corpora are `litmus/`, and the public one where it is there. `cargo bench -- --test` does everything
//! once and judges nothing; `cargo run --release --example baseline` compares with recorded figures.

mod support;

use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};

use criterion::{Criterion, criterion_group, criterion_main};

use support::{Work, families, own, public};

fn group(criterion: &mut Criterion, name: &str, work: Vec<Work>) {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10);
    for work in work {
        let mut run = work.prepare();
        group.bench_function(work.name, |bencher| bencher.iter(|| black_box(run())));
    }
    group.finish();
}

fn phases(criterion: &mut Criterion) {
    for corpus in [Some(own()), public()].into_iter().flatten() {
        let mut work = corpus.engine_work();
        work.push(corpus.whole_work());
        group(criterion, corpus.name, work);
    }
    group(criterion, "print", own().print_work());
}

fn scaling(criterion: &mut Criterion) {
    group(criterion, "families", families());
}

/// From the start of a process to its end, files and all.
fn processes(criterion: &mut Criterion) {
    let test = Path::new(env!("CARGO_MANIFEST_DIR")).join("litmus/mp/MP.litmus");
    let mut work = vec![process("start, one test", 1, &test)];
    for corpus in [Some(own()), public()].into_iter().flatten() {
        for jobs in [1, 2] {
            work.push(process(&format!("{}, {jobs} jobs", corpus.name), jobs, corpus.folder));
        }
    }
    group(criterion, "process", work);
}

fn process(name: &str, jobs: usize, tests: &Path) -> Work {
    let tests = tests.to_owned();
    Work::new(name, move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rvlitmus"));
        command.args(["run", "--format", "jsonl", "--jobs", &jobs.to_string()]).arg(&tests);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        move || usize::from(command.status().expect("it is built").success())
    })
}

criterion_group!(benches, phases, scaling, processes);
criterion_main!(benches);
