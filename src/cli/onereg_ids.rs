//! `rvlitmus onereg ids` and `releases`: the registers of every kernel, without a host.

use std::io::Write;

use clap::Args;
use serde_json::json;

use super::exit::Outcome;
use crate::report::wrapped_lines;
use rvlitmus_onereg::{ConfigReg, IsaRegister, Policy, RegId, StateReg};

#[derive(Debug, Args)]
pub(super) struct IdsArgs {
    /// Only registers whose name contains this
    #[arg(value_name = "TEXT")]
    only: Option<String>,
    /// As JSON: an array of objects
    #[arg(long)]
    json: bool,
}

/// One register of some kernel.
struct Row {
    id: RegId,
    since: String,
    hwcap: Option<u8>,
    token: Option<&'static str>,
    hwprobe: Option<String>,
}

fn rows() -> Vec<Row> {
    let plain = |id, since| Row { id, since, hwcap: None, token: None, hwprobe: None };
    let config = ConfigReg::all().map(|r| plain(RegId::config(r), r.since().to_string()));
    let isa = IsaRegister::all().map(|register| {
        let ext = register.extension();
        Row {
            id: RegId::isa_single(register),
            since: register.since().to_string(),
            hwcap: ext.hwcap(),
            token: Some(ext.token()),
            hwprobe: ext.hwprobe().map(|bit| bit.to_string()),
        }
    });
    let words = [0, 1].into_iter().flat_map(|word| {
        let since = if word == 0 { "6.6" } else { "6.13" };
        [RegId::multi_enable(word), RegId::multi_disable(word)]
            .map(|id| plain(id, since.to_owned()))
    });
    let state = StateReg::all().map(|register| plain(register.id(16), register.since.to_string()));
    config.chain(isa).chain(words).chain(state).collect()
}

pub(super) fn ids(args: &IdsArgs, out: &mut dyn Write) -> anyhow::Result<Outcome> {
    let wanted = args.only.as_deref().unwrap_or_default().to_ascii_lowercase();
    let rows: Vec<Row> = rows().into_iter().filter(|r| r.id.name().contains(&wanted)).collect();
    if args.json {
        let rows = rows.iter().map(|row| {
            json!({ "id": row.id.to_string(), "name": row.id.name(), "since": row.since,
                    "hwcap": row.hwcap, "isa": row.token, "hwprobe": row.hwprobe })
        });
        writeln!(out, "{:#}", serde_json::Value::from(rows.collect::<Vec<_>>()))?;
        return Ok(Outcome::AsExpected);
    }
    let width = rows.iter().map(|row| row.id.name().len()).max().unwrap_or(0);
    for row in &rows {
        let mut line = format!("{}  {:width$}  {:>4}", row.id, row.id.name(), row.since);
        if let (Some(token), Some(hwcap)) = (row.token, row.hwcap) {
            let probe = row.hwprobe.as_deref().unwrap_or("no hwprobe bit");
            line += &format!("  hwcap {hwcap:<3} {token:<11}  {probe}");
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    if rows.iter().any(|row| row.id.name().starts_with("vector.v")) {
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
        for change in policy.changes() {
            for (number, line) in wrapped_lines(change, 76, 76).iter().enumerate() {
                writeln!(out, "{}{line}", if number == 0 { "  - " } else { "    " })?;
            }
        }
    }
    Ok(Outcome::AsExpected)
}
