//! From byte offsets to lines and columns.

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
        let (words, rest) = text.as_bytes().as_chunks();
        for (base, word) in (0..).step_by(8).zip(words) {
            let mut newlines = newlines(u64::from_le_bytes(*word));
            while newlines != 0 {
                starts.push(base + newlines.trailing_zeros() / 8 + 1);
                newlines &= newlines - 1;
            }
        }
        let base = text.len() - rest.len();
        let last = rest.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        starts.extend(last.map(|(offset, _)| (base + offset) as u32 + 1));
        LineIndex { starts, continuations: continuations(text) }
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

/// The highest bit of each byte of a word that is a newline.
fn newlines(word: u64) -> u64 {
    const EACH: u64 = u64::from_ne_bytes([1; 8]);
    const LOW: u64 = EACH * 0x7f;
    let zero_there = word ^ (EACH * b'\n' as u64);
    // No carry leaves a byte, so that each is judged by itself.
    !(((zero_there & LOW) + LOW) | zero_there | LOW)
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
    #[test]
    fn every_newline_begins_a_line() {
        let bytes: Vec<u8> =
            (0..1000_u32).map(|i| [b'\n', 11, b' ', b'\n', b'x'][(i * i % 5) as usize]).collect();
        let text = String::from_utf8(bytes).expect("ASCII");
        let index = LineIndex::new(&text);
        let newlines = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let starts: Vec<u32> = newlines.map(|(at, _)| at as u32 + 1).collect();
        assert_eq!(index.starts[1..], starts);
    }
}
