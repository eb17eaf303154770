//! From what was found out of a migration to its record.

use rvlitmus_core::arch::riscv::ExtensionSet;
use rvlitmus_core::litmus::visible;
use rvlitmus_core::model::BaseModel;
use rvlitmus_onereg::{
    Migration, MigrationVerdict, RefusedRegister, UnreportedChange, VcpuChange, read_as,
};

use super::{
    ChangedTestRecord, MIGRATION_SCHEMA, MigrationRecord, ProgramRecord, RefusedRecord,
    SilentRecord, TestsRecord, VcpuRecord,
};
use crate::run::{MigratedTest, TestChange};

/// What no answer speaks of.
const NOT_MODELLED: &str = "not modelled: memory, devices, interrupt controllers (AIA, IMSIC), and whatever else \
                            is no register";

impl MigrationRecord {
    /// Of these programs' moves, and of tests as the first moves them, if it can.
    #[must_use]
    pub fn new(
        migrations: &[Migration],
        tests: Option<&[(String, MigratedTest)]>,
    ) -> MigrationRecord {
        let requests = migrations.first().map(|m| m.source.requests.as_slice()).unwrap_or_default();
        let refused = requests.iter().filter(|request| request.result.is_err());
        MigrationRecord {
            schema: MIGRATION_SCHEMA,
            programs: migrations.iter().map(ProgramRecord::new).collect(),
            refused_on_source: refused.map(|request| request.record()).collect(),
            not_modelled: NOT_MODELLED,
            tests: tests.map(TestsRecord::new),
        }
    }
}

impl ProgramRecord {
    fn new(migration: &Migration) -> ProgramRecord {
        let back = migration.cannot.is_none().then(|| migration.back());
        let said = back.as_ref().filter(|back| {
            back.verdict() != migration.verdict() || back.verdict() != MigrationVerdict::Same
        });
        let model = |line: &String| line.contains("Ztso") || line.contains("model");
        ProgramRecord {
            program: migration.vmm.name,
            version: migration.vmm.version,
            file: migration.vmm.migration,
            verdict: migration.verdict().word(),
            why: sentence(migration),
            refused: migration.refused.iter().map(refused).collect(),
            silent: migration.unreported.iter().map(silent).collect(),
            vcpus: migration.vcpus.iter().map(vcpu).collect(),
            stays_behind: migration.vmm.not_sent,
            back: back.as_ref().map(|back| back.verdict().word()),
            back_said: said
                .map(|back| (sentence(back), grouped(back).into_iter().filter(model).collect())),
            lines: grouped(migration),
        }
    }
}

fn refused(refused: &RefusedRegister) -> RefusedRecord {
    RefusedRecord {
        vcpu: refused.vcpu,
        register: refused.id.name(),
        id: refused.id.to_string(),
        value: format!("{:#x}", refused.value),
        errno: refused.refusal.errno().to_string(),
        why: refused.refusal.reason.to_string(),
    }
}

fn silent(change: &UnreportedChange) -> SilentRecord {
    SilentRecord {
        vcpu: change.vcpu,
        register: change.id.name(),
        id: change.id.to_string(),
        here: read_as(&change.here),
        there: read_as(&change.there),
    }
}

fn vcpu(change: &VcpuChange) -> VcpuRecord {
    VcpuRecord {
        before: change.before.model.to_string(),
        after: change.after.model.to_string(),
        lost: change.lost().iter().map(|extension| extension.to_string()).collect(),
    }
}

/// The verdict in a sentence.
fn sentence(migration: &Migration) -> String {
    match migration.verdict() {
        MigrationVerdict::Same => {
            "restored: the target takes every register that is sent, and the harts are the same"
        }
        MigrationVerdict::Stronger => {
            "restored: the target takes every register that is sent, and its harts promise more"
        }
        MigrationVerdict::Other => {
            "restored: the target takes every register that is sent; its harts are others, but lack nothing of \
             these registers"
        }
        MigrationVerdict::Cannot => migration.cannot.as_deref().unwrap_or_default(),
        MigrationVerdict::Refused => {
            "refused: the target does not restore every register, so the program stops"
        }
        MigrationVerdict::SilentlyWeaker => {
            "silent: no register is refused, and yet the guest loses something"
        }
    }
    .to_owned()
}

fn names(set: ExtensionSet) -> String {
    set.iter().map(|extension| extension.to_string()).collect::<Vec<_>>().join(", ")
}

/// What is to be said of one vCPU.
fn of_vcpu(migration: &Migration, vcpu: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let refused = migration.refused.iter().filter(|refused| refused.vcpu == vcpu);
    lines.extend(refused.map(|refused| format!("refused: {refused}")));
    let (more, other): (Vec<&UnreportedChange>, Vec<&UnreportedChange>) =
        migration.unreported.iter().filter(|s| s.vcpu == vcpu).partition(|s| s.only_there());
    if !more.is_empty() {
        let more: Vec<String> = more.iter().map(|change| change.id.name()).collect();
        lines.push(format!("in silence: only there: {}", more.join(", ")));
    }
    lines.extend(other.iter().map(|change| format!("in silence: {change}")));
    let Some(change) = migration.vcpus.get(vcpu) else { return lines };
    let (before, after) = (change.before.model, change.after.model);
    match (before, after) {
        (BaseModel::Ztso, BaseModel::Rvwmo) => {
            lines.push(format!("the memory model becomes weaker: {before} here, {after} there"));
        }
        (BaseModel::Rvwmo, BaseModel::Ztso) => {
            lines.push(format!("the memory model becomes stronger: {before} here, {after} there"));
        }
        _ if !change.weakened().is_empty() => {
            let without = names(change.weakened());
            lines.push(format!("the memory model becomes weaker: without {without}"));
        }
        _ => {}
    }
    if !change.lost().is_empty() {
        lines.push(format!("instructions that are illegal there: {}", names(change.lost())));
    }
    lines
}

/// The same of all, with what is said of every vCPU said once.
fn grouped(migration: &Migration) -> Vec<String> {
    let vcpus = migration.vcpus.len();
    let of: Vec<Vec<String>> = (0..vcpus).map(|vcpu| of_vcpu(migration, vcpu)).collect();
    let mut order: Vec<&String> = Vec::new();
    for text in of.iter().flatten() {
        if !order.contains(&text) {
            order.push(text);
        }
    }
    let mut said = Vec::new();
    for text in order {
        let with: Vec<usize> = (0..vcpus).filter(|vcpu| of[*vcpu].contains(text)).collect();
        match with.len() == vcpus && vcpus > 1 {
            true => said.push(format!("every vCPU: {text}")),
            false => said.extend(with.iter().map(|vcpu| format!("vCPU {vcpu}: {text}"))),
        }
    }
    said
}

impl TestsRecord {
    fn new(tests: &[(String, MigratedTest)]) -> TestsRecord {
        let count = |which: &dyn Fn(&TestChange) -> bool| {
            tests.iter().filter(|(_, t)| which(&t.change)).count()
        };
        let shown = |(_, test): &&(String, MigratedTest)| {
            !test.change.is_none() || test.change.is_unknown()
        };
        TestsRecord {
            compared: tests.len(),
            with_new_outcomes: count(
                &|c| matches!(c, TestChange::States { new, .. } if !new.is_empty()),
            ),
            claims_violated: count(&|c| matches!(c, TestChange::States { violated: true, .. })),
            with_fewer_outcomes: count(
                &|c| matches!(c, TestChange::States { new, gone, .. } if new.is_empty() && !gone.is_empty()),
            ),
            not_on_target: count(&|c| matches!(c, TestChange::NotOnTarget(_))),
            not_on_source: count(&|c| matches!(c, TestChange::NotOnSource(_))),
            on_neither: count(&|c| matches!(c, TestChange::OnNeither(_))),
            undecided: count(&|c| matches!(c, TestChange::Undecided(_))),
            changed: tests.iter().filter(shown).map(ChangedTestRecord::new).collect(),
        }
    }
}

impl ChangedTestRecord {
    fn new((path, test): &(String, MigratedTest)) -> ChangedTestRecord {
        let MigratedTest { name, change } = test;
        let record = ChangedTestRecord {
            path: visible(path).into_owned(),
            name: name.clone(),
            ..Default::default()
        };
        match change.clone() {
            TestChange::States { new, gone, violated } => ChangedTestRecord {
                new: Some(new),
                gone: Some(gone),
                claim_violated: Some(violated),
                ..record
            },
            TestChange::NotOnTarget(why) => {
                ChangedTestRecord { would_not_run: Some(why), ..record }
            }
            TestChange::NotOnSource(why) => {
                ChangedTestRecord { not_on_source: Some(why), ..record }
            }
            TestChange::OnNeither(why) => ChangedTestRecord { on_neither: Some(why), ..record },
            TestChange::Undecided(why) => ChangedTestRecord { undecided: Some(why), ..record },
        }
    }
}
