//! What a run will do, decided once from the arguments.

use std::path::PathBuf;
use std::time::Duration;

use super::args::{
    ColorWhen, ExplainWhen, LimitArgs, MachineArgs, OutputArgs, RunArgs, SemanticsArgs,
};
use super::exit::Expect;
use super::explain::ExplainArgs;
use super::host::load_vm;
use crate::batch::{Setup, VmChoice};
use crate::kvm::HartEdits;
use crate::litmus::Colour;
use crate::model::{MemoryModel, Options, RuleSet};
use crate::report::{Detail, Format, Renderer, RunOptions};

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
    pub(super) options: RunOptions,
    pub(super) expect: Expect,
}

impl Plan {
    /// # Errors
    /// The arguments contradict one another.
    pub(super) fn new(args: &RunArgs) -> anyhow::Result<Plan> {
        let mut setup = setup(&args.semantics, &args.limits);
        setup.times = args.output.times;
        setup.vm = vm(&args.machine)?;
        setup.explain = explains(args.output.explain, args.output.format, args.output.brief);
        if colored(args.output.color, &std::io::stderr()) {
            setup.stderr = Colour::Always;
        }
        if args.output.format == Format::Herd && setup.models.len() != 1 {
            anyhow::bail!(
                "a herd log is for one model: choose it with --model rvwmo or --model ztso"
            );
        }
        Ok(Plan {
            tests: args.tests.tests.clone(),
            options: RunOptions::new(
                &setup.models,
                setup.engine,
                &setup.options,
                args.limits.timeout,
                args.limits.memory,
            ),
            setup,
            threads: args.limits.jobs.map_or(0, usize::from),
            renderer: renderer(&args.output),
            output: args.output.output.clone(),
            expect: if args.strict { Expect::Claims } else { Expect::Answers },
        })
    }
}

/// What tests are explained with.
pub(super) fn explain_setup(args: &ExplainArgs) -> anyhow::Result<Setup> {
    let mut setup = setup(&args.semantics, &args.limits);
    setup.vm = vm(&args.machine)?;
    if colored(ColorWhen::Auto, &std::io::stderr()) {
        setup.stderr = Colour::Always;
    }
    Ok(setup)
}

/// What tests are run with.
pub(super) fn setup(semantics: &SemanticsArgs, limits: &LimitArgs) -> Setup {
    let mut models: Vec<MemoryModel> = semantics.model.clone();
    models.sort_unstable();
    models.dedup();
    Setup {
        models,
        options: Options {
            zalasr: semantics.zalasr,
            sc_failure: semantics.sc_failure,
            reservation: semantics.reservation,
            failed_cas: semantics.failed_cas,
            unroll: semantics.unroll,
            rules: RuleSet::ALL,
        },
        engine: semantics.engine,
        timeout: limits.timeout.map(Duration::from_secs_f64),
        memory: usize::try_from(limits.memory.saturating_mul(1 << 20)).unwrap_or(usize::MAX),
        ..Setup::default()
    }
}

/// The machine of the column `vm`.
fn vm(args: &MachineArgs) -> anyhow::Result<VmChoice> {
    let mut edits = HartEdits::default();
    for more in &args.hart {
        edits.extend(more.clone());
    }
    match &args.vm {
        Some(file) => Ok(VmChoice::Vm(Box::new(load_vm(file, args.policy)?.with_edits(edits)?))),
        None if edits.is_empty() => Ok(VmChoice::OfTest),
        None => Ok(VmChoice::Harts(edits)),
    }
}

/// Reasons take longer than answers, so formats that machines read get them only when asked for.
fn explains(when: ExplainWhen, format: Format, brief: bool) -> bool {
    match when {
        ExplainWhen::Always => true,
        ExplainWhen::Never => false,
        ExplainWhen::Auto => !brief && matches!(format, Format::Table | Format::Markdown),
    }
}

fn renderer(args: &OutputArgs) -> Renderer {
    let color = match (args.color, &args.output) {
        (ColorWhen::Auto, Some(_)) => false,
        (when, _) => colored(when, &std::io::stdout()),
    };
    let detail = if args.brief { Detail::Verdicts } else { Detail::States };
    Renderer { format: args.format, detail, color }
}

fn colored(when: ColorWhen, stream: &impl anstream::stream::RawStream) -> bool {
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto => anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never,
    }
}
