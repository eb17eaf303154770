//! One output: a file that gets its new contents as a whole, one that grows while a run goes on, a device,
//! or standard output.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
#[cfg(unix)]
use std::time::Duration;

use anyhow::Context;
use tempfile::NamedTempFile;

use super::folder_of;

/// Where something is written. A file is written beside its place: until [`Output::finish`] what was there
/// before stays, and whoever ends the process leaves it so. The exceptions are files that grow
/// ([`Output::growing`]) and those beside which, or in whose place, no other can be put: they are written where
/// they are.
pub(in crate::cli) struct Output {
    /// What messages call it.
    shown: String,
    to: To,
}

enum To {
    Stdout(io::Stdout),
    /// A device or a pipe, opened with the first byte, unless it is to stop before.
    Device(PathBuf, Arc<AtomicBool>),
    /// A file, which is made with the first byte.
    File {
        target: PathBuf,
        grows: bool,
    },
    /// A file beside the one that it will replace.
    Beside(NamedTempFile, PathBuf),
    Open(File),
}

impl Output {
    pub(super) fn stdout() -> Output {
        Output { shown: "standard output".to_owned(), to: To::Stdout(io::stdout()) }
    }

    pub(super) fn device(path: &Path, shown: String, stop: Arc<AtomicBool>) -> Output {
        Output { shown, to: To::Device(path.to_owned(), stop) }
    }

    pub(super) fn file(target: PathBuf, shown: String) -> Output {
        Output { shown, to: To::File { target, grows: false } }
    }

    /// Lets a file have its name with the first byte, for results that whoever ends the process wants to
    /// find. The file that had the name before stays whole for whoever has it open or has another name for it.
    pub(in crate::cli) fn growing(mut self) -> Output {
        if let To::File { grows, .. } = &mut self.to {
            *grows = true;
        }
        self
    }

    /// Is it standard output?
    pub(in crate::cli) fn is_stdout(&self) -> bool {
        matches!(self.to, To::Stdout(_))
    }

    /// Writes all that there is to write.
    ///
    /// # Errors
    /// It cannot be written; a file beside which another can be put is as it was.
    pub(in crate::cli) fn write_whole(mut self, text: &[u8]) -> anyhow::Result<()> {
        let shown = self.shown.clone();
        let written = self.make().and_then(|()| self.write_all(text)).and_then(|()| self.finish());
        written.with_context(|| format!("{shown} cannot be written"))
    }

    /// As [`Output::write_whole`], for one of so many files that nobody waits until each is on the disk: they can
    /// be made again.
    ///
    /// # Errors
    /// It cannot be written.
    pub(in crate::cli) fn write_one_of_many(mut self, text: &[u8]) -> anyhow::Result<()> {
        let written =
            self.make().and_then(|()| self.write_all(text)).and_then(|()| match self.to {
                To::Beside(fresh, target) => name(fresh, &target).map(drop),
                _ => Ok(()),
            });
        written.with_context(|| format!("{} cannot be written", self.shown))
    }

    /// What messages call it.
    pub(in crate::cli) fn shown(&self) -> &str {
        &self.shown
    }

    /// All is written: a file takes its place.
    pub(in crate::cli) fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        match self.to {
            To::Beside(fresh, target) => {
                fresh.as_file().sync_data()?;
                name(fresh, &target).map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Makes the file, if it is not made yet.
    fn make(&mut self) -> io::Result<()> {
        self.to = match &self.to {
            To::Device(path, stop) => To::Open(open_device(path, stop)?),
            To::File { target, grows } => match beside(target) {
                Ok(fresh) if *grows => To::Open(name(fresh, target)?),
                Ok(fresh) => To::Beside(fresh, target.clone()),
                // Its folder takes no other file: there is no better way.
                Err(_) if target.exists() => To::Open(File::create(target)?),
                Err(error) => return Err(error),
            },
            To::Stdout(_) | To::Beside(..) | To::Open(_) => return Ok(()),
        };
        Ok(())
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.make()?;
        match &mut self.to {
            To::Stdout(out) => out.write(bytes),
            To::Beside(fresh, _) => fresh.write(bytes),
            To::Open(file) => file.write(bytes),
            To::Device(..) | To::File { .. } => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.to {
            To::Stdout(out) => out.flush(),
            To::Open(file) => file.flush(),
            To::Beside(..) | To::Device(..) | To::File { .. } => Ok(()),
        }
    }
}

/// Opens a device or a pipe to write to it. A pipe without a reader is waited for until it is to stop.
#[cfg(unix)]
fn open_device(path: &Path, stop: &AtomicBool) -> io::Result<File> {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    use std::os::unix::fs::OpenOptionsExt;
    const TICK: Duration = Duration::from_millis(50);
    let at_once = OFlags::NONBLOCK.bits().cast_signed();
    let no_reader =
        |error: &io::Error| error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error());
    loop {
        match File::options().write(true).custom_flags(at_once).open(path) {
            Ok(file) => {
                fcntl_setfl(&file, fcntl_getfl(&file)? - OFlags::NONBLOCK)?;
                return Ok(file);
            }
            Err(error) if no_reader(&error) && !stop.load(Ordering::Relaxed) => {
                std::thread::sleep(TICK);
            }
            Err(error) if no_reader(&error) => {
                return Err(io::Error::other("nobody came to read it"));
            }
            Err(error) => return Err(error),
        }
    }
}

#[cfg(not(unix))]
fn open_device(path: &Path, _: &AtomicBool) -> io::Result<File> {
    File::options().write(true).open(path)
}

/// Makes an empty file beside another one, with the rights of that one.
fn beside(target: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".rvlitmus");
    #[cfg(unix)]
    let created = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    #[cfg(unix)]
    builder.permissions(created);
    let fresh = builder.tempfile_in(folder_of(target))?;
    if let Ok(before) = fs::metadata(target) {
        fresh.as_file().set_permissions(before.permissions())?;
    }
    Ok(fresh)
}

/// Gives a file its name, and where it can have none, as in place of one that is mounted by itself, its
/// contents to the file of that name.
fn name(fresh: NamedTempFile, target: &Path) -> io::Result<File> {
    match fresh.persist(target) {
        Ok(file) => Ok(file),
        Err(refused) if target.is_file() => {
            let mut there = File::create(target)?;
            io::copy(&mut File::open(refused.file.path())?, &mut there)?;
            Ok(there)
        }
        Err(refused) => Err(refused.error),
    }
}

/// Writes a file of which nobody but this program knows the name, as a whole or not at all.
///
/// # Errors
/// It cannot be written.
pub(in crate::cli) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut fresh = beside(path)?;
    fresh.write_all(bytes)?;
    fresh.persist(path).map(drop).map_err(|refused| refused.error)
}
