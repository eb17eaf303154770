//! `rvlitmus migrate`: what a guest may meet after live migration.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::bail;
use clap::Args;

use super::args::{LimitArgs, SemanticsArgs};
use super::exit::Outcome;
use super::host::{load_vm, named};
use super::progress::Bar;
use super::stop::stop_on;
use super::{output, plan, threads};
use crate::results::Tally;
use crate::run::{
    Found, Job, Progress, Setup, Source, TestWatch, answer_on, find, of_guest, run_all,
};
use rvlitmus_core::answer::{Answer, Failure, Mistake, Reached, Status, cut_text};
use rvlitmus_core::arch::riscv::Base;
use rvlitmus_core::litmus::visible;
use rvlitmus_core::model::BaseModel;
use rvlitmus_core::session::{Harts, Machine};
use rvlitmus_onereg::{Host, Migration, MigrationVerdict, Policy, VcpuChange, VmPlan, migrate};

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
    #[command(flatten)]
    semantics: SemanticsArgs,
    #[command(flatten)]
    limits: LimitArgs,
    /// Litmus tests whose outcomes are compared: files, directories, @LIST or -
    #[arg(value_name = "TESTS")]
    tests: Vec<String>,
}

/// Checks the migration, writing to `out`.
///
/// # Errors
/// If a host cannot be read, or `out` not be written.
pub(super) fn run(args: &MigrateArgs, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let plan = vm_plan(args)?;
    let target = named(&args.to, args.to_policy)?.plan.host().clone();
    let vcpus = args.vcpus.map_or_else(|| plan.described_vcpus().max(1), usize::from);
    let migration = migrate(&plan, &target, vcpus)?;
    describe(&migration, out)?;
    let outcome = match migration.verdict() {
        MigrationVerdict::Safe => Outcome::AsExpected,
        MigrationVerdict::Refused | MigrationVerdict::SilentlyWeaker => Outcome::Differs,
    };
    let setup = plan::setup(&[], &args.semantics, &args.limits, false);
    threads::make(args.limits.jobs.map_or(0, usize::from))?;
    let stop = stop_on(&setup.stop, None)?;
    let bar = Bar::new(&args.tests);
    let mut changes = Changes { out, outcome, bar, tally: Tally::default() };
    let flag = setup.stop.clone();
    let work = move |found| match found {
        Found::Test(source) => change(&source, &plan, &target, &setup),
        Found::Error(error) => Err(format!("rvlitmus: {error}\n")),
    };
    run_all(find(&args.tests, &flag), &flag, work, &mut changes)?;
    changes.bar.finish();
    if let Some(cause) = stop.cause() {
        output::complain(&format!("{cause}: not all tests were compared"));
        return Ok(Outcome::NotRun);
    }
    Ok(changes.outcome)
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

fn describe_vcpu(vcpu: usize, moved: &VcpuChange, out: &mut dyn Write) -> anyhow::Result<()> {
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

/// Place of the host's machine in the answer, before the move and after it.
const SOURCE: usize = 0;
const TARGET: usize = 1;

/// What the guest could see of one test after the move, and whether it could before.
enum Change {
    /// It would not run on the target, for this reason.
    WouldNotRun(String),
    /// These states are new; all others are known to be old.
    New(Vec<String>),
    /// Not all states are known, and of those that are none is new.
    Undecided(String),
}

/// One test on both hosts.
///
/// # Errors
/// What the terminal is told of a test that cannot be read or not be run on the source.
fn change(
    source: &Source,
    plan: &VmPlan,
    target: &Host,
    setup: &Setup,
) -> Result<Option<(String, Change)>, String> {
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
        Ok(match migrate(plan, target, test.test.harts.len()) {
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
        None => Ok(Some((visible(&name).into_owned(), changed(&answer)))),
    }
}

fn changed(answer: &Answer) -> Change {
    let state = |row: usize| {
        let values = answer.places.iter().zip(answer.states.row(row));
        let parts = values.map(|(place, v)| format!("{place}={};", v.text(&answer.symbols)));
        parts.collect::<Vec<_>>().join(" ")
    };
    let new = || answer.states.lacked(TARGET, SOURCE).map(state).collect::<Vec<String>>();
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
        (_, Reached::Some(_, cut)) if new().is_empty() => {
            Change::Undecided(format!("on the target {}: {hint}", cut_text(cut)))
        }
        (_, Reached::NoExecution) => Change::Undecided(
            "on the target no execution ends, or none passes the filter".to_owned(),
        ),
        _ => Change::New(new()),
    }
}

/// Writes what becomes of each test.
struct Changes<'o> {
    out: &'o mut dyn Write,
    outcome: Outcome,
    bar: Bar,
    tally: Tally,
}

impl Job for Changes<'_> {
    type Task = Found;
    type Output = Result<Option<(String, Change)>, String>;

    fn name(&self, task: &Found) -> String {
        task.name()
    }

    fn result(&mut self, output: Self::Output) -> io::Result<()> {
        let outcome = match output {
            Ok(None) => return Ok(()),
            Err(complaint) => {
                self.bar.say(&complaint);
                Outcome::NotRun
            }
            Ok(Some((name, Change::WouldNotRun(why)))) => {
                writeln!(self.out, "{name}: would not run on the target: {}", visible(&why))?;
                Outcome::Differs
            }
            Ok(Some((name, Change::Undecided(why)))) => {
                writeln!(self.out, "{name}: not decided: {}", visible(&why))?;
                Outcome::NotRun
            }
            Ok(Some((name, Change::New(states)))) if states.is_empty() => {
                writeln!(self.out, "{name}: no new outcome")?;
                Outcome::AsExpected
            }
            Ok(Some((name, Change::New(states)))) => {
                let noun = if states.len() == 1 { "outcome" } else { "outcomes" };
                writeln!(self.out, "{name}: {} new {noun}", states.len())?;
                states.iter().try_for_each(|state| writeln!(self.out, "  {}", visible(state)))?;
                Outcome::Differs
            }
        };
        self.outcome = self.outcome.max(outcome);
        Ok(())
    }

    fn waiting(&mut self, progress: &Progress) -> io::Result<()> {
        self.bar.update(progress, &self.tally);
        Ok(())
    }
}
