//! From byte offsets to lines and columns.

use memchr::memchr_iter;

/// Where the lines of a text start.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// Offsets of bytes that continue a UTF-8 character: they take no column. Nearly always empty.
    continuations: Vec<u32>,
}

impl LineIndex {
    /// Indexes `text`.
    #[must_use]
    pub fn new(text: &str) -> LineIndex {
        let mut starts = Vec::with_capacity(64);
        starts.push(0);
        starts.extend(memchr_iter(b'\n', text.as_bytes()).map(|offset| offset as u32 + 1));
        let continuations = match text.is_ascii() {
            true => Vec::new(),
            false => {
                (0..).zip(text.bytes()).filter(|(_, b)| b & 0xc0 == 0x80).map(|(o, _)| o).collect()
            }
        };
        LineIndex { starts, continuations }
    }

    /// Line and column of the character at a byte offset, both from 1.
    #[must_use]
    pub fn line_column(&self, offset: u32) -> (u32, u32) {
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts[line - 1];
        let before = |end| self.continuations.partition_point(|c| *c < end) as u32;
        (line as u32, offset - start + 1 - (before(offset) - before(start)))
    }
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
