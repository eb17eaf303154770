//! The `Key=value` lines of a header.

use std::ops::Range;

use super::Span;

/// Pairs of texts in order, in one piece of memory: generated tests have half a dozen. Equality ignores
/// where they stood.
#[derive(Clone, Debug, Default)]
pub struct Metadata {
    /// The part of the source text in which all lines stand.
    text: String,
    /// Where that part begins in the source text.
    from: u32,
    lines: Vec<Line>,
}

/// Where the parts of one line stand in the source text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// What stands before the `=`.
    pub(super) key: Span,
    /// What stands behind it, without white space around.
    pub(super) value: Span,
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
        self.iter().eq(other.iter())
    }
}

impl Eq for Metadata {}

impl Metadata {
    /// These lines of a source text, in its order.
    pub(super) fn of(source: &str, lines: Vec<Line>) -> Metadata {
        let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
            return Metadata::default();
        };
        let (from, to) = (first.key.start, last.value.end);
        Metadata { text: source[from as usize..to as usize].to_owned(), from, lines }
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
        self.lines.iter().map(|line| self.shown(line))
    }

    /// The lines whose key, large or small letters, is one of these, with their places, in order.
    pub fn lines_of<'m>(&'m self, keys: &'m [&str]) -> impl Iterator<Item = MetadataLine<'m>> {
        let text = self.text.as_bytes();
        let wanted = move |line: &&Line| {
            let key = &text[self.range(line.key)];
            keys.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(key))
        };
        self.lines.iter().filter(wanted).map(|line| self.shown(line))
    }

    fn shown(&self, line: &Line) -> MetadataLine<'_> {
        let text = |span| &self.text[self.range(span)];
        MetadataLine { key: text(line.key), value: text(line.value), start: line.value.start }
    }

    /// Where a part of the source text stands in the text that is kept.
    fn range(&self, span: Span) -> Range<usize> {
        (span.start - self.from) as usize..(span.end - self.from) as usize
    }

    /// The first line with this key, large or small letters.
    #[must_use]
    pub fn line(&self, key: &str) -> Option<MetadataLine<'_>> {
        self.find(|known| known.eq_ignore_ascii_case(key.as_bytes()))
    }

    /// The value of the first line with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.find(|known| known == key.as_bytes()).map(|line| line.value)
    }

    /// The first line with a key that is wanted. Keys are bytes here: several are looked for in each test,
    /// nearly all in vain, and to take a text apart costs more.
    fn find(&self, wanted: impl Fn(&[u8]) -> bool) -> Option<MetadataLine<'_>> {
        let text = self.text.as_bytes();
        let found = self.lines.iter().find(|line| wanted(&text[self.range(line.key)]));
        found.map(|line| self.shown(line))
    }
}

impl<K: AsRef<str>, V: AsRef<str>> FromIterator<(K, V)> for Metadata {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Metadata {
        let mut metadata = Metadata::default();
        let text = &mut metadata.text;
        let mut add = |part: &str| {
            let start = text.len() as u32;
            text.push_str(part);
            Span { start, end: text.len() as u32 }
        };
        let line =
            |(key, value): (K, V)| Line { key: add(key.as_ref()), value: add(value.as_ref()) };
        metadata.lines = pairs.into_iter().map(line).collect();
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
