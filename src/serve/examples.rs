//! Tests that the page offers: those of the folder that the server was given, or some that are built in.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use rvlitmus_core::litmus::{decode, visible};
use serde_json::json;

use super::built_in::BUILT_IN;
use super::http::Reply;
use crate::run::{Origin, Source};

/// Bytes of an example; a page has no room for more.
const LONGEST: usize = 1 << 18;

/// A test that the page offers.
#[derive(Clone, Debug)]
pub struct Example {
    /// Its folder.
    subject: String,
    /// Its file, without the ending.
    name: String,
    text: Text,
}

#[derive(Clone, Debug)]
enum Text {
    BuiltIn(&'static str),
    Of(Source),
}

/// All of them.
#[derive(Clone, Debug)]
pub struct Examples(Vec<Example>);

impl Default for Examples {
    /// Those that are built in.
    fn default() -> Examples {
        let example = |(path, text): &(&str, &'static str)| Example::new(path, Text::BuiltIn(text));
        Examples(BUILT_IN.iter().map(example).collect())
    }
}

impl Examples {
    /// Tests of files below a folder, but for those that links lead out of it to. They are read when they are asked
    /// for.
    ///
    /// # Errors
    /// The folder cannot be found.
    pub fn of(folder: &Path, sources: impl IntoIterator<Item = Source>) -> io::Result<Examples> {
        let folder = folder.canonicalize()?;
        let is_inside = |source: &Source| match &source.origin {
            Origin::File(path) => path.canonicalize().is_ok_and(|path| path.starts_with(&folder)),
            Origin::Stdin | Origin::Stream(_) => false,
        };
        let example = |source: Source| Example::new(&source.shown.clone(), Text::Of(source));
        Ok(Examples(sources.into_iter().filter(is_inside).map(example).collect()))
    }

    /// `/api/examples` is the list, `/api/examples/7` the text of one.
    pub(super) fn reply(&self, path: &str) -> Reply {
        let number = path.strip_prefix("/api/examples/").map(str::parse::<usize>);
        match number {
            None => {
                let names = |e: &Example| json!([visible(&e.subject), visible(&e.name)]);
                let list: Vec<_> = self.0.iter().map(names).collect();
                Reply::json(json!(list).to_string().into_bytes())
            }
            Some(number) => match number.ok().and_then(|number| self.0.get(number)) {
                Some(example) => example.reply(),
                None => Reply::error(404, "there is no such example"),
            },
        }
    }
}

impl Example {
    fn new(path: &str, text: Text) -> Example {
        let (subject, file) = path.rsplit_once('/').unwrap_or(("", path));
        let name = file.strip_suffix(".litmus").unwrap_or(file);
        Example { subject: subject.to_owned(), name: name.to_owned(), text }
    }

    fn reply(&self) -> Reply {
        let text = match &self.text {
            Text::BuiltIn(text) => Ok((*text).to_owned()),
            Text::Of(source) => source.read(LONGEST, || false).map(|bytes| {
                decode(&bytes)
                    .map_or_else(|_| String::from_utf8_lossy(&bytes).into_owned(), Cow::into_owned)
            }),
        };
        match text {
            Ok(text) => Reply::json(json!({ "text": text }).to_string().into_bytes()),
            Err(error) => Reply::error(404, &format!("{} {error}", visible(&self.name))),
        }
    }
}
