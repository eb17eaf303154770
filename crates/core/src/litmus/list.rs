//! `@list` files: one path per line.

/// A path of a list, and where it stands, for messages about files that are not there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ListEntry<'a> {
    /// The path as written; relative ones are relative to the list's folder.
    pub path: &'a str,
    /// Its line, from 1.
    pub line: u32,
}

/// Reads a list: blank lines and lines that begin with `#` count for nothing, blanks around a path
/// neither. A `#` inside a path is part of it.
pub fn read_list(text: &str) -> impl Iterator<Item = ListEntry<'_>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    (1..)
        .zip(text.lines())
        .map(|(line, path)| ListEntry { path: path.trim(), line })
        .filter(|entry| !(entry.path.is_empty() || entry.path.starts_with('#')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_blank_lines_are_skipped_and_lines_counted() {
        let text = "\u{feff}# all of it\r\n\r\nHAND/MP.litmus\r\n  a b#1.litmus\n #x\n@more\nlast";
        let read: Vec<_> = read_list(text).map(|entry| (entry.line, entry.path)).collect();
        assert_eq!(read, [(3, "HAND/MP.litmus"), (4, "a b#1.litmus"), (6, "@more"), (7, "last")]);
    }
}
