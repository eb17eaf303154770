//! `rvlitmus onereg`: the registers of a host's vCPUs, one by one.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use serde_json::json;

use super::exit::Outcome;
use super::host::{HOST_HELP, Named, VmArgs};
use super::onereg_ids::{self, IdsArgs};
use super::onereg_vmm::{self, TraceArgs, VmmArgs};
use crate::report::wrapped_lines;
use crate::results::shown_path;
use rvlitmus_core::litmus::visible;
use rvlitmus_onereg::{
    ListedRegister, Policy, Recording, RegId, RegKind, Replay, Vcpu, Vm, parse_u64, read_text,
    replay,
};

/// Read, set and replay registers of the ONE_REG interface.
#[derive(Debug, Subcommand)]
pub(super) enum OneregCommand {
    /// List a vCPU's registers: id, name, value, and whether it can change
    #[command(after_help = HOST_HELP)]
    List(ListArgs),
    /// Get registers by name or id
    #[command(after_help = HOST_HELP)]
    Get(GetArgs),
    /// Set registers by name or id, one after the other
    #[command(after_help = HOST_HELP)]
    Set(SetArgs),
    /// Replay recorded transcripts against the model of the host that they name
    Replay(ReplayArgs),
    /// List the registers of all kernels: id, name, release; of extensions hwcap number, ISA name, hwprobe bit
    Ids(IdsArgs),
    /// Say what each modelled release does otherwise than the one before it
    Releases,
    /// Start a guest as a program does: its requests, what the guest is told, what its harts do
    #[command(after_help = HOST_HELP)]
    Vmm(VmmArgs),
    /// Follow one extension from the host's device tree to the guest's memory model
    #[command(after_help = HOST_HELP)]
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
    if args.vcpu >= 4096 {
        bail!("--vcpu {}: expected a number below 4096", args.vcpu);
    }
    let vcpus = named.plan.described_vcpus().max(args.vcpu + 1);
    Ok((named.plan.machine(vcpus)?, named))
}

fn list(args: &ListArgs, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let (machine, named) = machine(&args.vm)?;
    let vcpu = &machine.vcpus[args.vm.vcpu];
    let mut rows = vcpu.registers();
    if let Some(real) = &named.real {
        for row in &mut rows {
            let found = real.iter().find(|(id, _)| *id == row.id);
            row.value = found.map_or(row.value, |(_, value)| *value);
        }
    }
    if args.json {
        return list_json(args, vcpu, &rows, out);
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
        if head.len() + 2 + change.len() <= WIDTH {
            writeln!(out, "{head}  {change}")?;
        } else {
            writeln!(out, "{head}")?;
            for line in wrapped_lines(&change, WIDTH - INDENT, WIDTH - INDENT) {
                writeln!(out, "{:INDENT$}{line}", "")?;
            }
        }
    }
    if args.all {
        writeln!(out)?;
        for absent in vcpu.absent_registers() {
            let id = RegId::isa_single(absent.register);
            let (name, errno) = (id.name(), absent.reason.errno());
            writeln!(out, "{id}  {name:name_width$}  {errno}: {}", absent.reason)?;
        }
        for line in vcpu.host().not_accepted() {
            writeln!(out, "{}", visible(&line.to_string()))?;
        }
    }
    Ok(Outcome::AsExpected)
}

fn list_json(
    args: &ListArgs,
    vcpu: &Vcpu,
    rows: &[ListedRegister],
    out: &mut dyn Write,
) -> anyhow::Result<Outcome> {
    let present = rows.iter().map(|row| {
        let (id, value) = (row.id.to_string(), format!("{:#x}", row.value));
        json!({ "id": id, "name": row.id.name(), "value": value, "change": row.writability.to_string() })
    });
    let absent = vcpu.absent_registers();
    let absent = absent.iter().filter(|_| args.all).map(|row| {
        let id = RegId::isa_single(row.register);
        let errno = format!("{}: {}", row.reason.errno(), row.reason);
        json!({ "id": id.to_string(), "name": id.name(), "value": null, "change": errno })
    });
    let all: Vec<serde_json::Value> = present.chain(absent).collect();
    writeln!(out, "{:#}", serde_json::Value::from(all))?;
    Ok(Outcome::AsExpected)
}

/// Extensions, modes and block sizes in decimal, bits and ids in hexadecimal.
fn shown(id: RegId, value: u64) -> String {
    match id.kind() {
        RegKind::IsaSingle(_) | RegKind::Config(1 | 5 | 6 | 7) => value.to_string(),
        RegKind::State { kind: 4 | 8, .. } if value != u64::MAX => value.to_string(),
        _ => format!("{value:#x}"),
    }
}

fn get(args: &GetArgs, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let (machine, _) = machine(&args.vm)?;
    let vcpu = &machine.vcpus[args.vm.vcpu];
    let mut outcome = Outcome::AsExpected;
    for id in &args.registers {
        match vcpu.get_one_reg(*id) {
            Ok(value) => writeln!(out, "{} = {}", both_names(*id), shown(*id, value))?,
            Err(refusal) => {
                writeln!(out, "{}: {refusal}", both_names(*id))?;
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
    let vcpu = args.vm.vcpu;
    if args.after_run {
        machine.vcpus[vcpu].run();
    }
    let first = machine.requests.len();
    for (id, value) in &args.requests {
        machine.request(vcpu, *id, *value);
    }
    let mut outcome = Outcome::AsExpected;
    for request in &machine.requests[first..] {
        writeln!(out, "{request}")?;
        if request.result.is_err() {
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
        let replayed: Replay = read_text(file)
            .map_err(anyhow::Error::from)
            .and_then(|text| Ok(replay(&Recording::from_json(&text)?, args.policy)?))
            .with_context(|| name.to_string())?;
        for note in &replayed.notes {
            writeln!(out, "{name}: note: {}", visible(note))?;
        }
        if let Some(difference) = &replayed.list_difference {
            writeln!(out, "{name}: {}", visible(&difference.to_string()))?;
        }
        for difference in &replayed.differences {
            writeln!(out, "{name}: {}", visible(&difference.to_string()))?;
        }
        steps += replayed.steps;
        differ += replayed.differences.len();
        if !replayed.as_recorded() {
            outcome = Outcome::Differs;
        }
    }
    writeln!(out, "{} of {steps} steps as recorded", steps - differ)?;
    Ok(outcome)
}
