//! What a migration would do, for people and programs: a summary first, then the tests whose outcomes change.

use std::fmt::Write as _;

use rvlitmus_core::arch::riscv::ExtensionSet;
use rvlitmus_core::litmus::visible;
use rvlitmus_core::model::BaseModel;
use rvlitmus_onereg::{
    Migration, MigrationVerdict, RefusedRegister, RequestRecord, UnreportedChange, VcpuChange,
    read_as,
};
use schemars::JsonSchema;
use serde::Serialize;

use super::markdown::code;
use super::wrap::wrapped_lines;
use crate::results::counted;
use crate::run::{MigratedTest, TestChange};

/// The name and version of the format.
pub const MIGRATION_SCHEMA: &str = "rvlitmus/migration/1";

/// What no answer speaks of.
const NOT_MODELLED: &str = "not modelled: memory, devices, interrupt controllers (AIA, IMSIC), and whatever else \
                            is no register";

/// What a migration would do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct MigrationRecord {
    /// `rvlitmus/migration/1`.
    pub schema: &'static str,
    /// By program; tests are about the first.
    pub programs: Vec<ProgramRecord>,
    /// Requests that the source refused before the guest ran.
    pub refused_on_source: Vec<RequestRecord>,
    /// What no answer speaks of.
    pub not_modelled: &'static str,
    /// The tests; absent where none was given, or the program moves no guest.
    pub tests: Option<TestsRecord>,
}

/// What it would do as one program makes it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ProgramRecord {
    /// Its name.
    pub program: &'static str,
    /// The version that was read.
    pub version: &'static str,
    /// Where it moves vCPUs: file and function; absent if it does not.
    pub file: Option<&'static str>,
    /// `same`, `other`, `stronger`, `cannot`, `refused` or `silently-weaker`.
    pub verdict: &'static str,
    /// The verdict in a sentence.
    pub why: String,
    /// Registers that the target does not restore.
    pub refused: Vec<RefusedRecord>,
    /// Registers that say what a vCPU is, are otherwise on the target, and are not reported by the program.
    pub silent: Vec<SilentRecord>,
    /// Each vCPU before and after; empty for a program that cannot move it.
    pub vcpus: Vec<VcpuRecord>,
    /// State that is not sent.
    pub stays_behind: &'static [&'static str],
    /// The verdict of the way back, after the guest has run on the target; absent for a program that cannot.
    pub back: Option<&'static str>,
    /// What is to be said of the vCPUs, for people.
    #[serde(skip)]
    lines: Vec<String>,
    /// What is to be said of the way back, for people.
    #[serde(skip)]
    back_said: Option<(String, Vec<String>)>,
}

/// A register that the target refuses.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct RefusedRecord {
    /// Which vCPU, from 0.
    pub vcpu: usize,
    /// The register's name.
    pub register: String,
    /// Its id.
    pub id: String,
    /// Its value on the source, hexadecimal.
    pub value: String,
    /// What the target answers.
    pub errno: String,
    /// One sentence.
    pub why: String,
}

/// A register that reads otherwise on the target.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct SilentRecord {
    /// Which vCPU, from 0.
    pub vcpu: usize,
    /// The register's name.
    pub register: String,
    /// Its id.
    pub id: String,
    /// A value in hexadecimal, or an errno.
    pub here: String,
    /// The same on the target.
    pub there: String,
}

/// One vCPU.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct VcpuRecord {
    /// The memory model on the source.
    pub before: String,
    /// The memory model on the target.
    pub after: String,
    /// Extensions whose instructions are illegal on the target and were not on the source.
    pub lost: Vec<String>,
}

/// Tests on both hosts' harts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct TestsRecord {
    /// How many.
    pub compared: usize,
    /// How many have new outcomes.
    pub with_new_outcomes: usize,
    /// How many claims (`~exists`, `forall`) hold no longer.
    pub claims_violated: usize,
    /// How many have fewer outcomes, and no new one.
    pub with_fewer_outcomes: usize,
    /// How many would not run on the target.
    pub not_on_target: usize,
    /// How many do not run on the source, and would on the target.
    pub not_on_source: usize,
    /// How many run on neither host.
    pub on_neither: usize,
    /// Of how many it is not known what changes.
    pub undecided: usize,
    /// Those that change, that are not decided, or that do not run on both hosts; in the order of the arguments.
    pub changed: Vec<ChangedTestRecord>,
}

/// One test.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, JsonSchema)]
pub struct ChangedTestRecord {
    /// Its path.
    pub path: String,
    /// Its name.
    pub name: String,
    /// States on the target only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Vec<String>>,
    /// States on the source only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone: Option<Vec<String>>,
    /// Does the test's claim hold no longer?
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim_violated: Option<bool>,
    /// Why it would not run on the target.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub would_not_run: Option<String>,
    /// Why it does not run on the source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_on_source: Option<String>,
    /// Why it runs on neither host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_neither: Option<String>,
    /// Why it is not known what changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undecided: Option<String>,
}

/// The JSON Schema of [`MigrationRecord`].
#[must_use]
pub fn migration_schema() -> serde_json::Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<MigrationRecord>();
    schema.insert("title".to_owned(), MIGRATION_SCHEMA.into());
    schema.to_value()
}

impl MigrationRecord {
    /// Of these programs' moves, and of tests as the first moves them, if it can.
    #[must_use]
    pub fn new(migrations: &[Migration], tests: Option<&[MigratedTest]>) -> MigrationRecord {
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

    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        self.written(&Style { items: ["", "  ", "    "], width: 80, quoted: str::to_owned })
    }

    /// For a page.
    #[must_use]
    pub fn markdown(&self) -> String {
        self.written(&Style { items: ["- ", "  - ", "    - "], width: usize::MAX, quoted: code })
    }

    fn written(&self, style: &Style) -> String {
        let mut out = String::new();
        for program in &self.programs {
            let name = format!("{} {}", program.program, program.version);
            style.say(0, &format!("{name}: {}", program.why), &mut out);
            for line in &program.lines {
                style.say(1, line, &mut out);
            }
            if program.back.is_some() && !program.stays_behind.is_empty() {
                style.say(
                    1,
                    &format!("stays behind: {}", program.stays_behind.join(", ")),
                    &mut out,
                );
            }
            if let Some((sentence, lines)) = &program.back_said {
                style.say(1, &format!("and back: {sentence}"), &mut out);
                lines.iter().for_each(|line| style.say(2, line, &mut out));
            }
        }
        for RequestRecord { vcpu, register, value, answer, why, .. } in &self.refused_on_source {
            let why = why.as_deref().unwrap_or_default();
            let said =
                format!("on the source: vCPU {vcpu}: set {register} = {value}: {answer}: {why}");
            style.say(0, &said, &mut out);
        }
        style.say(0, self.not_modelled, &mut out);
        let tests = self.tests.as_ref().filter(|tests| tests.compared > 0);
        if let (Some(tests), Some(program)) = (tests, self.programs.first()) {
            out.push('\n');
            tests.write(&format!("{} {}", program.program, program.version), style, &mut out);
        }
        out
    }
}

/// How lines begin, how long they are, and what stands around paths and states.
struct Style {
    items: [&'static str; 3],
    width: usize,
    quoted: fn(&str) -> String,
}

impl Style {
    fn say(&self, depth: usize, text: &str, out: &mut String) {
        let (item, text) = (self.items[depth], visible(text));
        let width = self.width.saturating_sub(item.len());
        for (number, line) in
            wrapped_lines(&text, width, width.saturating_sub(4)).iter().enumerate()
        {
            let start = if number == 0 { item.to_owned() } else { " ".repeat(item.len() + 4) };
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{start}{line}");
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
    fn new(tests: &[MigratedTest]) -> TestsRecord {
        let count =
            |which: &dyn Fn(&TestChange) -> bool| tests.iter().filter(|t| which(&t.change)).count();
        let shown = |test: &&MigratedTest| !test.change.is_none() || test.change.is_unknown();
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

    fn write(&self, moved_by: &str, style: &Style, out: &mut String) {
        let counts = [
            (self.with_new_outcomes, "with new outcomes"),
            (self.claims_violated, "whose claim holds no longer"),
            (self.with_fewer_outcomes, "with fewer outcomes"),
            (self.not_on_target, "that would not run on the target"),
            (self.not_on_source, "that run on the target only"),
            (self.on_neither, "that run on neither host"),
            (self.undecided, "not decided"),
        ];
        let counts: Vec<String> = counts
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        let counts = if counts.is_empty() { "no change".to_owned() } else { counts.join(", ") };
        let tests = counted(self.compared, "test");
        style.say(0, &format!("{tests}, moved by {moved_by}: {counts}"), out);
        for test in self.changed.iter().filter(|test| test.on_neither.is_none()) {
            test.write(style, out);
        }
        let mut neither = self.changed.iter().filter(|test| test.on_neither.is_some());
        if let Some(ChangedTestRecord { path, on_neither: Some(why), .. }) = neither.next() {
            let more = if neither.next().is_some() { "for example " } else { "" };
            let path = (style.quoted)(path);
            style.say(0, &format!("on neither host: {more}{path}: {why}"), out);
        }
    }
}

impl ChangedTestRecord {
    fn new(test: &MigratedTest) -> ChangedTestRecord {
        let MigratedTest { path, name, change } = test;
        let record =
            ChangedTestRecord { path: path.clone(), name: name.clone(), ..Default::default() };
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

    fn write(&self, style: &Style, out: &mut String) {
        let test = format!("{} ({})", (style.quoted)(&self.path), self.name);
        let reasons = [
            ("would not run on the target: ", &self.would_not_run),
            ("runs on the target only; on the source: ", &self.not_on_source),
            ("not decided: ", &self.undecided),
        ];
        for (what, why) in reasons {
            if let Some(why) = why {
                return style.say(0, &format!("{test}: {what}{why}"), out);
            }
        }
        let claim =
            if self.claim_violated == Some(true) { ": its claim holds no longer" } else { "" };
        style.say(0, &format!("{test}{claim}"), out);
        for (what, states) in [("new", &self.new), ("gone", &self.gone)] {
            for state in states.iter().flatten() {
                style.say(1, &format!("{what}: {}", (style.quoted)(state)), out);
            }
        }
    }
}
