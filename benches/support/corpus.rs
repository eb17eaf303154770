//! The road of all tests of a corpus, phase by phase.

use std::path::{Path, PathBuf};

use rvlitmus::report::{Detail, Format, Renderer};
use rvlitmus::results::TestReport;
use rvlitmus::run::{Found, Setup, Source, find, run_test};
use rvlitmus_core::litmus::{LineIndex, Test, parse};
use rvlitmus_core::model::{BaseModel, Options};
use rvlitmus_core::operational::{Buffers, Explorer, Limits, Reductions, Workspace};
use rvlitmus_core::program::{Program, full_hart, link};

use super::Work;

/// The files of one corpus, read once. Leaked: a benchmark lives as long as its process.
#[derive(Clone, Copy)]
pub(crate) struct Corpus {
    pub(crate) name: &'static str,
    pub(crate) folder: &'static Path,
    texts: &'static [(Source, String)],
}

const FORMATS: [(Format, &str); 6] = [
    (Format::Table, "table"),
    (Format::Herd, "herd"),
    (Format::Jsonl, "jsonl"),
    (Format::Markdown, "markdown"),
    (Format::Junit, "junit"),
    (Format::Csv, "csv"),
];

/// This project's own tests.
pub(crate) fn own() -> Corpus {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("litmus");
    Corpus::read("litmus", folder).expect("litmus/ is part of the project")
}

/// The public corpus, below `RVLITMUS_SHARED` or `../shared`, where it is there.
pub(crate) fn public() -> Option<Corpus> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("RVLITMUS_SHARED").map_or_else(beside, PathBuf::from);
    Corpus::read("public", shared.join("corpus/riscv"))
}

impl Corpus {
    fn read(name: &'static str, folder: PathBuf) -> Option<Corpus> {
        if !folder.is_dir() {
            println!("skipped: {name}, no {}", folder.display());
            return None;
        }
        let arguments = [folder.display().to_string()];
        let texts = find(&arguments, &std::sync::Arc::default())
            .filter_map(|found| match found {
                Found::Test(source) => Some(source),
                Found::Error(_) => None,
            })
            .map(|source| {
                let bytes = std::fs::read(folder.join(&source.shown)).expect("it was found");
                let text = String::from_utf8_lossy(&bytes).into_owned();
                (source, text)
            });
        let texts = texts.collect::<Vec<_>>().leak();
        Some(Corpus { name, folder: Box::leak(folder.into_boxed_path()), texts })
    }

    fn tests(self) -> impl Iterator<Item = (&'static str, Test)> {
        self.texts.iter().filter_map(|(_, text)| Some((text.as_str(), parse(text).ok()?)))
    }

    fn programs(self) -> &'static [Program] {
        let programs = self.tests().filter_map(|(text, test)| linked(text, &test));
        programs.collect::<Vec<_>>().leak()
    }

    fn reports(self) -> Vec<TestReport> {
        let setup = Setup::default();
        self.texts.iter().map(|(source, _)| run_test(source, &setup).report).collect()
    }

    /// From text to outcomes under both models.
    pub(crate) fn engine_work(self) -> Vec<Work> {
        let texts = self.texts;
        vec![
            Work::new("parse", move || {
                move || texts.iter().filter(|(_, text)| parse(text).is_ok()).count()
            }),
            Work::new("link", move || {
                let tests: Vec<(&str, Test)> = self.tests().collect();
                move || tests.iter().filter_map(|(text, test)| linked(text, test)).count()
            }),
            Work::new("compile", move || {
                let programs = self.programs();
                let mut buffers = Buffers::default();
                move || programs.iter().filter(|program| recompiled(program, &mut buffers)).count()
            }),
            Work::new("explore", move || {
                let programs = self.programs();
                let ready = |p: &'static Program| Some((p.harts.len(), compiled(p)?));
                let mut explorers: Vec<_> = programs.iter().filter_map(ready).collect();
                move || {
                    let both = |(harts, explorer): &mut (usize, Explorer<'_>)| {
                        explored(explorer, BaseModel::Rvwmo, *harts)
                            + explored(explorer, BaseModel::Ztso, *harts)
                    };
                    explorers.iter_mut().map(both).sum()
                }
            }),
        ]
    }

    /// Reports to bytes, in every format.
    pub(crate) fn print_work(self) -> Vec<Work> {
        let work = |(format, name): &(Format, &str)| {
            let renderer = Renderer { format: *format, detail: Detail::States, color: false };
            Work::new(format!("print {name}"), move || {
                let reports = self.reports();
                move || {
                    reports
                        .iter()
                        .map(|report| renderer.piece(report.clone(), Vec::new()).size())
                        .sum()
                }
            })
        };
        FORMATS.iter().map(work).collect()
    }

    /// The whole road of every test on one thread, from file to a line of JSON, both models.
    pub(crate) fn whole_work(self) -> Work {
        let texts = self.texts;
        Work::new("whole", move || {
            let renderer = Renderer { format: Format::Jsonl, detail: Detail::States, color: false };
            move || {
                let setup = Setup::default();
                let sources = texts.iter().map(|(source, _)| source);
                sources.map(|s| renderer.piece(run_test(s, &setup).report, Vec::new()).size()).sum()
            }
        })
    }
}

fn linked(text: &str, test: &Test) -> Option<Program> {
    link(test, &LineIndex::new(text), |_| full_hart(BaseModel::Rvwmo)).ok()
}

pub(crate) fn compiled(program: &Program) -> Option<Explorer<'_>> {
    Explorer::new(program, &Options::default(), Reductions::ALL, Workspace::default()).ok()
}

/// Compiles a program with the allocations of the one before.
fn recompiled(program: &Program, buffers: &mut Buffers) -> bool {
    let workspace = Workspace { known: None, buffers: std::mem::take(buffers) };
    let explorer = Explorer::new(program, &Options::default(), Reductions::ALL, workspace);
    explorer.map(|explorer| *buffers = explorer.into_buffers()).is_ok()
}

/// The number of outcomes.
pub(crate) fn explored(explorer: &mut Explorer<'_>, model: BaseModel, harts: usize) -> usize {
    let outcomes = explorer.outcomes(&vec![model; harts], Limits::default());
    outcomes.map_or(0, |outcomes| outcomes.states.len())
}
