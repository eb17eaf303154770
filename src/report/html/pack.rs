//! Data that a script unpacks: compressed, in characters that mean nothing in HTML.

use std::io::{self, Write};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use flate2::{Compression, write::ZlibEncoder};

/// Packs data as `DecompressionStream("deflate")` and `atob` unpack it.
pub(super) fn pack(data: &[u8]) -> io::Result<String> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(data)?;
    Ok(BASE64_STANDARD.encode(encoder.finish()?))
}
