//! The table of rules: which tests change when a rule is removed.

use std::fmt::Write as _;

use rvlitmus_core::litmus::visible;
use schemars::JsonSchema;
use serde::Serialize;

use super::markdown::code;
use crate::results::counted;

/// The name and version of the format.
pub const RULES_SCHEMA: &str = "rvlitmus/rules/1";

/// Which tests depend on which rules.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct RulesRecord {
    /// `rvlitmus/rules/1`.
    pub schema: &'static str,
    /// How many tests were looked at.
    pub tests: usize,
    /// The models.
    pub models: Vec<String>,
    /// Every rule of these models, in the manual's order.
    pub rules: Vec<RuleRecord>,
}

/// The tests that depend on one rule.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct RuleRecord {
    /// `r1` to `r13`, `atomicity`, `ztso-load-acquire`, ...
    pub rule: String,
    /// The tests that have other states without it, under any of the models.
    pub tests: Vec<String>,
    /// How many under each of the models, in their order.
    pub counts: Vec<usize>,
    /// How many removals are not decided: loops were cut, or a search was too long.
    pub undecided: usize,
}

impl RulesRecord {
    /// For people: a line for each rule with up to `names` tests.
    #[must_use]
    pub fn text(&self, names: usize) -> String {
        let mut out = String::new();
        let width = |model: &String| model.chars().count().max(5) + 2;
        let _ = writeln!(
            out,
            "How many tests have other states under a model without the rule, and some of them\n"
        );
        let _ = write!(out, "{:<20}", "without");
        for model in &self.models {
            let _ = write!(out, "{model:>width$}", width = width(model));
        }
        out.push('\n');
        for rule in &self.rules {
            let _ = write!(out, "{:<20}", rule.rule);
            for (model, count) in self.models.iter().zip(&rule.counts) {
                let _ = write!(out, "{count:>width$}", width = width(model));
            }
            let named = rule.named(names).iter().map(|name| visible(name)).collect::<Vec<_>>();
            let _ = writeln!(out, "   {}", named.join(", "));
        }
        let _ = writeln!(out, "\n{}{}", counted(self.tests, "test"), self.undecided());
        out
    }

    /// A Markdown table.
    #[must_use]
    pub fn markdown(&self, names: usize) -> String {
        let mut out = format!("| without | {} |", self.models.join(" | "));
        out.push_str(if names == 0 { "\n" } else { " for example |\n" });
        let columns = self.models.len() + usize::from(names > 0);
        let _ = writeln!(out, "|---|{}", "---|".repeat(columns));
        for rule in &self.rules {
            let counts: Vec<String> = rule.counts.iter().map(ToString::to_string).collect();
            let _ = write!(out, "| `{}` | {} |", rule.rule, counts.join(" | "));
            let named: Vec<String> =
                rule.named(names).iter().map(|name| code(&visible(name))).collect();
            out.push_str(&if names == 0 {
                "\n".into()
            } else {
                format!(" {} |\n", named.join(", "))
            });
        }
        let _ = writeln!(out, "\n{}{}.", counted(self.tests, "test"), self.undecided());
        out
    }

    fn undecided(&self) -> String {
        match self.rules.iter().map(|rule| rule.undecided).sum::<usize>() {
            0 => String::new(),
            some => format!(
                "; {some} removals not decided, because loops were cut (`--unroll 10` goes further), the search was too long or no execution ends"
            ),
        }
    }
}

impl RuleRecord {
    /// The first tests, without folder and ending.
    fn named(&self, names: usize) -> Vec<&str> {
        let stem = |path: &'_ str| path.rfind('/').map_or(0, |slash| slash + 1);
        let tests = self.tests.iter().take(names);
        tests.map(|path| path[stem(path)..].trim_end_matches(".litmus")).collect()
    }
}
