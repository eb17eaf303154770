//! The command line as clap reads it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::advise::{ADVISE_EXAMPLES, AdviseArgs};
use super::emit::{EMIT_HELP, EmitArgs};
use super::explain::ExplainArgs;
use super::family::{FAMILY_HELP, FamilyArgs};
use super::generate::{GENERATE_HELP, GenerateArgs};
use super::host::HOST_HELP;
use super::lower::{LOWER_HELP, LowerArgs};
use super::measure::{MEASURE_HELP, MeasureArgs};
use super::migrate::{MIGRATE_EXIT, MigrateArgs};
use super::onereg::{ONEREG_EXIT, OneregCommand};
use super::port::{PORT_HELP, PortArgs};
use super::rules::RulesArgs;
use super::serve::{SERVE_EXAMPLES, ServeArgs};
use super::shared_args::{
    BatchArgs, ColorWhen, ForceArg, LimitArgs, MachineArgs, ModelArgs, OutputArgs, SemanticsArgs,
    ShardArgs, TestArgs,
};
use crate::report::{ComparisonFormat, Format};

const EXIT_CODES: &str = "\
Exit code:
  0  everything was run and is as expected
  1  an outcome differs from what was expected
  2  something could not be run, or not be decided";

const STATUSES: &str = "\
Status of a test:
  complete             every final state was found; with the warning that
                       states were told apart by fingerprints, but for a
                       chance below 1e-20: more --memory makes it certain
  decided              it is known whether the condition holds: --decide,
                       and large tests with --brief, --strict, in junit
  bounded              a loop was cut: see --unroll
  no-execution         no execution ends, or none passes the filter
  timeout              --timeout ended it
  memory-limit         --memory or --run-memory ended it
  parse-error          the file cannot be read or is no litmus test
  unsupported          it asks for something that this program does not do
  too-large            it has more paths or operations than an engine holds
  illegal-instruction  a hart lacks the extension of an instruction
  fault                an execution leaves the model: a bad address, a bad jump
  internal-error       a defect of this program";

const RUN_EXAMPLES: &str = "\
Examples:
  rvlitmus run litmus                        every test below a directory, both models
  rvlitmus run --brief @all                  one line for each test of a list
  rvlitmus run --model ztso --format herd -  standard input, as a herd7 log
  rvlitmus run --format jsonl -o out.jsonl --timeout 60 tests
  rvlitmus run --resume out.jsonl --timeout 60 tests      go on where a run was killed
  rvlitmus run --include 'uses:zacas,harts>=2' litmus     only some of the tests
  rvlitmus run --shard 2/7 --resume shard-2.jsonl tests   one part of seven, on one machine of seven
  rvlitmus run --decide --timeout 60 tests   does the condition hold? One state that shows it
  rvlitmus run --observed board.log --model rvwmo tests   may hardware have done that?";

const COMPARE_EXAMPLES: &str = "\
Examples:
  rvlitmus compare report.jsonl herd7.log               the same tests, the same states?
  rvlitmus compare --model ztso board.log report.jsonl  does hardware show what Ztso forbids?
  rvlitmus compare --model rvwmo,ztso run.jsonl run.jsonl";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  rvlitmus explain litmus/mp/MP.litmus       the states of its condition, under RVWMO and Ztso
  rvlitmus explain --state '1:x6=1; 1:x7=0' --model ztso MP.litmus
  rvlitmus explain --model rvwmo,ztso,sc --svg sb.svg litmus/sb/SB.litmus";

const REPORT_EXAMPLES: &str = "\
Examples:
  rvlitmus report run.jsonl --format markdown -o run.md
  rvlitmus report --merge shard-*.jsonl --format jsonl -o whole.jsonl    all shards of one run
  rvlitmus report a.jsonl b.jsonl --format jsonl -o both.jsonl    a test in two of them counts once

The same test with two different answers is an error that shows both; nothing is written then.";

const COMPLETIONS_HELP: &str = "\
Examples:
  rvlitmus completions bash > ~/.local/share/bash-completion/completions/rvlitmus
  rvlitmus completions zsh > ~/.zfunc/_rvlitmus                 a folder of $fpath
  rvlitmus completions fish > ~/.config/fish/completions/rvlitmus.fish";

/// Every outcome of RISC-V litmus tests, RVWMO beside Ztso.
#[derive(Debug, Parser)]
#[command(name = "rvlitmus", version, max_term_width = 100, after_help = EXIT_CODES)]
#[command(disable_help_subcommand = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run tests under RVWMO and Ztso, side by side
    #[command(after_help = format!("{RUN_EXAMPLES}\n\n{STATUSES}\n\n{EXIT_CODES}"))]
    Run(RunArgs),
    /// Say why states are allowed or forbidden, rule by rule of the manual
    #[command(after_help = format!("{EXPLAIN_EXAMPLES}\n\n{EXIT_CODES}"))]
    Explain(ExplainArgs),
    /// Say which fences and annotations are needed, and which would forbid an outcome
    #[command(after_help = format!("{ADVISE_EXAMPLES}\n\n{EXIT_CODES}"))]
    Advise(AdviseArgs),
    /// Remove each rule of the models in turn: which tests change?
    #[command(after_help = EXIT_CODES)]
    Rules(RulesArgs),
    /// Keep reviewed answers as text, and compare with them in CI
    #[command(subcommand)]
    Snapshot(SnapshotCommand),
    /// Read, set and replay registers of the ONE_REG interface
    #[command(subcommand, after_help = ONEREG_EXIT)]
    Onereg(OneregCommand),
    /// Check whether a VM can move to another host, and what its guest could see there
    #[command(after_help = format!("{HOST_HELP}\n\n{MIGRATE_EXIT}"))]
    Migrate(MigrateArgs),
    /// Check mapping tables from x86 to RISC-V: are they right, and what does Ztso save?
    #[command(after_help = format!("{PORT_HELP}\n\n{EXIT_CODES}"))]
    Port(PortArgs),
    /// Make tests of RISC-V of tests of x86, by a mapping table
    #[command(after_help = format!("{LOWER_HELP}\n\n{EXIT_CODES}"))]
    Lower(LowerArgs),
    /// Write a C program that runs tests on hardware, in an emulator or in a guest, and checks itself
    #[command(after_help = EMIT_HELP)]
    Emit(EmitArgs),
    /// Convert finished reports to another format, and merge several
    #[command(after_help = format!("{REPORT_EXAMPLES}\n\n{EXIT_CODES}"))]
    Report(ReportArgs),
    /// Serve a page to try tests in: type, and see what every machine answers
    #[command(after_help = format!("{SERVE_EXAMPLES}\n\n{EXIT_CODES}"))]
    Serve(ServeArgs),
    /// Compare results: reports of this program, logs of herd7, rmem and isla, litmus7 on hardware
    #[command(after_help = format!("{COMPARE_EXAMPLES}\n\n{EXIT_CODES}"))]
    Compare(CompareArgs),
    /// Make tests: by the names of cycles, or every minimal test that tells two models apart
    #[command(after_help = format!("{GENERATE_HELP}\n\n{EXIT_CODES}"))]
    Generate(GenerateArgs),
    /// Print a test of a family that grows: any number of harts, readers, writers or words
    #[command(after_help = FAMILY_HELP)]
    Family(FamilyArgs),
    /// Measure how the cost of a test grows with its size
    #[command(after_help = MEASURE_HELP)]
    Measure(MeasureArgs),
    /// Print the JSON Schema of the formats `json` and `jsonl`, of explanations, of
    /// comparisons, of advice, of migrations, of registers, of VM files, or of transcripts
    Schema(SchemaArgs),
    /// Print the script by which a shell completes arguments of this program
    #[command(after_help = COMPLETIONS_HELP)]
    Completions(CompletionsArgs),
    /// Print the manual page of this program, or write one for each command
    Man(ManArgs),
    /// Print the help of a command, or with `isa` every instruction: operands, sources, order
    Help(HelpArgs),
}

#[derive(Debug, Args)]
pub(super) struct HelpArgs {
    /// A command, or `isa`
    #[arg(value_name = "COMMAND|isa")]
    pub(super) topic: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(super) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Write a page for each command to this folder: rvlitmus.1, rvlitmus-run.1, ...
    #[arg(long, short, value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
    #[command(flatten)]
    pub(super) force: ForceArg,
}

#[derive(Debug, Args)]
#[group(multiple = false)]
pub(super) struct SchemaArgs {
    /// The schema of VM files
    #[arg(long)]
    pub(super) vm: bool,
    /// The schema of what `explain --format json` prints
    #[arg(long)]
    pub(super) explanation: bool,
    /// The schema of `rvlitmus compare --format json`
    #[arg(long)]
    pub(super) comparison: bool,
    /// The schema of `rvlitmus advise --format json`
    #[arg(long)]
    pub(super) advice: bool,
    /// The schema of recorded transcripts of real kernels
    #[arg(long)]
    pub(super) transcript: bool,
    /// The schema of `rvlitmus migrate --format json`
    #[arg(long)]
    pub(super) migration: bool,
    /// The schema of `rvlitmus onereg list --json` and `onereg ids --json`
    #[arg(long)]
    pub(super) registers: bool,
}

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    pub(super) tests: TestArgs,
    #[command(flatten)]
    pub(super) shards: ShardArgs,
    #[command(flatten)]
    pub(super) models: ModelArgs,
    #[command(flatten)]
    pub(super) semantics: SemanticsArgs,
    #[command(flatten)]
    pub(super) limits: LimitArgs,
    #[command(flatten)]
    pub(super) machine: MachineArgs,
    #[command(flatten)]
    pub(super) batch: BatchArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    /// Decide whether the condition holds, and look for no more: one state that shows it, found as fast with
    /// thousands of millions of states as with ten. `explain --decide` shows the execution, or why there is none
    #[arg(long)]
    pub(super) decide: bool,
    /// Check the states of this log of hardware, RTL or another tool, or of a report, and no others: may each model reach
    /// them? Printed as `compare` does; 1 is the exit code where a model forbids what was seen
    #[arg(long, value_name = "LOG",
          conflicts_with_all = ["decide", "strict", "shard", "balance", "resume", "cache", "cache_from", "deadline", "details", "stats", "brief", "github"])]
    pub(super) observed: Option<PathBuf>,
    /// Exit with 1 when a `~exists` or `forall` does not hold under one of the models. Without --format, of large tests
    /// it is found whether the condition holds, not all states
    #[arg(long)]
    pub(super) strict: bool,
    /// What becomes of warnings about slips in the tests, such as a register that is never written
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    pub(super) warnings: Warnings,
    /// Print annotations of GitHub workflows on standard error, too: mistakes at their places, and claims that
    /// do not hold, which with --strict are errors and otherwise warnings
    #[arg(long)]
    pub(super) github: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(super) enum Warnings {
    /// They are shown
    #[default]
    Show,
    /// They are shown, and the exit code is 2
    Deny,
    /// They are left out
    Hide,
}

#[derive(Debug, Subcommand)]
pub(super) enum SnapshotCommand {
    /// Run the tests of a directory and compare their answers with the reviewed ones
    #[command(after_help = EXIT_CODES)]
    Check(SnapshotArgs),
    /// Write the answers of a directory's tests, to be reviewed and committed
    Update(SnapshotArgs),
}

#[derive(Debug, Args)]
pub(super) struct SnapshotArgs {
    /// Directory to search for *.litmus
    pub(super) dir: String,
    /// Directory of the reviewed answers, one text file for each folder of tests
    #[arg(long, value_name = "SNAP")]
    pub(super) snapshots: PathBuf,
    /// Print differences as annotations of GitHub workflows, too
    #[arg(long)]
    pub(super) github: bool,
    #[command(flatten)]
    pub(super) models: ModelArgs,
    #[command(flatten)]
    pub(super) semantics: SemanticsArgs,
    #[command(flatten)]
    pub(super) limits: LimitArgs,
    #[command(flatten)]
    pub(super) batch: BatchArgs,
    #[command(flatten)]
    pub(super) force: ForceArg,
}

#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// Reports in the formats jsonl or json, or - for standard input
    #[arg(required = true, value_name = "REPORT|-")]
    pub(super) reports: Vec<PathBuf>,
    /// The reports are all shards of one run (`run --shard`), in any order: make the report of the whole
    /// run. One that is missing, double or of another run is named, and nothing is written
    #[arg(long)]
    pub(super) merge: bool,
    /// Format of the result
    #[arg(long, short, value_enum, default_value_t)]
    pub(super) format: Format,
    /// Write the result to a file, or - for standard output
    #[arg(long, short, value_name = "FILE|-")]
    pub(super) output: Option<PathBuf>,
    /// The machines whose answers are kept, in this order; without it all
    #[arg(long, value_name = "MODEL[,MODEL]", value_delimiter = ',',
          value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(super) model: Vec<String>,
    #[command(flatten)]
    pub(super) force: ForceArg,
    /// One line per test (formats table and markdown)
    #[arg(long, short)]
    pub(super) brief: bool,
    /// Colour in the table
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub(super) color: ColorWhen,
}

#[derive(Debug, Args)]
pub(super) struct CompareArgs {
    /// A report in the formats json or jsonl, a log of herd7, litmus7 or rmem, verdicts of isla-axiomatic
    pub(super) a: PathBuf,
    /// Another
    pub(super) b: PathBuf,
    /// Which model's states of a report are compared; with two, one for each side
    #[arg(long, value_name = "MODEL[,MODEL]", value_delimiter = ',', default_value = "rvwmo",
          value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(super) model: Vec<String>,
    /// Exit with 1 when a test is on one side only, or is another test of the same name there
    #[arg(long)]
    pub(super) same_tests: bool,
    /// Format of the comparison
    #[arg(long, short, value_enum, default_value_t)]
    pub(super) format: ComparisonFormat,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }
}
