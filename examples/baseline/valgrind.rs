//! Instructions of each piece of work, by running this program again under valgrind.
//!
//! Callgrind counts inside [`counted`] only and writes one file each time that it returns.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Work;

/// The argument of a process that runs under valgrind.
pub(crate) const UNDER_VALGRIND: &str = "under-valgrind";

/// Does everything once to warm up and once to be counted.
pub(crate) fn work_once(work: Vec<Work>) {
    for mut work in work {
        black_box((work.run)());
        counted(&mut work);
    }
}

#[inline(never)]
fn counted(work: &mut Work) {
    black_box((work.run)());
}

/// The count of each piece of work, in order.
///
/// # Errors
/// In words: valgrind is not installed, or did not do what it should.
pub(crate) fn instructions() -> Result<Vec<u64>, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let status = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*valgrind*counted*"])
        .arg("--dump-after=*valgrind*counted*")
        .arg(format!("--callgrind-out-file={}", folder.path().join("out").display()))
        .arg(program)
        .arg(UNDER_VALGRIND)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match status {
        Err(_) => return Err("valgrind is not installed".to_owned()),
        Ok(status) if !status.success() => return Err(format!("valgrind ended with {status}")),
        Ok(_) => {}
    }
    let counts: Vec<u64> =
        (1..).map_while(|n| total(&folder.path().join(format!("out.{n}")))).collect();
    if counts.is_empty() { Err("callgrind wrote no counts".to_owned()) } else { Ok(counts) }
}

/// The line `totals: 123` of a file of callgrind.
fn total(path: &Path) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    let line =
        text.lines().find_map(|l| l.strip_prefix("totals:").or(l.strip_prefix("summary:")))?;
    line.trim().parse().ok()
}
