//! Text of others shown to people: on one line, and without what a terminal or a CI log obeys.

use std::borrow::Cow;

/// Text as a terminal, a log or a table may have it. Characters that are obeyed rather than shown (control
/// characters, line ends, marks of the direction of writing) become escapes such as `\x1b`, `\n` and
/// `\u{202e}`; `::` at the beginning of a word and `##[`, which begin commands of CI logs, become `\x3a:` and
/// `#\x23[`.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    let plain = text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    if plain && !text.contains("::") && !text.contains("##[") {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        let rest = &text[at..];
        if before.is_whitespace() && rest.starts_with("::") {
            shown.push_str("\\x3a");
        } else if before == '#' && rest.starts_with("#[") {
            shown.push_str("\\x23");
        } else {
            push(character, &mut shown);
        }
        before = character;
    }
    if shown == text { Cow::Borrowed(text) } else { Cow::Owned(shown) }
}

/// Lines as [`visible`] has each.
#[must_use]
pub fn visible_lines(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

/// A piece of a line of source text, in which tabs and what begins commands may stand.
pub(super) fn visible_source(text: &str) -> Cow<'_, str> {
    if !text.contains(|character| character != '\t' && is_obeyed(character)) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' => shown.push('\t'),
            _ => push(character, &mut shown),
        }
    }
    Cow::Owned(shown)
}

fn push(character: char, shown: &mut String) {
    match character {
        '\n' => shown.push_str("\\n"),
        '\r' => shown.push_str("\\r"),
        '\t' => shown.push_str("\\t"),
        '\0'..='\x7f' if character.is_control() => {
            shown.push_str(&format!("\\x{:02x}", u32::from(character)));
        }
        _ if is_obeyed(character) => shown.push_str(&format!("\\u{{{:x}}}", u32::from(character))),
        _ => shown.push(character),
    }
}

/// Is a character obeyed rather than shown: a control character, a line separator, a mark of direction, or
/// what XML forbids?
#[must_use]
pub fn is_obeyed(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
                | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_obeyed_and_all_else_stays() {
        for (text, shown) in [
            ("MP+po.litmus", "MP+po.litmus"),
            ("é \\ a:b a::b #1", "é \\ a:b a::b #1"),
            ("\x1b[31mred", "\\x1b[31mred"),
            ("a\nb\r\tc\0\x7f", "a\\nb\\r\\tc\\x00\\x7f"),
            ("\u{9b}1m\u{202e}\u{2066}\u{feff}", "\\u{9b}1m\\u{202e}\\u{2066}\\u{feff}"),
            ("::error::x", "\\x3a:error::x"),
            (" a\n::error ::warning", " a\\n\\x3a:error \\x3a:warning"),
            ("a ##[error]", "a #\\x23[error]"),
        ] {
            assert_eq!(visible(text), shown);
        }
        assert_eq!(visible_lines("a\n::b\n"), "a\n\\x3a:b\n");
        assert_eq!(visible_source("\t::\x1b"), "\t::\\x1b");
    }
}
