//! The tests below a directory, sorted, found as they are asked for.
//!
//! Entries of a directory are sorted by name, folders among files. Links to folders are followed, but not
//! one to a folder that is being walked, whose tests are found anyway. A library would do; but each test of
//! a corpus takes some tens of microseconds, and comparing, joining and stripping whole paths was a good
//! part of them.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::vec;

use super::{Origin, Source};

/// A directory's tests.
pub(super) struct Walk {
    /// The directories that are under way, the innermost last.
    levels: Vec<Level>,
}

struct Level {
    path: Arc<Path>,
    /// What is shown of it, with a `/` at its end if it is not empty.
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
    /// A link to a folder.
    Link,
    /// What is called like a test, and whether it is a regular file.
    Test(bool),
    /// What is called like a test and is a pipe or a device, whose reading might never end.
    Other,
}

impl Walk {
    /// Tests are shown by their path inside the root, with `shown` before.
    ///
    /// # Errors
    /// In words: the directory cannot be read.
    pub(super) fn new(root: &Path, shown: String) -> Result<Walk, String> {
        Ok(Walk { levels: vec![Level::read(root.to_owned(), shown)?] })
    }

    /// Is this one of the directories under way?
    fn is_under_way(&self, path: &Path) -> bool {
        let Ok(target) = path.canonicalize() else { return false };
        self.levels.iter().any(|level| level.path.canonicalize().is_ok_and(|level| level == target))
    }
}

impl Iterator for Walk {
    type Item = Result<Source, String>;

    fn next(&mut self) -> Option<Result<Source, String>> {
        loop {
            let level = self.levels.last_mut()?;
            let Some(Entry { name, kind }) = level.entries.next() else {
                self.levels.pop();
                continue;
            };
            let mut shown = String::with_capacity(level.shown.len() + name.len() + 1);
            shown.push_str(&level.shown);
            match name.to_str() {
                Some(name) => shown.push_str(name),
                None => shown.push_str(&name.to_string_lossy()),
            }
            let path = match kind {
                Kind::Test(true) => {
                    let origin = Origin::Listed(level.path.clone(), name);
                    return Some(Ok(Source { origin, shown }));
                }
                _ => level.path.join(name),
            };
            match kind {
                Kind::Test(_) => return Some(Ok(Source { origin: Origin::File(path), shown })),
                Kind::Other => {
                    let path = path.display();
                    return Some(Err(format!("{path}: is neither a file nor a directory")));
                }
                Kind::Link if self.is_under_way(&path) => {}
                Kind::Folder | Kind::Link => match Level::read(path, shown + "/") {
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
            Ok(entries) => Ok(Level { path: path.into(), shown, entries: entries.into_iter() }),
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
        // What a link that leads nowhere would have been is told by reading it.
        let linked = if kind.is_symlink() { fs::metadata(entry.path()).ok() } else { None };
        let target = linked.map_or(kind, |linked| linked.file_type());
        let kind = match (target.is_dir(), kind.is_symlink(), is_test(&name)) {
            (true, false, _) => Kind::Folder,
            (true, true, _) => Kind::Link,
            (false, _, false) => continue,
            (false, link, true) if target.is_file() || target.is_symlink() => Kind::Test(!link),
            (false, _, true) => Kind::Other,
        };
        entries.push(Entry { name, kind });
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
    fn links_are_followed_once_and_pipes_are_told() {
        use std::os::unix::fs::symlink;
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir_all(root.join("in/x")).unwrap();
        fs::create_dir(root.join("out")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(root.join("in/s.litmus")).unwrap();
        for name in ["in/a.litmus", "in/x/y.litmus", "out/o.litmus"] {
            fs::write(root.join(name), "").unwrap();
        }
        symlink("a.litmus", root.join("in/b.litmus")).unwrap();
        symlink("nowhere", root.join("in/c.litmus")).unwrap();
        symlink("../out", root.join("in/d")).unwrap();
        symlink("../..", root.join("in/x/up")).unwrap();
        symlink("..", root.join("in/x/loop")).unwrap();
        symlink("../in", root.join("out/back")).unwrap();
        let found = Walk::new(&root.join("in"), String::new()).unwrap().map(|test| match test {
            Ok(test) => test.shown,
            Err(complaint) => complaint.rsplit_once('/').unwrap().1.to_owned(),
        });
        let mut found: Vec<String> = found.collect();
        let up = found.extract_if(.., |path| path.starts_with("x/up/")).count();
        assert!(up > 0, "a folder above the root is not under way");
        found.dedup();
        assert_eq!(
            found,
            [
                "a.litmus",
                "b.litmus",
                "c.litmus",
                "d/o.litmus",
                "s.litmus: is neither a file nor a directory",
                "x/y.litmus"
            ]
        );
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
        let walk = Walk::new(dir.path(), String::new()).unwrap();
        let found: Vec<Source> = walk.map(Result::unwrap).collect();
        let shown: Vec<&str> = found.iter().map(|test| test.shown.as_str()).collect();
        assert_eq!(shown, ["a.litmus", "b/c/d.litmus", "b/z.litmus", "b.litmus", "c.litmus"]);
        for Source { origin, shown } in &found {
            assert_eq!(origin.path().unwrap(), dir.path().join(shown));
        }
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let none = dir.path().join("none");
        let complaint = Walk::new(&none, String::new()).err().unwrap();
        assert!(complaint.starts_with(&format!("{}: cannot be read: ", none.display())));
    }
}
