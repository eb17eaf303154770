//! Where the text of a test goes: into memory, or on into the output while it is made.

use std::io::{self, Write};
use std::ops::{Deref, DerefMut};

/// Bytes that wait before they go on.
const WAITING: usize = 1 << 16;

/// Text that is appended to. A test of millions of states has more text than memory should hold, so where
/// there is an output it goes there by and by: see [`Out::row`].
pub(super) struct Out<'w> {
    text: Vec<u8>,
    to: Option<To<'w>>,
}

/// An output, and whether it still takes what it is given.
struct To<'w> {
    output: &'w mut dyn Write,
    written: io::Result<()>,
}

impl<'w> Out<'w> {
    /// Keeps everything. `room` is for the text, whatever was in it before.
    pub(super) fn in_memory(mut room: Vec<u8>) -> Out<'w> {
        room.clear();
        Out { text: room, to: None }
    }

    /// Hands everything on to an output.
    pub(super) fn to(output: &'w mut dyn Write) -> Out<'w> {
        Out { text: Vec::new(), to: Some(To { output, written: Ok(()) }) }
    }

    /// A row has ended, so that enough text may be there to be handed on.
    #[inline]
    pub(super) fn row(&mut self) {
        if self.text.len() >= WAITING {
            self.hand_on();
        }
    }

    #[cold]
    fn hand_on(&mut self) {
        if let Some(To { output, written }) = &mut self.to {
            if written.is_ok() {
                *written = output.write_all(&self.text);
            }
            self.text.clear();
        }
    }

    /// The text, or what is left of it when some was handed on.
    ///
    /// # Errors
    /// The output did not take all of it.
    pub(super) fn finish(mut self) -> io::Result<Vec<u8>> {
        self.hand_on();
        self.to.map_or(Ok(()), |to| to.written)?;
        Ok(self.text)
    }
}

/// Appends; what does not get through to the output is said at the end, by [`Out::finish`].
impl Write for Out<'_> {
    #[inline]
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.text.extend_from_slice(bytes);
        self.row();
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Deref for Out<'_> {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.text
    }
}

impl DerefMut for Out<'_> {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.text
    }
}
