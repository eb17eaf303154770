//! A proposition that stands alone, as an argument of a command line does.

use super::parser::Parser;
use super::sections::{Section, section};
use crate::litmus::lexer::{at, blank, first_character, text};
use crate::litmus::{Connective, Diagnostics, Language, Proposition, Quantifier};

/// Reads `1:x5=1; 1:x7=0`: propositions, with `;` or `,` between them, that all have to hold.
///
/// Registers are those of the language. A whole condition, `exists (...)`, is read as what it says exists. What is named is not looked up.
///
/// # Errors
/// Every mistake; offsets count bytes of `text`.
pub fn parse_proposition(text: &str, language: Language) -> Result<Proposition, Diagnostics> {
    let mut parser = Parser::new(text, &|| false);
    parser.language = language;
    let mut all = Vec::new();
    let mut rest = parser.unquantified(blank(text.as_bytes()));
    loop {
        let (after, proposition) = parser.proposition(rest);
        all.push(proposition);
        let next = blank(after);
        if at(next, b';') || at(next, b',') {
            rest = blank(&next[1..]);
        } else {
            if !next.is_empty() && parser.diagnostics.is_empty() {
                let length = first_character(next).map_or(0, char::len_utf8);
                let help = Some("propositions are joined by `;` or `/\\`".to_string());
                parser.note(next, length, "what follows is not understood".into(), help);
            }
            rest = &[];
        }
        if rest.is_empty() {
            break;
        }
    }
    if parser.diagnostics.is_empty() {
        let only = if all.len() == 1 { all.pop() } else { None };
        return Ok(only.unwrap_or_else(|| Proposition::join(Connective::And, all)));
    }
    Err(Diagnostics(parser.diagnostics))
}

impl<'a> Parser<'a> {
    /// Behind a leading `exists`; any other quantifier is a mistake.
    fn unquantified(&mut self, i: &'a [u8]) -> &'a [u8] {
        let Some((Section::Condition(quantifier), rest)) = section(i) else { return i };
        let rest = blank(rest);
        // A location may have that name.
        if matches!(rest, [b'=' | b'!' | b'<' | b'[', ..]) {
            return i;
        }
        if quantifier != Quantifier::Exists {
            let written = text(&i[..i.len() - rest.len()]).trim_end();
            let help = format!("leave `{written}` out: what follows it is the state");
            let message = "a state has no quantifier".to_owned();
            self.note(i, written.len(), message, Some(help));
        }
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn propositions_joined_by_semicolons_all_have_to_hold() {
        for (text, expected) in [
            ("1:x5=1; 1:x7 = 0 ;", r"1:x5=1 /\ 1:x7=0"),
            (r"1:x5=1 /\ [x]=2, y=1", r"(1:x5=1 /\ x=2) /\ y=1"),
            ("x=1", "x=1"),
            (r"exists (1:x6=1 /\ x=2)", r"1:x6=1 /\ x=2"),
            ("exists=1", "exists=1"),
        ] {
            assert_eq!(
                parse_proposition(text, Language::Riscv).expect("good").to_string(),
                expected
            );
        }
    }

    #[test]
    fn mistakes_have_their_place_in_the_text() {
        for (text, place) in [
            ("", 0),
            ("1:x5=1; 1:x7", 12),
            ("1:x5=1 1:x7=0", 7),
            ("x==", 3),
            ("~exists (x=1)", 0),
            ("forall x=1", 0),
            ("x=1 && y=1", 4),
        ] {
            let error = parse_proposition(text, Language::Riscv).expect_err(text);
            assert_eq!(error.0[0].span.start, place, "{text}: {error}");
        }
    }
}
