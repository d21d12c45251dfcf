//! What the requests share.

use std::error::Error;

use conjoin_adapters::Waterfalls;
#[cfg(unix)]
use conjoin_adapters::{Cluster, broker};

use crate::database::{Database, IfMissing};
use crate::moderator::Moderator;
use crate::options::Options;
use crate::queries::Queries;
use crate::telemetry::Telemetry;

#[derive(Clone, Debug)]
pub(crate) struct App {
    /// What the modes ask.
    pub(crate) queries: Queries,
    /// What new posts go into.
    pub(crate) database: Database,
    pub(crate) moderator: Moderator,
    /// What draws the runs that the site shows.
    pub(crate) waterfalls: Waterfalls,
    /// What is measured.
    pub(crate) telemetry: Telemetry,
}

impl App {
    /// Opens and starts what `options` ask for. In a worker of the broker that this starts, it never returns.
    pub(crate) async fn open(
        options: &Options,
        waterfalls: Waterfalls,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        // A worker that is started again must not fill the gap that a moved file leaves.
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

    /// Waits until nothing of it is in use any more.
    pub(crate) async fn close(&self) {
        self.queries.close().await;
        self.database.close().await;
    }
}

/// Whether another process of this program has started this one, after it opened the database.
fn is_worker() -> bool {
    #[cfg(unix)]
    return broker::is_worker() || Cluster::is_worker();
    #[cfg(not(unix))]
    false
}
