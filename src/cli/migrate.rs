//! `rvlitmus migrate`: what a guest may meet after live migration.

use std::io::Write;
use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, ValueEnum};

use super::args::{LimitArgs, SelectionArgs, SemanticsArgs};
use super::exit::Outcome;
use super::gather::{Gathered, gather};
use super::host::{load_vm, named};
use super::migrate_text;
use super::stop::stop_on;
use super::{output, plan, threads};
use crate::run::{Setup, Source, TestWatch, answer_on, of_guest};
use rvlitmus_core::answer::{Answer, Failure, Holds, Mistake, Reached, Status, cut_text};
use rvlitmus_core::arch::riscv::Base;
use rvlitmus_core::litmus::{Quantifier, visible};
use rvlitmus_core::session::{Harts, Machine};
use rvlitmus_onereg::{Host, Migration, MigrationVerdict, Policy, VmPlan, Vmm, migrate};

/// Check whether a VM can move to another host, and what its guest could see there.
#[derive(Debug, Args)]
pub(super) struct MigrateArgs {
    /// The source: an ISA string, a transcript or VM file, or `kvm` [default: the host of --vm]
    #[arg(long, value_name = "HOST", required_unless_present = "vm")]
    from: Option<String>,
    /// The target, in the same forms
    #[arg(long, value_name = "HOST")]
    to: String,
    /// The VM: its requests are made on the source before the guest runs
    #[arg(long, value_name = "FILE")]
    vm: Option<PathBuf>,
    /// Kernel behaviour of the source: linux-6.6, linux-6.12, linux-6.18, linux-7.2, linux-7.3 or documented
    #[arg(long, value_name = "POLICY")]
    from_policy: Option<Policy>,
    /// Kernel behaviour of the target
    #[arg(long, value_name = "POLICY")]
    to_policy: Option<Policy>,
    /// vCPUs of the VM [default: those that --vm describes, at least one]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    vcpus: Option<u16>,
    /// The program that moves the VM: qemu, cloud-hypervisor, kvmtool or crosvm [default: all are shown, and
    /// tests and exit code are about qemu]
    #[arg(long, value_name = "PROGRAM")]
    vmm: Option<Vmm>,
    /// Format of the answer
    #[arg(long, short, value_enum, default_value_t)]
    format: MigrateFormat,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    semantics: SemanticsArgs,
    #[command(flatten)]
    limits: LimitArgs,
    /// Litmus tests whose outcomes are compared: files, directories, @LIST or -
    #[arg(value_name = "TESTS")]
    tests: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
pub(super) enum MigrateFormat {
    /// For people
    #[default]
    Table,
    /// Markdown
    Markdown,
    /// One JSON object
    Json,
}

/// Checks the migration, writing to `out`.
///
/// # Errors
/// If a host cannot be read, or `out` not be written.
pub(super) fn run(args: &MigrateArgs, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let plan = vm_plan(args)?;
    let target = named(&args.to, args.to_policy)?.plan.host().clone();
    let vcpus = args.vcpus.map_or_else(|| plan.described_vcpus().max(1), usize::from);
    let programs = match args.vmm {
        Some(vmm) => vec![vmm],
        None => vec![Vmm::Qemu, Vmm::CloudHypervisor, Vmm::Kvmtool, Vmm::Crosvm],
    };
    let migrations = programs
        .iter()
        .map(|vmm| migrate(*vmm, &plan, &target, vcpus))
        .collect::<Result<Vec<Migration>, _>>()?;
    let moved_by = programs[0];
    let mut setup = plan::setup(&[], &args.semantics, &args.limits, false)?;
    setup.selection = plan::selection(&args.selection);
    threads::make(args.limits.jobs.map_or(0, usize::from))?;
    let stop = stop_on(&setup.stop, None)?;
    let flag = setup.stop.clone();
    let ask = move |source: &Source| change(source, moved_by, &plan, &target, &setup).into();
    let Gathered { kept: changes, troubles } = match args.tests.is_empty() {
        true => Gathered { kept: Vec::new(), troubles: 0 },
        false => gather(&args.tests, &flag, ask)?,
    };
    match args.format {
        MigrateFormat::Json => migrate_text::json(&migrations, &changes, out)?,
        format => migrate_text::text(&migrations, &changes, format, out)?,
    }
    if let Some(cause) = stop.cause() {
        output::complain(&format!("{cause}: not all tests were compared"));
        return Ok(Outcome::NotRun);
    }
    let verdict = match migrations[0].verdict() {
        MigrationVerdict::Same | MigrationVerdict::Other | MigrationVerdict::Stronger => {
            Outcome::AsExpected
        }
        MigrationVerdict::Cannot | MigrationVerdict::Refused | MigrationVerdict::SilentlyWeaker => {
            Outcome::Differs
        }
    };
    let of_tests = changes.iter().map(|test| test.change.outcome());
    let of_troubles = if troubles > 0 { Outcome::NotRun } else { Outcome::AsExpected };
    Ok(of_tests.fold(verdict.max(of_troubles), Outcome::max))
}

fn vm_plan(args: &MigrateArgs) -> anyhow::Result<VmPlan> {
    let from = args.from.as_deref().map(|host| named(host, args.from_policy)).transpose()?;
    let vm = args.vm.as_deref().map(|path| load_vm(path, args.from_policy)).transpose()?;
    Ok(match (vm, from) {
        (Some(vm), Some(from)) => vm.on(from.plan.host().clone()),
        (Some(vm), None) => vm,
        (None, Some(from)) => from.plan,
        (None, None) => bail!("expected --from or --vm"),
    })
}

/// Place of the host's machine in the answer, before the move and after it.
const SOURCE: usize = 0;
const TARGET: usize = 1;

/// One test on both hosts.
pub(super) struct TestChange {
    /// Its path.
    pub(super) path: String,
    /// Its name.
    pub(super) name: String,
    /// What became of it.
    pub(super) change: Change,
}

/// What the guest could see of one test after the move, and whether it could before.
pub(super) enum Change {
    /// It would not run on the target, for this reason.
    WouldNotRun(String),
    /// These states are new and these are gone; all are known.
    States {
        /// On the target only.
        new: Vec<String>,
        /// On the source only.
        gone: Vec<String>,
        /// Does the test's claim, `~exists` or `forall`, hold no longer?
        violated: bool,
    },
    /// Not all states are known, and of those that are none is new.
    Undecided(String),
}

impl Change {
    fn outcome(&self) -> Outcome {
        match self {
            Change::WouldNotRun(_) => Outcome::Differs,
            Change::Undecided(_) => Outcome::NotRun,
            Change::States { new, violated, .. } if !new.is_empty() || *violated => {
                Outcome::Differs
            }
            Change::States { .. } => Outcome::AsExpected,
        }
    }

    /// Is there nothing to show?
    pub(super) fn is_none(&self) -> bool {
        matches!(self, Change::States { new, gone, violated } if new.is_empty() && gone.is_empty() && !violated)
    }
}

/// One test on both hosts.
///
/// # Errors
/// What the terminal is told of a test that cannot be read or not be run on the source.
fn change(
    source: &Source,
    vmm: Vmm,
    plan: &VmPlan,
    target: &Host,
    setup: &Setup,
) -> Result<Option<TestChange>, String> {
    let watch = TestWatch::new(setup);
    let answered = answer_on(source, setup, &watch, |test| {
        let (options, base) = (setup.session.options(test)?, setup.session.base(test)?);
        let unavailable = |id: &str, error: String| {
            let failure = Failure::new(Status::Unsupported, Mistake::of_file(error));
            Machine { id: id.into(), harts: Harts::Unavailable(failure), options }
        };
        if base != Base::Rv64 {
            let what = "the test is for RV32, and the hosts have RV64 harts";
            return Ok(["source", "target"].map(|id| unavailable(id, what.to_owned())).into());
        }
        Ok(match migrate(vmm, plan, target, test.test.harts.len()) {
            Ok(migration) => vec![
                of_guest("source", &migration.source, base, options),
                of_guest("target", &migration.target, base, options),
            ],
            Err(error) => ["source", "target"].map(|id| unavailable(id, error.to_string())).into(),
        })
    });
    let answered = answered.map_err(|finished| finished.message().unwrap_or_default())?;
    let Some((name, answer)) = answered else { return Ok(None) };
    match answer.machines[SOURCE].extent.failure() {
        Some(failure) => Err(format!("on the source: {}", failure.told(&source.shown))),
        None => {
            let (path, name) = (visible(&source.shown).into_owned(), visible(&name).into_owned());
            Ok(Some(TestChange { path, name, change: changed(&answer) }))
        }
    }
}

fn changed(answer: &Answer) -> Change {
    let state = |row: usize| {
        let values = answer.places.iter().zip(answer.states.row(row));
        let parts = values.map(|(place, v)| format!("{place}={};", v.text(&answer.symbols)));
        visible(&parts.collect::<Vec<_>>().join(" ")).into_owned()
    };
    let only = |here, there| answer.states.lacked(here, there).map(state).collect::<Vec<String>>();
    let hint = "raise --unroll, or set `Unroll=N` in the test";
    match (answer.reached(SOURCE), answer.reached(TARGET)) {
        (_, Reached::Unknown(failure)) if failure.status.unfinished() => {
            Change::Undecided(format!("on the target: {}", failure.error.message))
        }
        (_, Reached::Unknown(failure)) => Change::WouldNotRun(failure.error.message.clone()),
        // What is new here may be old beyond the bound.
        (Reached::Some(_, cut), _) => {
            Change::Undecided(format!("on the source {}: {hint}", cut_text(cut)))
        }
        (_, Reached::Some(_, cut)) if only(TARGET, SOURCE).is_empty() => {
            Change::Undecided(format!("on the target {}: {hint}", cut_text(cut)))
        }
        (_, Reached::NoExecution) => Change::Undecided(
            "on the target no execution ends, or none passes the filter".to_owned(),
        ),
        _ => Change::States {
            new: only(TARGET, SOURCE),
            gone: only(SOURCE, TARGET),
            violated: answer.condition.is_some()
                && answer.quantifier() != Quantifier::Exists
                && answer.holds(TARGET) == Holds::No
                && answer.holds(SOURCE) != Holds::No,
        },
    }
}
