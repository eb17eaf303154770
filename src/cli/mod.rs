//! Arguments, plan, exit code: the only room that knows the terminal.
//!
//! [`args`] is what clap reads; [`plan`] turns it into one value that says everything a command does;
//! each command is a file; [`exit`] alone decides exit codes. Messages go to standard error, each
//! starting with `rvlitmus: `; standard output carries results and nothing else.

mod advise;
mod args;
mod shared_args;

mod cache;
mod collect;
mod compare;
mod duplicate_names;
mod emit;
mod exit;
mod explain;
mod family;
mod gather;
mod generate;
mod github;
mod help;
mod host;
mod line_writer;
mod lower;
mod measure;
mod merge;
mod migrate;
mod observed;
mod onereg;
mod onereg_ids;
mod onereg_vmm;
mod output;
mod plan;
mod port;
mod progress;
mod report;
mod report_file;
mod results;
mod resume;
mod rules;
mod run;
mod serve;
mod shells;
mod snapshot;
mod stats;
mod stop;
mod threads;
mod values;

use std::io::Write;
use std::process::ExitCode;

use anyhow::Context;
use clap::Parser;

use args::{Cli, Command, SchemaArgs};
use exit::Outcome;
use rvlitmus_core::litmus::visible_lines;

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    let outcome = match Cli::try_parse_from(help::spelled_out(std::env::args_os().collect())) {
        Ok(cli) => run_command(cli.command),
        Err(error) if error.use_stderr() => {
            // It quotes arguments, whatever they hold.
            output::say(&visible_lines(&error.to_string()));
            Ok(Outcome::NotRun)
        }
        Err(text) => output::print_clap(&text),
    };
    match outcome {
        Ok(outcome) => outcome.into(),
        Err(error) => Outcome::of_error(&error).into(),
    }
}

fn run_command(command: Command) -> anyhow::Result<Outcome> {
    match command {
        Command::Run(args) => run::run(&args),
        Command::Advise(args) => advise::advise(&args),
        Command::Lower(args) => lower::lower(&args),
        Command::Emit(args) => emit::emit(&args),
        Command::Port(args) => port::port(&args),
        Command::Rules(args) => rules::rules(&args),
        Command::Explain(args) => explain::explain(&args),
        Command::Compare(args) => compare::compare(&args),
        Command::Report(args) => report::report(&args),
        Command::Serve(args) => serve::serve(&args),
        Command::Snapshot(command) => snapshot::snapshot(&command),
        Command::Onereg(command) => to_stdout(|out| onereg::run(&command, out)),
        Command::Migrate(args) => to_stdout(|out| migrate::run(&args, out)),
        Command::Family(args) => family::run(&args),
        Command::Generate(args) => generate::generate(&args),
        Command::Measure(args) => measure::run(&args),
        Command::Completions(args) => shells::completions(args.shell),
        Command::Man(args) => shells::man(&args),
        Command::Help(args) => help::help(&args.topic),
        Command::Schema(args) => output::print(&schema(&args)),
    }
}

/// Gives a command standard output to write to.
fn to_stdout(
    command: impl FnOnce(&mut dyn Write) -> anyhow::Result<Outcome>,
) -> anyhow::Result<Outcome> {
    let mut out = output::buffered(std::io::stdout());
    let outcome = command(&mut out)?;
    out.flush().context("standard output cannot be written")?;
    Ok(outcome)
}

fn schema(args: &SchemaArgs) -> String {
    let schema = match args {
        SchemaArgs { vm: true, .. } => return rvlitmus_onereg::VmSpec::schema(),
        SchemaArgs { transcript: true, .. } => return rvlitmus_onereg::Recording::schema(),
        SchemaArgs { migration: true, .. } => crate::report::migration_schema(),
        SchemaArgs { registers: true, .. } => crate::report::registers_schema(),
        SchemaArgs { explanation: true, .. } => crate::report::explanation_schema(),
        SchemaArgs { advice: true, .. } => crate::report::advice_schema(),
        SchemaArgs { comparison: true, .. } => crate::report::comparison_schema(),
        _ => crate::report::schema(),
    };
    format!("{schema:#}\n")
}
