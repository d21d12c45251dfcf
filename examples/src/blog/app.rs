//! The state that all requests share.

use conjoin_adapters::{BoxError, Waterfalls};
#[cfg(unix)]
use conjoin_adapters::{Cluster, broker};

use crate::blog::database::{Database, IfMissing};
use crate::blog::moderator::Moderator;
use crate::blog::options::Options;
use crate::blog::queries::Queries;
use crate::blog::telemetry::Telemetry;

#[derive(Clone, Debug)]
/// The state that all requests share.
pub struct App {
    /// Answers the modes' queries.
    pub(crate) queries: Queries,
    pub(crate) database: Database,
    pub(crate) moderator: Moderator,
    /// Records the runs that the site shows.
    pub(crate) waterfalls: Waterfalls,
    pub(crate) telemetry: Telemetry,
}

impl App {
    /// Opens the database and starts the broker. In a worker process of that broker, this never returns.
    ///
    /// # Errors
    ///
    /// If the database cannot be opened or the broker cannot be started.
    pub async fn open(options: &Options, waterfalls: Waterfalls) -> Result<Self, BoxError> {
        // If the file was moved, a restarted worker must not create a new one in its place.
        let if_missing = if is_worker() {
            IfMissing::Wait
        } else {
            IfMissing::Create
        };
        let database = Database::open(
            &options.database,
            if_missing,
            options.latency.into(),
            options.time_limit.into(),
        )
        .await
        .map_err(|error| format!("cannot open the database: {error}"))?;
        let queries = Queries::start(&options.broker, &database)
            .await
            .map_err(|error| format!("cannot start the broker: {error}"))?;
        let moderator = Moderator::new(options.review_latency.into());
        Ok(Self {
            queries,
            database,
            moderator,
            waterfalls,
            telemetry: Telemetry::new()?,
        })
    }

    /// Waits until all queries have ended, and closes the database and the broker.
    pub async fn close(&self) {
        self.queries.close().await;
        self.database.close().await;
    }
}

/// Whether this process is a worker, started by one that has opened the database.
fn is_worker() -> bool {
    #[cfg(unix)]
    return broker::is_worker() || Cluster::is_worker();
    #[cfg(not(unix))]
    false
}
