//! `--resume`: what an earlier run of the same report got done.
//!
//! With the first result of the new report the earlier one is renamed to `REPORT.resume`, and removed once
//! the new one is whole; if a resumed run is killed too, the next one finds both. So no finished line is
//! lost at any moment, and the report reads as if it had been written in one go. It may be that of another
//! shard, or of the whole run: a test is recognised whichever shard it was run in. Results of tests that
//! the new run did not select stay in `REPORT.resume`, for one that selects them again.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use serde::Deserialize;
use tempfile::NamedTempFile;

use super::output;
use crate::report::{SCHEMA, read_line};
use crate::results::{Fingerprint, TestReport, shown_path};
use crate::run::Memo;
use rvlitmus_core::answer::Status;

/// The lines of earlier runs. They stay in their files.
#[derive(Debug)]
pub(super) struct Earlier {
    report: PathBuf,
    aside: PathBuf,
    /// What was put aside before and the report, as far as each is there.
    files: Vec<Mutex<File>>,
    tests: HashMap<String, Known>,
    used: AtomicUsize,
}

/// What is known of the tests of one path.
#[derive(Debug, Default)]
struct Known {
    lines: Vec<(Fingerprint, Line)>,
    /// Is such a test part of this run?
    selected: AtomicBool,
}

/// Where a line stands.
#[derive(Clone, Copy, Debug)]
struct Line {
    file: usize,
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
    /// Looks at what there is of `report` and touches nothing; `None` if it was never begun.
    ///
    /// # Errors
    /// The file is no report, or cannot be read.
    pub(super) fn of(report: &Path) -> anyhow::Result<Option<Earlier>> {
        let begun = is_report(report)
            .with_context(|| format!("{} cannot be gone on with", shown_path(report)))?;
        let aside = aside_of(report);
        is_report(&aside).with_context(|| format!("{} is in the way", shown_path(&aside)))?;
        let mut earlier = Earlier {
            report: report.to_owned(),
            aside,
            files: Vec::new(),
            tests: HashMap::new(),
            used: AtomicUsize::new(0),
        };
        // The later lines outweigh the earlier ones.
        for path in [&earlier.aside.clone(), report] {
            if path.exists() {
                earlier
                    .index(path)
                    .with_context(|| format!("{} cannot be read", shown_path(path)))?;
            }
        }
        Ok((begun || !earlier.files.is_empty()).then_some(earlier))
    }

    fn index(&mut self, path: &Path) -> io::Result<()> {
        let mut reader = BufReader::new(File::open(path)?);
        let (mut offset, mut bytes) = (0, Vec::new());
        loop {
            bytes.clear();
            let length = reader.read_until(b'\n', &mut bytes)?;
            if length == 0 {
                break;
            }
            if let Some((fingerprint, path)) = usable(&bytes) {
                let line = Line { file: self.files.len(), offset, length };
                let lines = &mut self.tests.entry(path).or_default().lines;
                lines.retain(|(known, _)| *known != fingerprint);
                lines.push((fingerprint, line));
            }
            offset += length as u64;
        }
        self.files.push(Mutex::new(reader.into_inner()));
        Ok(())
    }

    /// Puts the report aside, so that its name is free for the new one.
    ///
    /// # Errors
    /// It cannot be renamed or copied; it is then as it was.
    pub(super) fn set_aside(&self) -> io::Result<()> {
        if !self.report.exists() {
            return Ok(());
        }
        if !self.aside.exists() {
            return fs::rename(&self.report, &self.aside);
        }
        // A resumed run was killed: from here on one file holds what both do, each line once.
        let mut lines: Vec<Line> =
            self.tests.values().flat_map(|known| &known.lines).map(|(_, line)| *line).collect();
        lines.sort_unstable_by_key(|line| (line.file, line.offset));
        let whole = NamedTempFile::new_in(output::folder_of(&self.aside))?;
        let mut writer = BufWriter::new(whole);
        for line in lines {
            writer.write_all(&self.bytes(line)?)?;
        }
        let whole = writer.into_inner().map_err(io::IntoInnerError::into_error)?;
        whole.as_file().set_permissions(fs::metadata(&self.report)?.permissions())?;
        whole.as_file().sync_data()?;
        whole.persist(&self.aside).map_err(|error| error.error)?;
        // What is open is read on, whatever becomes of its name.
        fs::remove_file(&self.report)
    }

    fn bytes(&self, line: Line) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; line.length];
        let mut file = self.files[line.file].lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(line.offset))?;
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn read(&self, line: Line) -> Option<TestReport> {
        read_line(std::str::from_utf8(&self.bytes(line).ok()?).ok()?, 1).ok()
    }

    /// How many lines were used again.
    pub(super) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// The new report is whole: what it does not replace stays aside, and how many results these are is
    /// returned.
    ///
    /// # Errors
    /// The earlier report cannot be removed.
    pub(super) fn discard(&self) -> anyhow::Result<usize> {
        let left = self.tests.values().filter(|known| !known.selected.load(Ordering::Relaxed));
        let left = left.map(|known| known.lines.len()).sum();
        if left == 0 {
            fs::remove_file(&self.aside)
                .with_context(|| format!("{} cannot be removed", shown_path(&self.aside)))?;
        }
        Ok(left)
    }

    /// Where what is not replaced stays.
    pub(super) fn aside(&self) -> &Path {
        &self.aside
    }
}

/// Where the earlier report is while the new one grows.
pub(super) fn aside_of(report: &Path) -> PathBuf {
    let mut aside = report.as_os_str().to_owned();
    aside.push(".resume");
    PathBuf::from(aside)
}

impl Memo for Earlier {
    fn recall(
        &self,
        fingerprint: Fingerprint,
        path: &str,
        enough: &dyn Fn(&TestReport) -> bool,
    ) -> Option<TestReport> {
        let known = self.tests.get(path)?;
        known.selected.store(true, Ordering::Relaxed);
        let (_, line) = known.lines.iter().find(|(known, _)| *known == fingerprint)?;
        let report = self.read(*line).filter(enough)?;
        self.used.fetch_add(1, Ordering::Relaxed);
        Some(report)
    }

    fn keep(&self, _: &TestReport, _: Duration) {}
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
    let mut head = Vec::new();
    file.take(256).read_to_end(&mut head)?;
    match schema(&head) {
        Some(schema) if schema != SCHEMA.as_bytes() => {
            anyhow::bail!("its schema is `{}`, not `{SCHEMA}`", String::from_utf8_lossy(schema))
        }
        _ => {}
    }
    let beginnings =
        ["path", "shard", "interrupted"].map(|key| format!("{{\"schema\":\"{SCHEMA}\",\"{key}\":"));
    let ours = beginnings.iter().any(|b| head.iter().zip(b.as_bytes()).all(|(x, y)| x == y));
    anyhow::ensure!(ours, "it is no report in the format jsonl");
    Ok(true)
}

/// What the beginning of a file names as its schema, if that is whole.
fn schema(head: &[u8]) -> Option<&[u8]> {
    let name = head.strip_prefix(b"{\"schema\":\"")?;
    name.iter().position(|byte| *byte == b'"').map(|end| &name[..end])
}

/// Path and fingerprint of a whole line. What this program itself failed on is worth another try.
fn usable(line: &[u8]) -> Option<(Fingerprint, String)> {
    let line = line.strip_suffix(b"\n")?;
    let head: Head = serde_json::from_slice(line).ok()?;
    let fingerprint = Fingerprint::parse(head.fingerprint.as_deref()?)?;
    (head.status != Status::InternalError).then_some((fingerprint, head.path))
}
