//! `rvlitmus help`: a command, or every instruction.

use std::ffi::OsString;

use anyhow::bail;
use clap::{CommandFactory, Parser};

use super::args::Cli;
use super::exit::Outcome;
use super::output;
use rvlitmus_core::arch::riscv::reference_text;

/// What `rvlitmus help isa` is to `rvlitmus help COMMAND`.
const ISA: &str = "isa";

/// Lets `--help isa` be another spelling of `help isa`: clap ends at `--help`, whatever follows.
pub(super) fn spelled_out(mut arguments: Vec<OsString>) -> Vec<OsString> {
    let asks = arguments.get(1).is_some_and(|first| first == "--help" || first == "-h");
    if asks && arguments.len() > 2 {
        arguments[1] = "help".into();
    }
    arguments
}

/// Prints the help of a command or of its subcommand, or the table of instructions.
///
/// # Errors
/// There is no such topic, or standard output cannot be written.
pub(super) fn help(topic: &[String]) -> anyhow::Result<Outcome> {
    if topic == [ISA] {
        return output::print(&reference_text());
    }
    let cli = Cli::command();
    let mut command = &cli;
    for name in topic {
        let Some(found) = command.find_subcommand(name) else {
            bail!("there is no help on `{}`: name a command, or `{ISA}`", topic.join(" "));
        };
        command = found;
    }
    let asked = ["rvlitmus"].into_iter().chain(topic.iter().map(String::as_str)).chain(["--help"]);
    match Cli::try_parse_from(asked) {
        Ok(_) => Ok(Outcome::AsExpected),
        Err(text) => output::print_clap(&text),
    }
}
