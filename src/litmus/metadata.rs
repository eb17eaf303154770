//! The `Key=value` lines of a header.

use std::ops::Range;

use super::Span;

/// Pairs of texts in order, in one piece of memory: generated tests have half a dozen. Equality ignores
/// where they stood.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    /// Keys and values behind one another.
    text: String,
    /// Where each key and its value end.
    ends: Vec<[u32; 2]>,
    /// Where each value began in the source text.
    starts: Vec<u32>,
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
        (&self.text, &self.ends) == (&other.text, &other.ends)
    }
}

impl Eq for Metadata {}

impl Metadata {
    /// Adds a line whose value began at that byte of the source text.
    pub fn push(&mut self, key: &str, value: &str, start: u32) {
        if self.ends.is_empty() {
            self.text.reserve(256);
            self.ends.reserve(8);
            self.starts.reserve(8);
        }
        self.starts.push(start);
        let mut add = |part| {
            self.text.push_str(part);
            self.text.len() as u32
        };
        self.ends.push([add(key), add(value)]);
    }

    /// Is there no line?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Keys and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut start = 0;
        self.ends.iter().map(move |ends| {
            let [key_end, end] = ends.map(|end| end as usize);
            let pair = (&self.text[start..key_end], &self.text[key_end..end]);
            start = end;
            pair
        })
    }

    /// All lines with their places, in order.
    pub fn lines(&self) -> impl Iterator<Item = MetadataLine<'_>> {
        let places = self.iter().zip(&self.starts);
        places.map(|((key, value), start)| MetadataLine { key, value, start: *start })
    }

    /// The first line with this key, large or small letters.
    #[must_use]
    pub fn line(&self, key: &str) -> Option<MetadataLine<'_>> {
        self.lines().find(|line| line.key.eq_ignore_ascii_case(key))
    }

    /// The value of the first line with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == key).map(|(_, value)| value)
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
