//! Reading files of this crate's formats.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// Bytes that such a file may have: more than any recording.
const MOST: u64 = 1 << 26;

/// Reads a VM file or a transcript, which may have 64 MiB.
///
/// # Errors
/// It cannot be read, is longer, or is not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let length = File::open(path)?.take(MOST + 1).read_to_string(&mut text)?;
    if length as u64 > MOST {
        return Err(io::Error::new(ErrorKind::FileTooLarge, "it has more than 64 MiB"));
    }
    Ok(text)
}
