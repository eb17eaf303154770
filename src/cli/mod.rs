//! Arguments, plan, exit code: the only room that knows the terminal.
//!
//! [`args`] is what clap reads; [`plan`] turns it into one value that says everything a command does;
//! each command is a file; [`exit`] alone decides exit codes. Messages go to standard error, each
//! starting with `rvlitmus: `; standard output carries results and nothing else.

mod args;
mod collect;
mod exit;
mod output;
mod plan;
mod progress;
mod run;
mod snapshot;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};
use exit::Outcome;

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        Command::Run(args) => run::run(&args),
        Command::Snapshot(command) => snapshot::snapshot(&command),
        Command::Schema => output::print(&schema_text()),
    };
    match outcome {
        Ok(outcome) => outcome.into(),
        Err(error) if output::is_broken_pipe(&error) => Outcome::AsExpected.into(),
        Err(error) => {
            output::complain(&format!("{error:#}"));
            Outcome::NotRun.into()
        }
    }
}

fn schema_text() -> String {
    format!("{:#}\n", crate::report::schema())
}
