//! The blog service on several processes. Kill or replace one while the others answer.
//!
//! ```text
//! cargo run -p conjoin-examples --bin cluster -- --workers 2
//! curl -si localhost:8000/auto/1 | grep x-worker   # the id of the process that answered
//! kill -9 WORKER                                   # it is replaced
//! kill -HUP SUPERVISOR                             # all workers are replaced, one by one
//! kill SUPERVISOR                                  # the workers answer their requests and exit
//! ```
//!
//! All options of `blog` work here, too.

use std::process::{self, ExitCode};

use axum::http::HeaderValue;
use axum::middleware::map_response;
use axum::response::Response;
use clap::Parser;
use conjoin_adapters::cluster::Worker;
use conjoin_adapters::{BoxError, Cluster, Waterfalls, broker};
use examples::blog::{self, App, Options};
use examples::serve;

/// Runs the blog service on several processes
#[derive(Parser)]
#[command(name = "cluster")]
struct Arguments {
    /// How many processes serve
    #[arg(long, value_name = "NUMBER", default_value_t = 2)]
    workers: usize,

    #[command(flatten)]
    service: Options,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { workers, service } = Arguments::parse();
    match run(workers, service).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cluster: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(workers: usize, service: Options) -> Result<(), BoxError> {
    let waterfalls = blog::log_to_stderr()?;
    if broker::is_worker() {
        // With `--broker workers`, this is a child of a worker of the cluster, and `open` never returns.
        App::open(&service, waterfalls.clone()).await?;
    }
    if !Cluster::is_worker() {
        // Workers expect the database to exist.
        blog::create_database(&service).await?;
    }
    Cluster::new(workers)
        .listen(service.listen)
        .on_listening(|address| println!("listening on http://{address}"))
        .run(async |worker| work(worker, service, waterfalls).await)
        .await?;
    Ok(())
}

/// Serves in one worker, with database connections of its own, until the supervisor asks it to drain.
async fn work(worker: Worker, options: Options, waterfalls: Waterfalls) -> Result<(), BoxError> {
    let app = App::open(&options, waterfalls).await?;
    let router = blog::router(app.clone(), &options).layer(map_response(say_who));
    serve(
        worker.listener()?,
        router,
        options.head_limit.into(),
        worker.draining(),
    )
    .await;
    app.close().await;
    Ok(())
}

async fn say_who(mut response: Response) -> Response {
    let id = HeaderValue::from(process::id());
    response.headers_mut().insert("x-worker", id);
    response
}
