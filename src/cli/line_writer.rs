//! Results on the terminal that also shows how the run is going.

use std::io::{self, Write};

use indicatif::ProgressBar;

/// Writes above a line that is renewed: the line is cleared before, and drawn again after. So only whole
/// lines are written, the rest when there is no such line any more.
pub(super) struct LineWriter<W> {
    bar: ProgressBar,
    out: W,
    rest: Vec<u8>,
}

impl<W: Write> LineWriter<W> {
    pub(super) fn new(bar: ProgressBar, out: W) -> LineWriter<W> {
        LineWriter { bar, out, rest: Vec::new() }
    }
}

impl<W: Write> Write for LineWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.rest.extend_from_slice(bytes);
        let whole = self.rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let (lines, out) = (&self.rest[..whole], &mut self.out);
        let mut write = || out.write_all(lines).and_then(|()| out.flush());
        let shown = !(self.bar.is_finished() || self.bar.message().is_empty());
        if !shown {
            write()?;
        } else if whole > 0 {
            self.bar.suspend(write)?;
        }
        self.rest.drain(..whole);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.bar.is_finished() {
            self.out.write_all(&self.rest)?;
            self.rest.clear();
            self.out.flush()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_written_when_it_is_whole() {
        let bar = ProgressBar::hidden();
        bar.set_message("half of it");
        let mut out = LineWriter::new(bar.clone(), Vec::new());
        for text in ["a\nb", "c", "d\n\ne"] {
            out.write_all(text.as_bytes()).unwrap();
            out.flush().unwrap();
        }
        assert_eq!(out.out, b"a\nbcd\n\n");
        bar.finish_and_clear();
        out.flush().unwrap();
        assert_eq!(out.out, b"a\nbcd\n\ne");
    }
}
