//! `--cache`: answers kept in a folder, to be read back by any later run of the same build.
//!
//! One file for each answer, `DIR/ab/abcdef...`, named by the test's fingerprint: text, options and
//! build. Its first line holds a checksum of the second, which is the test's line of the format `jsonl`
//! without a path. A file that is not exactly that is as good as none: the test is run again and
//! the file replaced. Files are written beside their place and renamed, so that runs may share a folder.
//!
//! Only answers that took a while are kept. To write a file takes about 0.25 ms, to read one back a
//! twentieth of a millisecond and what its text takes to parse: as long as most tests take to be run. Which
//! there are is listed once, for even to look for a file takes a tenth of what a small test does.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context;
use rustc_hash::FxHashSet;

use super::output::replace;
use crate::report::{json_line, read_line};
use crate::results::{Fingerprint, TestReport, shown_path};
use crate::run::Memo;

/// Bytes that an entry may have.
const LONGEST_ENTRY: u64 = 1 << 30;
/// The word before the checksum; another one when the form of the files changes.
const FORM: &str = "rvlitmus-cache-1";
/// See <https://bford.info/cachedir/>.
const TAG: &str = "Signature: 8a477f597d28d172789f06886806bc55\n\
                   # Answers of rvlitmus. The folder can be removed at any time.\n";

/// An answer that took as long is kept, if nothing else is said: writing it takes a twentieth of that.
/// One of many states has to have taken as long for every [`STATES`] of them: to read a state back takes 2 to
/// 3 us, which is a fair part of what the machine needs to find it.
pub(super) const WORTH_KEEPING: Duration = Duration::from_millis(5);
/// See [`WORTH_KEEPING`].
const STATES: usize = 256;

/// A folder of answers.
#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    /// What took less time is not kept.
    from: Duration,
    /// Answers that were there when it was opened.
    known: FxHashSet<Fingerprint>,
    used: AtomicUsize,
    kept: AtomicUsize,
    trouble: Mutex<Option<String>>,
}

impl Cache {
    /// # Errors
    /// The folder cannot be made or written to.
    pub(super) fn open(folder: &Path, from: Duration) -> anyhow::Result<Cache> {
        let cannot = || format!("the cache {} cannot be used", shown_path(folder));
        fs::create_dir_all(folder).with_context(cannot)?;
        let tag = folder.join("CACHEDIR.TAG");
        if fs::read(&tag).ok().as_deref() != Some(TAG.as_bytes()) {
            if let Some(other) = foreign(folder).with_context(cannot)? {
                anyhow::bail!(
                    "the cache {} cannot be used: {other} is in it, and no answer of rvlitmus; name an \
                     empty folder, or one of answers",
                    shown_path(folder)
                );
            }
            replace(&tag, TAG.as_bytes()).with_context(cannot)?;
        }
        Ok(Cache {
            folder: folder.to_owned(),
            from,
            known: known(folder).with_context(cannot)?,
            used: AtomicUsize::new(0),
            kept: AtomicUsize::new(0),
            trouble: Mutex::new(None),
        })
    }

    /// What there is to say at the end.
    pub(super) fn summary(&self) -> String {
        let (used, kept) = (self.used.load(Ordering::Relaxed), self.kept.load(Ordering::Relaxed));
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let trouble = trouble.as_ref().map(|what| format!("; others could not be kept: {what}"));
        format!("cache: {used} answers read back, {kept} kept{}", trouble.unwrap_or_default())
    }

    fn place(&self, fingerprint: Fingerprint) -> (PathBuf, PathBuf) {
        let name = fingerprint.to_string();
        let folder = self.folder.join(&name[..2]);
        let file = folder.join(name);
        (folder, file)
    }

    fn store(&self, fingerprint: Fingerprint, report: &TestReport) -> io::Result<()> {
        let line = json_line(&TestReport { path: String::new(), ..report.clone() });
        let mut bytes = format!("{FORM} {}\n", checksum(&line)).into_bytes();
        bytes.extend(line);
        let (folder, file) = self.place(fingerprint);
        fs::create_dir_all(&folder)?;
        replace(&file, &bytes)
    }
}

impl Memo for Cache {
    fn recall(
        &self,
        fingerprint: Fingerprint,
        path: &str,
        enough: &dyn Fn(&TestReport) -> bool,
    ) -> Option<TestReport> {
        if !self.known.contains(&fingerprint) {
            return None;
        }
        let place = self.place(fingerprint).1;
        // What is no file, or too long to be ours, is none of ours.
        let there = fs::metadata(&place).ok()?;
        if !there.is_file() || there.len() > LONGEST_ENTRY {
            return None;
        }
        let report = entry(&fs::read(place).ok()?, fingerprint)?;
        let mut report = Some(report).filter(enough)?;
        path.clone_into(&mut report.path);
        self.used.fetch_add(1, Ordering::Relaxed);
        Some(report)
    }

    /// Answers alone: mistakes are found faster than read back, and what ran into a limit deserves
    /// another try.
    fn keep(&self, report: &TestReport, took: Duration) {
        let (Some(answer), Some(fingerprint)) = (report.answer(), report.fingerprint) else {
            return;
        };
        let heaps = u32::try_from(1 + answer.states.len() / STATES).unwrap_or(u32::MAX);
        if took < self.from.saturating_mul(heaps) {
            return;
        }
        match self.store(fingerprint, report) {
            Ok(()) => {
                self.kept.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => {
                let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
                trouble.get_or_insert_with(|| error.to_string());
            }
        }
    }
}

/// The answer in a file's bytes, if they are what was written for this fingerprint.
fn entry(bytes: &[u8], fingerprint: Fingerprint) -> Option<TestReport> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (head, line) = (std::str::from_utf8(&bytes[..end]).ok()?, &bytes[end + 1..]);
    let sum = head.strip_prefix(FORM)?.strip_prefix(' ')?;
    if Fingerprint::parse(sum)? != checksum(line) {
        return None;
    }
    let report = read_line(std::str::from_utf8(line).ok()?, 1).ok()?;
    (report.fingerprint == Some(fingerprint)).then_some(report)
}

/// The answers in a folder, by the names of their files.
fn known(folder: &Path) -> io::Result<FxHashSet<Fingerprint>> {
    let mut known = FxHashSet::default();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            let names = fs::read_dir(entry.path())?.map(|entry| Ok(entry?.file_name()));
            let names = names.collect::<io::Result<Vec<_>>>()?;
            known.extend(names.iter().filter_map(|name| Fingerprint::parse(name.to_str()?)));
        }
    }
    Ok(known)
}

fn checksum(line: &[u8]) -> Fingerprint {
    Fingerprint::default().and(line)
}

/// What is in a folder, and is none of ours: neither a folder of answers nor a file that is being written.
fn foreign(folder: &Path) -> io::Result<Option<String>> {
    let ours = |name: &str| {
        name.starts_with(".rvlitmus")
            || name.len() == 2 && name.bytes().all(|b| b.is_ascii_hexdigit())
    };
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    // Another run may just have begun the folder.
    let tag = fs::read(folder.join("CACHEDIR.TAG")).is_ok_and(|tag| tag == TAG.as_bytes());
    Ok(names.into_iter().filter(|name| !tag && !ours(name)).min())
}
