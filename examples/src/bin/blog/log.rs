//! The program's own log.

use std::error::Error;
use std::io::{self, IsTerminal};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::EnvFilter;

/// Logs go to standard error; `RUST_LOG` says which, by default everything from `info` up.
pub(crate) fn to_stderr() -> Result<(), Box<dyn Error + Send + Sync>> {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env()?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .try_init()
}
