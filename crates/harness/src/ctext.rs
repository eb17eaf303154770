//! Pieces of C.

use std::fmt::Write as _;

use rvlitmus_core::litmus::visible;

/// A string literal. What a terminal or a compiler would obey is written out.
pub(crate) fn string(text: &str) -> String {
    let mut literal = String::from("\"");
    for character in visible(text).chars() {
        match character {
            '"' | '\\' => literal.extend(['\\', character]),
            // Trigraphs are of no use, and warned of.
            '?' => literal.push_str("\\?"),
            ' '..='~' => literal.push(character),
            other => {
                for byte in other.to_string().bytes() {
                    let _ = write!(literal, "\\{byte:03o}");
                }
            }
        }
    }
    literal.push('"');
    literal
}

/// A string literal of a text that may be missing.
pub(crate) fn optional(text: Option<&str>) -> String {
    text.map_or_else(|| "NULL".to_owned(), string)
}

/// A number of 64 bits.
pub(crate) fn number(value: u64) -> String {
    if value < 1 << 16 { value.to_string() } else { format!("UINT64_C({value:#x})") }
}

/// `static const TYPE NAME[] = {...};`, an item a line, or several where they are short; nothing for no items, which C
/// does not have. Returns what names it.
pub(crate) fn array(out: &mut String, kind: &str, name: &str, items: &[String]) -> String {
    if items.is_empty() {
        return "NULL".to_owned();
    }
    let _ = writeln!(out, "static const {kind} {name}[] = {{");
    let mut line = String::new();
    for item in items {
        if !line.is_empty() && line.len() + item.len() > 108 {
            let _ = writeln!(out, "\t{}", line.trim_end());
            line.clear();
        }
        let _ = write!(line, "{item}, ");
    }
    let _ = writeln!(out, "\t{}\n}};", line.trim_end());
    name.to_owned()
}

/// The text of a comment, which it cannot end.
pub(crate) fn comment(text: &str) -> String {
    visible(text).replace("*/", "* /").replace("/*", "/ *")
}
