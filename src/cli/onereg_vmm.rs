//! `rvlitmus onereg vmm` and `trace`: what a program asks for, what its guest is told, what its harts do.

use std::io::Write;

use clap::Args;

use super::exit::Outcome;
use super::host::VmArgs;
use super::onereg::machine;
use crate::report::wrapped_lines;
use rvlitmus_core::litmus::visible;
use rvlitmus_core::model::BaseModel;
use rvlitmus_core::session::{Session, Settings, Unwatched};
use rvlitmus_onereg::{IsaExt, IsaRegister, RegId, RegKind, Vcpu, Vmm, VmmStart, start, trace};

#[derive(Debug, Args)]
pub(super) struct VmmArgs {
    #[command(flatten)]
    vm: VmArgs,
    /// kvmtool, qemu, cloud-hypervisor or crosvm
    #[arg(value_name = "PROGRAM")]
    vmm: Vmm,
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
    #[arg(long, value_name = "PROGRAM", default_value = "qemu")]
    vmm: Vmm,
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

/// The tests by which the two models differ, or do not, with the outcome that is asked about.
const TESTS: [(&str, &str, &str); 3] = [
    (
        "SB",
        "0:x7=0 1:x7=0",
        "RISCV SB\n{ 0:x6=x; 0:x8=y; 1:x6=y; 1:x8=x; }\n P0 | P1 ;\n li x5,1 | li x5,1 ;\n \
         sw x5,0(x6) | sw x5,0(x6) ;\n lw x7,0(x8) | lw x7,0(x8) ;\nexists (0:x7=0 /\\ 1:x7=0)\n",
    ),
    (
        "MP",
        "1:x5=1 1:x7=0",
        "RISCV MP\n{ 0:x6=x; 0:x8=y; 1:x6=y; 1:x8=x; }\n P0 | P1 ;\n li x5,1 | lw x5,0(x6) ;\n \
         sw x5,0(x6) | lw x7,0(x8) ;\n sw x5,0(x8) | ;\nexists (1:x5=1 /\\ 1:x7=0)\n",
    ),
    (
        "LB",
        "0:x5=1 1:x5=1",
        "RISCV LB\n{ 0:x6=x; 0:x8=y; 1:x6=y; 1:x8=x; }\n P0 | P1 ;\n lw x5,0(x6) | lw x5,0(x6) ;\n \
         li x7,1 | li x7,1 ;\n sw x7,0(x8) | sw x7,0(x8) ;\nexists (0:x5=1 /\\ 1:x5=1)\n",
    ),
];

/// The vCPU that is asked about, after the requests of its VM file.
fn requested(args: &VmArgs) -> anyhow::Result<Vcpu> {
    let (mut vm, _) = machine(args)?;
    Ok(vm.vcpus.swap_remove(args.vcpu))
}

pub(super) fn vmm(args: &VmmArgs, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let vcpu = requested(&args.vm)?;
    let program = args.vmm.program();
    writeln!(out, "{} on {}", args.vmm, vcpu.host().policy())?;
    let started = start(args.vmm, &args.options, vcpu);
    writeln!(out, "requests ({})", program.requests)?;
    for step in &started.steps {
        said(out, &format!("{}: {}", step.request, step.answer))?;
        if let Some(reaction) = &step.reaction {
            said(out, &format!("-> {}: {reaction}", program.name))?;
        }
    }
    for note in &started.notes {
        said(out, &format!("note: {}", visible(note)))?;
    }
    if let Some(exit) = &started.exit {
        writeln!(out, "{}", visible(exit))?;
        return Ok(Outcome::Differs);
    }
    told_and_run(&started, out)
}

/// What the guest is told beside what its harts do.
fn told_and_run(started: &VmmStart, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let (told, runs) = (started.told.model(), started.runs());
    writeln!(out, "what the guest is told ({})", started.vmm.program().device_tree)?;
    said(out, &format!("device tree: {}", started.told.isa_line))?;
    let probe = match started.told.hwprobe_ztso {
        Some(bit) => format!("{bit} (Ztso) is set"),
        None => "the bit of Ztso is not set".to_owned(),
    };
    said(out, &format!("hwprobe: {probe}"))?;
    said(out, &format!("memory model: {told}"))?;
    writeln!(out, "what its harts do")?;
    said(out, &format!("memory model: {runs}"))?;
    writeln!(out, "{:6}{:18}{:16}as run", "test", "outcome", "as told")?;
    for (name, outcome, test) in TESTS {
        let [as_told, as_run] = [told, runs].map(|model| possible(test, model));
        writeln!(out, "{name:6}{outcome:18}{as_told:16}{as_run}")?;
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
    for line in wrapped_lines(sentence, 80, 80) {
        writeln!(out, "{line}")?;
    }
    Ok(outcome)
}

/// Whether the outcome of a test's condition is possible under a model.
fn possible(test: &str, model: BaseModel) -> &'static str {
    let models = vec![rvlitmus_core::model::Model::of(model)];
    let session = Session::new(Settings { models, ..Settings::default() });
    let answer = session.read(test).and_then(|test| {
        let machines = session.machines(&test)?;
        session.answer(&test, &machines, &Unwatched)
    });
    match answer.ok().and_then(|answer| answer.found(0).map(|states| states.positive())) {
        Some(0) => "impossible",
        Some(_) => "possible",
        None => "not decided",
    }
}

/// A line below a heading, wrapped.
fn said(out: &mut dyn Write, text: &str) -> std::io::Result<()> {
    for (number, line) in wrapped_lines(text, 78, 76).iter().enumerate() {
        writeln!(out, "{}{line}", if number == 0 { "  " } else { "    " })?;
    }
    Ok(())
}

pub(super) fn trace_road(args: &TraceArgs, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let vcpu = requested(&args.vm)?;
    let (register, wanted) = match (args.enable, args.disable) {
        (Some(register), _) => (register, true),
        (None, Some(register)) => (register, false),
        (None, None) => anyhow::bail!("expected --enable or --disable"),
    };
    let token = register.extension().token();
    let options = match (wanted, args.vmm, register.extension()) {
        (true, ..) | (_, Vmm::CloudHypervisor | Vmm::Crosvm, _) => Vec::new(),
        (false, Vmm::Kvmtool, _) => vec![format!("--disable-{token}")],
        (false, Vmm::Qemu, _) => vec![format!("host,{token}=off")],
    };
    let policy = vcpu.host().policy();
    let started = start(args.vmm, &options, vcpu.clone());
    let steps = trace(vcpu, register, wanted, &started);
    writeln!(out, "{} on {policy}, started by {}", register.extension(), args.vmm)?;
    for (number, step) in steps.iter().enumerate() {
        writeln!(out, "{:>2} {}", number + 1, step.what)?;
        for line in wrapped_lines(&step.outcome, 76, 76) {
            writeln!(out, "   {line}")?;
        }
        writeln!(out, "   [{}]", step.place)?;
    }
    if let Some(exit) = &started.exit {
        writeln!(out, "{}", visible(exit))?;
    }
    let gone = register.extension() == IsaExt::Ztso && started.told.model() != started.runs();
    Ok(if gone || started.exit.is_some() { Outcome::Differs } else { Outcome::AsExpected })
}
