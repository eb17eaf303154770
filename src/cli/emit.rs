//! `rvlitmus emit`: a C program that runs tests on hardware, in an emulator or in a guest.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};

use super::exit::Outcome;
use super::gather::{Gathered, begin, beside_path, gather};
use super::output::Outputs;
use super::shared_args::{ForceArg, LimitArgs, ModelArgs, SemanticsArgs, TestArgs};
use super::{output, plan};
use crate::results::shown_path;
use crate::run::{Emitted, Source, emit_test};
use rvlitmus_core::litmus::visible;
use rvlitmus_harness::{Folder, HardwareTest, Harness, Target};

pub(super) const EMIT_HELP: &str = "\
Examples:
  rvlitmus emit litmus/mp litmus/sb -o program      then: make -C program CC=riscv64-linux-gnu-gcc
  qemu-riscv64 program/rvlitmus --time 10 > qemu.log; rvlitmus compare qemu.log report.jsonl
  rvlitmus emit litmus/ztso-adds -o guest --target kvm-guest

Exit code:
  0  every test is in the folder, with all states of every model
  2  a test is left out, or a model is not checked, as its states are not all known; each is named";

#[derive(Debug, Args)]
pub(super) struct EmitArgs {
    #[command(flatten)]
    tests: TestArgs,
    /// Where the program runs: in a Linux system, or as the first process of a guest
    #[arg(long, value_enum, value_name = "TARGET", default_value_t)]
    target: EmitTarget,
    /// Seconds that the program runs where it is not told otherwise
    #[arg(long, value_name = "SECONDS", default_value_t = 60,
          value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    time: u32,
    /// Harts that there are: tests with more are left out
    #[arg(long, value_name = "N", default_value_t = 4,
          value_parser = clap::value_parser!(u16).range(1..=64))]
    harts: u16,
    /// Mutants of each test, without one of its fences or annotations, at most
    #[arg(long, value_name = "N", default_value_t = 3,
          value_parser = clap::value_parser!(u8).range(0..=16))]
    mutants: u8,
    #[command(flatten)]
    models: ModelArgs,
    #[command(flatten)]
    semantics: SemanticsArgs,
    #[command(flatten)]
    limits: LimitArgs,
    /// Write the program to this folder
    #[arg(long, short, value_name = "DIR", required = true, help_heading = "Output")]
    output: PathBuf,
    #[command(flatten)]
    force: ForceArg,
}

/// Where the program runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, ValueEnum)]
enum EmitTarget {
    /// In a Linux system, on hardware or under qemu-user
    #[default]
    Linux,
    /// As the first process of a guest of KVM
    KvmGuest,
}

/// Writes the program.
pub(super) fn emit(args: &EmitArgs) -> anyhow::Result<Outcome> {
    let mut setup = plan::setup(&args.models.model, &args.semantics, &args.limits, false)?;
    let stop = begin(&mut setup, &args.tests.selection, &args.limits)?;
    let flag = setup.stop.clone();
    let mut outputs = Outputs::new(&args.force).reads_tests(&args.tests.tests, &flag);
    let harness = Harness {
        session: setup.session.clone(),
        harts: usize::from(args.harts),
        mutants: usize::from(args.mutants),
    };
    let ask = move |source: &Source| beside_path(source, emit_test(source, &setup, &harness));
    let gathered: Gathered<(String, Emitted)> = gather(&args.tests.tests, &flag, ask)?;
    if let Some(cause) = stop.cause() {
        bail!("{cause}: nothing is written, for tests would be missing");
    }
    let (mut tests, mut left_out) = (Vec::new(), Vec::new());
    for (path, emitted) in gathered.kept {
        match emitted {
            Emitted::Test(test) => tests.push(*test),
            Emitted::LeftOut(why) => left_out.push((visible(&path).into_owned(), why.to_string())),
        }
    }
    for (path, why) in &left_out {
        output::complain(&format!("{path} is left out: {why}"));
    }
    anyhow::ensure!(!tests.is_empty(), "there is no test that hardware can run");
    let mut unchecked = 0;
    for test in &tests {
        for (model, why) in test.unchecked() {
            let name = visible(test.name());
            output::complain(&format!("{name} is not checked against {model}: {why}"));
            unchecked += 1;
        }
    }
    write(args, &mut outputs, &tests, &left_out)?;
    let missing = gathered.troubles + left_out.len();
    let (count, shown) = (tests.len(), shown_path(&args.output));
    let plural = if count == 1 { "" } else { "s" };
    let outcome = Outcome::of_decisions(missing, unchecked);
    output::print_known(&format!("{count} test{plural} in {shown}\n"), outcome)
}

fn write(
    args: &EmitArgs,
    outputs: &mut Outputs,
    tests: &[HardwareTest],
    left_out: &[(String, String)],
) -> anyhow::Result<()> {
    let target = match args.target {
        EmitTarget::Linux => Target::Linux,
        EmitTarget::KvmGuest => Target::KvmGuest,
    };
    let folder = Folder { tests, target, seconds: args.time, left_out };
    let make = |path: &Path| {
        let shown = shown_path(path);
        fs::create_dir_all(path).with_context(|| format!("{shown} cannot be created"))
    };
    make(&args.output.join("tests"))?;
    let mut files = Vec::new();
    for (name, text) in folder.files() {
        files.push((outputs.place(Some(&args.output.join(name)))?, text));
    }
    for (file, text) in files {
        file.write_whole(text.as_bytes())?;
    }
    #[cfg(unix)]
    if target == Target::KvmGuest {
        use std::os::unix::fs::PermissionsExt;
        let script = args.output.join("guest.sh");
        fs::set_permissions(script, fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}
