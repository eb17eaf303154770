//! `--resume`: what an earlier run of the same report got done.
//!
//! The earlier report is renamed to `REPORT.resume` before the new one is begun, and removed once the
//! new one is whole; if a resumed run is killed too, the next one finds both. So no finished line is
//! lost at any moment, and the report reads as if it had been written in one go.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::Context;
use serde::Deserialize;

use crate::batch::Memo;
use crate::compare::{Fingerprint, Status, TestReport};
use crate::report::{SCHEMA, read_line};

/// The lines of earlier runs. They stay in their file.
#[derive(Debug)]
pub(super) struct Earlier {
    path: PathBuf,
    file: Mutex<File>,
    lines: HashMap<(Fingerprint, String), Line>,
    used: AtomicUsize,
}

/// Where a line stands.
#[derive(Clone, Copy, Debug)]
struct Line {
    offset: u64,
    length: usize,
}

/// As much of a line as is needed to know whether it may be used again.
#[derive(Deserialize)]
struct Head {
    path: String,
    status: Status,
    fingerprint: Option<String>,
}

impl Earlier {
    /// Puts what there is of `report` aside; nothing if it was never begun.
    ///
    /// # Errors
    /// The file is no report, or cannot be read, written or renamed. It is then as it was.
    pub(super) fn set_aside(report: &Path) -> anyhow::Result<Option<Earlier>> {
        let mut aside = report.as_os_str().to_owned();
        aside.push(".resume");
        let aside = PathBuf::from(aside);
        let begun = is_report(report)
            .with_context(|| format!("{} cannot be gone on with", report.display()))?;
        if aside.exists() {
            append(report, &aside)
        } else if begun {
            fs::rename(report, &aside)
        } else {
            return Ok(None);
        }
        .with_context(|| format!("{} cannot be put aside", report.display()))?;
        Earlier::index(aside).map(Some)
    }

    fn index(path: PathBuf) -> anyhow::Result<Earlier> {
        let unreadable = || format!("{} cannot be read", path.display());
        let file = File::open(&path).with_context(unreadable)?;
        let mut reader = BufReader::new(file);
        let (mut lines, mut offset, mut bytes) = (HashMap::new(), 0, Vec::new());
        loop {
            bytes.clear();
            let length = reader.read_until(b'\n', &mut bytes).with_context(unreadable)?;
            if length == 0 {
                break;
            }
            if let Some(key) = usable(&bytes) {
                lines.insert(key, Line { offset, length });
            }
            offset += length as u64;
        }
        let file = Mutex::new(reader.into_inner());
        Ok(Earlier { path, file, lines, used: AtomicUsize::new(0) })
    }

    fn read(&self, line: Line) -> Option<TestReport> {
        let mut bytes = vec![0; line.length];
        {
            let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(line.offset)).ok()?;
            file.read_exact(&mut bytes).ok()?;
        }
        read_line(std::str::from_utf8(&bytes).ok()?, 1).ok()
    }

    /// How many lines were used again.
    pub(super) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// The new report is whole: the earlier one has done its duty.
    ///
    /// # Errors
    /// It cannot be removed.
    pub(super) fn discard(&self) -> anyhow::Result<()> {
        fs::remove_file(&self.path)
            .with_context(|| format!("{} cannot be removed", self.path.display()))
    }
}

impl Memo for Earlier {
    fn recall(
        &self,
        fingerprint: Fingerprint,
        path: &str,
        enough: &dyn Fn(&TestReport) -> bool,
    ) -> Option<TestReport> {
        let line = self.lines.get(&(fingerprint, path.to_owned())).copied()?;
        let report = self.read(line).filter(enough)?;
        self.used.fetch_add(1, Ordering::Relaxed);
        Some(report)
    }

    fn keep(&self, _: &TestReport) {}
}

/// Does `path` hold a report, or the torn beginning of one? Whatever else it holds is not ours to write
/// over.
fn is_report(path: &Path) -> anyhow::Result<bool> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    anyhow::ensure!(file.metadata()?.is_file(), "it is no file");
    let beginnings =
        ["path", "interrupted"].map(|key| format!("{{\"schema\":\"{SCHEMA}\",\"{key}\":"));
    let mut head = Vec::new();
    file.take(64).read_to_end(&mut head)?;
    let ours = beginnings.iter().any(|b| head.iter().zip(b.as_bytes()).all(|(x, y)| x == y));
    anyhow::ensure!(ours, "it is no report in the format jsonl");
    Ok(true)
}

/// Path and fingerprint of a whole line. What this program itself failed on is worth another try.
fn usable(line: &[u8]) -> Option<(Fingerprint, String)> {
    let line = line.strip_suffix(b"\n")?;
    let head: Head = serde_json::from_slice(line).ok()?;
    let fingerprint = Fingerprint::parse(head.fingerprint.as_deref()?)?;
    (head.status != Status::InternalError).then_some((fingerprint, head.path))
}

/// Adds what a killed resumed run got done, on lines of its own.
fn append(report: &Path, aside: &Path) -> io::Result<()> {
    let mut more = match File::open(report) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut file = OpenOptions::new().append(true).open(aside)?;
    file.write_all(b"\n")?;
    io::copy(&mut more, &mut file)?;
    file.sync_data()
}
