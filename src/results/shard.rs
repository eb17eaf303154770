//! Parts of a run, which several machines do: how the tests are divided, and what tells that parts are those
//! of one run.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;

use super::Fingerprint;

/// How the tests of a run are divided into shards.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Division {
    /// By a hash of each test's path: a test stays in its shard whatever becomes of others.
    Hash,
    /// Every n-th test of the listing: shards of equal size.
    Count,
    /// By what tests cost in an earlier report, and by hash those that it does not know.
    Balance,
}

impl Division {
    /// The word before the colon; `count` and `hash` are cargo-nextest's.
    const NAMES: [(&'static str, Division); 3] =
        [("hash", Division::Hash), ("count", Division::Count), ("balance", Division::Balance)];
}

impl fmt::Display for Division {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Division::NAMES.iter().find(|(_, division)| division == self);
        f.write_str(name.map_or("", |(name, _)| name))
    }
}

/// One of the parts into which the tests of a run are divided: `hash:2/7`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Shard {
    /// What decides which test is in which.
    pub division: Division,
    /// How many parts there are.
    pub of: NonZeroU32,
    /// Which of them this is, from 0; below `of`.
    part: u32,
}

/// More shards than there are machines for.
const MOST_SHARDS: u32 = 1 << 20;

impl Shard {
    /// Which part it is, from 0.
    #[must_use]
    pub fn part(self) -> u32 {
        self.part
    }

    /// Another part of the same division.
    #[must_use]
    pub fn sibling(self, part: u32) -> Shard {
        Shard { part: part % self.of, ..self }
    }

    /// The same part of another division.
    #[must_use]
    pub fn divided(self, division: Division) -> Shard {
        Shard { division, ..self }
    }

    /// The part that a test of this path is in, by hash.
    #[must_use]
    pub fn by_hash(self, path: &str) -> u32 {
        Fingerprint::default().and(path.as_bytes()).remainder(self.of)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}/{}", self.division, self.part + 1, self.of)
    }
}

/// Why a text names no shard.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ShardError {
    /// It is of another form.
    #[error("expected a shard and their number, as in 2/7 or count:2/7")]
    Form,
    /// There is no such way to divide.
    #[error("`{0}` is no way to divide tests: hash, count or balance")]
    Division(String),
    /// There is no such shard.
    #[error("of {of} shards there is none with number {part}")]
    Range {
        /// Which was asked for.
        part: u32,
        /// Of how many.
        of: u32,
    },
}

/// `2/7` is `hash:2/7`, and `0/7` the same as `7/7`: job systems count from 1 or from 0.
impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Shard, ShardError> {
        let (division, numbers) = match text.split_once(':') {
            None => (Division::Hash, text),
            Some((word, numbers)) => {
                let known = Division::NAMES.iter().find(|(name, _)| *name == word);
                let (_, division) = known.ok_or_else(|| ShardError::Division(word.to_owned()))?;
                (*division, numbers)
            }
        };
        let number = |text: &str| match text.bytes().all(|byte| byte.is_ascii_digit()) {
            true => text.parse::<u32>().ok().filter(|number| *number <= MOST_SHARDS),
            false => None,
        };
        let (part, of) = numbers.split_once('/').ok_or(ShardError::Form)?;
        let part = number(part).ok_or(ShardError::Form)?;
        let of = number(of).ok_or(ShardError::Form)?;
        match NonZeroU32::new(of) {
            // Who counts from 0 calls the last one so.
            Some(all) if part == 0 => Ok(Shard { division, of: all, part: of - 1 }),
            Some(all) if part <= of => Ok(Shard { division, of: all, part: part - 1 }),
            _ => Err(ShardError::Range { part, of }),
        }
    }
}

/// What a whole run would have listed: shards that agree on it are those of one run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Listing {
    /// The tests that the arguments name, whichever shard they are in.
    pub tests: u64,
    /// Of their paths in order, of whatever else divides them, and of the settings that they are run with.
    pub digest: Fingerprint,
    /// Those that this shard's report has.
    pub own: ShardTests,
}

impl Listing {
    /// Are both of one run?
    #[must_use]
    pub fn is_of_run(&self, other: &Listing) -> bool {
        (self.tests, self.digest) == (other.tests, other.digest)
    }
}

/// The tests in the report of a shard.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ShardTests {
    /// How many there are.
    pub count: u64,
    /// Of their places in the whole run and their paths, in order.
    pub digest: Fingerprint,
}

impl ShardTests {
    /// With the next test.
    #[must_use]
    pub fn and(self, index: u64, path: &str) -> ShardTests {
        let digest = self.digest.and(&index.to_be_bytes()).and(path.as_bytes());
        ShardTests { count: self.count + 1, digest }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_read_back_and_mistakes_are_said() {
        for (text, shown) in
            [("2/7", "hash:2/7"), ("0/7", "hash:7/7"), ("count:64/64", "count:64/64")]
        {
            let shard: Shard = text.parse().unwrap();
            assert_eq!(shard.to_string(), shown);
            assert_eq!(shown.parse(), Ok(shard));
        }
        for (text, what) in [
            ("", "expected a shard"),
            ("2", "expected a shard"),
            ("+2/7", "expected a shard"),
            ("2/7/9", "expected a shard"),
            ("1/99999999", "expected a shard"),
            ("8/7", "of 7 shards there is none with number 8"),
            ("1/0", "of 0 shards there is none with number 1"),
            ("slice:1/2", "`slice` is no way"),
        ] {
            let error = text.parse::<Shard>().unwrap_err().to_string();
            assert!(error.starts_with(what), "{text}: {error}");
        }
    }
}
