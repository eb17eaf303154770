//! ISA strings: `rv64imafdc_zicsr_ztso`, `rv64gc_zacas`, `rva23u64_ztso`.
//!
//! Read as Linux and the toolchains write them: case does not matter, single letters stand together
//! or after underscores, multi-letter names are delimited by underscores, versions (`i2p1`,
//! `zba1p0`) are read and ignored, a profile may stand for the start. `G` is IMAFD, Zicsr and
//! Zifencei. The mode letters `su` that old device trees put after the single letters are skipped,
//! and so are vendor extensions (`x...`). Naming chapter of the unprivileged manual.
//!
//! Only 64-bit harts with the full register file are modelled: `rv32`, `rv128` and `rv64e` are
//! refused.

use super::{Ext, ExtSet, implied, profile, spelling};

/// A hart's extensions as an ISA string names them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IsaString {
    named: ExtSet,
}

/// What is wrong with an ISA string, and where: `column 8: ...`, counted from 1.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("column {column}: {message}")]
pub struct IsaStringError {
    /// Where the offending part starts, in characters from 1.
    pub column: usize,
    /// What is wrong, and what to do about it.
    pub message: String,
}

const ZICSR: Ext = Ext::named("zicsr");
const ZIFENCEI: Ext = Ext::named("zifencei");

impl IsaString {
    /// Reads an ISA string.
    ///
    /// # Errors
    /// The first part that is not understood, with its column and the nearest known spelling.
    pub fn parse(text: &str) -> Result<IsaString, IsaStringError> {
        let lower = text.to_ascii_lowercase();
        let error = |at: usize, message: String| {
            let column = lower.char_indices().take_while(|(i, _)| *i < at).count() + 1;
            IsaStringError { column, message }
        };
        let mut named = ExtSet::EMPTY;
        let parts = start(&lower, &mut named).map_err(|message| error(0, message))?;
        let mut at = lower.len() - parts.len();
        for (number, part) in parts.split('_').enumerate() {
            if number == 0 && part.is_empty() && parts.len() < lower.len() {
                at += 1;
                continue;
            }
            read_part(part, &mut named).map_err(|(offset, message)| error(at + offset, message))?;
            at += part.len() + 1;
        }
        if !named.contains(Ext::named("i")) {
            return Err(error(4, "expected the base: `i` or `g` after `rv64`".to_string()));
        }
        Ok(IsaString { named })
    }

    /// Exactly what the string names; `g` and profiles are expanded.
    #[must_use]
    pub fn named(&self) -> ExtSet {
        self.named
    }

    /// What it names, and what that implies.
    #[must_use]
    pub fn all(&self) -> ExtSet {
        implied::closure(&self.named)
    }
}

/// Takes `rv64` or a profile off the front; what is left starts with letters or an underscore.
fn start<'a>(lower: &'a str, named: &mut ExtSet) -> Result<&'a str, String> {
    if let Some(rest) = lower.strip_prefix("rv64") {
        return Ok(rest);
    }
    let (first, _) = lower.split_once('_').unwrap_or((lower, ""));
    if let Some(tokens) = profile::tokens(first) {
        named.extend(tokens.into_iter().filter_map(Ext::find));
        return Ok(&lower[first.len()..]);
    }
    if lower.starts_with("rv32") || lower.starts_with("rv128") {
        return Err("only 64-bit harts are modelled: expected `rv64`".to_string());
    }
    let near = spelling::nearest(first, profile::names().map(|n| (n, n)));
    Err(format!(
        "expected an ISA string such as `rv64gc_ztso` or a profile such as `rva23u64`{}",
        spelling::hint(near)
    ))
}

/// One piece between underscores: single letters, then perhaps one multi-letter name.
fn read_part(part: &str, named: &mut ExtSet) -> Result<(), (usize, String)> {
    if part.is_empty() {
        return Err((0, "expected an extension between underscores".to_string()));
    }
    let mut at = 0;
    while let Some(letter) = part[at..].chars().next() {
        let rest = &part[at..];
        match letter {
            's' if rest == "su" => return Ok(()),
            's' | 'z' => return multi_letter(rest, named).map_err(|message| (at, message)),
            'x' => return Ok(()),
            'g' => named.extend(
                ["i", "m", "a", "f", "d"]
                    .into_iter()
                    .filter_map(Ext::find)
                    .chain([ZICSR, ZIFENCEI]),
            ),
            'e' => return Err((at, "harts with 16 registers (`e`) are not modelled".to_string())),
            _ => {
                let known = letter.is_ascii_lowercase().then(|| Ext::find(&rest[..1])).flatten();
                match known {
                    Some(ext) => {
                        named.insert(ext);
                    }
                    None if rest.len() > 1 && at == 0 => {
                        return Err((at, unknown(rest)));
                    }
                    None => return Err((at, format!("unknown extension `{letter}`"))),
                }
            }
        }
        at += 1 + version_length(&rest[1..]);
    }
    Ok(())
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

fn multi_letter(word: &str, named: &mut ExtSet) -> Result<(), String> {
    let ext = Ext::find(word).or_else(|| Ext::find(without_version(word)));
    named.insert(ext.ok_or_else(|| unknown(word))?);
    Ok(())
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

fn unknown(word: &str) -> String {
    let near = Ext::nearest(without_version(word)).map(Ext::token);
    format!("unknown extension `{word}`{}", spelling::hint(near))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<&'static str> {
        IsaString::parse(text)
            .unwrap_or_else(|e| panic!("{text}: {e}"))
            .named()
            .iter()
            .map(Ext::token)
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
        for token in ["ztso", "zacas", "v", "zba", "zaamo", "zalrsc", "zicond", "zve64d"] {
            assert!(set.contains(Ext::named(token)), "{token}");
        }
        assert!(!IsaString::parse("rva23u64").unwrap().all().contains(Ext::named("ztso")));
    }

    #[test]
    fn implied_extensions() {
        let all = IsaString::parse("rv64gcb").unwrap().all();
        for token in ["zaamo", "zalrsc", "zba", "zbb", "zbs", "zca", "zcd", "zmmul"] {
            assert!(all.contains(Ext::named(token)), "{token}");
        }
    }

    #[test]
    fn mistakes_have_a_column_and_a_suggestion() {
        assert_eq!(
            error("rv64gc_zcas"),
            "column 8: unknown extension `zcas`; did you mean `zacas`?"
        );
        assert_eq!(
            error("rv64gc_ztso_ztos"),
            "column 13: unknown extension `ztos`; did you mean `ztso`?"
        );
        assert_eq!(error("rv64imk"), "column 7: unknown extension `k`");
        assert_eq!(error("rv64gc__ztso"), "column 8: expected an extension between underscores");
        assert_eq!(error("rv64gc_"), "column 8: expected an extension between underscores");
        assert_eq!(error("rv64e"), "column 5: harts with 16 registers (`e`) are not modelled");
        assert_eq!(error("rv32gc"), "column 1: only 64-bit harts are modelled: expected `rv64`");
        assert_eq!(error("rv64"), "column 5: expected the base: `i` or `g` after `rv64`");
        assert_eq!(error("rv64ma"), "column 5: expected the base: `i` or `g` after `rv64`");
        assert!(error("rva23u46").contains("did you mean `rva23u64`?"));
        assert!(error("").contains("expected an ISA string"));
        assert_eq!(
            error("rv64i_zicsré"),
            "column 7: unknown extension `zicsré`; did you mean `zicsr`?"
        );
        assert_eq!(error("rv64ié"), "column 6: unknown extension `é`");
        assert_eq!(error("rv64i_ztso extra"), "column 7: unknown extension `ztso extra`");
    }
}
