//! The blog service for an instruction counter: its routes answer from a database in memory, without a network.
//!
//! `service auto 1000` answers a thousand requests in the mode `auto` and exits. `tests/benches/http/run.sh` starts it.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use clap::Parser;
use conjoin_adapters::{BoxError, Waterfalls};
use examples::blog::{self, App, Options};
use tower::ServiceExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mode, requests] = arguments.as_slice() else {
        return Err("usage: service MODE REQUESTS, such as `service auto 1000`".into());
    };
    let requests = requests.parse()?;

    let options = Options::parse_from([
        "service",
        "--database",
        "sqlite::memory:",
        "--latency",
        "0ms",
        "--broker",
        "in-process",
    ]);
    let app = App::open(&options, Waterfalls::new()).await?;
    let router = blog::router(app.clone(), &options);
    let mut bytes = 0;
    for user in (1..=1000).cycle().take(requests) {
        let request = Request::get(format!("/{mode}/{user}")).body(Body::empty())?;
        let response = router.clone().oneshot(request).await?;
        assert!(response.status().is_success(), "{response:?}");
        bytes += to_bytes(response.into_body(), usize::MAX).await?.len();
    }
    app.close().await;
    println!("{bytes} bytes");
    Ok(())
}
