//! Names the build: a digest of the sources in `RVLITMUS_BUILD`, so that what another build of the same
//! version left in a cache or in a report to go on with is not taken for this one's.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// FNV-1a, 64 bits: <https://datatracker.ietf.org/doc/html/rfc9923>.
fn absorb(digest: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(digest, |d, byte| (d ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sources(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let mut found = vec![PathBuf::from("Cargo.toml")];
    sources(Path::new("src"), &mut found)?;
    // From a registry the libraries come by themselves, each in the version that is this one's.
    if Path::new("crates").is_dir() {
        sources(Path::new("crates"), &mut found)?;
        println!("cargo::rerun-if-changed=crates");
    }
    found.sort();
    let mut digest = 0xcbf2_9ce4_8422_2325;
    for path in &found {
        digest = absorb(digest, path.to_string_lossy().as_bytes());
        digest = absorb(digest, &fs::read(path)?);
    }
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    println!("cargo::rustc-env=RVLITMUS_BUILD={version}-{digest:016x}");
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed=Cargo.toml");
    Ok(())
}
