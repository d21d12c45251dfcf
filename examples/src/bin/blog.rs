//! The REST service of the classic tutorial: a user's page, put together in several ways, and new posts.
//!
//! ```text
//! cargo run -p conjoin-examples --bin blog -- --latency 200ms
//! open http://localhost:8000/                  # in a browser: how all modes run
//! curl localhost:8000/sync/1                   # three queries in sequence
//! curl localhost:8000/auto/1                   # the same page in two latencies
//! curl localhost:8000/auto/1/activity          # a page of five queries, where layers lose to the graph
//! curl localhost:8000/posts/1                  # a post with its comments: a query for each level
//! curl localhost:8000/posts/1/by-hand          # the same with a query for each comment
//! curl localhost:8000/posts --json '{"user_id": 1, "title": "Hello", "comment": "first!"}'
//! curl localhost:8000/metrics                  # how long its tasks took, for Prometheus
//! ```
//!
//! The service itself is the module `blog` of this package's library.

use std::process::ExitCode;

use clap::Parser;
use examples::blog::{self, Options};

#[tokio::main]
async fn main() -> ExitCode {
    match blog::run(Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("blog: {error}");
            ExitCode::FAILURE
        }
    }
}
