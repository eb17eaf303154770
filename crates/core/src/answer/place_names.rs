//! What the values of a state belong to, by name.

/// The names of a test's places as reports call them, `0:x5`, `[x]`, `x[1]`, in one piece of memory.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PlaceNames {
    /// All names behind one another.
    text: String,
    /// Where each ends.
    ends: Vec<u32>,
}

impl PlaceNames {
    /// Names that `write` appends, one for each of `things`.
    pub(super) fn written<T>(
        things: impl Iterator<Item = T> + Clone,
        write: impl Fn(T, &mut Vec<u8>),
    ) -> PlaceNames {
        /// Nearly no name has more bytes.
        const SHORT: usize = 8;
        let count = things.clone().count();
        let (mut text, mut ends) = (Vec::with_capacity(SHORT * count), Vec::with_capacity(count));
        for thing in things {
            write(thing, &mut text);
            ends.push(text.len() as u32);
        }
        PlaceNames { text: String::from_utf8(text).unwrap_or_default(), ends }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Is there none?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// One name.
    #[must_use]
    pub fn name(&self, place: usize) -> &str {
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        self.text.get(start as usize..self.ends[place] as usize).unwrap_or_default()
    }

    /// All names in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        (0..self.len()).map(|place| self.name(place))
    }
}

impl<'n> FromIterator<&'n str> for PlaceNames {
    fn from_iter<I: IntoIterator<Item = &'n str>>(from: I) -> PlaceNames {
        let mut names = PlaceNames::default();
        for name in from {
            names.text.push_str(name);
            names.ends.push(names.text.len() as u32);
        }
        names
    }
}
