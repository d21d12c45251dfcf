//! The program's own log.

use std::env;
use std::error::Error;
use std::io::{self, IsTerminal};

use conjoin_adapters::Waterfalls;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::ParseError;
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

/// What is logged if `RUST_LOG` does not say it. The spans of graphs would be on each line, and cost more than those. Their
/// target is a prefix of that of the adapters, which log the deaths of workers.
const DEFAULT: &str = "info,conjoin=off,conjoin_adapters=info";

/// Logs go to standard error; `RUST_LOG` says which, by default everything from `info` up but the spans of graphs. What
/// it returns records the runs that somebody watches.
pub(crate) fn to_stderr() -> Result<Waterfalls, Box<dyn Error + Send + Sync>> {
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

/// Records no graph but those that are asked for by `record`, and the very first: other requests pay little for it.
pub(crate) fn unwatched() -> Waterfalls {
    Waterfalls::builder().sample(u64::MAX).runs(1).build()
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn the_default_logs_workers_but_no_graphs() {
        let filter = filter(DEFAULT).expect("a filter");
        let _guard = tracing_subscriber::registry().with(filter).set_default();
        assert!(tracing::enabled!(target: "conjoin_adapters::broker", Level::WARN));
        assert!(tracing::enabled!(target: "conjoin_adapters::cluster", Level::INFO));
        assert!(tracing::enabled!(target: "blog::shutdown", Level::INFO));
        assert!(!tracing::enabled!(target: "conjoin", Level::INFO));
        assert!(!tracing::enabled!(target: "blog::database", Level::DEBUG));
    }

    #[tokio::test]
    async fn what_nobody_watches_is_not_recorded() {
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
