//! The `Key=value` lines of a header.

use std::ops::Range;

use super::Span;

/// Pairs of texts in order, in one piece of memory: generated tests have half a dozen. Equality ignores
/// where they stood.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    /// Keys and values behind one another.
    text: String,
    lines: Vec<Line>,
}

/// One line in the text of all.
#[derive(Clone, Copy, Debug)]
struct Line {
    /// Bytes of its key.
    key: u32,
    /// Bytes of its value.
    value: u32,
    /// Where the value began in the source text.
    start: u32,
}

/// One line with its place in the source text.
#[derive(Clone, Copy, Debug)]
pub struct MetadataLine<'m> {
    /// What stands before the `=`.
    pub key: &'m str,
    /// What stands behind it, without white space around.
    pub value: &'m str,
    start: u32,
}

impl MetadataLine<'_> {
    /// Where these bytes of the value stand in the source text.
    #[must_use]
    pub fn span(&self, part: Range<usize>) -> Span {
        Span { start: self.start + part.start as u32, end: self.start + part.end as u32 }
    }
}

impl PartialEq for Metadata {
    fn eq(&self, other: &Metadata) -> bool {
        self.text == other.text && self.iter().eq(other.iter())
    }
}

impl Eq for Metadata {}

impl Metadata {
    /// Adds a line whose value began at that byte of the source text.
    pub fn push(&mut self, key: &str, value: &str, start: u32) {
        if self.lines.is_empty() {
            self.text.reserve(512);
            self.lines.reserve(8);
        }
        self.text.push_str(key);
        self.text.push_str(value);
        self.lines.push(Line { key: key.len() as u32, value: value.len() as u32, start });
    }

    /// Is there no line?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Keys and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines().map(|line| (line.key, line.value))
    }

    /// All lines with their places, in order.
    pub fn lines(&self) -> impl Iterator<Item = MetadataLine<'_>> {
        let mut rest = self.text.as_str();
        self.lines.iter().map(move |line| {
            let (key, after) = rest.split_at(line.key as usize);
            let (value, after) = after.split_at(line.value as usize);
            rest = after;
            MetadataLine { key, value, start: line.start }
        })
    }

    /// The first line with this key, large or small letters.
    #[must_use]
    pub fn line(&self, key: &str) -> Option<MetadataLine<'_>> {
        self.lines().nth(self.find(|known| known.eq_ignore_ascii_case(key.as_bytes()))?)
    }

    /// The value of the first line with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let line = self.lines().nth(self.find(|known| known == key.as_bytes())?);
        line.map(|line| line.value)
    }

    /// The number of the first line with a key that is wanted. Keys are bytes here: several are looked for
    /// in each test, nearly all in vain, and to take a text apart costs more.
    fn find(&self, wanted: impl Fn(&[u8]) -> bool) -> Option<usize> {
        let mut rest = self.text.as_bytes();
        self.lines.iter().position(|line| {
            let (key, after) = rest.split_at(line.key as usize);
            rest = &after[line.value as usize..];
            wanted(key)
        })
    }
}

impl<K: AsRef<str>, V: AsRef<str>> FromIterator<(K, V)> for Metadata {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Metadata {
        let mut metadata = Metadata::default();
        pairs.into_iter().for_each(|(key, value)| metadata.push(key.as_ref(), value.as_ref(), 0));
        metadata
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_in_order() {
        let lines = [("Orig", "a = b"), ("", ""), ("Empty", ""), ("Orig", "ü")];
        let metadata: Metadata = lines.into_iter().collect();
        assert!(metadata.iter().eq(lines) && !metadata.is_empty());
        assert_eq!((metadata.get("Orig"), metadata.get("Other")), (Some("a = b"), None));
    }
}
