//! Tells whether the path of a database still leads to the files that were opened.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// The files of a database with a write-ahead log, as they were opened.
///
/// A program keeps files open that were moved or deleted, and can write to them: what it writes is lost. SQLite notices
/// only without a write-ahead log, and a new connection to a missing file would make an empty one.
#[derive(Debug)]
pub(super) struct Files {
    path: PathBuf,
    log_path: PathBuf,
    file: Id,
    log: Option<Id>,
}

impl Files {
    /// The files of the database at `path`, which is open. Links must be resolved: SQLite names the log after the file itself.
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

    /// Whether the path leads to the opened file.
    ///
    /// # Errors
    ///
    /// When it leads nowhere, or to the opened file without its log. Then nothing may be opened: a connection would make
    /// a new log, and the two logs would overwrite each other's changes.
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

/// Looks, but never opens: closing a file drops all locks that the process has on it, and those are SQLite's. This takes
/// a microsecond, which is less than passing it to another thread.
fn look(path: &Path) -> io::Result<Metadata> {
    fs::metadata(path)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

fn id(path: &Path) -> io::Result<Id> {
    look(path).map(|file| Id::of(&file))
}

/// `None` for a database that has none.
fn log(path: &Path) -> io::Result<Option<Id>> {
    match id(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        id => id.map(Some),
    }
}

/// The device and the number of a file, which no other file has while it is open.
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

/// Elsewhere an open database can be neither moved nor deleted.
#[cfg(not(unix))]
#[derive(Debug, PartialEq, Eq)]
struct Id;

#[cfg(not(unix))]
impl Id {
    fn of(_: &Metadata) -> Self {
        Self
    }
}
