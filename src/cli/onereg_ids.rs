//! `rvlitmus onereg ids` and `releases`: the registers of every kernel, without a host.

use std::io::Write;

use anyhow::bail;
use clap::Args;

use super::exit::Outcome;
use super::onereg::said;
use crate::report::{KernelRegisterRecord, harmless};
use rvlitmus_onereg::{IsaRegister, Policy, ReleaseHistory};

#[derive(Debug, Args)]
pub(super) struct IdsArgs {
    /// Only registers whose name contains this
    #[arg(value_name = "TEXT")]
    only: Option<String>,
    /// As JSON: an array of objects
    #[arg(long)]
    json: bool,
}

pub(super) fn ids(args: &IdsArgs, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let wanted = args.only.as_deref().unwrap_or_default().to_ascii_lowercase();
    let all = KernelRegisterRecord::all();
    let rows: Vec<KernelRegisterRecord> = all.filter(|row| row.name.contains(&wanted)).collect();
    if rows.is_empty() {
        bail!("no register has `{wanted}` in its name");
    }
    if args.json {
        writeln!(out, "{}", harmless(&serde_json::to_string_pretty(&rows)?))?;
        return Ok(Outcome::AsExpected);
    }
    // Names of other registers may be longer, and push the rest of their line to the right.
    let widths = rows.iter().map(|row| row.name.len());
    let width = widths.filter(|width| *width <= 20).max().unwrap_or(0);
    for row in &rows {
        let mut line = format!("{}  {:width$}  {:>4}", row.id, row.name, row.since);
        if let Some(hwcap) = row.hwcap {
            line += &format!("  hwcap {hwcap:<3}");
            if let (Some(bit), Some(since)) = (&row.hwprobe, &row.hwprobe_since) {
                line += &format!("  {bit:16}{since:>5}");
            }
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    if rows.iter().any(|row| row.hwcap.is_some()) {
        writeln!(
            out,
            "release; of extensions (named as in ISA strings) their bit in the host's bitmap,
\
             and their bit of hwprobe with its release"
        )?;
    }
    if rows.iter().any(|row| row.name.starts_with("vector.v")) {
        writeln!(
            out,
            "vector.v0 to v31: the id's size is the host's vector length, here 16 bytes"
        )?;
    }
    Ok(Outcome::AsExpected)
}

/// What each release does otherwise than the one before it.
pub(super) fn releases(out: &mut dyn Write) -> anyhow::Result<Outcome> {
    for policy in Policy::ALL {
        let registers = IsaRegister::of_kernel(policy).count();
        writeln!(out, "{policy}: {}, {registers} extensions", policy.source())?;
        if policy == Policy::Documented {
            continue;
        }
        for ReleaseHistory { release, registers, changes } in policy.history() {
            writeln!(out, "  {release}")?;
            if !registers.is_empty() {
                let names: Vec<String> = registers.iter().map(|id| id.name()).collect();
                said(out, "    registers: ", &names.join(" "))?;
            }
            for change in changes {
                said(out, "    - ", change)?;
            }
        }
    }
    Ok(Outcome::AsExpected)
}
