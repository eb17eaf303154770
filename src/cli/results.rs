//! The results of a run on their way out.
//!
//! A file is written over with the first result of a test that is there, not before: a path or filter that
//! is wrong, or an interruption at the very beginning, leaves it as it was.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;

use super::output::{self, Output};
use super::plan::Plan;
use super::progress::Bar;
use super::resume::Earlier;
use crate::report::{About, End, Piece, Renderer, Writer};
use crate::results::Tally;

/// The file that a result is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TestFile {
    /// It is there.
    Found,
    /// The path leads nowhere.
    Missing,
}

/// What became of the output.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Written {
    /// It holds the results.
    Results,
    /// There were none: it is as it was.
    Nothing,
}

type Sink = BufWriter<Box<dyn Write>>;

/// An output that is begun with the first result.
pub(super) struct Results {
    renderer: Renderer,
    about: About,
    file: Option<PathBuf>,
    earlier: Option<Arc<Earlier>>,
    state: State,
}

enum State {
    /// Results of paths that lead nowhere wait for one of a test.
    Waiting(Sink, Vec<Piece>),
    Begun(Writer<Sink>),
    /// It could not be begun, and the run is at its end.
    Broken,
}

impl Results {
    /// No results yet.
    pub(super) fn new(
        plan: &Plan,
        out: Output,
        earlier: Option<Arc<Earlier>>,
        bar: &Bar,
    ) -> Results {
        let sink: Box<dyn Write> = match out.is_stdout() {
            true => bar.line_writer(io::stdout()),
            false => Box::new(out.growing()),
        };
        Results {
            renderer: plan.renderer,
            about: plan.about.clone(),
            file: plan.output.clone(),
            earlier,
            state: State::Waiting(output::buffered(sink), Vec::new()),
        }
    }

    /// Adds the next result. Returns the room of its text, for another.
    ///
    /// # Errors
    /// It cannot be written; so for the other methods.
    pub(super) fn add(&mut self, piece: Piece, file: TestFile) -> io::Result<Vec<u8>> {
        if let (State::Waiting(_, held), TestFile::Missing) = (&mut self.state, file) {
            held.push(piece);
            return Ok(Vec::new());
        }
        self.begun()?.piece(piece)
    }

    /// The writer, which is made when it is needed first.
    fn begun(&mut self) -> io::Result<&mut Writer<Sink>> {
        if let State::Waiting(..) = self.state
            && let State::Waiting(sink, held) = std::mem::replace(&mut self.state, State::Broken)
        {
            if let Some(earlier) = &self.earlier {
                earlier.set_aside()?;
            }
            let mut writer = Writer::new(self.renderer, &self.about, sink)?;
            for piece in held {
                writer.piece(piece)?;
            }
            self.state = State::Begun(writer);
        }
        match &mut self.state {
            State::Begun(writer) => Ok(writer),
            _ => Err(io::Error::other("it could not be begun")),
        }
    }

    /// Hands what is written so far to the system.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        match &mut self.state {
            State::Begun(writer) => writer.flush(),
            _ => Ok(()),
        }
    }

    /// Ends the output. A shard that none of the tests is in has a report like any other.
    pub(super) fn finish(mut self, tally: &Tally, end: End) -> io::Result<Written> {
        if let (State::Waiting(_, held), Some(file)) = (&self.state, &self.file) {
            let there = file.exists() || self.earlier.is_some();
            let shard = matches!(end, End::Shard(listing) if listing.tests > 0);
            let worth =
                if held.is_empty() { shard || end == End::Interrupted && !there } else { !there };
            if !worth {
                return Ok(Written::Nothing);
            }
        }
        self.begun()?;
        match self.state {
            State::Begun(writer) => writer.finish(tally, end).map(|_| Written::Results),
            _ => Ok(Written::Nothing),
        }
    }
}
