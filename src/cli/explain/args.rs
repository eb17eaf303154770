//! What `rvlitmus explain` is asked.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::shared_args::{
    ForceArg, LimitArgs, MachineArgs, ModelArgs, SemanticsArgs, TestArgs,
};
use crate::cli::values::file;

#[derive(Debug, Args)]
pub(in crate::cli) struct ExplainArgs {
    #[command(flatten)]
    pub(in crate::cli) tests: TestArgs,
    /// The state to explain, all of `1:x5=1; 1:x7=0`; any proposition of the litmus language will do
    /// [default: the states of the test's condition]
    #[arg(long, short, value_name = "STATE")]
    pub(in crate::cli) state: Option<String>,
    /// Most states to explain for one test, those that models disagree on first
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    pub(in crate::cli) most: u16,
    /// Look for one state of those asked for, not for all: found as fast with thousands of millions of states
    /// as with ten
    #[arg(long)]
    pub(in crate::cli) decide: bool,
    #[command(flatten)]
    pub(in crate::cli) models: ModelArgs,
    #[command(flatten)]
    pub(in crate::cli) semantics: SemanticsArgs,
    #[command(flatten)]
    pub(in crate::cli) limits: LimitArgs,
    #[command(flatten)]
    pub(in crate::cli) machine: MachineArgs,
    /// Format of the explanations
    #[arg(long, short, value_enum, default_value_t, help_heading = "Output")]
    pub(in crate::cli) format: ExplainFormat,
    /// Write the explanations to a file, or - for standard output
    #[arg(long, short, value_name = "FILE|-", help_heading = "Output")]
    pub(in crate::cli) output: Option<PathBuf>,
    /// Draw the executions: Scalable Vector Graphics, for a browser
    #[arg(long, value_name = "FILE", value_parser = file(), help_heading = "Output")]
    pub(in crate::cli) svg: Option<PathBuf>,
    /// Draw the executions: the language of Graphviz
    #[arg(long, value_name = "FILE", value_parser = file(), help_heading = "Output")]
    pub(in crate::cli) dot: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) force: ForceArg,
}

/// What explanations are printed as.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(in crate::cli) enum ExplainFormat {
    /// For people
    #[default]
    Text,
    /// One JSON object for the run: see `rvlitmus schema --explanation`
    Json,
}
