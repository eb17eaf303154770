//! The tests that the arguments of a command line name.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::lists::{List, Place};
use super::walk::{Walk, is_test};
use super::{Origin, Source};

/// What an argument led to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// A test.
    Test(Source),
    /// Something that is no test: what is wrong, with the path first.
    Complaint(String),
}

impl Found {
    /// What progress calls it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Found::Test(source) => source.shown.clone(),
            Found::Complaint(_) => String::new(),
        }
    }
}

/// The tests that `arguments` name, found as they are asked for.
///
/// `-` is standard input; `@FILE` a list of such arguments (see [`rvlitmus_core::litmus::read_list`]) relative to
/// that file, `@-` one on standard input; a directory all `*.litmus` below it, sorted; anything else one
/// file, or a pattern where no such file is: all directories and `*.litmus` files that it matches, sorted.
/// Order is that of the arguments.
///
/// Tests are called by the path as given. The only argument's folder, if it is a directory or a list, is
/// left out; where there are several they are told apart by it.
pub fn find(arguments: &[String]) -> impl Iterator<Item = Found> {
    let only = arguments.len() == 1;
    let place = Rc::new(Place::default());
    let argument = |text: &String| Pending::Argument {
        text: text.clone(),
        place: place.clone(),
        called: if only { Called::ByRest } else { Called::ByAll },
    };
    Finder { pending: arguments.iter().map(argument).collect() }
}

/// What is still to be looked at.
enum Pending {
    Argument { text: String, place: Rc<Place>, called: Called },
    List(Box<List>),
    Directory(Box<Directory>),
}

/// What the tests of a directory, or of a list on the command line, are called by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Called {
    /// What is left of the path inside it.
    ByRest,
    /// The whole path.
    ByAll,
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
                Pending::List(list) => self.list(list),
                Pending::Argument { text, place, called } => self.argument(text, place, called),
            };
            if found.is_some() {
                return found;
            }
        }
    }
}

impl Finder {
    fn argument(&mut self, text: String, place: Rc<Place>, called: Called) -> Option<Found> {
        if text == "-" {
            return Some(Found::Test(Source { origin: Origin::Stdin, shown: text }));
        }
        if let Some(list) = text.strip_prefix('@') {
            match List::open(list, &place, called == Called::ByAll) {
                Ok(list) => self.pending.push_front(Pending::List(Box::new(list))),
                Err(complaint) => return Some(Found::Complaint(complaint)),
            }
            return None;
        }
        let path = place.path(&text);
        if path.is_dir() {
            let shown = match called {
                Called::ByRest => String::new(),
                Called::ByAll => place.shown_folder(&text),
            };
            return match Walk::new(&path, shown) {
                Ok(tests) => {
                    let directory = Directory { root: path, tests, any: false };
                    self.pending.push_front(Pending::Directory(Box::new(directory)));
                    None
                }
                Err(complaint) => Some(Found::Complaint(complaint)),
            };
        }
        if text.contains(['*', '?', '[']) && !path.exists() {
            return self.pattern(&path, &place);
        }
        let shown = place.shown(&text);
        Some(Found::Test(Source { origin: Origin::File(path), shown }))
    }

    /// The next entry of a list, which goes back to the front until it is exhausted.
    fn list(&mut self, mut list: Box<List>) -> Option<Found> {
        let (text, place) = match list.next()? {
            Ok(text) => (text, list.place()),
            Err(complaint) => return Some(Found::Complaint(complaint)),
        };
        self.pending.push_front(Pending::List(list));
        self.pending.push_front(Pending::Argument { text, place, called: Called::ByAll });
        None
    }

    /// Puts everything that a pattern matches in its place.
    fn pattern(&mut self, path: &Path, place: &Rc<Place>) -> Option<Found> {
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
            let text = place.inside(&path).to_string_lossy().into_owned();
            let place = place.clone();
            self.pending.push_front(Pending::Argument { text, place, called: Called::ByAll });
        }
        None
    }

    /// The next test of a directory, which goes back to the front until it is exhausted.
    fn walk(&mut self, mut directory: Box<Directory>) -> Option<Found> {
        let found = match directory.tests.next() {
            Some(Ok(test)) => {
                directory.any = true;
                Found::Test(test)
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

#[cfg(test)]
mod tests {
    use std::fs;

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
        assert_eq!(shown(&[list]), ["c.litmus", "a.litmus", "b/a.litmus", "b/z.litmus"]);
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
            ["a1.litmus", "[a].litmus", "[a].litmus", "a.litmus", "a1.litmus", "b/z.litmus"]
        );
        let none = shown(&[path("c*")]).remove(0);
        assert!(none.ends_with("as a pattern it matches no test"), "{none}");
    }

    #[test]
    fn several_arguments_are_told_apart_by_their_folders() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for folder in ["x/y", "z"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        for name in ["x/MP.litmus", "x/y/MP.litmus", "z/MP.litmus"] {
            fs::write(root.join(name), "").unwrap();
        }
        fs::write(root.join("x/list"), "MP.litmus\n@y/list\n").unwrap();
        fs::write(root.join("x/y/list"), "MP.litmus\n").unwrap();
        fs::write(root.join("z/list"), "MP.litmus\n.\n").unwrap();
        let path = |name: &str| root.join(name).to_string_lossy().into_owned();
        let (x, z) = (path("x"), path("z"));
        let all = [format!("{x}/MP.litmus"), format!("{x}/y/MP.litmus"), format!("{z}/MP.litmus")];
        assert_eq!(shown(&[x.clone(), z.clone() + "/"]), all);
        assert_eq!(shown(&[path("*")]), all);
        assert_eq!(shown(&[format!("@{x}/list")]), ["MP.litmus", "y/MP.litmus"]);
        assert_eq!(
            shown(&[format!("@{x}/list"), format!("@{z}/list")]),
            [&all[..], &all[2..]].concat()
        );
        assert_eq!(shown(&[x]), ["MP.litmus", "y/MP.litmus"]);
    }

    #[test]
    fn a_list_that_names_itself_is_said_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::write(root.join("loop"), "a.litmus\n@./inner\nb.litmus").unwrap();
        fs::write(root.join("inner"), "@loop").unwrap();
        let shown = shown(&[format!("@{}", root.join("loop").display())]);
        let complaint = format!("! {}: the list includes itself", root.join("loop").display());
        assert_eq!(shown, ["a.litmus", &complaint, "b.litmus"]);
    }
}
