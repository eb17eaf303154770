//! The record of a migration for people and for a page.

use std::fmt::Write as _;

use rvlitmus_core::litmus::visible;
use rvlitmus_onereg::RequestRecord;

use super::super::markdown::code;
use super::super::wrap::wrapped_lines;
use super::{ChangedTestRecord, MigrationRecord, TestsRecord};
use crate::results::counted;

impl MigrationRecord {
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

impl TestsRecord {
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
