//! The tests below a directory, sorted, found as they are asked for.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::mem::take;
use std::path::PathBuf;

use walkdir::{DirEntry, WalkDir};

use super::found::{FindError, Found};
use super::{Origin, Source};

/// A directory whose tests are being found.
///
/// Entries are sorted by name, folders among files. Links to folders are followed, but not one to a folder
/// that is being walked, whose tests are found anyway.
pub(super) struct Directory {
    root: PathBuf,
    /// What is shown of the root, with a `/` at its end if it is not empty.
    shown: String,
    /// The length of what all paths begin with, as text: the root and a `/`.
    prefix: usize,
    entries: walkdir::IntoIter,
    /// Has nothing been found yet?
    is_empty: bool,
}

impl Directory {
    /// Tests are shown by their path inside the root, with `shown` before.
    pub(super) fn new(root: PathBuf, shown: String) -> Directory {
        // By name: entries of one folder have the same path before it, and to find a name in a path takes
        // longer than to compare paths.
        let by_name = |a: &DirEntry, b: &DirEntry| a.path().as_os_str().cmp(b.path().as_os_str());
        let entries = WalkDir::new(&root).follow_links(true).sort_by(by_name).into_iter();
        let prefix = root.join("").to_string_lossy().len();
        Directory { root, shown, prefix, entries, is_empty: true }
    }

    fn test(&mut self, path: PathBuf) -> Found {
        self.is_empty = false;
        let whole = path.to_str().map_or_else(|| path.to_string_lossy(), Cow::Borrowed);
        let inside = whole.get(self.prefix..).unwrap_or(&whole);
        let shown = [self.shown.as_str(), inside].concat();
        Found::Test(Source { origin: Origin::File(path), shown })
    }
}

impl Iterator for Directory {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            match self.entries.next() {
                None if take(&mut self.is_empty) => {
                    return Some(Found::Error(FindError::NoTests(self.root.clone())));
                }
                None => return None,
                Some(Ok(entry)) => {
                    let kind = entry.file_type();
                    if kind.is_file() && is_test(entry.file_name()) {
                        return Some(self.test(entry.into_path()));
                    }
                    if !kind.is_file() && !kind.is_dir() && is_test(entry.file_name()) {
                        // A pipe or a device, whose reading might never end.
                        return Some(Found::Error(FindError::NotAFile(entry.into_path())));
                    }
                }
                Some(Err(error)) if error.loop_ancestor().is_some() => {}
                Some(Err(error)) => {
                    let path = error.path().unwrap_or(&self.root).to_owned();
                    if path.is_symlink() && path.metadata().is_err() {
                        // What a link that leads nowhere would have been is told by reading it.
                        if path.file_name().is_some_and(is_test) {
                            return Some(self.test(path));
                        }
                        continue;
                    }
                    self.is_empty &= error.depth() > 0;
                    return Some(Found::Error(FindError::Unreadable(path, error.into())));
                }
            }
        }
    }
}

/// Is this what tests are called?
pub(super) fn is_test(name: &OsStr) -> bool {
    matches!(name.as_encoded_bytes().strip_suffix(b".litmus"), Some([_, ..]))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    fn found(root: &Path) -> Vec<String> {
        let found = Directory::new(root.to_owned(), String::new());
        let shown = found.map(|found| match found {
            Found::Test(source) => source.shown,
            Found::Error(error) => error.to_string(),
        });
        shown.collect()
    }

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
        symlink("nowhere", root.join("in/c.txt")).unwrap();
        symlink("../out", root.join("in/d")).unwrap();
        symlink("../..", root.join("in/x/up")).unwrap();
        symlink("..", root.join("in/x/loop")).unwrap();
        symlink("../in", root.join("out/back")).unwrap();
        let mut found = found(&root.join("in"));
        let up = found
            .extract_if(.., |path| path.starts_with("x/up/") || path.contains("/x/up/"))
            .count();
        assert!(up > 0, "a folder above the root is not under way");
        let socket = root.join("in/s.litmus");
        let socket = format!("{}: is neither a file nor a directory", socket.display());
        assert_eq!(
            found,
            ["a.litmus", "b.litmus", "c.litmus", "d/o.litmus", &socket, "x/y.litmus"]
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
        let expected = ["a.litmus", "b/c/d.litmus", "b/z.litmus", "b.litmus", "c.litmus"];
        assert_eq!(found(dir.path()), expected);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let none = dir.path().join("none");
        let [error] = &found(&none)[..] else { panic!("one error") };
        assert!(error.starts_with(&format!("{}: cannot be read: ", none.display())), "{error}");
    }
}
