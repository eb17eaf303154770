//! ISA strings: `rv64imafdc_zicsr_ztso`, `rv64gc_zacas`, `rva23u64_ztso`.
//!
//! Read as Linux and the toolchains write them: case does not matter, single letters stand together
//! or after underscores, multi-letter names are delimited by underscores, versions (`i2p1`,
//! `zba1p0`) are read and ignored, a profile may stand for the start. `G` is IMAFD, Zicsr and
//! Zifencei. The mode letters `su` that old device trees put after the single letters are skipped,
//! and so are vendor extensions (`x...`). Naming chapter of the unprivileged manual.
//!
//! A name that is not known here is accepted, as Linux accepts what it does not know, and kept apart
//! ([`IsaString::unknown`]). Only 64-bit harts with the full register file are modelled: `rv32`, `rv128`
//! and `rv64e` are refused.

use super::extension::{IsaExt, IsaExtSet};
use super::{implied, profile};
use crate::suggest;

/// A hart's extensions as an ISA string names them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IsaString {
    named: IsaExtSet,
    unknown: Vec<String>,
}

/// What is wrong with an ISA string, and where: `column 8: ...`, counted from 1.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("column {column}: {problem}")]
pub struct IsaStringError {
    /// Where the offending part starts, in characters from 1.
    pub column: usize,
    /// What is wrong, and what to do about it.
    pub problem: IsaStringProblem,
}

/// What is wrong with a part of an ISA string.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IsaStringProblem {
    /// The string begins with neither `rv64` nor a profile.
    #[error(
        "expected an ISA string such as `rv64gc_ztso` or a profile such as `rva23u64`{}",
        suggest::did_you_mean(*.nearest)
    )]
    Start {
        /// The profile nearest in spelling.
        nearest: Option<&'static str>,
    },
    /// The string begins with `rv32` or `rv128`.
    #[error("only 64-bit harts are modelled: expected `rv64`")]
    Not64Bit,
    /// The string names neither `i` nor `g`.
    #[error("expected the base: `i` or `g` after `rv64`")]
    NoBase,
    /// The string names the base `e`.
    #[error("harts with 16 registers (`e`) are not modelled")]
    SixteenRegisters,
    /// Two underscores stand together, or one at the end.
    #[error("expected an extension between underscores")]
    Empty,
    /// No extension can have this name.
    #[error("`{0}` is no extension: names have letters and digits")]
    NoName(String),
}

impl IsaString {
    /// Reads an ISA string.
    ///
    /// # Errors
    /// The first part that is not understood, with its column.
    pub fn parse(text: &str) -> Result<IsaString, IsaStringError> {
        let lower = text.to_ascii_lowercase();
        let error = |at: usize, problem: IsaStringProblem| {
            let column = lower.char_indices().take_while(|(i, _)| *i < at).count() + 1;
            IsaStringError { column, problem }
        };
        let mut string = IsaString { named: IsaExtSet::empty(), unknown: Vec::new() };
        let parts = start(&lower, &mut string.named).map_err(|problem| error(0, problem))?;
        let mut at = lower.len() - parts.len();
        for (number, part) in parts.split('_').enumerate() {
            if number == 0 && part.is_empty() && parts.len() < lower.len() {
                at += 1;
                continue;
            }
            string.read_part(part).map_err(|(offset, problem)| error(at + offset, problem))?;
            at += part.len() + 1;
        }
        if !string.named.contains(IsaExt::I) {
            return Err(error(4, IsaStringProblem::NoBase));
        }
        Ok(string)
    }

    /// Names that no extension here has, in order; vendor extensions (`x...`) are not among them.
    #[must_use]
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    /// Exactly what the string names; `g` and profiles are expanded.
    #[must_use]
    pub fn named(&self) -> IsaExtSet {
        self.named
    }

    /// What it names, and what that implies.
    #[must_use]
    pub fn all(&self) -> IsaExtSet {
        implied::with_implied(self.named)
    }
}

impl IsaString {
    /// One piece between underscores: single letters, then perhaps one multi-letter name.
    fn read_part(&mut self, part: &str) -> Result<(), (usize, IsaStringProblem)> {
        if part.is_empty() {
            return Err((0, IsaStringProblem::Empty));
        }
        if let Some(at) = part.find(|c: char| !c.is_ascii_alphanumeric()) {
            let name = if at == 0 { &part[at..] } else { part };
            return Err((0, IsaStringProblem::NoName(name.to_owned())));
        }
        let mut at = 0;
        while let Some(letter) = part[at..].chars().next() {
            let rest = &part[at..];
            match letter {
                's' if rest == "su" => return Ok(()),
                's' | 'z' => {
                    self.name(rest);
                    return Ok(());
                }
                'x' => return Ok(()),
                'g' => {
                    use IsaExt::*;
                    self.named.insert_all(I | M | A | F | D | Zicsr | Zifencei);
                }
                'e' => return Err((at, IsaStringProblem::SixteenRegisters)),
                _ if letter.is_ascii_digit() => self.unknown.push(letter.to_string()),
                _ => match IsaExt::find(&rest[..1]) {
                    Some(ext) => {
                        self.named.insert(ext);
                    }
                    None => self.unknown.push(letter.to_string()),
                },
            }
            at += 1 + version_length(&rest[1..]);
        }
        Ok(())
    }

    /// A multi-letter name, perhaps with a version.
    fn name(&mut self, word: &str) {
        match IsaExt::find(word).or_else(|| IsaExt::find(without_version(word))) {
            Some(ext) => {
                self.named.insert(ext);
            }
            None => self.unknown.push(word.to_owned()),
        }
    }
}

/// Takes `rv64` or a profile off the front; what is left starts with letters or an underscore.
fn start<'a>(lower: &'a str, named: &mut IsaExtSet) -> Result<&'a str, IsaStringProblem> {
    if let Some(rest) = lower.strip_prefix("rv64") {
        return Ok(rest);
    }
    let (first, _) = lower.split_once('_').unwrap_or((lower, ""));
    if let Some(extensions) = profile::extensions(first) {
        named.insert_all(extensions);
        return Ok(&lower[first.len()..]);
    }
    if lower.starts_with("rv32") || lower.starts_with("rv128") {
        return Err(IsaStringProblem::Not64Bit);
    }
    let nearest = suggest::nearest(first, profile::names().map(|n| (n, n)));
    Err(IsaStringProblem::Start { nearest })
}

/// Length of a version such as `2` or `2p1` at the start of `text`.
fn version_length(text: &str) -> usize {
    let digits = |t: &str| t.bytes().take_while(u8::is_ascii_digit).count();
    let major = digits(text);
    if major == 0 {
        return 0;
    }
    match text[major..].strip_prefix('p').map(digits) {
        Some(minor) if minor > 0 => major + 1 + minor,
        _ => major,
    }
}

/// Cuts `1p0` or `1` off the end.
fn without_version(word: &str) -> &str {
    let cut = word.trim_end_matches(|c: char| c.is_ascii_digit());
    if cut.len() == word.len() {
        return word;
    }
    match cut.strip_suffix('p') {
        Some(front) if front.ends_with(|c: char| c.is_ascii_digit()) => {
            front.trim_end_matches(|c: char| c.is_ascii_digit())
        }
        _ => cut,
    }
}

#[cfg(test)]
mod tests {
    use super::IsaExt::*;
    use super::*;

    fn named(text: &str) -> Vec<&'static str> {
        IsaString::parse(text)
            .unwrap_or_else(|e| panic!("{text}: {e}"))
            .named()
            .iter()
            .map(IsaExt::token)
            .collect()
    }

    fn error(text: &str) -> String {
        IsaString::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn as_linux_and_toolchains_write_them() {
        assert_eq!(named("rv64imafdc_zicsr_ztso"), ["a", "c", "d", "f", "i", "m", "zicsr", "ztso"]);
        assert_eq!(
            named("RV64GC_Zacas"),
            ["a", "c", "d", "f", "i", "m", "zicsr", "zifencei", "zacas"]
        );
        assert_eq!(named("rv64i"), ["i"]);
        assert_eq!(named("rv64i_m_a"), named("rv64ima"));
        assert_eq!(named("rv64imazicsr"), ["a", "i", "m", "zicsr"]);
        assert_eq!(named("rv64imafdcsu"), named("rv64imafdc"));
        assert_eq!(named("rv64i_xventanacondops_zba"), ["i", "zba"]);
    }

    #[test]
    fn versions_are_ignored() {
        assert_eq!(
            named("rv64i2p1_m2p0_a2p1_zba1p0_zvl128b1p0_ss1p12_sv39"),
            named("rv64ima_zba_zvl128b_ss1p12_sv39")
        );
        assert_eq!(named("rv64i2m2a2"), named("rv64ima"));
        assert_eq!(named("rv64i2p1m2"), named("rv64im"));
    }

    #[test]
    fn profiles_start_a_string() {
        let set = IsaString::parse("rva23u64_ztso_zacas").unwrap().all();
        let some = Ztso | Zacas | V | Zba | Zaamo | Zalrsc | Zicond | Zve64d;
        assert!(set.is_superset(some));
        assert!(!IsaString::parse("rva23u64").unwrap().all().contains(IsaExt::Ztso));
    }

    #[test]
    fn implied_extensions() {
        let all = IsaString::parse("rv64gcb").unwrap().all();
        assert!(all.is_superset(Zaamo | Zalrsc | Zba | Zbb | Zbs | Zca | Zcd | Zmmul));
    }

    #[test]
    fn what_linux_does_not_know_is_accepted_and_kept() {
        let string = IsaString::parse("rv64gck_sdtrig_ztso_zcas1p0_xthead").unwrap();
        assert_eq!(string.unknown(), ["k", "sdtrig", "zcas1p0"]);
        assert!(string.named().contains(Ztso));
    }

    #[test]
    fn mistakes_have_a_column() {
        assert_eq!(error("rv64gc__ztso"), "column 8: expected an extension between underscores");
        assert_eq!(error("rv64gc_"), "column 8: expected an extension between underscores");
        assert_eq!(error("rv64e"), "column 5: harts with 16 registers (`e`) are not modelled");
        assert_eq!(error("rv32gc"), "column 1: only 64-bit harts are modelled: expected `rv64`");
        assert_eq!(error("rv64"), "column 5: expected the base: `i` or `g` after `rv64`");
        assert_eq!(error("rv64ma"), "column 5: expected the base: `i` or `g` after `rv64`");
        assert!(error("rva23u46").contains("did you mean `rva23u64`?"));
        assert!(error("").contains("expected an ISA string"));
        let no_name = |text| format!("`{text}` is no extension: names have letters and digits");
        assert_eq!(error("rv64i_zicsré"), format!("column 7: {}", no_name("zicsré")));
        assert_eq!(error("rv64ié"), format!("column 5: {}", no_name("ié")));
        assert_eq!(error("rv64i_ztso extra"), format!("column 7: {}", no_name("ztso extra")));
    }
}
