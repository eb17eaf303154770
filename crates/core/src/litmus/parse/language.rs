//! The language of a test, which the first word of its header names.

use super::parser::Parser;
use crate::litmus::lexer::{
    after_spaces, at, expected, line_length, name_length, text, unsupported,
};
use crate::litmus::{Language, riscv, suggest};

/// Languages of herd whose tests are something else, not misspelt.
const OTHERS: [&str; 14] = [
    "AArch64", "ARM", "PPC", "MIPS", "C", "LISA", "BPF", "JAVA", "ASL", "CPP", "PTX", "VULKAN",
    "SPIRV", "OPENCL",
];

impl<'a> Parser<'a> {
    /// The language that the word in front names, and what follows it. `None` when the text is in another
    /// language or has nothing of a litmus test.
    pub(super) fn language(&mut self, i: &'a [u8]) -> Option<(Language, &'a [u8])> {
        let length = name_length(i);
        let (word, rest) = i.split_at(length);
        let word = text(word);
        if let Some(language) = Language::ALL.into_iter().find(|known| known.name() == word) {
            return Some((language, rest));
        }
        if OTHERS.contains(&word) {
            let message = format!("this is a test for {word}");
            self.report(unsupported(i, length, message, ONLY));
            return None;
        }
        if let Some((kind, help)) = other_kind(i) {
            let length = if length == 0 { 1 } else { length };
            self.note(i, length, format!("this is {kind}, not a litmus test"), Some(help.into()));
            return None;
        }
        let near = suggest::nearest(&word.to_ascii_uppercase(), Language::ALL.map(Language::name));
        if length > 0
            && let Some(near) = Language::ALL.into_iter().find(|known| Some(known.name()) == near)
        {
            let help = Some(suggest::did_you_mean(near.name()));
            self.note(i, length, format!("unknown architecture `{word}`"), help);
            return Some((near, rest));
        }
        let rest = self.report(expected(i, "`RISCV` and the test's name"));
        // A file that is no litmus test at all is one mistake, not one for each line.
        i.contains(&b'{').then_some((Language::Riscv, rest))
    }
}

/// What can be run.
const ONLY: &str = "only herd's tests for `RISCV`, `X86` and `X86_64` can be run";

/// What a file is that begins so, and what to do with it; `None` for what may be a test.
fn other_kind(i: &[u8]) -> Option<(&'static str, &'static str)> {
    let length = name_length(i);
    let rest = after_spaces(&i[length..]);
    let first_line = i[..line_length(i)].trim_ascii_end();
    let only_tests = ONLY;
    Some(match (text(&i[..length]), i) {
        _ if first_line.ends_with(b".litmus") => {
            ("a list of tests", "a list is named with `@` before it: `@FILE`")
        }
        ("Test", _) if contains(i, b"\nStates ") || contains(i, b"\nHistogram ") => {
            ("a log of herd7 or litmus7", "`rvlitmus compare` compares with it")
        }
        ("let" | "include" | "acyclic" | "empty" | "irreflexive" | "show", _)
        | ("", [b'"', ..])
            if CAT.iter().any(|word| contains(i, word)) =>
        {
            ("a model in cat", "models are named by `--model`: rvwmo, ztso, sc, x86-tso")
        }
        ("", [b'[', ..]) if first_line.ends_with(b"]") => ("a TOML file", only_tests),
        (word, _) if !word.is_empty() && at(rest, b'=') => {
            let isla = word == "arch" || contains(i, b"\narch");
            (if isla { "a TOML file, as isla's tests are" } else { "a TOML file" }, only_tests)
        }
        ("", [b'{', ..]) => ("a JSON file", "`rvlitmus report` reads reports"),
        ("", [b'#', b'!', ..]) => ("a script", only_tests),
        ("", [b'#', b'a'..=b'z', ..]) => ("a file in C", only_tests),
        ("", [b'<', ..]) => ("an XML file", only_tests),
        (word, _) if riscv::is_directive(word.as_bytes()) => {
            ("a file in assembly", "its code goes into the columns of a test: see `rvlitmus help`")
        }
        _ => return None,
    })
}

/// What every model has one of.
const CAT: [&[u8]; 5] = [b"let ", b"acyclic ", b"include ", b"irreflexive ", b"empty "];

fn contains(i: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(i, part).is_some()
}
