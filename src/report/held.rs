//! Texts on their way to an output: many are written with one call to the system, and long ones are not
//! copied before.

use std::io::{self, ErrorKind, IoSlice, Write};

/// Bytes that wait, at most, until they are written.
const WAITING: usize = 1 << 18;
/// Texts that wait, at most: systems take 1024 in one call.
const TEXTS: usize = 256;
/// A shorter text is copied behind the one before.
const SHORT: usize = 1 << 9;
/// A text that is given to be copied, and is no shorter, is written at once instead.
const LONG: usize = 1 << 14;
/// The room of a longer text is not kept for another.
const ROOM: usize = 1 << 14;

/// Texts that wait in front of an output.
pub(super) struct Held<W> {
    out: W,
    texts: Vec<Vec<u8>>,
    /// Of all of them.
    bytes: usize,
    /// Room of texts that are written.
    rooms: Vec<Vec<u8>>,
}

impl<W: Write> Held<W> {
    pub(super) fn new(out: W) -> Held<W> {
        Held { out, texts: Vec::new(), bytes: 0, rooms: Vec::new() }
    }

    /// Adds a text. Returns the room of one, perhaps of another, or none.
    ///
    /// # Errors
    /// The output does not take what has waited; so for the other methods.
    pub(super) fn add(&mut self, text: Vec<u8>) -> io::Result<Vec<u8>> {
        if text.len() < SHORT {
            self.write_all(&text)?;
            return Ok(text);
        }
        self.bytes += text.len();
        self.texts.push(text);
        self.look()?;
        Ok(self.rooms.pop().unwrap_or_default())
    }

    /// Writes what has waited, if it is enough.
    fn look(&mut self) -> io::Result<()> {
        if self.bytes >= WAITING || self.texts.len() >= TEXTS { self.hand_on() } else { Ok(()) }
    }

    /// Writes what has waited.
    fn hand_on(&mut self) -> io::Result<()> {
        let mut slices: Vec<IoSlice<'_>> =
            self.texts.iter().map(|text| IoSlice::new(text)).collect();
        let mut rest = slices.as_mut_slice();
        // Takes away what is empty.
        IoSlice::advance_slices(&mut rest, 0);
        while !rest.is_empty() {
            match self.out.write_vectored(rest) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(written) => IoSlice::advance_slices(&mut rest, written),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.rooms.extend(self.texts.drain(..).filter(|text| text.capacity() <= ROOM));
        self.rooms.truncate(TEXTS);
        self.bytes = 0;
        Ok(())
    }

    /// Writes everything, and gives the output back.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        Ok(self.out)
    }
}

/// Of single words and of parts of a long text.
impl<W: Write> Write for Held<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() >= LONG {
            self.hand_on()?;
            return self.out.write(bytes);
        }
        match self.texts.last_mut() {
            Some(last) if last.capacity() - last.len() >= bytes.len() => {
                last.extend_from_slice(bytes);
            }
            _ => {
                let mut room = self.rooms.pop().unwrap_or_default();
                room.clear();
                room.reserve(bytes.len().max(ROOM));
                room.extend_from_slice(bytes);
                self.texts.push(room);
            }
        }
        self.bytes += bytes.len();
        self.look()?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hand_on()?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes little at a time, and is often interrupted.
    #[derive(Default)]
    struct Slow {
        taken: Vec<u8>,
        calls: usize,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.calls += 1;
            if self.calls.is_multiple_of(3) {
                return Err(ErrorKind::Interrupted.into());
            }
            let some = bytes.len().min(1000);
            self.taken.extend_from_slice(&bytes[..some]);
            Ok(some)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn all_is_written_in_order() {
        let (mut held, mut expected) = (Held::new(Slow::default()), Vec::new());
        let mut room = Vec::new();
        for index in 0..2000_usize {
            room.clear();
            let length = [0, 10, SHORT, 3 * SHORT, ROOM, LONG + 1][index * index % 6];
            room.resize(length, index as u8);
            expected.extend_from_slice(&room);
            if index % 5 == 0 {
                held.write_all(&room).unwrap();
            } else {
                room = held.add(std::mem::take(&mut room)).unwrap();
            }
            assert!(held.bytes < WAITING && held.texts.len() < TEXTS && held.rooms.len() <= TEXTS);
        }
        assert!(held.finish().unwrap().taken == expected);
    }

    #[test]
    fn an_output_that_takes_nothing_is_an_error() {
        let mut held = Held::new(&mut [][..]);
        held.add(vec![1; SHORT]).unwrap();
        assert_eq!(held.flush().unwrap_err().kind(), ErrorKind::WriteZero);
    }
}
