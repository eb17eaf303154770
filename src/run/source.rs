//! Where the text of a test comes from.

use std::borrow::Cow;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::folder;

/// A place that holds one test.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// Whatever has this path.
    File(PathBuf),
    /// The regular file of this name in a folder, as the folder says.
    Listed(Arc<Path>, OsString),
    /// Standard input.
    Stdin,
}

impl Origin {
    /// The path, if there is one.
    #[must_use]
    pub fn path(&self) -> Option<Cow<'_, Path>> {
        match self {
            Origin::File(path) => Some(path.into()),
            Origin::Listed(folder, name) => Some(folder.join(name).into()),
            Origin::Stdin => None,
        }
    }
}

/// One test that a run will read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// Where it is.
    pub origin: Origin,
    /// What reports call it: the path as given; inside the only argument, a directory or a list, relative
    /// to it.
    pub shown: String,
}

impl Source {
    /// Is there anything of this path?
    #[must_use]
    pub fn exists(&self) -> bool {
        self.origin.path().is_none_or(|path| path.exists())
    }

    /// Reads the bytes into `room`, which grows if there are more; says how many there are.
    ///
    /// # Errors
    /// In words: the file cannot be read.
    pub fn read(&self, room: &mut Vec<u8>) -> Result<usize, String> {
        let read = match &self.origin {
            Origin::File(path) => File::open(path).and_then(|file| read(file, Last::Empty, room)),
            Origin::Listed(folder, name) => {
                folder::open(folder, name).and_then(|file| read(file, Last::Short, room))
            }
            Origin::Stdin => read(io::stdin(), Last::Empty, room),
        };
        read.map_err(|error| format!("cannot be read: {error}"))
    }

    /// Reads the text, UTF-8 or UTF-16 as [`rvlitmus_core::litmus::decode`] has it.
    ///
    /// # Errors
    /// In words: the file cannot be read, or is no text.
    pub fn text(&self) -> Result<String, String> {
        let mut room = vec![0; 1 << 13];
        let length = self.read(&mut room)?;
        let text = rvlitmus_core::litmus::decode(&room[..length]);
        text.map(Cow::into_owned).map_err(|error| error.to_string())
    }
}

/// Which read is the last of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// One that gives nothing.
    Empty,
    /// One that gives less than was asked for, too: so it is with regular files.
    Short,
}

/// Reads up to the end. Neither size nor position is asked for first: most tests are a few hundred bytes,
/// and each call to the system takes as long as copying them.
fn read(mut from: impl Read, last: Last, room: &mut Vec<u8>) -> io::Result<usize> {
    let mut length = 0;
    loop {
        if length == room.len() {
            room.resize(2 * length.max(1 << 12), 0);
        }
        match from.read(&mut room[length..]) {
            Ok(0) => return Ok(length),
            Ok(more) => length += more,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if last == Last::Short && length < room.len() {
            return Ok(length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives at most three bytes at a time, and is interrupted before each.
    struct Slow<'t>(&'t [u8], bool);

    impl Read for Slow<'_> {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(ErrorKind::Interrupted.into());
            }
            let most = to.len().min(3);
            self.0.read(&mut to[..most])
        }
    }

    #[test]
    fn all_is_read_whatever_comes_at_once() {
        for length in [0, 1, 4096, 10_000] {
            let text: Vec<u8> = (0..length).map(|byte| byte as u8).collect();
            let mut room = Vec::new();
            let read_length = read(Slow(&text, false), Last::Empty, &mut room).unwrap();
            assert_eq!(room[..read_length], text);
            let read_length = read(&text[..], Last::Short, &mut room).unwrap();
            assert_eq!(room[..read_length], text);
        }
    }
}
