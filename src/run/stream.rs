//! Reading what may take its time, or never end: pipes, devices, terminals.

use std::io::{self, BufRead, Read};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// Bytes that are read at a time.
const CHUNK: usize = 1 << 16;
/// How often whoever waits for bytes looks whether to go on.
const TICK: Duration = Duration::from_millis(50);

/// A reader that can be left while it waits: its bytes come from a thread of its own, which stays behind
/// when they do not come.
pub(super) struct Stream<E> {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    /// Bytes of the chunk that were taken.
    taken: usize,
    expired: E,
}

impl<E: Fn() -> bool> Stream<E> {
    /// Reads what `open` opens, until `expired` says that nobody waits any more: then reading fails with
    /// [`io::ErrorKind::TimedOut`].
    ///
    /// # Errors
    /// No thread can be had. What `open` returns is the first result of reading.
    pub(super) fn new<R: Read>(
        open: impl FnOnce() -> io::Result<R> + Send + 'static,
        expired: E,
    ) -> io::Result<Stream<E>> {
        let (sender, chunks) = mpsc::sync_channel(1);
        let read = move || {
            let mut reader = match open() {
                Ok(reader) => reader,
                Err(error) => {
                    let _ = sender.send(Err(error));
                    return;
                }
            };
            loop {
                let mut chunk = vec![0; CHUNK];
                let read = reader.read(&mut chunk);
                if read.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::Interrupted) {
                    continue;
                }
                let last = matches!(read, Ok(0) | Err(_));
                let sent = sender.send(read.map(|length| {
                    chunk.truncate(length);
                    chunk
                }));
                if last || sent.is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("reader".to_owned()).spawn(read)?;
        Ok(Stream { chunks, chunk: Vec::new(), taken: 0, expired })
    }
}

impl<E: Fn() -> bool> BufRead for Stream<E> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.taken == self.chunk.len() {
            match self.chunks.recv_timeout(TICK) {
                Ok(chunk) => (self.chunk, self.taken) = (chunk?, 0),
                Err(RecvTimeoutError::Timeout) if !(self.expired)() => continue,
                Err(RecvTimeoutError::Timeout) => return Err(io::ErrorKind::TimedOut.into()),
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if self.chunk.is_empty() {
                break;
            }
        }
        Ok(&self.chunk[self.taken..])
    }

    fn consume(&mut self, amount: usize) {
        self.taken += amount;
    }
}

impl<E: Fn() -> bool> Read for Stream<E> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(into)?;
        self.consume(length);
        Ok(length)
    }
}
