//! `rvlitmus lower`: tests of x86 as tests of RISC-V, by a map.

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::Context;
use clap::Args;

use super::exit::Outcome;
use super::gather::{Gathered, begin, beside_path, gather};
use super::output::Outputs;
use super::report::short_text;
use super::shared_args::{ForceArg, LimitArgs, SelectionArgs};
use super::{output, plan};
use crate::results::shown_path;
use crate::run::{Source, lower_test};
use rvlitmus_core::litmus::{Colour, render};
use rvlitmus_port::Map;

pub(super) const LOWER_HELP: &str = "\
Maps that are built in: ztso, fences (RVWMO by fences), zalasr (RVWMO by acquire and release), naive (as if
RISC-V were x86). `rvlitmus lower --show ztso` prints one, to be changed and given as a file.

Examples:
  rvlitmus lower --map ztso MP.litmus
  rvlitmus lower --map mine.map x86-tests -o riscv-tests";

#[derive(Debug, Args)]
pub(super) struct LowerArgs {
    /// Tests of x86: files, directories to search for *.litmus, @LIST files of such paths, or - for standard input
    #[arg(value_name = "PATH|@LIST|-", required_unless_present = "show")]
    tests: Vec<String>,
    #[command(flatten)]
    selection: SelectionArgs,
    /// What each construct of x86 becomes: the name of a map that is built in, or a file
    #[arg(long, value_name = "MAP", default_value = "ztso")]
    map: String,
    /// Print a map that is built in
    #[arg(long, value_name = "NAME", value_parser = built_in())]
    show: Option<String>,
    /// Write the test to a file, of several each to a folder
    #[arg(long, short, value_name = "FILE|DIR", help_heading = "Output")]
    output: Option<PathBuf>,
    #[command(flatten)]
    force: ForceArg,
    #[command(flatten)]
    limits: LimitArgs,
}

/// The names of the maps that are built in.
pub(super) fn built_in() -> clap::builder::PossibleValuesParser {
    Map::built_in().iter().map(|(name, _)| *name).collect::<Vec<_>>().into()
}

/// The map of a name, or of a file.
pub(super) fn map(name: &str) -> anyhow::Result<Map> {
    if let Some(map) = Map::named(name) {
        return Ok(map);
    }
    let path = Path::new(name);
    if !path.exists() {
        let names: Vec<&str> = Map::built_in().iter().map(|(name, _)| *name).collect();
        anyhow::bail!("`{name}` is neither a file nor one of the maps {}", names.join(", "));
    }
    let text = short_text(path)?;
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    Map::read(&stem.unwrap_or_default(), &text).map_err(|mistakes| {
        let shown = render(&shown_path(path).to_string(), &text, &mistakes, Colour::Never);
        anyhow::anyhow!("the map has mistakes\n{}", shown.trim_end())
    })
}

/// Prints or writes the tests.
pub(super) fn lower(args: &LowerArgs) -> anyhow::Result<Outcome> {
    if let Some(name) = &args.show {
        let shown = Map::built_in().iter().find(|(known, _)| known == name);
        return output::print(shown.map_or("", |(_, text)| text));
    }
    let map = map(&args.map)?;
    let mut setup = plan::limited(&args.limits);
    let stop = begin(&mut setup, &args.selection, &args.limits)?;
    let mut outputs = Outputs::new(&args.force).reads_tests(&args.tests, &setup.stop);
    let flag = setup.stop.clone();
    let ask = move |source: &Source| beside_path(source, lower_test(source, &setup, &map));
    let Gathered { kept: tests, mut troubles } = gather(&args.tests, &flag, ask)?;
    match (&args.output, &tests[..]) {
        (Some(folder), tests) if folder.is_dir() || tests.len() > 1 => {
            for (path, lowered) in tests {
                let path = folder.join(below(path, &args.tests));
                if let Some(parent) = path.parent() {
                    fs::create_dir_all(parent)
                        .with_context(|| format!("{} cannot be made", shown_path(parent)))?;
                }
                outputs.place(Some(&path))?.write_whole(lowered.text.as_bytes())?;
            }
        }
        (place, tests) => {
            let all: Vec<&str> = tests.iter().map(|(_, lowered)| lowered.text.as_str()).collect();
            outputs.place(place.as_ref())?.write_whole(all.join("\n").as_bytes())?;
        }
    }
    troubles += stop.complain("the tests that were finished are written");
    Ok(Outcome::of_decisions(troubles, 0))
}

/// Where a test goes below the folder of the targets: tests found in a folder are called by their path there, a
/// test that was named goes by the name of its file.
fn below<'p>(path: &'p str, named: &[String]) -> &'p Path {
    let path = Path::new(path);
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    match path.file_name() {
        Some(file) if !inside || named.iter().any(|one| Path::new(one) == path) => Path::new(file),
        _ => path,
    }
}
