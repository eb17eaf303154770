//! `rvlitmus onereg vmm` and `trace`: what a program asks for, what its guest is told, what its harts do.

use std::io::Write;

use clap::Args;

use super::exit::Outcome;
use super::host::{self, VmArgs};
use super::onereg::{machine, said};
use crate::run::{BasicOutcome, basic_outcomes};
use rvlitmus_core::model::BaseModel;
use rvlitmus_onereg::{IsaRegister, RegId, RegKind, StartedGuest, Trace, Vcpu, Vmm, start, trace};

#[derive(Debug, Args)]
pub(super) struct VmmArgs {
    #[command(flatten)]
    vm: VmArgs,
    /// kvmtool, qemu, cloud-hypervisor or crosvm
    #[arg(value_name = "PROGRAM", value_parser = host::vmm)]
    vmm: &'static Vmm,
    /// Its own options, such as --disable-ztso or -cpu host,ztso=off
    #[arg(value_name = "OPTIONS", trailing_var_arg = true, allow_hyphen_values = true)]
    options: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct TraceArgs {
    #[command(flatten)]
    vm: VmArgs,
    /// Ask for this extension to be on
    #[arg(long, value_name = "EXTENSION", value_parser = extension, required_unless_present = "disable")]
    enable: Option<IsaRegister>,
    /// Ask for this extension to be off
    #[arg(long, value_name = "EXTENSION", value_parser = extension, conflicts_with = "enable")]
    disable: Option<IsaRegister>,
    /// The program that starts the guest: qemu, kvmtool, cloud-hypervisor or crosvm
    #[arg(long, value_name = "PROGRAM", default_value = "qemu", value_parser = host::vmm)]
    vmm: &'static Vmm,
}

/// An extension that has a register in some kernel.
fn extension(text: &str) -> Result<IsaRegister, String> {
    let id: RegId = text.parse().map_err(|error| format!("{error}"))?;
    match id.kind() {
        RegKind::IsaSingle(index) => IsaRegister::from_index(index),
        _ => None,
    }
    .ok_or_else(|| format!("`{text}` is no extension that KVM has a register for"))
}

/// The vCPU that is asked about, after the requests of its VM file.
fn requested(args: &VmArgs) -> anyhow::Result<Vcpu> {
    let (mut vm, _) = machine(args)?;
    Ok(vm.vcpus.swap_remove(usize::from(args.vcpu)))
}

pub(super) fn vmm(args: &VmmArgs, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let vcpu = requested(&args.vm)?;
    writeln!(out, "{} on {}", args.vmm, vcpu.host().policy())?;
    let started = start(args.vmm, &args.options, vcpu);
    writeln!(out, "requests ({})", args.vmm.requests)?;
    for step in &started.steps {
        said(out, "  ", &format!("{}: {}", step.request, step.answer))?;
        if let Some(reaction) = &step.reaction {
            said(out, "  ", &format!("-> {}: {reaction}", args.vmm.name))?;
        }
    }
    for note in &started.notes {
        said(out, "  ", &format!("note: {note}"))?;
    }
    match &started.guest {
        Ok(guest) => told_and_run(args.vmm, guest, out),
        Err(end) => {
            said(out, "", end)?;
            Ok(Outcome::Differs)
        }
    }
}

/// What the guest is told beside what its harts do.
fn told_and_run(vmm: &Vmm, guest: &StartedGuest, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let (told, runs) = (guest.isa.model(), guest.hart_model());
    writeln!(out, "what the guest is told ({})", vmm.device_tree)?;
    said(out, "  ", &format!("device tree: {}", guest.isa.line))?;
    let probe = match guest.isa.hwprobe_ztso {
        Some(bit) => format!("{bit} (Ztso) is set"),
        None => "the bit of Ztso is not set".to_owned(),
    };
    said(out, "  ", &format!("hwprobe: {probe}"))?;
    said(out, "  ", &format!("memory model: {told}"))?;
    writeln!(out, "what its harts do")?;
    said(out, "  ", &format!("memory model: {runs}"))?;
    writeln!(out, "{:6}{:22}{:16}as run", "test", "outcome", "as told")?;
    for BasicOutcome { test, outcome, possible } in basic_outcomes(&[told, runs]) {
        let word = |possible: &bool| if *possible { "possible" } else { "impossible" };
        let words: Vec<&str> = possible.iter().map(word).collect();
        writeln!(out, "{test:6}{outcome:22}{:16}{}", words[0], words[1])?;
    }
    let (outcome, sentence) = match (told, runs) {
        (BaseModel::Ztso, BaseModel::Rvwmo) => {
            (Outcome::Differs, "the guest relies on order that its harts do not keep")
        }
        (BaseModel::Rvwmo, BaseModel::Ztso) => (
            Outcome::Differs,
            "the guest is told less than its harts do: it is correct, and slower than it might be; tests \
             in it never show what RVWMO allows",
        ),
        _ => (Outcome::AsExpected, "the guest is told what its harts do"),
    };
    said(out, "", sentence)?;
    Ok(outcome)
}

pub(super) fn trace_road(args: &TraceArgs, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let vcpu = requested(&args.vm)?;
    let (register, wanted) = match (args.enable, args.disable) {
        (Some(register), _) => (register, true),
        (None, Some(register)) => (register, false),
        (None, None) => anyhow::bail!("expected --enable or --disable"),
    };
    let hide = || args.vmm.options_that_hide(register.extension().token());
    let options = if wanted { Vec::new() } else { hide() };
    let policy = vcpu.host().policy();
    let started = start(args.vmm, &options, vcpu.clone());
    let Trace { steps, granted } = trace(vcpu, register, wanted, &started);
    writeln!(out, "{} on {policy}, started by {}", register.extension(), args.vmm)?;
    for (number, step) in steps.iter().enumerate() {
        writeln!(out, "{:>2} {}", number + 1, step.what)?;
        said(out, "   ", &step.outcome)?;
        writeln!(out, "   [{}]", step.place)?;
    }
    let told_otherwise = match &started.guest {
        Ok(guest) => register == IsaRegister::ZTSO && guest.isa.model() != guest.hart_model(),
        Err(end) => {
            said(out, "", end)?;
            true
        }
    };
    Ok(if told_otherwise || !granted { Outcome::Differs } else { Outcome::AsExpected })
}
