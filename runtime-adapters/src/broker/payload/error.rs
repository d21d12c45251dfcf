use std::fmt;

use serde_core::{de, ser};

/// Why a value cannot be encoded or decoded.
#[derive(Debug)]
pub(in crate::broker) enum Error {
    /// It is nested deeper than this.
    TooDeep(usize),
    /// JSON would change it or lose it.
    NotInJson(&'static str),
    Other(String),
}

impl Error {
    pub(super) fn from_display(error: impl fmt::Display) -> Self {
        Error::Other(error.to_string())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::TooDeep(levels) => write!(f, "the value is nested over {levels} levels deep"),
            Error::NotInJson(what) => write!(f, "JSON cannot carry {what}"),
            Error::Other(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for Error {}

impl ser::Error for Error {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Error::from_display(reason)
    }
}

impl de::Error for Error {
    fn custom<T: fmt::Display>(reason: T) -> Self {
        Error::from_display(reason)
    }
}

impl<E: fmt::Display> From<minicbor::encode::Error<E>> for Error {
    fn from(error: minicbor::encode::Error<E>) -> Self {
        Error::from_display(error)
    }
}

impl From<minicbor::decode::Error> for Error {
    fn from(error: minicbor::decode::Error) -> Self {
        Error::from_display(error)
    }
}
