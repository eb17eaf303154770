//! `@LIST` arguments, read line by line: a list may name more tests than memory should hold.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rvlitmus_core::litmus::{Diagnostics, decode, read_list};

use super::found::FindError;
use super::stream::Stream;

/// Lists may name lists, but not for ever.
const MAX_LISTS: usize = 16;

/// Bytes that a line of a list may have: more than any path.
const LONGEST_LINE: usize = 1 << 16;
/// Bytes that a list in UTF-16, which is held as a whole, may have.
const LONGEST_UTF16: u64 = 1 << 26;

/// What surrounds an argument: the command line or a list. Relative paths are relative to it.
#[derive(Default)]
pub(super) struct Context {
    /// The folder of the list.
    base: Option<PathBuf>,
    /// What paths begin with in reports.
    prefix: String,
    /// The list, and what surrounds the argument that names it.
    list: Option<(PathBuf, Rc<Context>)>,
}

impl Context {
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
        let mut context = self;
        std::iter::from_fn(move || {
            let (list, outer) = context.list.as_ref()?;
            context = outer;
            Some(list.as_path())
        })
    }
}

/// A list that is being read.
pub(super) struct List {
    path: PathBuf,
    lines: Box<dyn BufRead>,
    /// Lines that were read.
    line: usize,
    context: Rc<Context>,
    /// Has nothing been found yet?
    is_empty: bool,
    ended: bool,
}

impl List {
    /// Opens the list that an argument names. Do its entries begin with its folder?
    ///
    /// # Errors
    /// It cannot be read, or would never end.
    pub(super) fn open(
        text: &str,
        context: &Rc<Context>,
        with_folder: bool,
        stop: &Arc<AtomicBool>,
    ) -> Result<List, FindError> {
        let path = context.path(text);
        let known = path.canonicalize().unwrap_or_else(|_| path.clone());
        if text != "-" && context.lists().any(|list| list == known) {
            return Err(FindError::EndlessList(path));
        }
        if context.lists().count() == MAX_LISTS {
            return Err(FindError::DeepList(path));
        }
        let lines = match lines(text, &path, stop) {
            Ok(Ok(lines)) => lines,
            Ok(Err(error)) => return Err(FindError::NoText(path, error)),
            Err(error) => return Err(FindError::Unreadable(path, error)),
        };
        let folder = Path::new(text).parent().filter(|_| with_folder && text != "-");
        let prefix = folder.map_or_else(
            || context.prefix.clone(),
            |folder| context.shown_folder(&folder.to_string_lossy()),
        );
        let base = path.parent().filter(|_| text != "-").map(Path::to_path_buf);
        let context = Rc::new(Context { base, prefix, list: Some((known, context.clone())) });
        Ok(List { path, lines, line: 0, context, is_empty: true, ended: false })
    }

    /// What surrounds its entries.
    pub(super) fn context(&self) -> Rc<Context> {
        self.context.clone()
    }

    fn entry(&mut self) -> Result<Option<String>, FindError> {
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            self.line += 1;
            let most = LONGEST_LINE as u64 + 1;
            match (&mut self.lines).take(most).read_until(b'\n', &mut bytes) {
                Ok(0) if self.is_empty => return Err(FindError::EmptyList(self.path.clone())),
                Ok(0) => return Ok(None),
                Ok(length) if length > LONGEST_LINE => {
                    return Err(FindError::LongLine(self.path.clone(), self.line));
                }
                Ok(_) => {}
                Err(error) => return Err(FindError::Unreadable(self.path.clone(), error)),
            }
            let Ok(text) = std::str::from_utf8(&bytes) else {
                return Err(FindError::NoTextLine(self.path.clone(), self.line));
            };
            if let Some(entry) = read_list(text).next() {
                self.is_empty = false;
                return Ok(Some(entry.path.to_owned()));
            }
        }
    }
}

/// The lines of a list, in UTF-8 unless it is neither that nor UTF-16.
fn lines(
    text: &str,
    path: &Path,
    stop: &Arc<AtomicBool>,
) -> io::Result<Result<Box<dyn BufRead>, Diagnostics>> {
    let stop = stop.clone();
    let stopped = move || stop.load(Ordering::Relaxed);
    let mut lines: Box<dyn BufRead> = if text == "-" {
        Box::new(Stream::new(|| Ok(io::stdin()), stopped)?)
    } else if path.metadata()?.is_file() {
        Box::new(BufReader::new(File::open(path)?))
    } else {
        let path = path.to_owned();
        Box::new(Stream::new(move || File::open(path), stopped)?)
    };
    if !matches!(lines.fill_buf()?, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        return Ok(Ok(lines));
    }
    let mut bytes = Vec::new();
    lines.take(LONGEST_UTF16).read_to_end(&mut bytes)?;
    let text = decode(&bytes).map(Cow::into_owned);
    Ok(text.map(|text| -> Box<dyn BufRead> { Box::new(Cursor::new(text.into_bytes())) }))
}

impl Iterator for List {
    type Item = Result<String, FindError>;

    /// The next entry, or what is wrong with the list, which then ends.
    fn next(&mut self) -> Option<Result<String, FindError>> {
        if self.ended {
            return None;
        }
        let entry = self.entry().transpose();
        self.ended = !matches!(entry, Some(Ok(_)));
        entry
    }
}
