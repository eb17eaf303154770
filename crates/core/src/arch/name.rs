//! Names that a test gives to its locations and labels.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// A name. Nearly every location has a letter for one, which takes no memory of its own.
#[derive(Clone)]
pub struct Name(Form);

#[derive(Clone)]
enum Form {
    /// The index of a small letter.
    Letter(u8),
    Other(Box<str>),
}

const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";

impl Name {
    /// The name that is one small letter.
    #[inline]
    #[must_use]
    pub const fn of_letter(letter: u8) -> Option<Name> {
        match letter {
            b'a'..=b'z' => Some(Name(Form::Letter(letter - b'a'))),
            _ => None,
        }
    }

    /// Which letter it is, from 0, if it is one.
    #[inline]
    #[must_use]
    pub const fn letter(&self) -> Option<u8> {
        match self.0 {
            Form::Letter(index) => Some(index),
            Form::Other(_) => None,
        }
    }

    fn as_str(&self) -> &str {
        match &self.0 {
            Form::Letter(index) => &LETTERS[usize::from(*index)..=usize::from(*index)],
            Form::Other(name) => name,
        }
    }
}

impl From<&str> for Name {
    fn from(name: &str) -> Name {
        let letter = match name.as_bytes() {
            [letter] => Name::of_letter(*letter),
            _ => None,
        };
        letter.unwrap_or_else(|| Name(Form::Other(name.into())))
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Name {
    #[inline]
    fn eq(&self, other: &Name) -> bool {
        match (&self.0, &other.0) {
            (Form::Letter(a), Form::Letter(b)) => a == b,
            _ => self.as_str() == other.as_str(),
        }
    }
}

impl Eq for Name {}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Name) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Name) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_it_was_made_from() {
        let spelled = ["", "A", "LC00", "_", "a", "ab", "x", "y1", "z", "é"];
        let names = spelled.map(Name::from);
        for (name, text) in names.iter().zip(spelled) {
            assert_eq!((&**name, name.to_string().as_str()), (text, text));
        }
        assert!(names.is_sorted());
        assert_eq!(size_of::<Name>(), size_of::<Box<str>>());
    }
}
