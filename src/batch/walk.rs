//! The tests below a directory, sorted, found as they are asked for.
//!
//! Entries of a directory are sorted by name, folders among files, and links to folders are not
//! followed. A library would do; but each test of a corpus takes some tens of microseconds, and
//! comparing, joining and stripping whole paths was a good part of them.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{MAIN_SEPARATOR_STR, Path, PathBuf};
use std::vec;

/// A directory's tests.
pub(super) struct Walk {
    /// The directories that are under way, the innermost last.
    levels: Vec<Level>,
}

struct Level {
    /// The path, with a separator at its end.
    path: OsString,
    /// The path from the root, with a `/` at its end if it is not empty.
    shown: String,
    entries: vec::IntoIter<Entry>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    name: OsString,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Folder,
    /// What is called like a test, and whether it is a regular file.
    Test(bool),
}

/// A test below the root.
pub(super) struct Below {
    pub(super) path: PathBuf,
    /// Relative to the root.
    pub(super) shown: String,
    /// Is it a regular file? It may also be a link to one.
    pub(super) regular: bool,
}

impl Walk {
    /// # Errors
    /// In words: the directory cannot be read.
    pub(super) fn new(root: &Path) -> Result<Walk, String> {
        Ok(Walk { levels: vec![Level::read(root.to_owned(), String::new())?] })
    }
}

impl Iterator for Walk {
    type Item = Result<Below, String>;

    fn next(&mut self) -> Option<Result<Below, String>> {
        loop {
            let level = self.levels.last_mut()?;
            let Some(Entry { name, kind }) = level.entries.next() else {
                self.levels.pop();
                continue;
            };
            let mut path = OsString::with_capacity(level.path.len() + name.len());
            path.push(&level.path);
            path.push(&name);
            let path = PathBuf::from(path);
            let mut shown = String::with_capacity(level.shown.len() + name.len() + 1);
            shown.push_str(&level.shown);
            shown.push_str(&name.to_string_lossy());
            match kind {
                Kind::Test(regular) => return Some(Ok(Below { path, shown, regular })),
                Kind::Folder => match Level::read(path, shown + "/") {
                    Ok(level) => self.levels.push(level),
                    Err(complaint) => return Some(Err(complaint)),
                },
            }
        }
    }
}

impl Level {
    fn read(path: PathBuf, shown: String) -> Result<Level, String> {
        match entries(&path) {
            Ok(entries) => {
                let mut path = path.into_os_string();
                if !path.as_encoded_bytes().ends_with(MAIN_SEPARATOR_STR.as_bytes()) {
                    path.push(MAIN_SEPARATOR_STR);
                }
                Ok(Level { path, shown, entries: entries.into_iter() })
            }
            Err(error) => Err(format!("{}: cannot be read: {error}", path.display())),
        }
    }
}

/// Folders and tests of one directory, by name.
fn entries(path: &Path) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let (name, kind) = (entry.file_name(), entry.file_type()?);
        if kind.is_dir() {
            entries.push(Entry { name, kind: Kind::Folder });
        } else if !(kind.is_file() || kind.is_symlink()) {
            // Reading a pipe or a device might never end.
        } else if is_test(&name) {
            entries.push(Entry { name, kind: Kind::Test(kind.is_file()) });
        }
    }
    entries.sort_unstable();
    Ok(entries)
}

/// Is this what tests are called? (As [`Path::extension`] has it, which looks at all of a path.)
pub(super) fn is_test(name: &OsStr) -> bool {
    matches!(name.as_encoded_bytes().strip_suffix(b".litmus"), Some([_, ..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_is_neither_a_file_nor_a_link_is_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("s.litmus")).unwrap();
        fs::write(dir.path().join("a.litmus"), "").unwrap();
        std::os::unix::fs::symlink("a.litmus", dir.path().join("b.litmus")).unwrap();
        let found = Walk::new(dir.path()).unwrap().map(|below| below.unwrap().shown);
        assert_eq!(found.collect::<Vec<_>>(), ["a.litmus", "b.litmus"]);
    }

    #[test]
    fn tests_come_sorted_folders_among_files() {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["b/c", "e"] {
            fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        for name in ["b/z.litmus", "b/c/d.litmus", "a.litmus", "c.litmus", "b.litmus", "b/t.txt"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        let walk = Walk::new(dir.path()).unwrap();
        let found: Vec<Below> = walk.map(Result::unwrap).collect();
        let shown: Vec<&str> = found.iter().map(|below| below.shown.as_str()).collect();
        assert_eq!(shown, ["a.litmus", "b/c/d.litmus", "b/z.litmus", "b.litmus", "c.litmus"]);
        assert!(found.iter().all(|below| below.path == dir.path().join(&below.shown)));
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let none = dir.path().join("none");
        let complaint = Walk::new(&none).err().unwrap();
        assert!(complaint.starts_with(&format!("{}: cannot be read: ", none.display())));
    }
}
