//! Tells whether the path of a database still leads to the files that were opened.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// The files of a database with a write-ahead log, as they were when it was opened.
///
/// A program can still write to an open file that was moved or deleted, and its data would be lost. With a write-ahead
/// log, SQLite does not notice.
#[derive(Debug)]
pub(super) struct Files {
    path: PathBuf,
    log_path: PathBuf,
    file: Id,
    log: Option<Id>,
}

impl Files {
    /// The files of the open database at `path`. Links must be resolved, because SQLite names the log after the real
    /// file.
    pub(super) fn at(path: &Path) -> io::Result<Self> {
        let mut log_path = path.as_os_str().to_owned();
        log_path.push("-wal");
        let log_path = PathBuf::from(log_path);
        Ok(Self {
            path: path.to_owned(),
            file: id(path)?,
            log: log(&log_path)?,
            log_path,
        })
    }

    /// Whether the path still leads to the opened file.
    ///
    /// # Errors
    ///
    /// If the path leads nowhere, or to the opened file without its log. Then no connection may be opened: it would
    /// create a new log, and the two logs would overwrite each other's changes.
    pub(super) fn are_in_place(&self) -> io::Result<bool> {
        if id(&self.path)? != self.file {
            return Ok(false);
        }
        if log(&self.log_path)? == self.log {
            Ok(true)
        } else {
            let log = self.log_path.display();
            Err(io::Error::other(format!(
                "{log}: it was moved, deleted or replaced while it was in use; put it back, or restart the service"
            )))
        }
    }
}

/// Reads metadata without opening the file: closing it would drop all locks of the process on it, which SQLite needs.
/// This takes a microsecond, less than another thread would.
fn look(path: &Path) -> io::Result<Metadata> {
    fs::metadata(path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

fn id(path: &Path) -> io::Result<Id> {
    look(path).map(|file| Id::of(&file))
}

/// `None` for a database without a log.
fn log(path: &Path) -> io::Result<Option<Id>> {
    match id(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        id => id.map(Some),
    }
}

/// The device and the inode of a file. They are unique while it is open.
#[cfg(unix)]
#[derive(Debug, PartialEq, Eq)]
struct Id(u64, u64);

#[cfg(unix)]
impl Id {
    fn of(file: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self(file.dev(), file.ino())
    }
}

/// Other systems neither move nor delete an open file.
#[cfg(not(unix))]
#[derive(Debug, PartialEq, Eq)]
struct Id;

#[cfg(not(unix))]
impl Id {
    fn of(_: &Metadata) -> Self {
        Self
    }
}
