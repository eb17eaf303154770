//! `rvlitmus onereg`: the registers of a host's vCPUs, one by one.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::exit::Outcome;
use super::host::{HOST_HELP, Named, VmArgs, recording};
use super::onereg_ids::{self, IdsArgs};
use super::onereg_vmm::{self, TraceArgs, VmmArgs};
use super::output;
use crate::report::{VcpuRegisterRecord, harmless, wrapped_lines};
use crate::results::shown_path;
use rvlitmus_core::litmus::visible;
use rvlitmus_onereg::{ConfigReg, Policy, RegId, RegKind, RegType, Vm, parse_u64, replay};

/// For the command as a whole.
pub(super) const ONEREG_EXIT: &str = "\
Exit code:
  0  everything is as asked
  1  the kernel refuses something or silently does less, a step differs from the recording, or a
     guest is told otherwise than its harts do
  2  wrong arguments, or something cannot be read";

const LIST_EXIT: &str = "Exit code: 0; 2 if the host cannot be read";
const GET_EXIT: &str = "Exit code: 0; 1 if a register is refused; 2 if the host cannot be read";
const SET_EXIT: &str = "\
Exit code: 0; 1 if a request is refused or silently not done; 2 if the host cannot be read";
const REPLAY_EXIT: &str = "\
Exit code: 0; 1 if a step or the list differs; 2 if a file cannot be read or has no step (the other
files are replayed all the same)";
const IDS_EXIT: &str = "Exit code: 0; 2 if no register has TEXT in its name";
const VMM_EXIT: &str = "\
Exit code: 0; 1 if the program ends, or the guest is told otherwise than its harts do; 2 if the host
cannot be read";
const TRACE_EXIT: &str = "\
Exit code: 0; 1 if the kernel refuses what is asked, the program ends, or the guest is told of Ztso
otherwise than its harts do; 2 if the host cannot be read";

/// Read, set and replay registers of the ONE_REG interface.
#[derive(Debug, Subcommand)]
pub(super) enum OneregCommand {
    /// List a vCPU's registers: id, name, value, and whether it can change
    #[command(after_help = format!("{HOST_HELP}\n\n{LIST_EXIT}"))]
    List(ListArgs),
    /// Get registers by name or id
    #[command(after_help = format!("{HOST_HELP}\n\n{GET_EXIT}"))]
    Get(GetArgs),
    /// Set registers by name or id, one after the other
    #[command(after_help = format!("{HOST_HELP}\n\n{SET_EXIT}"))]
    Set(SetArgs),
    /// Replay recorded transcripts against the model of the host that they name
    #[command(after_help = REPLAY_EXIT)]
    Replay(ReplayArgs),
    /// List the registers of all kernels: id, name, release; of extensions hwcap number, ISA name, hwprobe bit
    #[command(after_help = IDS_EXIT)]
    Ids(IdsArgs),
    /// Say what each modelled release does otherwise than the one before it
    Releases,
    /// Start a guest as a program does: its requests, what the guest is told, what its harts do
    #[command(after_help = format!("{HOST_HELP}\n\n{VMM_EXIT}"))]
    Vmm(VmmArgs),
    /// Follow one extension from the host's device tree to the guest's memory model
    #[command(after_help = format!("{HOST_HELP}\n\n{TRACE_EXIT}"))]
    Trace(TraceArgs),
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    vm: VmArgs,
    /// Also the extensions without register, and why there is none
    #[arg(long)]
    all: bool,
    /// As JSON: an array of objects with id, name, value, change
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct GetArgs {
    #[command(flatten)]
    vm: VmArgs,
    /// Names (ztso, config.isa, multi_en.0) or ids (0x8030000007000034)
    #[arg(required = true, value_name = "REGISTER")]
    registers: Vec<RegId>,
}

#[derive(Debug, Args)]
pub(super) struct SetArgs {
    #[command(flatten)]
    vm: VmArgs,
    /// Let the vCPU run before the requests
    #[arg(long)]
    after_run: bool,
    /// Requests such as ztso=0 or 0x8030000007000034=0x1
    #[arg(required = true, value_name = "REGISTER=VALUE", value_parser = assignment)]
    requests: Vec<(RegId, u64)>,
}

#[derive(Debug, Args)]
pub(super) struct ReplayArgs {
    /// Recorded transcripts
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Another kernel behaviour than the recorded kernel's
    #[arg(long, value_name = "POLICY")]
    policy: Option<Policy>,
}

/// Columns of a line, and where a sentence begins that does not fit behind a register.
const WIDTH: usize = 80;
const INDENT: usize = 20;

/// A register and what is to be said of it: behind it, or below.
fn told(out: &mut dyn Write, head: &str, what: &str) -> io::Result<()> {
    let what = visible(what);
    if head.len() + 2 + what.chars().count() <= WIDTH {
        return writeln!(out, "{head}  {what}");
    }
    writeln!(out, "{head}")?;
    for line in wrapped_lines(&what, WIDTH - INDENT, WIDTH - INDENT) {
        writeln!(out, "{:INDENT$}{line}", "")?;
    }
    Ok(())
}

/// A sentence behind `start`, its further lines indented.
pub(super) fn said(out: &mut dyn Write, start: &str, text: &str) -> io::Result<()> {
    let (text, first) = (visible(text), WIDTH - start.len());
    let further = start.len() + if start.trim().is_empty() { 4 } else { 0 };
    for (number, line) in wrapped_lines(&text, first, WIDTH - further).iter().enumerate() {
        match number {
            0 => writeln!(out, "{start}{line}")?,
            _ => writeln!(out, "{:further$}{line}", "")?,
        }
    }
    Ok(())
}

/// Runs one of the commands, writing to `out`.
///
/// # Errors
/// If the host cannot be read, or `out` not be written.
pub(super) fn run(command: &OneregCommand, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    match command {
        OneregCommand::List(args) => list(args, out),
        OneregCommand::Get(args) => get(args, out),
        OneregCommand::Set(args) => set(args, out),
        OneregCommand::Replay(args) => replay_files(args, out),
        OneregCommand::Ids(args) => onereg_ids::ids(args, out),
        OneregCommand::Releases => onereg_ids::releases(out),
        OneregCommand::Vmm(args) => onereg_vmm::vmm(args, out),
        OneregCommand::Trace(args) => onereg_vmm::trace_road(args, out),
    }
}

/// The VM with as many vCPUs as needed to have the one that is asked for.
pub(super) fn machine(args: &VmArgs) -> anyhow::Result<(Vm, Named)> {
    let named = args.named()?;
    let vcpus = named.plan.described_vcpus().max(usize::from(args.vcpu) + 1);
    Ok((named.plan.machine(vcpus)?, named))
}

fn list(args: &ListArgs, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let (machine, named) = machine(&args.vm)?;
    let vcpu = &machine.vcpus[usize::from(args.vm.vcpu)];
    let mut rows = vcpu.registers();
    if let Some(real) = &named.real {
        for row in &mut rows {
            let found = real.iter().find(|(id, _)| *id == row.id);
            row.value = found.map_or(row.value, |(_, value)| *value);
        }
    }
    if args.json {
        let records = VcpuRegisterRecord::list(vcpu, &rows, args.all);
        writeln!(out, "{}", harmless(&serde_json::to_string_pretty(&records)?))?;
        return Ok(Outcome::AsExpected);
    }
    let names: Vec<String> = rows.iter().map(|row| row.id.name()).collect();
    let values: Vec<String> = rows.iter().map(|row| shown(row.id, row.value)).collect();
    // A few are longer; they push the rest of their line to the right.
    let width = |texts: &[String], most: usize| {
        texts.iter().map(String::len).filter(|length| *length <= most).max().unwrap_or(0)
    };
    let (name_width, value_width) = (width(&names, 24), width(&values, 8));
    for ((row, name), value) in rows.iter().zip(&names).zip(&values) {
        let (id, change) = (row.id, row.writability.to_string());
        let head = format!("{id}  {name:name_width$}  {value:>value_width$}");
        told(out, &head, &change)?;
    }
    if args.all {
        writeln!(out)?;
        for absent in vcpu.absent_registers() {
            let id = RegId::isa_single(absent.register);
            let head = format!("{id}  {:name_width$}", id.name());
            told(out, &head, &format!("{}: {}", absent.reason.errno(), absent.reason))?;
        }
        for line in vcpu.host().not_accepted() {
            said(out, "", &line)?;
        }
    }
    Ok(Outcome::AsExpected)
}

/// Extensions, modes and block sizes in decimal, bits and ids in hexadecimal.
fn shown(id: RegId, value: u64) -> String {
    match id.kind() {
        RegKind::IsaSingle(_) => value.to_string(),
        RegKind::Config(index) => match ConfigReg::from_index(index) {
            Some(ConfigReg::SatpMode) => value.to_string(),
            Some(register) if register.block_of().is_some() => value.to_string(),
            _ => format!("{value:#x}"),
        },
        RegKind::Grouped { reg_type: RegType::Timer | RegType::SbiExt, subtype: 0, .. }
            if value != u64::MAX =>
        {
            value.to_string()
        }
        _ => format!("{value:#x}"),
    }
}

fn get(args: &GetArgs, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let (machine, _) = machine(&args.vm)?;
    let vcpu = &machine.vcpus[usize::from(args.vm.vcpu)];
    let mut outcome = Outcome::AsExpected;
    for id in &args.registers {
        match vcpu.get_one_reg(*id) {
            Ok(value) => writeln!(out, "{} = {}", both_names(*id), shown(*id, value))?,
            Err(refusal) => {
                said(out, "", &format!("{}: {refusal}", both_names(*id)))?;
                outcome = Outcome::Differs;
            }
        }
    }
    Ok(outcome)
}

fn both_names(id: RegId) -> String {
    let name = id.name();
    if name.starts_with("0x") { name } else { format!("{name} ({id})") }
}

fn set(args: &SetArgs, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let (mut machine, _) = machine(&args.vm)?;
    let vcpu = usize::from(args.vm.vcpu);
    if args.after_run {
        machine.vcpus[vcpu].run();
    }
    let first = machine.requests.len();
    for (id, value) in &args.requests {
        machine.request(vcpu, *id, *value);
    }
    let mut outcome = Outcome::AsExpected;
    for request in &machine.requests[first..] {
        said(out, "", &request.to_string())?;
        if request.result.is_err() || !request.ignored.is_empty() {
            outcome = Outcome::Differs;
        }
    }
    let config = machine.vcpus[vcpu].hart_config();
    writeln!(out, "vCPU {vcpu}: the guest's hart follows {}", config.model)?;
    Ok(outcome)
}

fn assignment(text: &str) -> Result<(RegId, u64), String> {
    let (register, value) = text.split_once('=').ok_or("expected REGISTER=VALUE")?;
    let id = register.parse().map_err(|error| format!("{error}"))?;
    let value = parse_u64(value).ok_or_else(|| format!("`{value}` is no 64-bit number"))?;
    Ok((id, value))
}

fn replay_files(args: &ReplayArgs, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let (mut steps, mut differ) = (0, 0);
    let mut outcome = Outcome::AsExpected;
    for file in &args.files {
        let name = shown_path(file);
        let replayed = recording(file).and_then(|recorded| Ok(replay(&recorded, args.policy)?));
        let replayed = match replayed {
            Ok(replayed) => replayed,
            Err(error) => {
                outcome = Outcome::of_error(&error.context(name));
                continue;
            }
        };
        for note in &replayed.notes {
            said(out, "", &format!("{name}: note: {note}"))?;
        }
        if let Some(difference) = &replayed.list_difference {
            said(out, "", &format!("{name}: {difference}"))?;
        }
        for difference in &replayed.differences {
            said(out, "", &format!("{name}: {difference}"))?;
        }
        if replayed.steps == 0 {
            output::complain(&format!("{name}: it has no step to replay"));
            outcome = Outcome::NotRun;
        }
        steps += replayed.steps;
        differ += replayed.differences.len();
        if !replayed.as_recorded() {
            outcome = outcome.max(Outcome::Differs);
        }
    }
    writeln!(out, "{} of {steps} steps as recorded", steps - differ)?;
    Ok(outcome)
}
