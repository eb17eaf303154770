//! What a run will do, decided once from the arguments.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::args::{RunArgs, Warnings};
use super::cache::{Cache, WORTH_KEEPING};
use super::exit::Expect;
use super::explain::ExplainArgs;
use super::github::Level;
use super::host::load_vm;
use super::report_file::ReportFile;
use super::shared_args::{
    BatchArgs, ColorWhen, ExplainWhen, LimitArgs, MachineArgs, OutputArgs, SelectionArgs,
    SemanticsArgs, ShardArgs,
};
use crate::report::{About, Detail, Format, Renderer, RunOptions};
use crate::results::Division;
use crate::run::usage::machine_memory;
use crate::run::{RunMemory, Selection, Setup, Sharding, VmChoice};
use rvlitmus_core::answer::MOST_MACHINES;
use rvlitmus_core::litmus::Colour;
use rvlitmus_core::model::{Model, Options, RuleSet};
use rvlitmus_core::program::HartConfig;
use rvlitmus_core::session::{Session, Settings, WantedStates};
use rvlitmus_onereg::HartEdits;

/// Everything that `run` needs to know.
#[derive(Debug)]
pub(super) struct Plan {
    /// Arguments that name tests.
    pub(super) tests: Vec<String>,
    pub(super) setup: Setup,
    /// 0: one per processor.
    pub(super) threads: usize,
    pub(super) renderer: Renderer,
    /// Where results go; standard output without one.
    pub(super) output: Option<PathBuf>,
    /// Is what that file holds used again?
    pub(super) resume: bool,
    /// Also among the memos of `setup`.
    pub(super) cache: Option<Arc<Cache>>,
    /// When the whole run is ended.
    pub(super) deadline: Option<Duration>,
    /// What the report says before its tests.
    pub(super) about: About,
    /// Which of the tests are run, if it is not all.
    pub(super) sharding: Option<Sharding>,
    pub(super) expect: Expect,
    /// What becomes of warnings.
    pub(super) warnings: Warnings,
    /// What a claim that does not hold weighs in annotations, if there are any.
    pub(super) github: Option<Level>,
}

/// What reports say of how a run was asked for.
pub(super) fn run_options(setup: &Setup, limits: &LimitArgs) -> RunOptions {
    RunOptions::new(setup.session.settings(), limits.timeout, limits.memory)
}

impl Plan {
    /// # Errors
    /// The arguments contradict one another.
    pub(super) fn new(args: &RunArgs) -> anyhow::Result<Plan> {
        let output = args.output.output.as_deref().filter(|path| *path != Path::new("-"));
        let format = match (&args.output.resume, args.output.format) {
            (Some(_), None | Some(Format::Jsonl)) => Format::Jsonl,
            (Some(_), Some(_)) => {
                anyhow::bail!("--resume goes on with reports in the format jsonl")
            }
            (None, format) => format.unwrap_or_default(),
        };
        let explain = explains(args.output.explain, format, args.output.brief);
        let mut setup = setup(&args.models.model, &args.semantics, &args.limits, explain)?;
        if args.decide {
            anyhow::ensure!(
                !matches!(format, Format::Herd | Format::Html),
                "--decide finds one state at most, and {} lists all: choose table, markdown, json, jsonl, junit or csv",
                if format == Format::Herd { "a herd log" } else { "the page" }
            );
        }
        let settings = setup.session.settings().clone();
        let wanted = wanted_states(args, format);
        setup.session = Session::new(Settings { wanted, fingerprints: true, ..settings });
        setup.times = args.output.times;
        setup.stats = args.output.stats;
        setup.details = details(args.output.details, format)?;
        setup.vm = vm(&args.machine, setup.timeout)?;
        if colored(args.output.color, &std::io::stderr()) {
            setup.stderr = Colour::Always;
        }
        if format == Format::Herd && setup.session.settings().models.len() != 1 {
            anyhow::bail!(
                "a herd log is for one model: choose it with --model, as in --model ztso or --model x86-tso"
            );
        }
        setup.selection = selection(&args.tests.selection);
        if matches!(format, Format::Json | Format::Jsonl) {
            setup.identify();
        }
        let cache = cache(&args.batch, &mut setup)?;
        let sharding = sharding(&args.shards)?;
        Ok(Plan {
            tests: args.tests.tests.clone(),
            about: About {
                options: Some(run_options(&setup, &args.limits)),
                shard: sharding.as_ref().map(Sharding::shard),
            },
            sharding,
            setup,
            cache,
            threads: args.limits.jobs.map_or(0, usize::from),
            renderer: renderer(&args.output, format),
            output: args.output.resume.as_deref().or(output).map(Path::to_owned),
            resume: args.output.resume.is_some(),
            deadline: args.batch.deadline.map(Duration::from_secs_f64),
            expect: Expect { claims: args.strict, no_warnings: args.warnings == Warnings::Deny },
            warnings: args.warnings,
            github: args.github.then_some(if args.strict { Level::Error } else { Level::Warning }),
        })
    }
}

/// Which shard of the tests is meant, if it is not all.
///
/// # Errors
/// The arguments contradict one another, or the report cannot be read.
pub(super) fn sharding(args: &ShardArgs) -> anyhow::Result<Option<Sharding>> {
    let Some(shard) = args.shard else { return Ok(None) };
    match (shard.division, &args.balance) {
        (Division::Balance, None) => {
            anyhow::bail!("--shard {shard} is by what tests cost: name a report with --balance")
        }
        (Division::Count, Some(_)) => {
            anyhow::bail!("--balance divides by what tests cost, and --shard {shard} counts them")
        }
        (_, Some(earlier)) => {
            Ok(Some(Sharding::balanced(shard, ReportFile::open(earlier)?.tests)?))
        }
        (_, None) => Ok(Some(Sharding::new(shard))),
    }
}

/// Which of the tests are meant.
pub(super) fn selection(args: &SelectionArgs) -> Selection {
    Selection { include: args.include.clone(), exclude: args.exclude.clone() }
}

/// Where verdicts alone are shown nobody asks for all states of a large test.
fn wanted_states(args: &RunArgs, format: Format) -> WantedStates {
    match format {
        _ if args.decide => WantedStates::Deciding,
        Format::Junit => WantedStates::AllOfFew,
        Format::Table | Format::Markdown if args.output.brief => WantedStates::AllOfFew,
        Format::Table if args.strict && args.output.format.is_none() => WantedStates::AllOfFew,
        _ => WantedStates::All,
    }
}

/// What tests are explained with.
pub(super) fn explain_setup(args: &ExplainArgs) -> anyhow::Result<Setup> {
    let mut setup = setup(&args.models.model, &args.semantics, &args.limits, false)?;
    if args.decide {
        let settings = setup.session.settings().clone();
        setup.session = Session::new(Settings { wanted: WantedStates::Deciding, ..settings });
    }
    setup.vm = vm(&args.machine, setup.timeout)?;
    setup.selection = selection(&args.tests.selection);
    if colored(ColorWhen::Auto, &std::io::stderr()) {
        setup.stderr = Colour::Always;
    }
    Ok(setup)
}

/// The models of one run, at most: there is room for the machines of a VM file and of a test.
const MOST_MODELS: usize = MOST_MACHINES - 4;

/// What tests are run with.
///
/// # Errors
/// There are too many models.
pub(super) fn setup(
    models: &[Model],
    semantics: &SemanticsArgs,
    limits: &LimitArgs,
    explain: bool,
) -> anyhow::Result<Setup> {
    let standard = Setup::default();
    let settings = settings(models, semantics, limits, standard.session.settings());
    anyhow::ensure!(
        settings.models.len() <= MOST_MODELS,
        "--model names {} models, and every two are compared: {MOST_MODELS} at most",
        settings.models.len()
    );
    Ok(Setup {
        session: Session::new(Settings { explain, ..settings }),
        timeout: limits.timeout.map(Duration::from_secs_f64),
        memory: Arc::new(RunMemory::new(run_memory(limits))),
        ..standard
    })
}

/// What tests are run with where nothing but limits is asked for.
pub(super) fn limited(limits: &LimitArgs) -> Setup {
    let standard = Setup::default();
    let memory = usize::try_from(limits.memory.saturating_mul(1 << 20)).unwrap_or(usize::MAX);
    let settings = Settings { memory, ..standard.session.settings().clone() };
    Setup {
        session: Session::new(settings),
        timeout: limits.timeout.map(Duration::from_secs_f64),
        memory: Arc::new(RunMemory::new(run_memory(limits))),
        ..standard
    }
}

/// Bytes that all tests of a run may hold together; unknown where the system does not say what it has.
fn run_memory(limits: &LimitArgs) -> Option<u64> {
    match limits.run_memory {
        Some(mebibytes) => Some(mebibytes.saturating_mul(1 << 20)),
        None => machine_memory().map(|bytes| bytes / 4 * 3),
    }
}

/// What the library is asked for.
fn settings(
    asked: &[Model],
    semantics: &SemanticsArgs,
    limits: &LimitArgs,
    standard: &Settings,
) -> Settings {
    let mut models: Vec<Model> = Vec::new();
    for model in asked {
        if !models.contains(model) {
            models.push(model.clone());
        }
    }
    let (riscv, x86) = match models.is_empty() {
        true => (standard.models.clone(), standard.x86_models.clone()),
        false => (models.clone(), models),
    };
    Settings {
        hart: HartConfig { base: semantics.base, ..standard.hart },
        models: riscv,
        x86_models: x86,
        options: Options {
            zalasr: semantics.zalasr,
            sc_failure: semantics.sc_failure,
            reservation: semantics.reservation,
            failed_cas: semantics.failed_cas,
            unroll: semantics.unroll,
            misaligned_granule: semantics.misaligned_granule,
            rules: RuleSet::ALL,
        },
        engine: semantics.engine,
        memory: usize::try_from(limits.memory.saturating_mul(1 << 20)).unwrap_or(usize::MAX),
        ..standard.clone()
    }
}

/// Opens the cache that the arguments name and gives it to `setup`, which must be as it will be.
pub(super) fn cache(args: &BatchArgs, setup: &mut Setup) -> anyhow::Result<Option<Arc<Cache>>> {
    let Some(folder) = &args.cache else { return Ok(None) };
    let cache = Arc::new(Cache::open(
        folder,
        args.cache_from.map_or(WORTH_KEEPING, Duration::from_millis),
    )?);
    setup.identify();
    setup.memos.push(cache.clone());
    Ok(Some(cache))
}

/// The machine of the column `vm`.
pub(super) fn vm(args: &MachineArgs, patience: Option<Duration>) -> anyhow::Result<VmChoice> {
    let mut edits = HartEdits::default();
    for more in &args.hart {
        edits.extend(more.clone());
    }
    match &args.vm {
        Some(file) => {
            Ok(VmChoice::Vm(Box::new(load_vm(file, args.policy, patience)?.with_edits(edits)?)))
        }
        None if edits.is_empty() => Ok(VmChoice::OfTest),
        None => Ok(VmChoice::Harts(edits)),
    }
}

/// Every format that shows reasons gets them, but for a list of verdicts.
fn explains(when: ExplainWhen, format: Format, brief: bool) -> bool {
    match when {
        ExplainWhen::Always => true,
        ExplainWhen::Never => false,
        ExplainWhen::Auto => !brief && shows_reasons(format),
    }
}

fn shows_reasons(format: Format) -> bool {
    matches!(format, Format::Table | Format::Markdown | Format::Json | Format::Jsonl | Format::Html)
}

/// Does the output hold texts and executions? A page always does.
fn details(asked: bool, format: Format) -> anyhow::Result<bool> {
    let has_room = matches!(format, Format::Json | Format::Jsonl | Format::Html);
    anyhow::ensure!(has_room || !asked, "--details is for the formats json, jsonl and html");
    Ok(asked || format == Format::Html)
}

fn renderer(args: &OutputArgs, format: Format) -> Renderer {
    let color = match (args.color, args.output.as_deref().filter(|path| *path != Path::new("-"))) {
        (ColorWhen::Auto, Some(_)) => false,
        (when, _) => colored(when, &std::io::stdout()),
    };
    let detail = if args.brief { Detail::Verdicts } else { Detail::States };
    Renderer { format, detail, color }
}

/// Is a stream coloured?
pub(super) fn colored(when: ColorWhen, stream: &impl anstream::stream::RawStream) -> bool {
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never,
    }
}
