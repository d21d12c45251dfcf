//! Tests when a worker counts as hanging.

use std::pin::pin;

use futures_util::future::{Either, select};
use tokio::time::Instant;

use super::*;
use crate::broker::workers::connection::WorkerConnection;
use crate::broker::workers::frame_source::write;
use crate::broker::workers::handshake::{Hello, greet};
use crate::broker::workers::heartbeat::Heartbeat;

const TIME: Duration = Duration::from_secs(3);

fn connection() -> WorkerConnection {
    WorkerConnection::new(["echo".to_owned()].into(), 1_000)
}

#[tokio::test(start_paused = true)]
async fn silent_worker_has_its_time_from_a_ping() {
    let (start, connection) = (Instant::now(), connection());
    let mut heartbeat = Heartbeat::new(TIME);
    let mut beats = 0;
    while !heartbeat.beat(&connection).await {
        beats += 1;
    }
    assert_eq!((beats, start.elapsed()), (3, TIME + TIME / 3));
}

#[tokio::test(start_paused = true)]
async fn answering_worker_is_never_silent() {
    let (_worker, socket) = worker(pending());
    let greeted = greet(socket, &Hello::of_parent(1_000), HANGING).await;
    let (_, mut reader, mut writer) = greeted.expect("a worker");
    let connection = connection();
    let connected = pin!(async {
        tokio::join!(
            write(&mut writer, &connection),
            connection.read(&mut reader)
        )
    });
    let beats = pin!(async {
        let mut heartbeat = Heartbeat::new(TIME);
        for _ in 0..100 {
            assert!(!heartbeat.beat(&connection).await);
        }
    });
    match select(connected, beats).await {
        Either::Left((end, _)) => panic!("the connection ended: {end:?}"),
        Either::Right(((), _)) => {}
    }
}

#[tokio::test(start_paused = true)]
async fn longest_time_asks_never() {
    let connection = connection();
    let mut heartbeat = Heartbeat::new(Duration::MAX);
    let years = Duration::from_secs(365 * 24 * 60 * 60);
    assert!(timeout(years, heartbeat.beat(&connection)).await.is_err());
}
