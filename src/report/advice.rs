//! Advice on fences, for people and programs.

use std::fmt::Write as _;

use rvlitmus_core::advise::{Advice, Change, Forbid, Lost, Use, Way, Ways};
use rvlitmus_core::litmus::visible;
use schemars::JsonSchema;
use serde::Serialize;

use super::markdown::code;
use crate::run::Advised;

/// The name and version of the format.
pub const ADVICE_SCHEMA: &str = "rvlitmus/advice/1";

/// What is said of all tests.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct AdviceRecord {
    /// `rvlitmus/advice/1`.
    pub schema: &'static str,
    /// The tests, in the order asked for.
    pub tests: Vec<AdvisedTestRecord>,
}

/// What is said of one test.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct AdvisedTestRecord {
    /// Where the test is.
    pub path: String,
    /// Its name.
    pub name: String,
    /// What is asked to be forbidden, if the test has a condition.
    pub condition: Option<String>,
    /// On each machine, in the order asked for.
    pub machines: Vec<MachineAdviceRecord>,
}

/// What is said of one test on one machine.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct MachineAdviceRecord {
    /// Its name.
    pub id: String,
    /// Lines of the jumps where loops were cut; where there are any, all that is said holds as far as these
    /// loops were followed.
    pub cut: Vec<u32>,
    /// The contexts that this is said for; absent where it is said of the test by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contexts: Option<ContextsRecord>,
    /// Each means of ordering of the test, all others being there.
    pub present: Vec<PresentRecord>,
    /// What could stand instead of all of them, the cheapest first; empty where nothing can go.
    pub instead: Vec<WayRecord>,
    /// May there be more than those?
    pub more_instead: bool,
    /// `no-condition`; `forbidden` as it is; `impossible`, by anything that may be added; `ways`; `not-asked`,
    /// for advice in contexts.
    pub forbid: &'static str,
    /// What forbids it, the cheapest first.
    pub ways: Vec<WayRecord>,
    /// May there be more than those?
    pub more_ways: bool,
}

/// The contexts of a sequence.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ContextsRecord {
    /// Most accesses of a context.
    pub accesses: usize,
    /// How many contexts there are.
    pub count: usize,
    /// In how many of them nothing can be said: an execution leaves the model, or a hart has too few registers.
    pub undecided: usize,
}

/// A means of ordering.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct PresentRecord {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// `P0`
    pub hart: String,
    /// The instruction.
    pub text: String,
    /// `needed`, `weaker` or `nothing`.
    #[serde(rename = "use")]
    pub use_: &'static str,
    /// The weakest that would do instead.
    pub weaker: Vec<String>,
    /// The state that appears without it, or the fault.
    pub without: Option<String>,
    /// Why that state is forbidden with it.
    pub reason: Option<String>,
    /// The first context that needs it, as a test whose condition asks for that state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
}

/// Changes that do what was asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct WayRecord {
    /// What it costs.
    pub cost: u64,
    /// The changes.
    pub changes: Vec<ChangeRecord>,
    /// The whole test.
    pub test: String,
}

/// One change.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct ChangeRecord {
    /// Line, from 1, of the instruction that changes, or that something is put before.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// `P0`
    pub hart: String,
    /// What stands there; absent where something is added.
    pub from: Option<String>,
    /// What is to stand there; absent where it goes.
    pub to: Option<String>,
}

impl AdvisedTestRecord {
    /// Of a test of this path.
    #[must_use]
    pub fn new(path: &str, advised: &Advised) -> AdvisedTestRecord {
        let condition = advised.test.condition.as_ref();
        AdvisedTestRecord {
            path: path.to_owned(),
            name: advised.test.name.clone(),
            condition: condition.map(|it| format!("{} ({})", it.quantifier, it.proposition)),
            machines: advised.machines.iter().map(|(id, advice)| machine(id, advice)).collect(),
        }
    }
}

fn machine(id: &str, advice: &Advice) -> MachineAdviceRecord {
    let ways = |ways: &Ways| ways.ways.iter().map(way).collect();
    let (forbid, found) = match &advice.forbid {
        Forbid::NoCondition => ("no-condition", None),
        Forbid::NotAsked => ("not-asked", None),
        Forbid::Forbidden => ("forbidden", None),
        Forbid::Impossible => ("impossible", None),
        Forbid::Ways(found) => ("ways", Some(found)),
    };
    let present = advice.present.iter().map(|site| {
        let mut record = PresentRecord {
            line: site.at.0,
            column: site.at.1,
            hart: site.hart.to_string(),
            text: site.text.clone(),
            use_: "needed",
            weaker: Vec::new(),
            without: None,
            reason: None,
            context: None,
        };
        let lost = match &site.use_ {
            Use::Nothing => {
                record.use_ = "nothing";
                return record;
            }
            Use::Weaker(weaker, lost) => {
                (record.use_, record.weaker) = ("weaker", weaker.clone());
                lost
            }
            Use::Needed(lost) => lost,
        };
        match lost {
            Lost::State { state, reason, context } => {
                (record.without, record.reason) = (Some(state.clone()), reason.clone());
                record.context = context.as_ref().map(ToString::to_string);
            }
            Lost::Fault(fault) => record.without = Some(fault.clone()),
        }
        record
    });
    let contexts = advice.contexts.as_ref().map(|contexts| ContextsRecord {
        accesses: contexts.accesses,
        count: contexts.count,
        undecided: contexts.undecided,
    });
    MachineAdviceRecord {
        id: id.to_owned(),
        cut: advice.cut.iter().map(|cut| cut.line).collect(),
        contexts,
        present: present.collect(),
        instead: ways(&advice.instead),
        more_instead: advice.instead.more,
        forbid,
        ways: found.map(ways).unwrap_or_default(),
        more_ways: found.is_some_and(|found| found.more),
    }
}

fn way(way: &Way) -> WayRecord {
    let change = |change: &Change| ChangeRecord {
        line: change.at.0,
        column: change.at.1,
        hart: change.hart.to_string(),
        from: change.from.clone(),
        to: change.to.clone(),
    };
    WayRecord {
        cost: way.cost,
        changes: way.changes.iter().map(change).collect(),
        test: way.test.to_string(),
    }
}

/// The JSON Schema of [`AdviceRecord`].
#[must_use]
pub fn advice_schema() -> serde_json::Value {
    super::schema_of::<AdviceRecord>(ADVICE_SCHEMA)
}

/// How lines begin, and what stands around instructions and states.
struct Style {
    test: &'static str,
    machine: &'static str,
    item: &'static str,
    inner: &'static str,
    quoted: fn(&str) -> String,
}

impl AdviceRecord {
    /// For people.
    #[must_use]
    pub fn text(&self) -> String {
        let quoted = |text: &str| format!("`{}`", visible(text));
        self.written(&Style { test: "", machine: "  ", item: "    ", inner: "      ", quoted })
    }

    /// For a page.
    #[must_use]
    pub fn markdown(&self) -> String {
        let quoted = |text: &str| code(&visible(text));
        self.written(&Style { test: "## ", machine: "\n### ", item: "- ", inner: "  - ", quoted })
    }

    fn written(&self, style: &Style) -> String {
        let mut out = String::new();
        for (number, test) in self.tests.iter().enumerate() {
            let gap = if number == 0 { "" } else { "\n" };
            let (name, path) = (visible(&test.name), visible(&test.path));
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{gap}{}{name} ({path})", style.test);
            for machine in &test.machines {
                let _ = writeln!(out, "{}{}", style.machine, visible(&machine.id));
                machine.write(test.condition.as_deref(), style, &mut out);
            }
        }
        out
    }
}

impl MachineAdviceRecord {
    fn write(&self, condition: Option<&str>, style: &Style, out: &mut String) {
        let Style { item, inner, quoted, .. } = style;
        if !self.cut.is_empty() {
            let lines: Vec<String> = self.cut.iter().map(u32::to_string).collect();
            let _ = writeln!(
                out,
                "{item}not decided beyond loops that were cut, at line {} (try --unroll 10)",
                lines.join(", ")
            );
        }
        if let Some(ContextsRecord { accesses, count, undecided }) = &self.contexts {
            let _ = write!(
                out,
                "{item}in {count} context{} of at most {accesses} access{}",
                if *count == 1 { "" } else { "s" },
                if *accesses == 1 { "" } else { "es" }
            );
            let _ = match undecided {
                0 => writeln!(out),
                _ => writeln!(
                    out,
                    "; nothing can be said of {undecided}, where code faults or has too few registers"
                ),
            };
        }
        let undecided = self.contexts.as_ref().is_some_and(|contexts| contexts.undecided > 0);
        for site in &self.present {
            let does = match (site.use_, &site.without) {
                ("needed", Some(without)) => format!("needed: without it {}", quoted(without)),
                ("weaker", without) => {
                    let weaker: Vec<String> = site.weaker.iter().map(|w| quoted(w)).collect();
                    let without = without.iter().map(|it| format!("; without it {}", quoted(it)));
                    let without: String = without.collect();
                    let where_ = if undecided { " in the others" } else { "" };
                    format!("more than needed: {} would do{where_}{without}", weaker.join(" or "))
                }
                _ if undecided => "not decided: does nothing in the others".to_owned(),
                _ if self.contexts.is_some() => "does nothing in any of them".to_owned(),
                _ => "does nothing here".to_owned(),
            };
            let PresentRecord { line, hart, text, .. } = site;
            let _ = writeln!(out, "{item}line {line}, {hart}: {}: {does}", quoted(text));
            if let Some(reason) = &site.reason {
                let _ = writeln!(out, "{inner}with it forbidden by {}", visible(reason));
            }
            for line in site.context.iter().flat_map(|context| code_of(context)) {
                let _ = writeln!(out, "{inner}  {}", visible(line));
            }
        }
        write_ways("all together can become", &self.instead, self.more_instead, style, out);
        let asked = condition.map(quoted).unwrap_or_default();
        let said = match self.forbid {
            "not-asked" => return,
            "no-condition" => "the test has no condition: nothing is asked to be forbidden",
            "forbidden" => "the condition's outcome is forbidden as it is",
            "impossible" => "nothing that may be added forbids the condition's outcome",
            _ => {
                let what = format!("to forbid the outcome of {asked}");
                return write_ways(&what, &self.ways, self.more_ways, style, out);
            }
        };
        let _ = writeln!(out, "{item}{said}");
    }
}

/// The lines of a test's code.
fn code_of(test: &str) -> impl Iterator<Item = &str> {
    let lines = test.lines().skip_while(|line| !line.trim_end().ends_with('}')).skip(1);
    lines.take_while(|line| line.trim_end().ends_with(';') && !line.starts_with("locations"))
}

fn write_ways(what: &str, ways: &[WayRecord], more: bool, style: &Style, out: &mut String) {
    let Style { item, inner, quoted, .. } = style;
    for way in ways {
        let _ = writeln!(out, "{item}{what}, at cost {}:", way.cost);
        for ChangeRecord { line, hart, from, to, .. } in &way.changes {
            let change = match (from, to) {
                (Some(from), Some(to)) => format!("{} instead of {}", quoted(to), quoted(from)),
                (Some(from), None) => format!("without {}", quoted(from)),
                (None, Some(to)) => format!("{} before it", quoted(to)),
                (None, None) => continue,
            };
            let _ = writeln!(out, "{inner}line {line}, {hart}: {change}");
        }
    }
    if more {
        let _ = writeln!(out, "{item}there are other ways, too (see --all)");
    }
}
