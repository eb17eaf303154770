//! `rvlitmus migrate`: what a guest may meet after live migration.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::bail;
use clap::{Args, ValueEnum};

use super::exit::Outcome;
use super::gather::{Gathered, begin, beside_path, gather};
use super::host::{Named, load_vm, named, vmm};
use super::shared_args::{LimitArgs, SelectionArgs, SemanticsArgs};
use super::{output, plan};
use crate::report::{MigrationRecord, harmless};
use crate::run::{MigratedTest, Move, Source, migrate_test};
use rvlitmus_onereg::{Migration, Policy, Vm, VmPlan, Vmm, migrate};

pub(super) const MIGRATE_EXIT: &str = "\
Exit code:
  0  the guest goes on: nothing is refused, nothing known is lost, no test has a new outcome
  1  something is refused or lost, the program moves no such guest, a test has a new outcome or its
     claim holds no longer
  2  a test could not be run on both hosts, or not be decided; wrong arguments; Ctrl-C";

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
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=Vm::MAX_VCPUS as i64))]
    vcpus: Option<u16>,
    /// The program that moves the VM: qemu, cloud-hypervisor, kvmtool or crosvm [default: all are shown, and
    /// tests and exit code are about qemu]
    #[arg(long, value_name = "PROGRAM", value_parser = vmm)]
    vmm: Option<&'static Vmm>,
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
enum MigrateFormat {
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
    let patience = args.limits.timeout.map(Duration::from_secs_f64);
    let vm = vm_plan(args, patience)?;
    let target = named(&args.to, args.to_policy, patience)?.plan.host().clone();
    let vcpus = args.vcpus.map_or_else(|| vm.described_vcpus().max(1), usize::from);
    let programs: Vec<&'static Vmm> = match args.vmm {
        Some(vmm) => vec![vmm],
        None => Vmm::all().collect(),
    };
    let migrations = programs
        .iter()
        .map(|vmm| migrate(vmm, &vm, &target, vcpus))
        .collect::<Result<Vec<Migration>, _>>()?;
    let mut setup = plan::setup(&[], &args.semantics, &args.limits, false)?;
    let stop = begin(&mut setup, &args.selection, &args.limits)?;
    let flag = setup.stop.clone();
    let moves = migrations[0].cannot.is_none();
    let gathered = if args.tests.is_empty() || !moves {
        None
    } else {
        let moved = Move { vmm: programs[0], plan: vm, target };
        let ask = move |source: &Source| beside_path(source, migrate_test(source, &moved, &setup));
        Some(gather(&args.tests, &flag, ask)?)
    };
    let tests =
        gathered.as_ref().map(|gathered: &Gathered<(String, MigratedTest)>| &*gathered.kept);
    let record = MigrationRecord::new(&migrations, tests);
    let text = match args.format {
        MigrateFormat::Table => record.text(),
        MigrateFormat::Markdown => record.markdown(),
        MigrateFormat::Json => format!("{}\n", harmless(&serde_json::to_string_pretty(&record)?)),
    };
    out.write_all(text.as_bytes())?;
    if !args.tests.is_empty() && !moves {
        output::complain(&format!("no test was compared: {} moves no such guest", programs[0]));
    }
    if let Some(cause) = stop.cause() {
        output::complain(&format!("{cause}: not all tests were compared"));
        return Ok(Outcome::NotRun);
    }
    let verdict = match migrations[0].verdict().is_restored() {
        true => Outcome::AsExpected,
        false => Outcome::Differs,
    };
    let Some(Gathered { kept, troubles }) = gathered else { return Ok(verdict) };
    let unknown = kept.iter().filter(|(_, test)| test.change.is_unknown()).count();
    let worse = kept.iter().any(|(_, test)| test.change.is_worse());
    let of_tests = if worse { Outcome::Differs } else { Outcome::AsExpected };
    Ok(verdict.max(of_tests).max(Outcome::of_decisions(troubles, unknown)))
}

fn vm_plan(args: &MigrateArgs, patience: Option<Duration>) -> anyhow::Result<VmPlan> {
    let named = |host: &String| named(host, args.from_policy, patience);
    let from = args.from.as_ref().map(named).transpose()?;
    let vm =
        args.vm.as_deref().map(|path| load_vm(path, args.from_policy, patience)).transpose()?;
    Ok(match (vm, from) {
        (Some(vm), Some(Named { plan, .. })) => vm.on(plan.host().clone()),
        (Some(vm), None) => vm,
        (None, Some(from)) => from.plan,
        (None, None) => bail!("expected --from or --vm"),
    })
}
