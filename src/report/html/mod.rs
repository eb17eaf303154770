//! A report as one page, for a browser without a network.
//!
//! Its head has the style and a policy under which nothing runs but the page's own script. Then come the tests,
//! packed many at a time and unpacked when one is looked at, and last the list of all tests, packed too, and
//! the script. What comes from tests is packed, or set as text by the script: none of it is ever markup.
//!
//! [`shown`](test_shown) is what a page shows of one test; `rvlitmus serve` sends the same.

mod entry;
mod pack;
mod shown;

use std::io::{self, Write};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{RunOptions, summary};
use crate::results::Tally;

pub use entry::Entry;
use pack::pack;
pub use shown::{DrawingRecord, ShownExecution, executions_shown, test_shown};

/// The style of every page.
pub const STYLE: &str = include_str!("assets/style.css");
/// What shows a test, on every page.
pub const VIEW: &str = include_str!("assets/view.js");
const REPORT: &str = include_str!("assets/report.js");
const HEAD: &str = include_str!("assets/head.html");
const BODY: &str = include_str!("assets/body.html");

/// By this line a page of ours is known.
pub(super) const FIRST_LINE: &str = "<!doctype html><!-- rvlitmus/report -->";

/// Tests that are packed together.
const TOGETHER: usize = 32;
/// Bytes of tests that are packed together, if they are not fewer.
const BYTES_TOGETHER: usize = 1 << 20;

/// What all tests have in common, for the script.
#[derive(Serialize)]
struct Index<'r> {
    /// Names of machines, which rows know by their numbers.
    machines: Vec<String>,
    options: Option<&'r RunOptions>,
    interrupted: bool,
    /// Sentences.
    summary: Vec<String>,
    /// The tests that are packed together in each piece.
    pieces: Vec<usize>,
    rows: Vec<entry::Row>,
}

/// A page that grows test by test.
#[derive(Default)]
pub(super) struct Page {
    options: Option<RunOptions>,
    machines: Vec<String>,
    rows: Vec<entry::Row>,
    /// Tests that wait to be packed, as elements of a list.
    waiting: Vec<u8>,
    /// How many these are.
    waiting_tests: usize,
    pieces: Vec<usize>,
}

impl Page {
    /// Begins the page.
    pub(super) fn begin(options: Option<&RunOptions>, out: &mut impl Write) -> io::Result<Page> {
        let script = BASE64_STANDARD.encode(Sha256::digest(script()));
        let style = BASE64_STANDARD.encode(Sha256::digest(STYLE));
        let policy = format!(
            "default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; img-src data: blob:; base-uri 'none'; form-action 'none'"
        );
        writeln!(out, "{FIRST_LINE}")?;
        out.write_all(HEAD.replace("POLICY", &policy).as_bytes())?;
        write!(out, "<style>{STYLE}</style>\n</head>\n")?;
        out.write_all(BODY.as_bytes())?;
        Ok(Page { options: options.cloned(), ..Page::default() })
    }

    /// Adds a test.
    pub(super) fn push(&mut self, entry: Entry, out: &mut impl Write) -> io::Result<()> {
        let Entry { row, machines, shown } = entry;
        let numbers = machines.into_iter().map(|machine| {
            self.machines.iter().position(|known| *known == machine).unwrap_or_else(|| {
                self.machines.push(machine);
                self.machines.len() - 1
            })
        });
        self.rows.push(row.on(numbers.collect()));
        self.waiting.push(if self.waiting_tests == 0 { b'[' } else { b',' });
        self.waiting.extend_from_slice(&shown);
        self.waiting_tests += 1;
        if self.waiting_tests == TOGETHER || self.waiting.len() > BYTES_TOGETHER {
            self.pack_waiting(out)?;
        }
        Ok(())
    }

    fn pack_waiting(&mut self, out: &mut impl Write) -> io::Result<()> {
        if self.waiting_tests == 0 {
            return Ok(());
        }
        self.waiting.push(b']');
        let (id, data) = (self.pieces.len(), pack(&self.waiting)?);
        writeln!(out, "<script type=\"text/plain\" id=\"piece{id}\">{data}</script>")?;
        self.pieces.push(self.waiting_tests);
        self.waiting.clear();
        self.waiting_tests = 0;
        Ok(())
    }

    /// Ends the page.
    pub(super) fn finish(
        mut self,
        tally: &Tally,
        interrupted: bool,
        out: &mut impl Write,
    ) -> io::Result<()> {
        self.pack_waiting(out)?;
        let index = Index {
            machines: self.machines,
            options: self.options.as_ref(),
            interrupted,
            summary: summary::sentences(tally, interrupted),
            pieces: self.pieces,
            rows: self.rows,
        };
        let data = pack(&serde_json::to_vec(&index)?)?;
        writeln!(out, "<script type=\"text/plain\" id=\"index\">{data}</script>")?;
        write!(out, "<script>{}</script>\n</body>\n</html>\n", script())
    }
}

/// The script of the page.
fn script() -> String {
    [VIEW, REPORT].concat()
}
