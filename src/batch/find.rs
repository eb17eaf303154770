//! The tests that the arguments of a command line name.

use std::collections::VecDeque;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::walk::{Below, Walk, is_test};
use super::{Origin, Source};
use crate::litmus::{decode, read_list};

/// Lists may name lists, but not for ever.
const MAX_LISTS: usize = 16;

/// What an argument led to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// A test.
    Test(Source),
    /// Something that is no test: what is wrong, with the path first.
    Complaint(String),
}

/// The tests that `arguments` name, found as they are asked for.
///
/// `-` is standard input; `@FILE` a list of such arguments (see [`read_list`]) relative to that file, `@-`
/// one on standard input; a directory all `*.litmus` below it, sorted; anything else one file, or a
/// pattern where no such file is: all directories and `*.litmus` files that it matches, sorted. Order is
/// that of the arguments.
pub fn find(arguments: &[String]) -> impl Iterator<Item = Found> {
    let pending = arguments.iter().map(|argument| Pending::argument(argument)).collect();
    Finder { pending }
}

/// What is still to be looked at.
enum Pending {
    Argument { text: String, base: Option<PathBuf>, lists: usize },
    Directory(Box<Directory>),
}

impl Pending {
    fn argument(text: &str) -> Pending {
        Pending::Argument { text: text.to_owned(), base: None, lists: 0 }
    }
}

struct Directory {
    root: PathBuf,
    tests: Walk,
    any: bool,
}

struct Finder {
    pending: VecDeque<Pending>,
}

impl Iterator for Finder {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            let found = match self.pending.pop_front()? {
                Pending::Directory(directory) => self.walk(directory),
                Pending::Argument { text, base, lists } => self.argument(text, base, lists),
            };
            if found.is_some() {
                return found;
            }
        }
    }
}

impl Finder {
    fn argument(&mut self, text: String, base: Option<PathBuf>, lists: usize) -> Option<Found> {
        if text == "-" {
            return Some(Found::Test(Source { origin: Origin::Stdin, shown: text }));
        }
        if let Some(list) = text.strip_prefix('@') {
            let path = within(base.as_deref(), list);
            return self.list(&path, lists);
        }
        let path = within(base.as_deref(), &text);
        if path.is_dir() {
            return match Walk::new(&path) {
                Ok(tests) => {
                    let directory = Directory { root: path, tests, any: false };
                    self.pending.push_front(Pending::Directory(Box::new(directory)));
                    None
                }
                Err(complaint) => Some(Found::Complaint(complaint)),
            };
        }
        if text.contains(['*', '?', '[']) && !path.exists() {
            return self.pattern(&path, base, lists);
        }
        let shown = if base.is_some() { text } else { path.to_string_lossy().into_owned() };
        Some(Found::Test(Source { origin: Origin::File(path), shown }))
    }

    /// Puts everything that a pattern matches in its place.
    fn pattern(&mut self, path: &Path, base: Option<PathBuf>, lists: usize) -> Option<Found> {
        let shown = path.display();
        let pattern = path.to_string_lossy();
        let complaint = |what: &dyn std::fmt::Display| {
            Some(Found::Complaint(format!("{shown}: there is no such file, and {what}")))
        };
        let matches = match glob::glob(&pattern) {
            Ok(matches) => matches,
            Err(error) => return complaint(&format_args!("it is no pattern: {error}")),
        };
        let wanted = |path: &Path| path.is_dir() || path.file_name().is_some_and(is_test);
        let matches: Vec<PathBuf> = matches.flatten().filter(|path| wanted(path)).collect();
        if matches.is_empty() {
            return complaint(&"as a pattern it matches no test");
        }
        for path in matches.into_iter().rev() {
            let inside = base.as_deref().and_then(|base| path.strip_prefix(base).ok());
            let text = inside.unwrap_or(&path).to_string_lossy().into_owned();
            self.pending.push_front(Pending::Argument { text, base: base.clone(), lists });
        }
        None
    }

    fn list(&mut self, path: &Path, lists: usize) -> Option<Found> {
        let shown = path.display();
        let complaint = |what: String| Some(Found::Complaint(format!("{shown}: {what}")));
        if lists == MAX_LISTS {
            return complaint("lists are nested too deeply".to_owned());
        }
        let (bytes, base) = if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            (io::stdin().read_to_end(&mut bytes).map(|_| bytes), None)
        } else {
            (fs::read(path), path.parent().map(Path::to_path_buf))
        };
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => return complaint(format!("cannot be read: {error}")),
        };
        let text = match decode(&bytes) {
            Ok(text) => text,
            Err(error) => return complaint(format!("is no list: {error}")),
        };
        let names: Vec<&str> = read_list(&text).map(|entry| entry.path).collect();
        if names.is_empty() {
            return complaint("the list names no test".to_owned());
        }
        for name in names.into_iter().rev() {
            self.pending.push_front(Pending::Argument {
                text: name.to_owned(),
                base: base.clone(),
                lists: lists + 1,
            });
        }
        None
    }

    /// The next test of a directory, which goes back to the front until it is exhausted.
    fn walk(&mut self, mut directory: Box<Directory>) -> Option<Found> {
        let found = match directory.tests.next() {
            Some(Ok(Below { path, shown, regular })) => {
                directory.any = true;
                let origin = if regular { Origin::Listed(path) } else { Origin::File(path) };
                Found::Test(Source { origin, shown })
            }
            Some(Err(complaint)) => Found::Complaint(complaint),
            None => {
                let root = directory.root.display();
                return (!directory.any)
                    .then(|| Found::Complaint(format!("{root}: no *.litmus file in it")));
            }
        };
        self.pending.push_front(Pending::Directory(directory));
        Some(found)
    }
}

fn within(base: Option<&Path>, text: &str) -> PathBuf {
    match base {
        Some(base) => base.join(text),
        None => PathBuf::from(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(arguments: &[String]) -> Vec<String> {
        find(arguments)
            .map(|found| match found {
                Found::Test(source) => source.shown,
                Found::Complaint(complaint) => format!("! {complaint}"),
            })
            .collect()
    }

    #[test]
    fn directories_lists_and_files_in_the_order_of_the_arguments() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir_all(root.join("b/empty")).unwrap();
        for name in ["b/z.litmus", "b/a.litmus", "b/notes.txt", "c.litmus", "a.litmus"] {
            fs::write(root.join(name), "").unwrap();
        }
        fs::write(root.join("@all"), "# a comment\nc.litmus\n\n@more\nb\n").unwrap();
        fs::write(root.join("more"), "a.litmus").unwrap();
        let path = |name: &str| root.join(name).to_string_lossy().into_owned();
        assert_eq!(shown(&[path("")]), ["a.litmus", "b/a.litmus", "b/z.litmus", "c.litmus"]);
        assert_eq!(shown(&[path("c.litmus"), "-".into()]), [path("c.litmus"), "-".into()]);
        let list = format!("@{}", path("@all"));
        assert_eq!(shown(&[list]), ["c.litmus", "a.litmus", "a.litmus", "z.litmus"]);
        let empty = path("b/empty");
        assert_eq!(
            shown(&[empty.clone(), format!("@{}", path("none"))]).join("\n"),
            format!(
                "! {empty}: no *.litmus file in it\n! {}: cannot be read: No such file or directory (os error 2)",
                path("none")
            )
        );
    }

    #[test]
    fn patterns_match_what_no_file_is_called() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir_all(root.join("b")).unwrap();
        for name in ["b/z.litmus", "[a].litmus", "a.litmus", "a1.litmus", "notes.txt"] {
            fs::write(root.join(name), "").unwrap();
        }
        fs::write(root.join("list"), "a?.litmus\n[a].litmus\n*\n").unwrap();
        let path = |name: &str| root.join(name).to_string_lossy().into_owned();
        assert_eq!(shown(&[path("a*.litmus")]), [path("a.litmus"), path("a1.litmus")]);
        assert_eq!(shown(&[path("[a].litmus")]), [path("[a].litmus")]);
        assert_eq!(shown(&[path("**/z.litmus")]), [path("b/z.litmus")]);
        let list = format!("@{}", path("list"));
        assert_eq!(
            shown(&[list]),
            ["a1.litmus", "[a].litmus", "[a].litmus", "a.litmus", "a1.litmus", "z.litmus"]
        );
        let none = shown(&[path("c*")]).remove(0);
        assert!(none.ends_with("as a pattern it matches no test"), "{none}");
    }

    #[test]
    fn a_list_that_names_itself_ends() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("loop");
        fs::write(&path, "@loop").unwrap();
        let shown = shown(&[format!("@{}", path.display())]);
        assert_eq!(shown.len(), 1);
        assert!(shown[0].ends_with("lists are nested too deeply"), "{shown:?}");
    }
}
