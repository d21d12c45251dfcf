//! The blog service itself, all of it but the modes, with a page by hand beside the graph's: for an instruction counter.
//!
//! `service auto 1000` has its routes answer a thousand requests from a database in memory, without a network, and ends.
//! `tests/benches/http/run.sh` starts it.

#[path = "../src/bin/blog"]
mod blog {
    pub(crate) mod app;
    pub(crate) mod database;
    pub(crate) mod draft;
    pub(crate) mod error;
    pub(crate) mod moderator;
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
use blog::{
    app, database, draft, error, moderator, options, page, post, publish, queries, request_id,
    routes, site, telemetry,
};

/// In place of the service's.
#[path = "../src/bin/blog/modes"]
mod modes {
    mod auto;
    #[path = "../../../../../tests/benches/http/src/modes/by_hand.rs"]
    mod by_hand;

    use std::str::FromStr;

    use crate::error::AppError;
    use crate::page::Page;
    use crate::queries::Queries;

    #[derive(Clone, Copy, Debug)]
    pub(crate) enum Mode {
        /// By hand, in the place of the one that asks in sequence.
        Sync,
        Auto,
    }

    impl Mode {
        pub(crate) const ALL: [Self; 2] = [Self::Sync, Self::Auto];

        pub(crate) fn name(self) -> &'static str {
            match self {
                Self::Sync => "hand",
                Self::Auto => "auto",
            }
        }

        pub(crate) fn has_graph(self) -> bool {
            matches!(self, Self::Auto)
        }

        pub(crate) fn names() -> String {
            Self::ALL.map(Self::name).join(", ")
        }

        pub(crate) async fn page(self, db: &Queries, id: i64) -> Result<Page, AppError> {
            match self {
                Self::Sync => by_hand::page(db, id).await,
                Self::Auto => auto::page(db, id).await,
            }
        }
    }

    impl FromStr for Mode {
        type Err = AppError;

        fn from_str(name: &str) -> Result<Self, AppError> {
            let mode = Self::ALL.into_iter().find(|mode| mode.name() == name);
            mode.ok_or_else(|| AppError::UnknownMode(name.to_owned()))
        }
    }
}

use std::error::Error;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use clap::Parser;
use conjoin_adapters::Waterfalls;
use tower::ServiceExt;

use crate::app::App;
use crate::options::Options;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [mode, requests] = arguments.as_slice() else {
        return Err("usage: service hand|auto REQUESTS".into());
    };
    let requests = requests.parse()?;

    let options = [
        "service",
        "--database",
        "sqlite::memory:",
        "--latency",
        "0ms",
        "--broker",
        "in-process",
    ];
    let options = Options::parse_from(options);
    let app = App::open(&options, Waterfalls::new()).await?;
    let router = routes::router(app.clone(), options.time_limit.into());
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
