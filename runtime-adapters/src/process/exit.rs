use std::fmt;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// How a worker ended. As text: `exit status 3`, `killed by signal 9`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Status(ExitStatus),
    /// Why its status is unknown.
    Unknown(String),
}

impl Exit {
    /// Whether it ended by itself with status 0.
    pub(crate) fn is_success(&self) -> bool {
        matches!(self, Self::Status(status) if status.success())
    }
}

impl From<io::Result<ExitStatus>> for Exit {
    fn from(status: io::Result<ExitStatus>) -> Self {
        status.map_or_else(|error| Self::Unknown(error.to_string()), Self::Status)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(error) => write!(f, "its end is unknown: {error}"),
            Self::Status(status) => match (status.code(), status.signal()) {
                (Some(code), _) => write!(f, "exit status {code}"),
                (None, Some(signal)) => write!(f, "killed by signal {signal}"),
                (None, None) => write!(f, "{status}"),
            },
        }
    }
}
