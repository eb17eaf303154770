//! The language of a test, which the first word of its header names.

use super::parser::Parser;
use crate::litmus::lexer::{expected, name_length, text, unsupported};
use crate::litmus::suggest;

/// A language in which tests can be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Language {
    Riscv,
}

/// Languages of herd whose tests are something else, not misspelt.
const OTHERS: [&str; 12] =
    ["AArch64", "ARM", "PPC", "X86", "X86_64", "MIPS", "C", "LISA", "BPF", "JAVA", "ASL", "CPP"];

impl<'a> Parser<'a> {
    /// The language that the word in front names, and what follows it. `None` when the text is in another
    /// language or has nothing of a litmus test.
    pub(super) fn language(&mut self, i: &'a [u8]) -> Option<(Language, &'a [u8])> {
        let length = name_length(i);
        let (word, rest) = i.split_at(length);
        let word = text(word);
        if word == "RISCV" {
            return Some((Language::Riscv, rest));
        }
        if OTHERS.contains(&word) {
            let message = format!("this is a test for {word}");
            self.report(unsupported(i, length, message, "only `RISCV` tests can be run"));
            return None;
        }
        if length > 0 && suggest::nearest(&word.to_ascii_uppercase(), ["RISCV"]).is_some() {
            let help = Some(suggest::did_you_mean("RISCV"));
            self.note(i, length, format!("unknown architecture `{word}`"), help);
            return Some((Language::Riscv, rest));
        }
        let rest = self.report(expected(i, "`RISCV` and the test's name"));
        // A file that is no litmus test at all is one mistake, not one for each line.
        i.contains(&b'{').then_some((Language::Riscv, rest))
    }
}
