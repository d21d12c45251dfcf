//! Pushes what is served at a table to the browsers that watch it, from this process or, over NATS, another one:
//!
//! `cargo run -p conjoin-examples --bin tables`, or, with `--features nats`, `-- --bus URL serve` and `-- --bus URL emit`.

use std::{net::SocketAddr, time::Duration};

use axum::response::{Html, IntoResponse, Redirect, Sse, sse::Event, sse::KeepAlive};
use axum::{Router, extract::Path, extract::State, routing::get};
use conjoin_adapters::{BoxError, Bus, BusError};
use examples::bus_over_nats;
use tokio::{net::TcpListener, signal::ctrl_c, time::interval};
use {clap::Parser, futures::StreamExt};

/// Shows what is served at each table, one dish a second.
#[derive(Parser)]
struct Options {
    /// What this process does. Without it, it does both.
    #[arg(value_parser = ["serve", "emit"], requires = "bus")]
    part: Option<String>,
    /// `in-process`, or the URL of a NATS server.
    #[arg(long, default_value = "in-process")]
    bus: String,
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8001")]
    listen: SocketAddr,
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = humantime::parse_duration)]
    every: Duration,
}

/// The number of the dish, and what it is.
type Served = (usize, String);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    let Options {
        part,
        bus,
        listen,
        every,
    } = Options::parse();
    let bus = if bus == "in-process" {
        Bus::in_process()
    } else {
        bus_over_nats(&bus).await?
    };
    conjoin::auto! {
        #![error(BoxError)]
        // Ends the streams of events, and with them the requests that would go on for ever.
        closed => { ctrl_c().await?; bus.close().await? },
        served if part.as_deref() != Some("emit") => serve(&bus, listen).await?,
        emitted if part.as_deref() != Some("serve") => emit(&bus, every).await,
        => (),
    }
    .await
}

async fn serve(bus: &Bus, listen: SocketAddr) -> Result<(), BoxError> {
    let routes = Router::new()
        .route("/", get(|| async { Redirect::to("/tables/1") }))
        .route(
            "/tables/{table}",
            get(|_: Path<usize>| async { Html(include_str!("tables.html")) }),
        )
        .route("/tables/{table}/events", get(events))
        .with_state(bus.clone());
    let listener = TcpListener::bind(listen).await?;
    println!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, routes)
        .with_graceful_shutdown(async { drop(ctrl_c().await) })
        .await?)
}

async fn events(State(bus): State<Bus>, Path(table): Path<usize>) -> impl IntoResponse {
    let events = bus
        .join::<Served>(&format!("table {table}"))
        .map(|item| match item {
            Ok(served) => Event::default().json_data(served),
            Err(trouble) => Ok(Event::default().event("trouble").data(trouble.to_string())),
        });
    Sse::new(events).keep_alive(KeepAlive::default())
}

async fn emit(bus: &Bus, every: Duration) {
    const DISHES: [&str; 7] = [
        "bread",
        "soup",
        "salad",
        "trout",
        "dumplings",
        "cheese",
        "plum cake",
    ];
    let mut ticks = interval(every);
    for number in 1_usize.. {
        ticks.tick().await;
        for table in 1..=3 {
            let dish = DISHES[(number + table) % DISHES.len()];
            match bus.emit(&format!("table {table}"), &(number, dish)).await {
                Err(BusError::Closed) => return,
                Err(trouble) => eprintln!("dish {number} for table {table}: {trouble}"),
                Ok(_) => {}
            }
        }
    }
}
