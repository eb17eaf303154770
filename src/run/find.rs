//! The tests that the arguments of a command line name.

use std::collections::VecDeque;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use walkdir::WalkDir;

use super::directory::{Directory, is_test};
use super::found::{FindError, Found};
use super::lists::{Context, List};
use super::{Origin, Source};

/// The tests that `arguments` name, found as they are asked for.
///
/// `-` is standard input; `@FILE` a list of such arguments (see [`rvlitmus_core::litmus::read_list`]) relative to
/// that file, `@-` one on standard input; a directory all `*.litmus` below it, sorted; anything else one
/// file, or a pattern where no such file is: all directories and `*.litmus` files that it matches, sorted.
/// Order is that of the arguments.
///
/// Tests are called by the path as given. The only argument's folder, if it is a directory or a list, is
/// left out; where there are several they are told apart by it.
///
/// A list that comes through a pipe is waited for until `stop` is set.
pub fn find(arguments: &[String], stop: &Arc<AtomicBool>) -> impl Iterator<Item = Found> + use<> {
    Finder::new(arguments, stop.clone())
}

/// The files that [`find`] would read, lists and tests. A list that can be read once only is left alone,
/// and so is what it names.
///
/// It ends when `stop` is set.
pub fn inputs(
    arguments: &[String],
    stop: &Arc<AtomicBool>,
) -> impl Iterator<Item = PathBuf> + use<> {
    let once = |list: &str| !Path::new(list).is_file();
    let again = arguments.iter().filter(|text| !text.strip_prefix('@').is_some_and(once));
    let mut finder = Finder::new(&again.cloned().collect::<Vec<String>>(), stop.clone());
    std::iter::from_fn(move || {
        loop {
            if finder.stop.load(Ordering::Relaxed) {
                return None;
            }
            if let Some(list) = finder.lists.pop() {
                return Some(list);
            }
            match finder.next() {
                Some(Found::Test(Source { origin: Origin::File(path), .. })) => return Some(path),
                None if finder.lists.is_empty() => return None,
                _ => {}
            }
        }
    })
}

/// What is still to be looked at.
enum Pending {
    Argument { text: String, context: Rc<Context>, naming: Naming },
    List(Box<List>),
    Directory(Box<Directory>),
}

/// What the tests of a directory, or of a list on the command line, are called by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// What is left of the path inside it.
    InsideFolder,
    /// The whole path.
    WholePath,
}

struct Finder {
    pending: VecDeque<Pending>,
    /// Every list that was opened.
    lists: Vec<PathBuf>,
    stop: Arc<AtomicBool>,
}

impl Iterator for Finder {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return None;
            }
            let found = match self.pending.pop_front()? {
                Pending::Directory(directory) => self.directory(directory),
                Pending::List(list) => self.list(list),
                Pending::Argument { text, context, naming } => {
                    self.argument(text, context, naming).unwrap_or_else(|e| Some(Found::Error(e)))
                }
            };
            if found.is_some() {
                return found;
            }
        }
    }
}

impl Finder {
    fn new(arguments: &[String], stop: Arc<AtomicBool>) -> Finder {
        let naming = if arguments.len() == 1 { Naming::InsideFolder } else { Naming::WholePath };
        let context = Rc::new(Context::default());
        let argument = |text: &String| Pending::Argument {
            text: text.clone(),
            context: context.clone(),
            naming,
        };
        Finder { pending: arguments.iter().map(argument).collect(), lists: Vec::new(), stop }
    }

    /// Looks at an argument: it is a test, or something that is put in its place.
    fn argument(
        &mut self,
        text: String,
        context: Rc<Context>,
        naming: Naming,
    ) -> Result<Option<Found>, FindError> {
        if text == "-" {
            return Ok(Some(Found::Test(Source { origin: Origin::Stdin, shown: text })));
        }
        if let Some(list) = text.strip_prefix('@') {
            self.lists.push(context.path(list));
            let list = List::open(list, &context, naming == Naming::WholePath, &self.stop)?;
            self.pending.push_front(Pending::List(Box::new(list)));
            return Ok(None);
        }
        let path = context.path(&text);
        let kind = path.metadata().ok().map(|known| known.file_type());
        if kind.is_some_and(|kind| kind.is_dir()) {
            let shown = match naming {
                Naming::InsideFolder => String::new(),
                Naming::WholePath => context.shown_folder(&text),
            };
            self.pending.push_front(Pending::Directory(Box::new(Directory::new(path, shown))));
            return Ok(None);
        }
        if text.contains(['*', '?', '[']) && kind.is_none() {
            self.pattern(path, &context)?;
            return Ok(None);
        }
        let shown = context.shown(&text);
        let origin = match kind {
            Some(kind) if !kind.is_file() => Origin::Stream(path),
            _ => Origin::File(path),
        };
        Ok(Some(Found::Test(Source { origin, shown })))
    }

    /// The next entry of a list, which goes back to the front until it is exhausted.
    fn list(&mut self, mut list: Box<List>) -> Option<Found> {
        let (text, context) = match list.next()? {
            Ok(text) => (text, list.context()),
            Err(error) => return Some(Found::Error(error)),
        };
        self.pending.push_front(Pending::List(list));
        self.pending.push_front(Pending::Argument { text, context, naming: Naming::WholePath });
        None
    }

    /// Puts everything that a pattern matches in its place.
    fn pattern(&mut self, path: PathBuf, context: &Rc<Context>) -> Result<(), FindError> {
        let matches = match matches(&path) {
            Ok(matches) => matches,
            Err(error) => return Err(FindError::NoPattern(path, error)),
        };
        if matches.is_empty() {
            return Err(FindError::NoMatch(path));
        }
        for path in matches.into_iter().rev() {
            let text = context.inside(&path).to_string_lossy().into_owned();
            let context = context.clone();
            self.pending.push_front(Pending::Argument { text, context, naming: Naming::WholePath });
        }
        Ok(())
    }

    /// The next test of a directory, which goes back to the front until it is exhausted.
    fn directory(&mut self, mut directory: Box<Directory>) -> Option<Found> {
        let found = directory.next()?;
        self.pending.push_front(Pending::Directory(directory));
        Some(found)
    }
}

/// The tests and folders that a pattern matches, sorted.
fn matches(path: &Path) -> Result<Vec<PathBuf>, glob::PatternError> {
    let text = path.to_string_lossy();
    let wanted = |path: &Path| path.is_dir() || path.file_name().is_some_and(is_test);
    let pattern = glob::Pattern::new(&text)?;
    if !text.contains("**") {
        return Ok(glob::glob(&text)?.flatten().filter(|path| wanted(path)).collect());
    }
    // Links may lead around in circles, which the walk below leaves.
    let is_plain =
        |part: &Component<'_>| !part.as_os_str().to_string_lossy().contains(['*', '?', '[']);
    let root: PathBuf = path.components().take_while(is_plain).collect();
    let here = root.as_os_str().is_empty();
    let options = glob::MatchOptions { require_literal_separator: true, ..Default::default() };
    let entries = WalkDir::new(if here { Path::new(".") } else { &root }).follow_links(true);
    let paths = entries.into_iter().flatten().map(|entry| match here {
        true => entry.path().strip_prefix(".").unwrap_or(entry.path()).to_owned(),
        false => entry.into_path(),
    });
    let is_match = |path: &PathBuf| pattern.matches_path_with(path, options) && wanted(path);
    let mut matches: Vec<PathBuf> = paths.filter(is_match).collect();
    matches.sort_unstable();
    Ok(matches)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn shown(arguments: &[String]) -> Vec<String> {
        find(arguments, &Arc::default())
            .map(|found| match found {
                Found::Test(source) => source.shown,
                Found::Error(error) => format!("! {error}"),
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
