//! The blog service on several processes: one can be killed or replaced while the others answer.
//!
//! `cargo run -p conjoin-examples --bin cluster -- --workers 2 --listen 127.0.0.1:8000`
//!
//! `x-worker` is the process that has answered. `kill -9` it, `kill -HUP` the supervisor for new ones, `kill` it to end.

#[path = "blog"]
mod blog {
    pub(crate) mod app;
    pub(crate) mod database;
    pub(crate) mod draft;
    pub(crate) mod error;
    pub(crate) mod log;
    pub(crate) mod moderator;
    pub(crate) mod modes;
    pub(crate) mod options;
    pub(crate) mod page;
    pub(crate) mod post;
    pub(crate) mod publish;
    pub(crate) mod queries;
    pub(crate) mod request_id;
    pub(crate) mod routes;
    pub(crate) mod site;
    pub(crate) mod telemetry;
}
// The service finds its modules at the root.
use blog::database::{Database, IfMissing};
use blog::site;
use blog::{
    app, database, draft, error, log, moderator, modes, options, page, post, publish, queries,
    request_id, routes, telemetry,
};

use std::{process, time::Duration};

use axum::{http::HeaderValue, middleware::map_response, response::Response};
use clap::Parser;
use conjoin_adapters::{BoxError, Cluster, Waterfalls, broker::is_worker, cluster::Worker};
use conjoin_examples::serve;

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
    if let Err(error) = run(workers, service).await {
        eprintln!("cluster: {error}");
        process::exit(1);
    }
}

async fn run(workers: usize, service: options::Options) -> Result<(), BoxError> {
    let waterfalls = log::to_stderr()?;
    if is_worker() {
        // With `--broker workers`, a child of a worker of the cluster. It comes no further.
        app::App::open(&service, waterfalls.clone()).await?;
    }
    if !Cluster::is_worker() {
        create(&service).await?;
    }
    let on_listening = |address| println!("listening on http://{address}");
    let cluster = Cluster::new(workers)
        .listen(service.listen)
        .on_listening(on_listening);
    Ok(cluster
        .run(async |worker| work(worker, service, waterfalls).await)
        .await?)
}

/// Makes the database, which workers expect to find.
async fn create(options: &options::Options) -> Result<(), BoxError> {
    let time_limit = options.time_limit.into();
    let created = Database::open(
        &options.database,
        IfMissing::Create,
        Duration::ZERO,
        time_limit,
    );
    let database = created
        .await
        .map_err(|error| format!("cannot open the database: {error}"))?;
    database.close().await;
    Ok(())
}

/// What a worker does. Each has its own connections to the database.
async fn work(
    worker: Worker,
    options: options::Options,
    waterfalls: Waterfalls,
) -> Result<(), BoxError> {
    let app = app::App::open(&options, waterfalls).await?;
    let router = routes::router(app.clone(), options.time_limit.into());
    let router = router.layer(map_response(async |mut response: Response| {
        response
            .headers_mut()
            .insert("x-worker", HeaderValue::from(process::id()));
        response
    }));
    let head_limit = options.head_limit.into();
    serve(worker.listener()?, router, head_limit, worker.draining()).await;
    app.close().await;
    Ok(())
}
