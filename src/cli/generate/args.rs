//! The arguments of `rvlitmus generate`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueEnum};

use crate::cli::shared_args::{ForceArg, ShardArgs};
use crate::cli::values::{seconds, whole};
use rvlitmus_core::model::Model;
use rvlitmus_generate::{Alphabet, Annotations, Mode, Width};

/// What is listed below the options.
pub(in crate::cli) const GENERATE_HELP: &str = "\
Examples:
  rvlitmus generate --cycle 'Rfe Fence.r.rwdRR Fre Fence.rw.wdWW' | rvlitmus run -
  rvlitmus generate --cycle @cycles -o tests | rvlitmus run @-    every line of a file
  rvlitmus generate --edges Rfe,Fre,PodRR,PodWW,DpAddrdR --max-edges 4 --list
  rvlitmus generate --differ ztso,rvwmo --ops 4 -o ztso-adds      what Ztso adds to RVWMO
  rvlitmus generate --differ rvwmo,rvwmo-r9 --ops 4 --alphabet load,store,fence,deps --count
  rvlitmus generate --differ ztso --mode forbid --ops 4 --list    what one model forbids
  rvlitmus generate --edges Rfe,Fre,PodRR,PodWW --max-edges 6 --shard 2/7 -o part-2    a seventh of them";

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").required(true).multiple(false).args(["cycle", "edges", "differ"]))]
pub(in crate::cli) struct GenerateArgs {
    /// A cycle of diy7's edges, or @FILE with a cycle on each line; may be given several times
    #[arg(long, value_name = "CYCLE|@FILE")]
    pub(super) cycle: Vec<String>,
    /// All cycles of these edges
    #[arg(long, value_name = "EDGE,...", requires = "max_edges")]
    pub(super) edges: Option<String>,
    /// The most edges of a cycle
    #[arg(long, value_name = "N", requires = "edges", value_parser = clap::value_parser!(u8).range(2..=16))]
    pub(super) max_edges: Option<u8>,
    /// How loads and stores with annotations are written
    #[arg(long, value_enum, value_name = "HOW", default_value_t)]
    pub(super) annotations: AnnotationsArg,
    /// The type of locations and registers: diy7's -type
    #[arg(long, value_enum, value_name = "TYPE", default_value_t)]
    pub(super) r#type: TypeArg,
    /// All minimal tests that tell two models apart; one model for --mode forbid
    #[arg(long, value_name = "A,B", value_delimiter = ',', num_args = 1, requires = "ops",
          value_parser = whole::<Model>())]
    pub(super) differ: Vec<Model>,
    /// The most operations of a test, fences not counted (in mode forbid they are)
    #[arg(long, value_name = "N", requires = "differ", value_parser = clap::value_parser!(u8).range(1..=10))]
    pub(super) ops: Option<u8>,
    /// The most harts of a test [default: as many as there are operations]
    #[arg(long, value_name = "H", requires = "differ", value_parser = clap::value_parser!(u8).range(1..=10))]
    pub(super) harts: Option<u8>,
    /// What tests are made of: load, store, fence (all of them), fence.w.r and others by name, amo,
    /// lrsc, cas, zalasr, deps, sizes
    #[arg(long, value_name = "WHAT,...", default_value = "load,store,fence", value_parser = whole::<Alphabet>())]
    pub(super) alphabet: Alphabet,
    /// What tests are looked for
    #[arg(long, value_enum, value_name = "MODE", default_value_t, requires = "differ")]
    pub(super) mode: ModeArg,
    #[command(flatten)]
    pub(super) shards: ShardArgs,
    /// What the names of all tests begin with
    #[arg(long, value_name = "TEXT", value_parser = prefix, help_heading = "Output")]
    pub(super) prefix: Option<String>,
    /// Print names and cycles instead of tests
    #[arg(long, help_heading = "Output")]
    pub(super) list: bool,
    /// Print how many tests there are, by their operations and harts
    #[arg(long, help_heading = "Output", conflicts_with = "list")]
    pub(super) count: bool,
    /// Write a file for each test and manifest.json to this folder, and print the paths: a list for
    /// `rvlitmus run @-`
    #[arg(long, short, value_name = "DIR", help_heading = "Output", conflicts_with_all = ["list", "count"])]
    pub(super) output: Option<PathBuf>,
    #[command(flatten)]
    pub(super) force: ForceArg,
    /// End after this time with exit code 2; nothing is written then
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = "Limits")]
    pub(super) deadline: Option<f64>,
    /// Threads [default: one per processor]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Limits")]
    pub(super) jobs: Option<u16>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(super) enum AnnotationsArg {
    /// With Zalasr; a test that annotates an access with both, with AMOs, as the public tests have it
    #[default]
    Auto,
    /// With the loads and stores of Zalasr
    Zalasr,
    /// With AMOs: diy7's -variant AsAmo
    Amo,
}

impl From<AnnotationsArg> for Annotations {
    fn from(annotations: AnnotationsArg) -> Annotations {
        match annotations {
            AnnotationsArg::Auto => Annotations::Auto,
            AnnotationsArg::Zalasr => Annotations::Zalasr,
            AnnotationsArg::Amo => Annotations::Amo,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(super) enum TypeArg {
    /// Words
    #[default]
    #[value(name = "int")]
    Int,
    /// Double words
    #[value(name = "uint64_t")]
    Uint64,
}

impl From<TypeArg> for Width {
    fn from(r#type: TypeArg) -> Width {
        match r#type {
            TypeArg::Int => Width::Word,
            TypeArg::Uint64 => Width::Double,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(super) enum ModeArg {
    /// Tests whose states differ, and of which nothing can be left out
    #[default]
    Minimal,
    /// Tests in which one hart's order alone differs, and every other is the weakest that both have
    Isolate,
    /// Tests that one model forbids, and of which nothing can be left out
    Forbid,
}

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Mode {
        match mode {
            ModeArg::Minimal => Mode::Minimal,
            ModeArg::Isolate => Mode::Isolate,
            ModeArg::Forbid => Mode::Forbid,
        }
    }
}

/// A piece of a test's name, which is a piece of a file's name, too.
fn prefix(text: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "+-._=".contains(c);
    match text.chars().all(fits) && !text.starts_with(['.', '-']) {
        true => Ok(text.to_owned()),
        false => Err("letters, digits and +-._= may stand in it".to_owned()),
    }
}
