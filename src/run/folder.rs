//! Files of a folder, opened from the folder.
//!
//! To the system a path is a walk through every folder on it, and most tests are read in less time than
//! that takes. So each thread holds the folder open that it read from last: tests come folder by folder.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Opens the file of this name in `folder`, for reading.
///
/// # Errors
/// As [`File::open`] of the path.
pub(super) fn open(folder: &Arc<Path>, name: &OsStr) -> io::Result<File> {
    held::open(folder, name).unwrap_or_else(|| File::open(folder.join(name)))
}

#[cfg(unix)]
mod held {
    use std::cell::RefCell;
    use std::os::fd::OwnedFd;

    use rustix::fs::{Mode, OFlags, open as open_path, openat};

    use super::{Arc, File, OsStr, Path, io};

    thread_local! {
        /// The folder that this thread read from last.
        static LAST: RefCell<Option<(Arc<Path>, OwnedFd)>> = const { RefCell::new(None) };
    }

    /// Opens a file; nothing if the folder cannot be held.
    pub(super) fn open(folder: &Arc<Path>, name: &OsStr) -> Option<io::Result<File>> {
        LAST.with_borrow_mut(|last| {
            if last.as_ref().is_none_or(|(path, _)| !Arc::ptr_eq(path, folder)) {
                let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
                *last = None;
                *last = Some((folder.clone(), open_path(&**folder, flags, Mode::empty()).ok()?));
            }
            let (_, held) = last.as_ref()?;
            let file = openat(held, name, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty());
            Some(file.map(File::from).map_err(io::Error::from))
        })
    }
}

#[cfg(not(unix))]
mod held {
    use super::{Arc, File, OsStr, Path, io};

    pub(super) fn open(_: &Arc<Path>, _: &OsStr) -> Option<io::Result<File>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::Read;

    #[test]
    fn files_are_those_of_their_folder() {
        let dir = tempfile::tempdir().unwrap();
        let [a, b, gone]: [Arc<Path>; 3] = ["a", "b", "gone"].map(|name| {
            let folder = dir.path().join(name);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("t"), name).unwrap();
            folder.into()
        });
        fs::remove_dir_all(&gone).unwrap();
        for (folder, text) in [(&a, "a"), (&b, "b"), (&a, "a"), (&a, "a")] {
            let mut read = String::new();
            open(folder, OsStr::new("t")).unwrap().read_to_string(&mut read).unwrap();
            assert_eq!(read, text);
            for (folder, name) in [(folder, "none"), (&gone, "t")] {
                let error = open(folder, OsStr::new(name)).unwrap_err();
                assert_eq!(error.to_string(), "No such file or directory (os error 2)");
            }
        }
    }
}
