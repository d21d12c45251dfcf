//! Pushes events to browsers: what is served at each table of a restaurant. The events come from this process or, over
//! NATS, from another one.
//!
//! ```text
//! cargo run -p conjoin-examples --bin tables
//! cargo run -p conjoin-examples --features nats --bin tables -- --bus nats://localhost serve   # in one terminal
//! cargo run -p conjoin-examples --features nats --bin tables -- --bus nats://localhost emit    # in another one
//! ```

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{Html, IntoResponse, Redirect};
use axum::routing::get;
use clap::Parser;
use conjoin_adapters::{BoxError, Bus, BusError};
use examples::{bus_over_nats, listen_address};
use futures::StreamExt;
use tokio::net::TcpListener;
use tokio::signal::ctrl_c;
use tokio::time::interval;

/// Shows what is served at each table
#[derive(Parser)]
struct Options {
    /// What this process does; without it, both
    #[arg(value_parser = ["serve", "emit"], requires = "bus")]
    part: Option<String>,

    /// `in-process`, or the URL of a NATS server
    #[arg(long, value_name = "BUS", default_value = "in-process")]
    bus: String,

    /// An address with a port, or a port alone
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8001", value_parser = listen_address)]
    listen: SocketAddr,

    /// How often each table gets a dish
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = humantime::parse_duration)]
    every: Duration,
}

/// The number of a dish, and its name.
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
        // Closing the bus ends the streams of events, whose requests would never end.
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
            Err(error) => Ok(Event::default().event("trouble").data(error.to_string())),
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
                Err(error) => eprintln!("dish {number} for table {table}: {error}"),
                Ok(_) => {}
            }
        }
    }
}
