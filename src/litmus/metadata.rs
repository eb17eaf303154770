//! The `Key=value` lines of a header.

/// Pairs of texts in order, in one piece of memory: generated tests have half a dozen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Metadata {
    /// Keys and values behind one another.
    text: String,
    /// Where each key and its value end.
    ends: Vec<[u32; 2]>,
}

impl Metadata {
    /// Adds a line.
    pub fn push(&mut self, key: &str, value: &str) {
        if self.ends.is_empty() {
            self.text.reserve(256);
            self.ends.reserve(8);
        }
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

    /// The value of the first line with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == key).map(|(_, value)| value)
    }
}

impl<K: AsRef<str>, V: AsRef<str>> FromIterator<(K, V)> for Metadata {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Metadata {
        let mut metadata = Metadata::default();
        pairs.into_iter().for_each(|(key, value)| metadata.push(key.as_ref(), value.as_ref()));
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
