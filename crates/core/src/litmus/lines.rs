//! From byte offsets to lines and columns.

use std::sync::{Arc, OnceLock};

/// The lines of a text. They are looked for when a place is asked for: most tests are run without a word
/// about any of their lines, and copying a text takes a tenth of the time.
#[derive(Clone, Debug)]
pub struct LineIndex {
    text: Arc<str>,
    starts: OnceLock<Starts>,
}

impl LineIndex {
    /// The lines of `text`.
    #[must_use]
    pub fn new(text: &str) -> LineIndex {
        LineIndex { text: text.into(), starts: OnceLock::new() }
    }

    /// Line and column of the character at a byte offset, both from 1.
    #[must_use]
    pub fn line_column(&self, offset: u32) -> (u32, u32) {
        self.starts.get_or_init(|| Starts::of(&self.text)).line_column(offset)
    }
}

/// Two are equal when their texts are.
impl PartialEq for LineIndex {
    fn eq(&self, other: &LineIndex) -> bool {
        self.text == other.text
    }
}

impl Eq for LineIndex {}

/// Where the lines of a text start.
#[derive(Clone, Debug)]
struct Starts {
    lines: Vec<u32>,
    /// Offsets of bytes that continue a UTF-8 character: they take no column. Nearly always empty.
    continuations: Vec<u32>,
}

impl Starts {
    fn of(text: &str) -> Starts {
        let newlines = memchr::memchr_iter(b'\n', text.as_bytes());
        let lines = std::iter::once(0).chain(newlines.map(|at| at as u32 + 1)).collect();
        Starts { lines, continuations: continuations(text) }
    }

    fn line_column(&self, offset: u32) -> (u32, u32) {
        let line = self.lines.partition_point(|start| *start <= offset);
        let start = self.lines[line - 1];
        let before = |end| self.continuations.partition_point(|c| *c < end) as u32;
        (line as u32, offset - start + 1 - (before(offset) - before(start)))
    }
}

fn continuations(text: &str) -> Vec<u32> {
    if text.is_ascii() {
        return Vec::new();
    }
    let continues = (0..).zip(text.bytes()).filter(|(_, byte)| byte & 0xc0 == 0x80);
    continues.map(|(offset, _)| offset).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let lines = LineIndex::new("ab\nü=x\n");
        assert_eq!(lines.line_column(0), (1, 1));
        assert_eq!(lines.line_column(2), (1, 3));
        assert_eq!(lines.line_column(3), (2, 1));
        assert_eq!(lines.line_column(5), (2, 2));
        assert_eq!(lines.line_column(8), (3, 1));
    }
}
