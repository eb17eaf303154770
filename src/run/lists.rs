//! `@LIST` arguments, read line by line: a list may name more tests than memory should hold.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use rvlitmus_core::litmus::{decode, read_list};

/// Lists may name lists, but not for ever.
const MAX_LISTS: usize = 16;

/// Where arguments stand: on the command line or in a list. Relative paths are relative to it.
#[derive(Default)]
pub(super) struct Place {
    /// The folder of the list.
    base: Option<PathBuf>,
    /// What paths begin with in reports.
    prefix: String,
    /// The list, and the place that it is named at.
    list: Option<(PathBuf, Rc<Place>)>,
}

impl Place {
    /// Where to find what is named so here.
    pub(super) fn path(&self, text: &str) -> PathBuf {
        self.base.as_deref().map_or_else(|| PathBuf::from(text), |base| base.join(text))
    }

    /// How to name here what is found there.
    pub(super) fn inside<'p>(&self, path: &'p Path) -> &'p Path {
        let inside = self.base.as_deref().and_then(|base| path.strip_prefix(base).ok());
        inside.unwrap_or(path)
    }

    /// What reports call it.
    pub(super) fn shown(&self, text: &str) -> String {
        if Path::new(text).is_absolute() {
            text.to_owned()
        } else {
            format!("{}{text}", self.prefix)
        }
    }

    /// What the paths of a folder's tests begin with in reports.
    pub(super) fn shown_folder(&self, text: &str) -> String {
        match text.trim_end_matches('/') {
            "" if text.is_empty() => self.prefix.clone(),
            "." => self.prefix.clone(),
            folder => self.shown(folder) + "/",
        }
    }

    /// The lists that lead here, the innermost first.
    fn lists(&self) -> impl Iterator<Item = &Path> {
        let mut place = self;
        std::iter::from_fn(move || {
            let (list, outer) = place.list.as_ref()?;
            place = outer;
            Some(list.as_path())
        })
    }
}

/// A list under way.
pub(super) struct List {
    shown: String,
    lines: Box<dyn BufRead>,
    line: usize,
    place: Rc<Place>,
    any: bool,
    ended: bool,
}

impl List {
    /// Opens the list that is named so at `place`. Do its entries begin with its folder?
    ///
    /// # Errors
    /// In words: it cannot be read, or would never end.
    pub(super) fn open(text: &str, place: &Rc<Place>, with_folder: bool) -> Result<List, String> {
        let path = place.path(text);
        let shown = path.display().to_string();
        let complaint = |what: &dyn std::fmt::Display| format!("{shown}: {what}");
        let known = path.canonicalize().unwrap_or_else(|_| path.clone());
        if text != "-" && place.lists().any(|list| list == known) {
            return Err(complaint(&"the list includes itself"));
        }
        if place.lists().count() == MAX_LISTS {
            return Err(complaint(&"lists are nested too deeply"));
        }
        let unreadable = |error: io::Error| complaint(&format_args!("cannot be read: {error}"));
        let (from, base): (Box<dyn Read>, _) = match text {
            // Not locked: a worker may read a test from it.
            "-" => (Box::new(io::stdin()), None),
            _ => (Box::new(File::open(&path).map_err(unreadable)?), path.parent()),
        };
        let mut lines: Box<dyn BufRead> = Box::new(BufReader::new(from));
        if matches!(lines.fill_buf().map_err(unreadable)?, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
            let mut bytes = Vec::new();
            lines.read_to_end(&mut bytes).map_err(unreadable)?;
            let text =
                decode(&bytes).map_err(|error| complaint(&format_args!("is no list: {error}")))?;
            lines = Box::new(Cursor::new(text.into_owned().into_bytes()));
        }
        let folder = Path::new(text).parent().filter(|_| with_folder && text != "-");
        let prefix = folder.map_or_else(
            || place.prefix.clone(),
            |folder| place.shown_folder(&folder.to_string_lossy()),
        );
        let base = base.map(Path::to_path_buf);
        let place = Rc::new(Place { base, prefix, list: Some((known, place.clone())) });
        Ok(List { shown, lines, line: 0, place, any: false, ended: false })
    }

    /// Where its entries stand.
    pub(super) fn place(&self) -> Rc<Place> {
        self.place.clone()
    }

    fn complaint(&mut self, what: &str) -> Option<Result<String, String>> {
        self.ended = true;
        Some(Err(format!("{}: {what}", self.shown)))
    }
}

impl Iterator for List {
    type Item = Result<String, String>;

    /// The next entry, or what is wrong with the list, which then ends.
    fn next(&mut self) -> Option<Result<String, String>> {
        let mut bytes = Vec::new();
        while !self.ended {
            bytes.clear();
            self.line += 1;
            match self.lines.read_until(b'\n', &mut bytes) {
                Ok(0) if self.any => return None,
                Ok(0) => return self.complaint("the list names no test"),
                Ok(_) => {}
                Err(error) => return self.complaint(&format!("cannot be read: {error}")),
            }
            let Ok(text) = std::str::from_utf8(&bytes) else {
                let what = format!("is no list: line {} is not UTF-8", self.line);
                return self.complaint(&what);
            };
            if let Some(entry) = read_list(text).next() {
                self.any = true;
                return Some(Ok(entry.path.to_owned()));
            }
        }
        None
    }
}
