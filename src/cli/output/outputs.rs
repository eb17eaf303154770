//! All files that a command writes, opened here so that none is lost: no output is an input, no two
//! outputs are one file, and what this program did not write is written over with `--force` only.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, bail, ensure};

use super::{Output, folder_of};
use crate::cli::shared_args::ForceArg;
use crate::report::is_ours;
use crate::results::shown_path;
use crate::run::inputs;

/// As much of a file as it is recognised by.
const HEAD: u64 = 1 << 16;
/// A link that leads over more leads nowhere.
const MOST_LINKS: usize = 40;

/// The outputs of a command, which are all opened before it begins its work.
#[derive(Default)]
pub(in crate::cli) struct Outputs {
    force: bool,
    tests: Vec<String>,
    files: Vec<PathBuf>,
    /// Was an output looked for among what is read? The first one is without noting any of it.
    asked: bool,
    /// What is read, noted when it is asked for again.
    read: Option<HashMap<Identity, PathBuf>>,
    placed: HashMap<Identity, String>,
    stop: Arc<AtomicBool>,
}

/// What tells a file from others, whatever it is called.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
enum Identity {
    #[cfg(unix)]
    Inode(u64, u64),
    /// A file that is not there yet, or is nowhere else.
    Path(PathBuf),
}

impl Identity {
    /// That of a file, or of one that could be made; nothing else is worth keeping.
    fn of(path: &Path) -> Option<Identity> {
        match fs::metadata(path) {
            Ok(there) if there.is_file() => Identity::of_file(&there, path),
            Ok(_) => None,
            Err(_) => {
                let folder = folder_of(path).canonicalize().ok()?;
                Some(Identity::Path(folder.join(path.file_name()?)))
            }
        }
    }

    #[cfg(unix)]
    fn of_file(there: &fs::Metadata, _: &Path) -> Option<Identity> {
        use std::os::unix::fs::MetadataExt;
        Some(Identity::Inode(there.dev(), there.ino()))
    }

    #[cfg(not(unix))]
    fn of_file(_: &fs::Metadata, path: &Path) -> Option<Identity> {
        path.canonicalize().ok().map(Identity::Path)
    }

    /// That of standard output, if it is a file.
    #[cfg(unix)]
    fn of_stdout() -> Option<Identity> {
        use std::os::fd::AsFd;
        let stdout = File::from(io::stdout().as_fd().try_clone_to_owned().ok()?);
        let there = stdout.metadata().ok().filter(fs::Metadata::is_file)?;
        Identity::of_file(&there, Path::new(""))
    }

    #[cfg(not(unix))]
    fn of_stdout() -> Option<Identity> {
        None
    }
}

impl Outputs {
    /// No outputs yet.
    pub(in crate::cli) fn new(force: &ForceArg) -> Outputs {
        Outputs { force: force.force, ..Outputs::default() }
    }

    /// The command reads the tests that these arguments name.
    ///
    /// They are looked at once an output might be one of them, until `stop` is set.
    pub(in crate::cli) fn reads_tests(
        mut self,
        tests: &[String],
        stop: &Arc<AtomicBool>,
    ) -> Outputs {
        self.tests.extend_from_slice(tests);
        self.stop = stop.clone();
        self
    }

    /// The command reads these files.
    pub(in crate::cli) fn reads(mut self, files: impl IntoIterator<Item = PathBuf>) -> Outputs {
        self.files.extend(files);
        self
    }

    /// Opens an output: a file that an option names, or standard output, as without the option.
    ///
    /// # Errors
    /// It cannot be written, is an input or another output, or not ours to write over.
    pub(in crate::cli) fn place(&mut self, option: Option<&PathBuf>) -> anyhow::Result<Output> {
        let stdout = Identity::of_stdout();
        let Some(path) = option.filter(|path| path.as_os_str() != "-") else {
            self.claim(stdout, "standard output")?;
            return Ok(Output::stdout());
        };
        let (output, identity) = self.open(path)?;
        if identity.is_some() && identity == stdout {
            self.claim(stdout, output.shown())?;
            return Ok(Output::stdout());
        }
        let is_file = identity.is_some();
        self.claim(identity, output.shown())?;
        let ours = self.force || !is_file || is_ours_to_replace(path);
        ensure!(
            ours,
            "{} is there, and no output of rvlitmus: it is written over with --force only",
            output.shown()
        );
        Ok(output)
    }

    /// Opens the report that a run goes on with, and what is put aside for it. Whether these are reports is
    /// for the one who reads them.
    ///
    /// # Errors
    /// As [`Outputs::place`].
    pub(in crate::cli) fn place_report(
        &mut self,
        report: &Path,
        aside: &Path,
    ) -> anyhow::Result<Output> {
        let (output, identity) = self.open(report)?;
        self.claim(identity, output.shown())?;
        self.claim(Identity::of(aside), &shown_path(aside))?;
        Ok(output)
    }

    /// An output of this path. It is better to know before a long run that it cannot be written; only regular
    /// files are opened for it, for a pipe's reader would notice.
    fn open(&self, path: &Path) -> anyhow::Result<(Output, Option<Identity>)> {
        let shown = shown_path(path);
        // A link to an open pipe leads to no path.
        if fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
            return Ok((Output::device(path, shown, self.stop.clone()), None));
        }
        let target = followed(path);
        let writable = match fs::metadata(&target) {
            Ok(_) => File::options().write(true).open(&target).map(drop),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                tempfile::tempfile_in(folder_of(&target)).map(drop)
            }
            Err(error) => Err(error),
        };
        writable.with_context(|| format!("{shown} cannot be created"))?;
        Ok((Output::file(target.clone(), shown), Identity::of(&target)))
    }

    /// Notes an output that is neither an input nor noted already.
    fn claim(&mut self, identity: Option<Identity>, shown: &str) -> anyhow::Result<()> {
        let Some(identity) = identity else { return Ok(()) };
        if let Some(other) = self.placed.get(&identity) {
            bail!(
                "{other} and {shown} are one file, and two outputs: name another for one of them"
            );
        }
        if let Some(input) = self.input(&identity)? {
            bail!(
                "{shown} is one of the inputs: it is the file {}, and is not written over",
                shown_path(&input)
            );
        }
        self.placed.insert(identity, shown.to_owned());
        Ok(())
    }

    /// The input that is this file.
    fn input(&mut self, output: &Identity) -> anyhow::Result<Option<PathBuf>> {
        // A file that is not there yet is no input.
        if let Identity::Path(path) = output
            && !path.exists()
        {
            return Ok(None);
        }
        // What is written after a run that was stopped is written all the same.
        let stopped = self.stop.load(Ordering::Relaxed);
        let stop = if stopped { Arc::default() } else { self.stop.clone() };
        let all = self.files.iter().cloned().chain(inputs(&self.tests, &stop));
        let mut all = all.filter_map(|path| Some((Identity::of(&path)?, path)));
        let found = if mem::replace(&mut self.asked, true) {
            self.read.get_or_insert_with(|| all.collect()).get(output).cloned()
        } else {
            all.find(|(input, _)| input == output).map(|(_, path)| path)
        };
        ensure!(!stop.load(Ordering::Relaxed), "ended while the inputs were listed");
        Ok(found)
    }
}

/// Where a link leads, even if nothing is there.
fn followed(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        let Ok(link) = fs::read_link(&path) else { break };
        path = folder_of(&path).join(link);
    }
    path
}

/// May what is there be lost: nothing, or what this program wrote?
fn is_ours_to_replace(path: &Path) -> bool {
    let mut head = Vec::new();
    match File::open(path) {
        Ok(file) => {
            let read = file.take(HEAD).read_to_end(&mut head);
            read.is_ok() && (head.is_empty() || is_ours(&String::from_utf8_lossy(&head)))
        }
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}
