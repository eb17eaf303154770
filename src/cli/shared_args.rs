//! Groups of arguments that several commands have.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::values::{file, named, power_of_two, seconds, whole};
use crate::report::Format;
use crate::results::Shard;
use crate::run::Filter;
use rvlitmus_core::arch::riscv::Base;
use rvlitmus_core::model::{FailedCas, Model, Reservation, ScFailure, ZalasrReading};
use rvlitmus_core::session::Engine;
use rvlitmus_onereg::{HartEdits, Policy};

/// What may be written over.
#[derive(Debug, Args)]
pub(super) struct ForceArg {
    /// Write over files that are no output of this program, too; never over what is read
    #[arg(long, help_heading = "Output")]
    pub(super) force: bool,
}

#[derive(Debug, Args)]
pub(super) struct TestArgs {
    /// Test files, directories to search for *.litmus, patterns such as 'tests/**/MP*', @LIST files of
    /// such paths, or - for standard input
    #[arg(required = true, value_name = "PATH|@LIST|-")]
    pub(super) tests: Vec<String>,
    #[command(flatten)]
    pub(super) selection: SelectionArgs,
}

/// Which of the tests are meant.
#[derive(Debug, Args)]
pub(super) struct SelectionArgs {
    /// Run only tests of which this holds: a name or pattern ('MP+*', 'folder/*'), uses:zacas,
    /// uses:*.aq, harts>=3, instructions<20, locations=2, has:loop, has:filter, has:exists. With
    /// commas all must hold; of several --include one
    #[arg(long, value_name = "FILTER", value_parser = whole::<Filter>())]
    pub(super) include: Vec<Filter>,
    /// Leave out tests of which this holds
    #[arg(long, value_name = "FILTER", value_parser = whole::<Filter>())]
    pub(super) exclude: Vec<Filter>,
}

/// Which part of the tests is meant, where several machines share them.
#[derive(Debug, Args)]
pub(super) struct ShardArgs {
    /// The K-th of N parts of the tests alone: [hash:]K/N by their paths, so that a test stays in its part
    /// whatever becomes of others, or count:K/N every N-th test; 0/N is N/N. `report --merge` makes one
    /// report of all
    #[arg(long, value_name = "K/N", value_parser = whole::<Shard>())]
    pub(super) shard: Option<Shard>,
    /// Divide so that every part has as much to do as any other, by what tests cost in this earlier
    /// report: time where it has --times, and otherwise work. Tests that it lacks are divided by their paths
    #[arg(long, value_name = "REPORT", requires = "shard")]
    pub(super) balance: Option<PathBuf>,
}

/// The run as a whole.
#[derive(Debug, Args)]
#[command(next_help_heading = "Run")]
pub(super) struct BatchArgs {
    /// End the whole run after this time; what is finished is reported, marked as interrupted
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(super) deadline: Option<f64>,
    /// Keep answers that take a while in this folder, and read back those of the same test, options and
    /// program; runs may share it, and it may be removed at any time
    #[arg(long, value_name = "DIR")]
    pub(super) cache: Option<PathBuf>,
    /// What is a while, for each 256 states: tests that take less are run again sooner than their answers are
    /// read back [default: 5]
    #[arg(long, value_name = "MILLISECONDS", requires = "cache")]
    pub(super) cache_from: Option<u64>,
}

/// The models that tests are run under.
#[derive(Debug, Args)]
#[command(next_help_heading = "Semantics")]
pub(super) struct ModelArgs {
    /// The models that all harts follow, one after the other: rvwmo, ztso or sc, for tests of x86 x86-tso or
    /// sc; with rules removed, as in rvwmo-r9; read another way, as in rvwmo:zalasr=rcpc [default:
    /// rvwmo,ztso, for tests of x86 x86-tso,sc]
    #[arg(long, value_name = "MODEL,...", value_delimiter = ',', value_parser = whole::<Model>())]
    pub(super) model: Vec<Model>,
}

/// What the models mean; everything else that an answer depends on.
#[derive(Debug, Args)]
#[command(next_help_heading = "Semantics")]
pub(super) struct SemanticsArgs {
    /// Annotations of Zalasr's loads and stores: RCsc as ratified, or RCpc as herd7 reads them
    #[arg(long, value_name = "READING", default_value = "ratified",
          value_parser = named(ZalasrReading::NAMES))]
    pub(super) zalasr: ZalasrReading,
    /// When a store-conditional that is paired may fail
    #[arg(long, value_name = "WHEN", default_value = "spurious",
          value_parser = named(ScFailure::NAMES))]
    pub(super) sc_failure: ScFailure,
    /// The bytes that a store-conditional may store to: those that its load-reserved read, the
    /// aligned block of N bytes around them (Za64rs: 64), or any [exact, line=N, any]; `Reservation=` in
    /// a test outweighs it
    #[arg(long, value_name = "BYTES", default_value = "line=64", value_parser = clap::value_parser!(Reservation))]
    pub(super) reservation: Reservation,
    /// What a failed compare-and-swap is: an AMO that is no release, a load, or under Ztso a release, too
    #[arg(long, value_name = "KIND", default_value = "amo",
          value_parser = named(FailedCas::NAMES))]
    pub(super) failed_cas: FailedCas,
    /// How often a backward jump is followed before the execution is cut; `Unroll=N` in a test
    /// outweighs it
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub(super) unroll: u32,
    /// Width of the harts' registers; `Base=rv32` in a test outweighs it
    #[arg(long, value_name = "BASE", default_value = "rv64",
          value_parser = named(&[("rv32", Base::Rv32), ("rv64", Base::Rv64)]))]
    pub(super) base: Base,
    /// A misaligned load, store or AMO within an aligned block of N bytes is one operation, not
    /// several; harts with Zama16b have at least 16 [1, 2, 4, 8, 16, ...]; `Granule=` in a test
    /// outweighs it
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = power_of_two)]
    pub(super) misaligned_granule: u64,
    /// What answers: an abstract machine, helped by a solver where the same is found sooner, or the axioms, or both
    #[arg(long, value_name = "ENGINE", default_value = "machine",
          value_parser = named(&[("machine", Engine::Machine), ("axiomatic", Engine::Axiomatic), ("both", Engine::Both)]))]
    pub(super) engine: Engine,
}

/// What a test may take before it is ended with a status of its own.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(super) struct LimitArgs {
    /// Wall time of one test under one model [default: none]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(super) timeout: Option<f64>,
    /// Memory of one test under one model; its text may have a 128th of it. `run` tells states apart by
    /// fingerprints of 128 bits where they take more, says so, and ends the test where that is not enough
    #[arg(long, value_name = "MIB", default_value_t = 2048, value_parser = clap::value_parser!(u64).range(1..=1 << 40))]
    pub(super) memory: u64,
    /// Memory of all tests that run at a time [default: three quarters of the machine's]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=1 << 40))]
    pub(super) run_memory: Option<u64>,
    /// Threads [default: one per processor]
    #[arg(long, short, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(super) jobs: Option<u16>,
}

/// Machines beside those of the models.
#[derive(Debug, Args)]
#[command(next_help_heading = "Machine")]
pub(super) struct MachineArgs {
    /// Run every test on this VM, too (column vm): a JSON file, see `rvlitmus schema --vm`
    #[arg(long, value_name = "FILE")]
    pub(super) vm: Option<PathBuf>,
    /// Run every test on harts described one by one, too: 0:+ztso;1:-zacas. With --vm these are
    /// requests to KVM, which may refuse them. Outweighs the line `Harts=` of a test
    #[arg(long, value_name = "HARTS")]
    pub(super) hart: Vec<HartEdits>,
    /// How the VM's kernel answers: linux-6.6, linux-6.12, linux-6.18, linux-7.2, linux-7.3 or
    /// documented (Ztso may be turned off)
    #[arg(long, value_name = "POLICY", requires = "vm")]
    pub(super) policy: Option<Policy>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(super) enum ExplainWhen {
    /// In the formats that show reasons, but not with --brief
    #[default]
    Auto,
    /// In every format that shows reasons
    Always,
    /// Not at all
    Never,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// Format of the results [default: table]
    #[arg(long, short, value_enum)]
    pub(super) format: Option<Format>,
    /// Write the results to a file, or - for standard output
    #[arg(long, short, value_name = "FILE|-")]
    pub(super) output: Option<PathBuf>,
    #[command(flatten)]
    pub(super) force: ForceArg,
    /// Go on with a jsonl report that was interrupted, or begin it: what it says of tests that did not
    /// change, nor their options, is used again
    #[arg(long, value_name = "REPORT", value_parser = file(), conflicts_with = "output")]
    pub(super) resume: Option<PathBuf>,
    /// One line per test (formats table and markdown); of large tests it is found whether the condition holds, not all
    /// states
    #[arg(long, short)]
    pub(super) brief: bool,
    /// Why each state that one machine reaches and another does not is forbidden there
    #[arg(long, value_enum, value_name = "WHEN", default_value_t, default_missing_value = "always",
          num_args = 0..=1, require_equals = true)]
    pub(super) explain: ExplainWhen,
    /// Write the text and executions of each test into json and jsonl, for `report --format html`; html has
    /// them anyway
    #[arg(long)]
    pub(super) details: bool,
    /// Say on standard error where the time went: phases, slowest tests, states, memory
    #[arg(long)]
    pub(super) stats: bool,
    /// Report the wall time of every exploration under `stats`
    #[arg(long)]
    pub(super) times: bool,
    /// Colour in the table and in messages
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub(super) color: ColorWhen,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(super) enum ColorWhen {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}
