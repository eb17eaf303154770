//! The short form for the harts of a test: `0:+ztso;1:-ztso,+zacas`.
//!
//! ```text
//! edits  = group { ";" group }
//! group  = harts ":" edit { "," edit }
//! harts  = number | number "-" number | "*"
//! edit   = ("+" | "-") extension
//! ```
//!
//! Spaces may stand anywhere between these. `+` gives a hart the extension and what it needs, `-`
//! takes it away with what needs it; later edits of a hart see what earlier ones left. `*` is every
//! hart. What the harts are before the edits is said at `Vm::described`.

use std::str::FromStr;

use crate::isa::extension::{IsaExt, IsaExtSet};
use crate::isa::implied::{with_implied, without_dependents};

/// Changes to the harts of a test.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct HartEdits(Vec<Group>);

#[derive(Clone, PartialEq, Eq, Debug)]
struct Group {
    harts: Harts,
    edits: Vec<(Change, IsaExt)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Harts {
    All,
    /// First and last.
    Range(usize, usize),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Change {
    Add,
    Remove,
}

/// A short form that is not understood or cannot be.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EditError {
    /// Text that does not follow the grammar.
    #[error("column {column}: {message}{}", .help.as_ref().map(|help| format!("; {help}")).unwrap_or_default())]
    Syntax {
        /// The column of the mistake, in characters from 1.
        column: usize,
        /// The mistake.
        message: String,
        /// A suggestion.
        help: Option<String>,
    },
    /// A hart that the test lacks.
    #[error("there is no hart {hart}: the test has {}", span_of_harts(*harts))]
    NoSuchHart {
        /// The number.
        hart: usize,
        /// How many the test has.
        harts: usize,
    },
    /// `+zacas,-zaamo`.
    #[error("hart {hart}: `-{taken}` takes away {given}, which `+{given}` asks for", taken = .taken.token(), given = .given.token())]
    Contradiction {
        /// The hart's number.
        hart: usize,
        /// What a later edit takes away.
        taken: IsaExt,
        /// What an earlier edit gives and that depends on it.
        given: IsaExt,
    },
}

fn span_of_harts(count: usize) -> String {
    if count == 1 { "one hart, 0".to_string() } else { format!("the harts 0 to {}", count - 1) }
}

impl HartEdits {
    /// Appends `more`, which see what these left.
    pub fn extend(&mut self, more: HartEdits) {
        self.0.extend(more.0);
    }

    /// Are there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All named harts exist.
    ///
    /// # Errors
    /// The first that does not.
    pub fn check_harts(&self, harts: usize) -> Result<(), EditError> {
        let last = self.0.iter().filter_map(|group| match group.harts {
            Harts::Range(_, last) if last >= harts => Some(last),
            _ => None,
        });
        last.min().map_or(Ok(()), |hart| Err(EditError::NoSuchHart { hart, harts }))
    }

    /// What the edits make of `before` on one hart.
    ///
    /// # Errors
    /// If one edit undoes part of another, unless it names the same extension.
    pub fn apply(&self, hart: usize, before: IsaExtSet) -> Result<IsaExtSet, EditError> {
        let mut now = before;
        let mut given: Vec<IsaExt> = Vec::new();
        for (change, ext) in self.of(hart) {
            match change {
                Change::Add => {
                    now |= with_implied(ext.into());
                    given.push(ext);
                }
                Change::Remove => {
                    now = without_dependents(now, ext);
                    given.retain(|g| *g != ext);
                    if let Some(&lost) = given.iter().find(|g| !now.contains(**g)) {
                        return Err(EditError::Contradiction { hart, taken: ext, given: lost });
                    }
                }
            }
        }
        Ok(now)
    }

    /// Every extension that is named, in order.
    pub(crate) fn extensions(&self) -> impl Iterator<Item = IsaExt> + '_ {
        self.0.iter().flat_map(|group| group.edits.iter().map(|(_, ext)| *ext))
    }

    /// The edits of one hart as register values: for use on a VM, where they are SET requests.
    pub(crate) fn register_values(&self, hart: usize) -> impl Iterator<Item = (IsaExt, u64)> + '_ {
        self.of(hart).map(|(change, ext)| (ext, u64::from(change == Change::Add)))
    }

    fn of(&self, hart: usize) -> impl Iterator<Item = (Change, IsaExt)> + '_ {
        let here = move |group: &&Group| match group.harts {
            Harts::All => true,
            Harts::Range(first, last) => (first..=last).contains(&hart),
        };
        self.0.iter().filter(here).flat_map(|group| group.edits.iter().copied())
    }
}

impl FromStr for HartEdits {
    type Err = EditError;

    fn from_str(text: &str) -> Result<HartEdits, EditError> {
        let mut groups = Vec::new();
        let mut at = 0;
        for part in text.split(';') {
            groups.push(group(text, at, part)?);
            at += part.len() + 1;
        }
        Ok(HartEdits(groups))
    }
}

fn syntax(text: &str, at: usize, message: String, help: Option<String>) -> EditError {
    let column = text.char_indices().take_while(|(i, _)| *i < at).count() + 1;
    EditError::Syntax { column, message, help }
}

/// For a word that is no edit: an ISA string speaks of the width of registers, which no edit does.
fn about_base(word: &str) -> Option<String> {
    let base =
        ["rv32", "rv64"].into_iter().find(|base| word.to_ascii_lowercase().starts_with(base))?;
    Some(format!(
        "`--base {base}`, or a line `Base={base}` in the test, says how wide the registers of all harts are; \
         here stand extensions alone: `+zacas,-zba`"
    ))
}

/// `part` trimmed, with where it starts.
fn trimmed(at: usize, part: &str) -> (usize, &str) {
    (at + part.len() - part.trim_start().len(), part.trim())
}

fn group(text: &str, at: usize, part: &str) -> Result<Group, EditError> {
    let Some((who, what)) = part.split_once(':') else {
        let message = "expected HART:+EXTENSION or HART:-EXTENSION".to_string();
        return Err(syntax(text, trimmed(at, part).0, message, None));
    };
    let harts = hart_range(text, at, who)?;
    let mut edits = Vec::new();
    let mut here = at + who.len() + 1;
    for word in what.split(',') {
        edits.push(edit(text, here, word)?);
        here += word.len() + 1;
    }
    Ok(Group { harts, edits })
}

fn hart_range(text: &str, at: usize, who: &str) -> Result<Harts, EditError> {
    let (at, who) = trimmed(at, who);
    if who == "*" {
        return Ok(Harts::All);
    }
    let (first, last) = who.split_once('-').unwrap_or((who, who));
    match (first.trim().parse(), last.trim().parse()) {
        (Ok(first), Ok(last)) if first <= last => Ok(Harts::Range(first, last)),
        _ => {
            let message =
                format!("expected a hart number, a range such as `0-2`, or `*`, found `{who}`");
            Err(syntax(text, at, message, None))
        }
    }
}

fn edit(text: &str, at: usize, word: &str) -> Result<(Change, IsaExt), EditError> {
    let (at, word) = trimmed(at, word);
    let (change, name) = if let Some(name) = word.strip_prefix('+') {
        (Change::Add, name)
    } else if let Some(name) = word.strip_prefix('-') {
        (Change::Remove, name)
    } else {
        let message = format!("expected `+` or `-` before an extension, found `{word}`");
        let help = about_base(word).or_else(|| {
            IsaExt::find(&word.to_ascii_lowercase())
                .map(|ext| format!("did you mean `+{}`?", ext.token()))
        });
        return Err(syntax(text, at, message, help));
    };
    let (at, name) = trimmed(at + 1, name);
    let token = name.to_ascii_lowercase();
    IsaExt::find(&token).map(|ext| (change, ext)).ok_or_else(|| {
        let near = || IsaExt::nearest(&token).map(|ext| format!("did you mean `{}`?", ext.token()));
        syntax(text, at, format!("unknown extension `{name}`"), about_base(name).or_else(near))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> HartEdits {
        text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    fn error(text: &str) -> String {
        text.parse::<HartEdits>().unwrap_err().to_string()
    }

    fn after(text: &str, hart: usize, before: &[&str]) -> Vec<&'static str> {
        let before = before.iter().filter_map(|t| IsaExt::find(t)).collect();
        parse(text).apply(hart, before).unwrap().iter().map(IsaExt::token).collect()
    }

    #[test]
    fn groups_ranges_and_spaces() {
        let text = " 0 : +ztso ; 1-2: - ztso , +Zacas;*:+zba";
        assert_eq!(after(text, 0, &["i"]), ["i", "zba", "ztso"]);
        assert_eq!(after(text, 1, &["i", "ztso"]), ["i", "zba", "zacas", "zaamo"]);
        assert_eq!(after(text, 2, &["i"]), after(text, 1, &["i"]));
        assert_eq!(after(text, 3, &["i"]), ["i", "zba"]);
    }

    #[test]
    fn later_edits_see_earlier_ones() {
        assert_eq!(after("0:+ztso,-ztso", 0, &["i"]), ["i"]);
        assert_eq!(after("0:-ztso,+ztso", 0, &["i"]), ["i", "ztso"]);
        let mut edits = parse("*:+ztso");
        edits.extend(parse("1:-ztso"));
        let none = IsaExtSet::empty();
        assert!(edits.apply(0, none).unwrap().contains(IsaExt::Ztso));
        assert!(!edits.apply(1, none).unwrap().contains(IsaExt::Ztso));
    }

    #[test]
    fn contradictions() {
        let edits = parse("1:+zacas,-zaamo");
        assert_eq!(
            edits.apply(1, IsaExtSet::empty()).unwrap_err().to_string(),
            "hart 1: `-zaamo` takes away zacas, which `+zacas` asks for"
        );
        assert_eq!(edits.check_harts(2), Ok(()));
        assert_eq!(
            edits.check_harts(1).unwrap_err().to_string(),
            "there is no hart 1: the test has one hart, 0"
        );
        assert_eq!(
            parse("0-9:+ztso").check_harts(4).unwrap_err().to_string(),
            "there is no hart 9: the test has the harts 0 to 3"
        );
    }

    #[test]
    fn mistakes_have_a_column() {
        assert_eq!(error("0:+ztos"), "column 4: unknown extension `ztos`; did you mean `ztso`?");
        assert_eq!(
            error("0:+ztso;1:zacas"),
            "column 11: expected `+` or `-` before an extension, found `zacas`; did you mean `+zacas`?"
        );
        for of_base in ["0:rv32ima", "0:+rv32i"] {
            let said = error(of_base);
            assert!(said.contains("; `--base rv32`, or a line `Base=rv32`"), "{said}");
        }
        assert_eq!(error("0:+ztso;"), "column 9: expected HART:+EXTENSION or HART:-EXTENSION");
        assert_eq!(error(""), "column 1: expected HART:+EXTENSION or HART:-EXTENSION");
        assert!(error("x:+ztso").starts_with("column 1: expected a hart number"));
        assert!(error("2-1:+ztso").contains("found `2-1`"));
        assert!(error("0:").starts_with("column 3: expected `+` or `-`"));
        assert!(error("é0:+ztso").starts_with("column 1"));
    }
}
