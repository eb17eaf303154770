//! `rvlitmus migrate`: what a guest may meet after live migration.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::bail;
use clap::Args;

use super::exit::Outcome;
use super::host::{load_vm, named};
use super::output;
use crate::run::{Found, Source, find};
use rvlitmus_core::answer::{ModelOutcomes, side_by_side};
use rvlitmus_core::litmus::{LineIndex, Test, parse};
use rvlitmus_core::model::{BaseModel, Options};
use rvlitmus_core::operational::{Limits, explore};
use rvlitmus_core::program::{HartConfig, link};
use rvlitmus_onereg::{Host, Migration, MigrationVerdict, Moved, Policy, VmPlan, migrate};

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
    /// Kernel behaviour of the source: linux-6.12, linux-7.2 or documented
    #[arg(long, value_name = "POLICY")]
    from_policy: Option<Policy>,
    /// Kernel behaviour of the target
    #[arg(long, value_name = "POLICY")]
    to_policy: Option<Policy>,
    /// vCPUs of the VM [default: those that --vm describes, at least one]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    vcpus: Option<u16>,
    /// Wall time of one test on one host [default: none]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    timeout: Option<u32>,
    /// Litmus tests whose outcomes are compared: files, directories, @LIST or -
    #[arg(value_name = "TESTS")]
    tests: Vec<String>,
}

/// Checks the migration, writing to `out`.
///
/// # Errors
/// If a host cannot be read, or `out` not be written.
pub(super) fn run(args: &MigrateArgs, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let plan = plan(args)?;
    let target = named(&args.to, args.to_policy)?.plan.host().clone();
    let vcpus = args.vcpus.map_or_else(|| plan.described_vcpus().max(1), usize::from);
    let migration = migrate(&plan, &target, vcpus)?;
    describe(&migration, out)?;
    let mut outcome = match migration.verdict() {
        MigrationVerdict::Safe => Outcome::AsExpected,
        MigrationVerdict::Refused | MigrationVerdict::SilentlyWeaker => Outcome::Differs,
    };
    for found in find(&args.tests) {
        outcome = outcome.max(match found {
            Found::Test(source) => compare(args, &plan, &target, &source, out)?,
            Found::Error(error) => {
                output::complain(&error.to_string());
                Outcome::NotRun
            }
        });
    }
    Ok(outcome)
}

fn plan(args: &MigrateArgs) -> anyhow::Result<VmPlan> {
    let from = args.from.as_deref().map(|host| named(host, args.from_policy)).transpose()?;
    let vm = args.vm.as_deref().map(|path| load_vm(path, args.from_policy)).transpose()?;
    Ok(match (vm, from) {
        (Some(vm), Some(from)) => vm.on(from.plan.host().clone()),
        (Some(vm), None) => vm,
        (None, Some(from)) => from.plan,
        (None, None) => bail!("expected --from or --vm"),
    })
}

/// The verdict and its reasons, without tests.
fn describe(migration: &Migration, out: &mut dyn Write) -> anyhow::Result<()> {
    for request in migration.source.requests.iter().filter(|r| r.result.is_err()) {
        writeln!(out, "on the source: {request}")?;
    }
    let verdict = match migration.verdict() {
        MigrationVerdict::Safe => "safe: every register is restored, and the guest loses nothing",
        MigrationVerdict::Refused => {
            "refused: the target does not restore every register, so the VMM stops"
        }
        MigrationVerdict::SilentlyWeaker => {
            "unsafe: no register is refused, and yet the guest loses something"
        }
    };
    writeln!(out, "{verdict}")?;
    for refused in &migration.refused {
        writeln!(out, "  {refused}")?;
    }
    for (vcpu, moved) in migration.vcpus.iter().enumerate() {
        describe_vcpu(vcpu, moved, out)?;
    }
    Ok(())
}

fn describe_vcpu(vcpu: usize, moved: &Moved, out: &mut dyn Write) -> anyhow::Result<()> {
    let (before, after) = (moved.before.model, moved.after.model);
    match (before, after) {
        (BaseModel::Ztso, BaseModel::Rvwmo) => writeln!(
            out,
            "  vCPU {vcpu}: the memory model would become weaker: {before} here, {after} there"
        )?,
        (BaseModel::Rvwmo, BaseModel::Ztso) => writeln!(
            out,
            "  vCPU {vcpu}: the memory model becomes stronger ({after}): fewer outcomes, never more"
        )?,
        _ => {}
    }
    let names = |set: rvlitmus_core::arch::riscv::ExtensionSet| {
        set.iter().map(|e| e.to_string()).collect::<Vec<_>>().join(", ")
    };
    let lost = names(moved.lost());
    if !lost.is_empty() {
        writeln!(out, "  vCPU {vcpu}: instructions that would be illegal there: {lost}")?;
    }
    let atomicity = names(moved.weakened());
    if !atomicity.is_empty() && before == after {
        writeln!(out, "  vCPU {vcpu}: the memory model would become weaker: without {atomicity}")?;
    }
    Ok(())
}

/// One test on both hosts: what the guest could newly see.
fn compare(
    args: &MigrateArgs,
    plan: &VmPlan,
    target: &Host,
    source: &Source,
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let shown = &source.shown;
    let answer = source.text().map_err(|error| error.to_string()).and_then(|text| {
        let test = parse(&text).map_err(|diagnostics| diagnostics.to_string())?;
        let migration =
            migrate(plan, target, test.harts.len()).map_err(|error| error.to_string())?;
        let timeout = args.timeout.map(|seconds| Duration::from_secs(seconds.into()));
        let states = |harts: &[HartConfig]| states(&test, &text, harts, timeout);
        let before = states(&migration.source.hart_configs())
            .map_err(|error| format!("on the source: {error}"))?;
        let after = states(&migration.target.hart_configs());
        Ok((test.name.clone(), before, after))
    });
    match answer {
        Err(error) => {
            output::complain(&format!("{shown}: {error}"));
            Ok(Outcome::NotRun)
        }
        Ok((name, _, Err(error))) => {
            writeln!(out, "{name}: would not run on the target: {error}")?;
            Ok(Outcome::Differs)
        }
        Ok((name, before, Ok(after))) => {
            let new: Vec<&String> = after.difference(&before).collect();
            if new.is_empty() {
                writeln!(out, "{name}: no new outcome")?;
                return Ok(Outcome::AsExpected);
            }
            let noun = if new.len() == 1 { "outcome" } else { "outcomes" };
            writeln!(out, "{name}: {} new {noun}", new.len())?;
            for state in new {
                writeln!(out, "  {state}")?;
            }
            Ok(Outcome::Differs)
        }
    }
}

/// All final states on these harts, as text.
fn states(
    test: &Test,
    text: &str,
    harts: &[HartConfig],
    timeout: Option<Duration>,
) -> Result<BTreeSet<String>, String> {
    let program =
        link(test, &LineIndex::new(text), |id| harts[id.index()]).map_err(|d| d.to_string())?;
    let models: Vec<BaseModel> = harts.iter().map(|hart| hart.model).collect();
    let start = Instant::now();
    let interrupted = || timeout.is_some_and(|limit| start.elapsed() >= limit);
    let limits = Limits { interrupted: &interrupted, parallel: true, ..Limits::default() };
    let outcomes = explore(&program, &models, &Options::default(), limits)
        .map_err(|fault| fault.to_string())?;
    let model = models.first().copied().unwrap_or(BaseModel::Rvwmo);
    let found = [ModelOutcomes { model: model.into(), outcomes, microseconds: None }];
    let answer = side_by_side(test, &program, &found).map_err(|failure| failure.error.message)?;
    let report = &answer.models[0];
    let rows = report.states.iter().map(|(row, _)| {
        let values = answer.places.iter().zip(row);
        let parts = values.map(|(place, v)| format!("{place}={};", v.text(&answer.symbols)));
        parts.collect::<Vec<_>>().join(" ")
    });
    Ok(rows.collect())
}
