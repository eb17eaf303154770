//! What `rvlitmus migrate` prints: a summary first, then the tests whose outcomes change.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::migrate::{Change, MigrateFormat, TestChange};
use crate::results::counted;
use rvlitmus_core::arch::riscv::ExtensionSet;
use rvlitmus_core::model::BaseModel;
use rvlitmus_onereg::{Migration, MigrationVerdict, Moves};

/// What no answer of this command speaks of.
const NOT_MODELLED: &str = "not modelled: memory, devices, interrupt controllers (AIA, IMSIC), and whatever else is no register";

/// The verdict in a sentence.
fn sentence(migration: &Migration) -> String {
    match migration.verdict() {
        MigrationVerdict::Same => {
            "restored: the target takes every register that is sent, and the harts are \
                                   the same"
                .to_owned()
        }
        MigrationVerdict::Stronger => {
            "restored: the target takes every register that is sent, and its \
                                       harts promise more"
                .to_owned()
        }
        MigrationVerdict::Other => {
            "restored: the target takes every register that is sent; its harts are others, but lack \
             nothing of these registers"
                .to_owned()
        }
        MigrationVerdict::Cannot => migration.cannot.clone().unwrap_or_default(),
        MigrationVerdict::Refused => {
            "refused: the target does not restore every register, so the program stops".to_owned()
        }
        MigrationVerdict::SilentlyWeaker => {
            "silent: no register is refused, and yet the guest loses something".to_owned()
        }
    }
}

/// The verdict in a word, for programs.
fn word(verdict: MigrationVerdict) -> &'static str {
    match verdict {
        MigrationVerdict::Same => "same",
        MigrationVerdict::Stronger => "stronger",
        MigrationVerdict::Other => "other",
        MigrationVerdict::Cannot => "cannot",
        MigrationVerdict::Refused => "refused",
        MigrationVerdict::SilentlyWeaker => "silently-weaker",
    }
}

fn names(set: ExtensionSet) -> String {
    set.iter().map(|e| e.to_string()).collect::<Vec<_>>().join(", ")
}

/// What is to be said of each vCPU: number and sentence.
fn lines(migration: &Migration) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let without_number = |text: String| text.split_once(": ").map(|(_, rest)| rest.to_owned());
    for refused in &migration.refused {
        lines.push((
            refused.vcpu,
            format!("refused: {}", without_number(refused.to_string()).unwrap_or_default()),
        ));
    }
    for (vcpu, _) in migration.vcpus.iter().enumerate() {
        let more = migration.silent.iter().filter(|s| s.vcpu == vcpu && s.only_there());
        let more: Vec<String> = more.map(|s| s.id.name()).collect();
        if !more.is_empty() {
            lines.push((vcpu, format!("in silence: only there: {}", more.join(", "))));
        }
    }
    for silent in migration.silent.iter().filter(|s| !s.only_there()) {
        lines.push((
            silent.vcpu,
            format!("in silence: {}", without_number(silent.to_string()).unwrap_or_default()),
        ));
    }
    if migration.cannot.is_some() {
        return Vec::new();
    }
    for (vcpu, moved) in migration.vcpus.iter().enumerate() {
        let (before, after) = (moved.before.model, moved.after.model);
        let mut say = |text: String| lines.push((vcpu, text));
        match (before, after) {
            (BaseModel::Ztso, BaseModel::Rvwmo) => {
                say(format!("the memory model becomes weaker: {before} here, {after} there"));
            }
            (BaseModel::Rvwmo, BaseModel::Ztso) => {
                say(format!("the memory model becomes stronger: {before} here, {after} there"));
            }
            _ if !moved.weakened().is_empty() => {
                say(format!(
                    "the memory model becomes weaker: without {}",
                    names(moved.weakened())
                ));
            }
            _ => {}
        }
        if !moved.lost().is_empty() {
            say(format!("instructions that are illegal there: {}", names(moved.lost())));
        }
    }
    lines
}

/// The same, with what is said of every vCPU said once.
fn grouped(migration: &Migration) -> Vec<String> {
    let lines = lines(migration);
    let vcpus = migration.vcpus.len();
    let mut said: Vec<String> = Vec::new();
    let mut order: Vec<&String> = Vec::new();
    for (_, text) in &lines {
        if !order.contains(&text) {
            order.push(text);
        }
    }
    for text in order {
        let of: Vec<usize> =
            lines.iter().filter(|(_, t)| t == text).map(|(vcpu, _)| *vcpu).collect();
        if of.len() == vcpus && vcpus > 1 {
            said.push(format!("every vCPU: {text}"));
        } else {
            said.extend(of.iter().map(|vcpu| format!("vCPU {vcpu}: {text}")));
        }
    }
    said
}

/// Tables and Markdown differ in the marks of their lists.
pub(super) fn text(
    migrations: &[Migration],
    tests: &[TestChange],
    format: MigrateFormat,
    out: &mut dyn Write,
) -> io::Result<()> {
    let markdown = format == MigrateFormat::Markdown;
    let (head, item, inner) = if markdown { ("- ", "  - ", "    - ") } else { ("", "  ", "    ") };
    for request in migrations[0].source.requests.iter().filter(|r| r.result.is_err()) {
        writeln!(out, "{head}on the source: {request}")?;
    }
    for migration in migrations {
        let program = migration.vmm.program();
        writeln!(out, "{head}{}: {}", migration.vmm, sentence(migration))?;
        for line in grouped(migration) {
            writeln!(out, "{item}{line}")?;
        }
        if migration.cannot.is_some() {
            continue;
        }
        if !program.not_moved.is_empty() {
            writeln!(out, "{item}stays behind: {}", program.not_moved.join(", "))?;
        }
        let back = migration.back();
        if back.verdict() != migration.verdict() || back.verdict() != MigrationVerdict::Same {
            writeln!(out, "{item}and back: {}", sentence(&back))?;
            let first = grouped(&back);
            for line in first.iter().filter(|line| line.contains("Ztso") || line.contains("model"))
            {
                writeln!(out, "{inner}{line}")?;
            }
        }
    }
    writeln!(out, "{head}{NOT_MODELLED}")?;
    if tests.is_empty() {
        return Ok(());
    }
    let changed: Vec<&TestChange> = tests.iter().filter(|t| !t.change.is_none()).collect();
    writeln!(out)?;
    writeln!(
        out,
        "{}, moved by {}: {}",
        counted(tests.len(), "test"),
        migrations[0].vmm,
        tally(tests)
    )?;
    for test in changed {
        let TestChange { path, name, .. } = test;
        match &test.change {
            Change::WouldNotRun(why) => {
                writeln!(
                    out,
                    "{head}{path} ({name}): would not run on the target: {}",
                    visible(why)
                )?;
            }
            Change::Undecided(why) => {
                writeln!(out, "{head}{path} ({name}): not decided: {}", visible(why))?;
            }
            Change::States { new, gone, violated } => {
                let claim = if *violated { ": its claim holds no longer" } else { "" };
                writeln!(out, "{head}{path} ({name}){claim}")?;
                for state in new {
                    writeln!(out, "{item}new: {state}")?;
                }
                for state in gone {
                    writeln!(out, "{item}gone: {state}")?;
                }
            }
        }
    }
    Ok(())
}

fn visible(text: &str) -> String {
    rvlitmus_core::litmus::visible(text).into_owned()
}

/// How many of the tests change, and how.
fn tally(tests: &[TestChange]) -> String {
    let count = |which: &dyn Fn(&Change) -> bool| tests.iter().filter(|t| which(&t.change)).count();
    let new = count(&|c| matches!(c, Change::States { new, .. } if !new.is_empty()));
    let violated = count(&|c| matches!(c, Change::States { violated: true, .. }));
    let fewer = count(
        &|c| matches!(c, Change::States { new, gone, .. } if new.is_empty() && !gone.is_empty()),
    );
    let stopped = count(&|c| matches!(c, Change::WouldNotRun(_)));
    let undecided = count(&|c| matches!(c, Change::Undecided(_)));
    format!(
        "{new} with new outcomes, {violated} whose claim holds no longer, {fewer} with fewer outcomes, \
         {stopped} that would not run, {undecided} not decided"
    )
}

/// One JSON object.
pub(super) fn json(
    migrations: &[Migration],
    tests: &[TestChange],
    out: &mut dyn Write,
) -> io::Result<()> {
    let programs: Vec<Value> = migrations.iter().map(of_program).collect();
    let changed = tests.iter().filter(|t| !t.change.is_none()).map(|test| {
        let mut value = json!({ "path": test.path, "name": test.name });
        match &test.change {
            Change::WouldNotRun(why) => value["would_not_run"] = json!(why),
            Change::Undecided(why) => value["undecided"] = json!(why),
            Change::States { new, gone, violated } => {
                value["new"] = json!(new);
                value["gone"] = json!(gone);
                value["claim_violated"] = json!(violated);
            }
        }
        value
    });
    let changed: Vec<Value> = changed.collect();
    let whole = json!({
        "schema": "rvlitmus/migration/1",
        "programs": programs,
        "not_modelled": NOT_MODELLED,
        "tests": { "compared": tests.len(), "changed": changed },
    });
    writeln!(out, "{whole:#}")
}

fn of_program(migration: &Migration) -> Value {
    let program = migration.vmm.program();
    let refused = migration.refused.iter().map(|r| {
        json!({ "vcpu": r.vcpu, "register": r.id.name(), "id": r.id.to_string(),
                "value": format!("{:#x}", r.value), "errno": r.refusal.errno().to_string(),
                "why": r.refusal.reason.to_string() })
    });
    let silent = migration.silent.iter().map(|s| {
        let told = |value: &Result<u64, rvlitmus_onereg::Errno>| match value {
            Ok(value) => format!("{value:#x}"),
            Err(errno) => errno.to_string(),
        };
        json!({ "vcpu": s.vcpu, "register": s.id.name(), "id": s.id.to_string(),
                "here": told(&s.here), "there": told(&s.there) })
    });
    let vcpus = migration.vcpus.iter().map(|v| {
        let lost: Vec<String> = v.lost().iter().map(|e| e.to_string()).collect();
        json!({ "before": v.before.model.to_string(), "after": v.after.model.to_string(), "lost": lost })
    });
    let moves = !matches!(program.moves, Moves::Never(_));
    json!({
        "program": program.name,
        "version": program.version,
        "file": program.migration,
        "verdict": word(migration.verdict()),
        "why": sentence(migration),
        "refused": refused.collect::<Vec<_>>(),
        "silent": silent.collect::<Vec<_>>(),
        "vcpus": vcpus.collect::<Vec<_>>(),
        "stays_behind": program.not_moved,
        "back": moves.then(|| word(migration.back().verdict())),
    })
}
