//! What follows the code: `locations [...]`, `filter p`, and the final condition.

use super::ctype::{ctype, ctype_behind, is_type, nearest_type, no_type};
use super::parser::Parser;
use super::place::{name_of, place};
use crate::litmus::lexer::{
    Parsed, after_token, at, blank, expected, in_name, mark, name, name_length, text,
};
use crate::litmus::{Condition, Language, ObservedPlace, Quantifier, Spanned, Test, suggest};

/// What a keyword begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Section {
    /// `locations`
    Locations,
    /// `filter`
    Filter,
    /// `exists`, `~exists`, `forall`
    Condition(Quantifier),
    /// `observed`
    Observed,
    /// `with`
    With,
}

const KEYWORDS: [(&str, Section); 8] = [
    ("exists", Section::Condition(Quantifier::Exists)),
    ("forall", Section::Condition(Quantifier::Forall)),
    ("final", Section::Condition(Quantifier::Exists)),
    ("observed", Section::Observed),
    ("Observed", Section::Observed),
    ("with", Section::With),
    ("filter", Section::Filter),
    ("locations", Section::Locations),
];

/// The section that begins here, and what follows its keyword.
#[inline]
pub(super) fn section(i: &[u8]) -> Option<(Section, &[u8])> {
    let (negated, i) = match i {
        [b'~', rest @ ..] => (true, blank(rest)),
        [b'n', b'o', b't', rest @ ..] if name_length(i) == 3 => (true, blank(rest)),
        [b'e' | b'f' | b'l' | b'o' | b'O' | b'w', ..] => (false, i),
        _ => return None,
    };
    let (word, rest) = i.split_at(name_length(i));
    let (_, section) = KEYWORDS.iter().find(|(keyword, _)| keyword.as_bytes() == word)?;
    match (negated, section) {
        (true, Section::Condition(Quantifier::Exists)) if word == b"exists" => {
            Some((Section::Condition(Quantifier::NotExists), rest))
        }
        (true, _) => None,
        (false, section) => Some((*section, rest)),
    }
}

/// The keyword that a row of code probably is, which is no instruction either.
pub(super) fn misspelt(i: &[u8], language: Language) -> Option<(Section, &'static str)> {
    let word = &i[..name_length(i)];
    if word.is_empty() || language.is_instruction(word) {
        return None;
    }
    let word = text(word).to_ascii_lowercase();
    let keyword = suggest::nearest(&word, KEYWORDS.iter().map(|(keyword, _)| *keyword))?;
    KEYWORDS.iter().find(|(k, _)| *k == keyword).map(|(k, section)| (*section, *k))
}

impl<'a> Parser<'a> {
    /// Reads all sections up to the end of the text.
    pub(super) fn sections(&mut self, i: &'a [u8], test: &mut Test) {
        let mut i = blank(i);
        let code_ends = i.len();
        while !i.is_empty() {
            if i.starts_with(b"<<") {
                i = self.directions(i);
                continue;
            }
            let (section, rest) = match section(i) {
                Some(read) => read,
                // Where a section came before, a condition needs no keyword.
                None if at(i, b'(') && !i.starts_with(b"(*") && i.len() < code_ends => {
                    (Section::Condition(Quantifier::Exists), i)
                }
                None => match misspelt(i, self.language) {
                    Some((section, keyword)) => {
                        let length = name_length(i);
                        let message = format!("unknown keyword `{}`", text(&i[..length]));
                        self.note(i, length, message, Some(suggest::did_you_mean(keyword)));
                        (section, &i[length..])
                    }
                    None => {
                        self.report(expected(i, "`exists`, `~exists` or `forall`"));
                        if i.starts_with(b"(*") || !at(i, b'(') {
                            return;
                        }
                        (Section::Condition(Quantifier::Exists), i)
                    }
                },
            };
            i = self.section(section, i, blank(rest), test);
        }
    }

    /// One section behind its keyword.
    fn section(
        &mut self,
        section: Section,
        keyword: &'a [u8],
        i: &'a [u8],
        test: &mut Test,
    ) -> &'a [u8] {
        let before = self.diagnostics.len();
        let rest = match section {
            Section::Locations => self.locations(i, test),
            Section::Filter => {
                let (rest, filter) = self.proposition(i);
                if test.filter.replace(filter).is_some() {
                    self.note(keyword, 6, "a second filter".into(), None);
                }
                rest
            }
            Section::With => self.kinds(i),
            Section::Condition(_) | Section::Observed => {
                let (quantifier, (rest, proposition)) = match section {
                    Section::Condition(quantifier) => (quantifier, self.proposition(i)),
                    _ => (Quantifier::Exists, self.observed(i)),
                };
                test.condition_at.span = self.span(keyword, i);
                if test.condition.replace(Condition { quantifier, proposition }).is_some() {
                    let length = keyword.len() - i.len();
                    let length = keyword[..length].trim_ascii_end().len();
                    self.note(keyword, length, "a second condition".into(), None);
                }
                rest
            }
        };
        let mut rest = blank(rest);
        if at(rest, b';') && matches!(section, Section::Condition(_)) {
            rest = blank(&rest[1..]);
        }
        let bare = at(rest, b'(') && matches!(section, Section::Locations | Section::Filter);
        let ends = rest.is_empty() || rest.starts_with(b"<<");
        if ends || bare || self::section(rest).is_some() || misspelt(rest, self.language).is_some()
        {
            return rest;
        }
        if self.diagnostics.len() == before {
            let what = match section {
                Section::Locations => "`filter`, `exists`, `~exists` or `forall`",
                Section::With => "the end of the file",
                _ => "`/\\`, `\\/`, `=>` or the end of the condition",
            };
            self.report(expected(rest, what));
        }
        next_section(rest)
    }

    /// `<< show 3 >>`: what the first simulators of x86 were told to draw.
    fn directions(&mut self, i: &'a [u8]) -> &'a [u8] {
        let Some(length) = memchr::memmem::find(i, b">>") else {
            self.note(i, 2, "this `<<` is never closed".into(), Some("add `>>`".into()));
            return &[];
        };
        self.skip(i, length + 2, "what is between `<<` and `>>`", "it is for another simulator");
        blank(&i[length + 2..])
    }

    /// `tso: not exists; wmo: exists;` behind `with`: what other models are said to do, which is not asked.
    fn kinds(&mut self, mut i: &'a [u8]) -> &'a [u8] {
        let start = i;
        loop {
            let kind = name(i, "a model's name").and_then(|(rest, _)| {
                let joined = |byte: &u8| in_name(*byte) || matches!(byte, b'-' | b'/');
                let rest = &rest[rest.iter().take_while(|byte| joined(byte)).count()..];
                let (rest, ()) = mark(rest, b':', "`:` and `exists`, `~exists` or `forall`")?;
                match section(rest) {
                    Some((Section::Condition(_), rest)) => Ok((blank(rest), ())),
                    _ => Err(expected(rest, "`exists`, `~exists` or `forall`")),
                }
            });
            i = match kind {
                Ok((rest, ())) => rest,
                Err(error) => {
                    self.report(error);
                    return &[];
                }
            };
            let semicolon = at(i, b';');
            i = if semicolon { blank(&i[1..]) } else { i };
            if !semicolon || name_length(i) == 0 || section(i).is_some() {
                let why = "it says what other models do";
                self.skip(start, start.len() - i.len(), "what follows `with`", why);
                return i;
            }
        }
    }

    /// `[x; 0:x5; int y; z int;]`
    fn locations(&mut self, i: &'a [u8], test: &mut Test) -> &'a [u8] {
        let mut i = match mark(i, b'[', "`[` and the places to report") {
            Ok((rest, ())) => rest,
            Err(error) => {
                self.report(error);
                return i;
            }
        };
        loop {
            match i {
                [b']', rest @ ..] => return rest,
                [b';', rest @ ..] => i = blank(rest),
                [] => {
                    self.report(expected(i, "`]`"));
                    return i;
                }
                _ => match observed(i, self.language) {
                    Ok((rest, place)) => {
                        let span = self.span(i, rest);
                        test.locations.push(Spanned { value: place, span });
                        i = self.in_time(blank(rest));
                        if !matches!(i, [b';' | b']', ..]) {
                            self.report(expected(i, "`;` or `]`"));
                            i = after_place(i);
                        }
                    }
                    Err(error) => i = after_place(self.report(error)),
                },
            }
            if section(i).is_some() {
                self.report(expected(i, "`]`"));
                return i;
            }
        }
    }
}

/// `x`, `0:x5`, `uint64_t y`, `y uint64_t`, `p int*`
fn observed(i: &[u8], language: Language) -> Parsed<'_, ObservedPlace> {
    let start = i;
    let (i, before) = if is_type(i) { ctype(i)? } else { (i, None) };
    let (i, place) = place(i, language)?;
    let (i, behind) = match ctype_behind(i) {
        Ok((_, Some(_))) if before.is_some() => (i, None),
        Ok(read) => read,
        Err(error) => {
            let length = name_length(start);
            let misspelt = nearest_type(text(&start[..length])).is_some();
            return Err(if misspelt { no_type(start, length) } else { error });
        }
    };
    Ok((i, ObservedPlace { ctype: before.or(behind), place: place.map(name_of) }))
}

/// Where the next `;`, `]` or section is.
fn after_place(mut i: &[u8]) -> &[u8] {
    loop {
        i = blank(i);
        if matches!(i, [] | [b';' | b']', ..] | [b'(', b'*', ..]) || section(i).is_some() {
            return i;
        }
        i = after_token(i);
    }
}

/// Where the next section begins.
pub(super) fn next_section(mut i: &[u8]) -> &[u8] {
    while !(i.is_empty() || i.starts_with(b"(*") || section(i).is_some()) {
        i = blank(after_token(i));
    }
    i
}
