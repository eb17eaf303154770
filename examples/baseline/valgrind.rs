//! Instructions of a piece of work, by running this program again under valgrind.
//!
//! Callgrind counts inside [`counted`] only.

use std::fs;
use std::hint::black_box;
use std::process::{Command, Stdio};

use super::support::{Run, Work};

/// The argument of a process that runs under valgrind; another names the work.
pub(crate) const UNDER_VALGRIND: &str = "under-valgrind";

/// Does it once to warm up and once to be counted.
pub(crate) fn work_once(work: Option<&Work>) {
    if let Some(work) = work {
        let mut run = work.prepare();
        black_box(run());
        counted(&mut run);
    }
}

#[inline(never)]
fn counted(run: &mut Run) {
    black_box(run());
}

pub(crate) fn is_installed() -> bool {
    let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// Instructions of doing it once.
///
/// # Errors
/// In words: valgrind did not do what it should.
pub(crate) fn instructions(work: &Work) -> Result<u64, String> {
    let file = tempfile::NamedTempFile::new().map_err(|error| error.to_string())?;
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*valgrind*counted*"])
        .arg(format!("--callgrind-out-file={}", file.path().display()))
        .arg(program)
        .args([UNDER_VALGRIND, &work.name])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| error.to_string())?;
    if !status.success() {
        return Err(format!("valgrind ended with {status}"));
    }
    let text = fs::read_to_string(file.path()).map_err(|error| error.to_string())?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals:")?.trim().parse().ok());
    total.filter(|count| *count > 0).ok_or_else(|| "callgrind counted nothing".to_owned())
}
