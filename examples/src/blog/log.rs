//! The program's own log.

use std::env;
use std::io::{self, IsTerminal};

use conjoin_adapters::{BoxError, Waterfalls};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

/// The filter without `RUST_LOG`. It leaves out the spans of graphs, which would be on every line and cost more than the
/// rest of the log. `conjoin` is a prefix of `conjoin_adapters`, which logs the deaths of workers.
const DEFAULT: &str = "info,conjoin=off,conjoin_adapters=info";

/// Starts the log, on standard error. `RUST_LOG` filters it; the default is `info` without the spans of graphs.
///
/// Returns what records the runs that the site shows.
///
/// # Errors
///
/// If `RUST_LOG` is invalid, or a log was started before.
pub fn to_stderr() -> Result<Waterfalls, BoxError> {
    let wanted = env::var(EnvFilter::DEFAULT_ENV)
        .ok()
        .filter(|wanted| !wanted.trim().is_empty());
    let filter = filter(wanted.as_deref().unwrap_or(DEFAULT))?;
    let log = fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_filter(filter);
    let waterfalls = unwatched();
    tracing_subscriber::registry()
        .with(waterfalls.layer())
        .with(log)
        .try_init()?;
    Ok(waterfalls)
}

fn filter(wanted: &str) -> Result<EnvFilter, ParseError> {
    let builder = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into());
    builder.parse(wanted)
}

/// Records only the graphs that run within `record`, and the first one of all. Other requests pay little for it.
pub(crate) fn unwatched() -> Waterfalls {
    Waterfalls::builder().sample(u64::MAX).runs(1).build()
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn default_logs_workers_but_no_graphs() {
        let filter = filter(DEFAULT).expect("a filter");
        let _guard = tracing_subscriber::registry().with(filter).set_default();
        assert!(tracing::enabled!(target: "conjoin_adapters::broker", Level::WARN));
        assert!(tracing::enabled!(target: "conjoin_adapters::cluster", Level::INFO));
        assert!(tracing::enabled!(target: "examples::blog::shutdown", Level::INFO));
        assert!(!tracing::enabled!(target: "conjoin", Level::INFO));
        assert!(!tracing::enabled!(target: "examples::blog::database", Level::DEBUG));
    }

    #[tokio::test]
    async fn unwatched_graphs_are_not_recorded() {
        let waterfalls = unwatched();
        let _guard = tracing_subscriber::registry()
            .with(waterfalls.layer())
            .set_default();
        let graph = async || conjoin::auto! { one => 1, two: [one] => one + 1, => two }.await;

        for _ in 0..5 {
            assert_eq!(graph().await, 2);
        }
        assert_eq!(waterfalls.stats().unsampled, 4, "all but the very first");
        let (two, runs) = waterfalls.record(graph()).await;
        assert_eq!((two, runs.len(), runs[0].tasks.len()), (2, 1, 2));
    }
}
