//! The blog service on several processes: one can be killed or replaced while the others answer.
//!
//! `cargo run -p conjoin-examples --bin cluster -- --workers 2 --listen 127.0.0.1:8000`
//!
//! `x-worker` is the process that has answered. `kill -9` it, `kill -HUP` the master for new ones, `kill` it to end.

#[path = "blog"]
mod blog {
    pub(crate) mod database;
    pub(crate) mod draft;
    pub(crate) mod error;
    pub(crate) mod moderator;
    pub(crate) mod modes;
    pub(crate) mod options;
    pub(crate) mod page;
    pub(crate) mod publish;
    pub(crate) mod queries;
    pub(crate) mod request_id;
    pub(crate) mod routes;
}
// The service finds its modules at the root.
use blog::{database, draft, error, moderator, modes, options, page, publish, queries, request_id, routes};

use std::io::{self, IsTerminal};
use std::{process, time::Duration};

use axum::http::HeaderValue;
use axum::middleware::map_response;
use axum::response::Response;
use clap::Parser;
use conjoin_adapters::{BoxError, Cluster, cluster::Worker};
use conjoin_examples::Until;
use {futures::FutureExt, tokio::time::sleep};

/// Time to read what was sent on connections that were accepted just before the listener is closed.
const TO_READ: Duration = Duration::from_millis(500);

/// Runs the blog service on several processes.
#[derive(Parser)]
#[command(name = "cluster")]
struct Arguments {
    /// How many processes serve
    #[arg(long, value_name = "NUMBER", default_value_t = 2)]
    workers: usize,

    #[command(flatten)]
    service: options::Options,
}

#[tokio::main]
async fn main() {
    let Arguments { workers, service } = Arguments::parse();
    let filter = tracing_subscriber::EnvFilter::builder().with_default_directive(tracing::Level::INFO.into());
    let log = tracing_subscriber::fmt().with_env_filter(filter.from_env_lossy()).with_writer(io::stderr);
    log.with_ansi(io::stderr().is_terminal()).init();

    let cluster = Cluster::new(workers).listen(service.listen);
    let cluster = cluster.on_listening(|address| println!("listening on http://{address}"));
    if let Err(error) = cluster.run(async |worker| serve(worker, service).await).await {
        eprintln!("cluster: {error}");
        process::exit(1);
    }
}

/// What a worker does. Each has its own connections to the database.
async fn serve(worker: Worker, options: options::Options) -> Result<(), BoxError> {
    let time_limit = options.time_limit.into();
    let database = database::Database::open(&options.database, options.latency.into(), time_limit).await?;
    let moderator = moderator::Moderator::new(options.review_latency.into());
    let queries = queries::Queries::in_process(&database);
    let router = routes::router(routes::App { queries, database: database.clone(), moderator }, time_limit);
    let router = router.layer(map_response(async |mut response: Response| {
        response.headers_mut().insert("x-worker", HeaderValue::from(process::id()));
        response
    }));
    let server = axum::serve(Until::new(worker.listener()?, worker.draining())?, router);
    server.with_graceful_shutdown(worker.draining().then(|()| sleep(TO_READ))).await?;
    database.close().await;
    Ok(())
}
