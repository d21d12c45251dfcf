use axum::body::{Body, Bytes};
use axum::routing::get;
use futures::stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::*;

const HEAD_LIMIT: Duration = Duration::from_secs(10);

/// Longer than any limit in these tests.
const HOUR: Duration = Duration::from_hours(1);

const REQUEST: &[u8] = b"GET /now HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// The client's side of a served connection. The clock is paused: time passes while all tasks wait.
struct Client {
    io: DuplexStream,
    keep_serving: Option<watch::Sender<()>>,
    served: JoinHandle<()>,
}

impl Client {
    /// With room for `size` bytes in each direction between the client and the server.
    fn connect(size: usize) -> Self {
        let router = Router::new()
            .route("/now", get(async || "now"))
            .route(
                "/later",
                get(async || {
                    sleep(HOUR).await;
                    "later"
                }),
            )
            .route("/large", get(async || "x".repeat(100_000)))
            .route(
                "/stream",
                get(async || {
                    let late = async || {
                        sleep(HOUR).await;
                        Ok::<_, Infallible>(Bytes::from_static(b"last words"))
                    };
                    Body::from_stream(stream::once(late()))
                }),
            );
        let (io, remote) = duplex(size);
        let (keep_serving, stopping) = watch::channel(());
        let served = tokio::spawn(connection(remote, router, HEAD_LIMIT, stopping));
        Self {
            io,
            keep_serving: Some(keep_serving),
            served,
        }
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.io.write_all(bytes).await.expect("an open connection");
    }

    async fn ask(&mut self, path: &str) {
        self.send(format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n").as_bytes())
            .await;
    }

    /// Reads until the answer ends with `end`.
    async fn read_until(&mut self, end: &str) -> String {
        let mut answer = Vec::new();
        while !answer.ends_with(end.as_bytes()) {
            answer.push(self.io.read_u8().await.expect("more of an answer"));
        }
        String::from_utf8(answer).expect("UTF-8")
    }

    /// Reads until the server closes the connection.
    async fn rest(&mut self) -> String {
        let mut answer = String::new();
        self.io.read_to_string(&mut answer).await.expect("UTF-8");
        answer
    }

    fn stop(&mut self) {
        self.keep_serving = None;
    }

    /// Waits until the server has closed the connection, and returns how long that took.
    async fn closed(self) -> Duration {
        let begin = Instant::now();
        self.served.await.expect("a connection without a panic");
        begin.elapsed()
    }
}

/// Lets the server read what was sent.
async fn a_moment() {
    sleep(Duration::from_millis(1)).await;
}

#[tokio::test(start_paused = true)]
async fn incomplete_head_ends_at_the_limit() {
    for head in [
        "",
        "G",
        "GET /now HT",
        "GET /now HTTP/1.1\r\nhost: localhost\r\n",
    ] {
        let mut client = Client::connect(1000);
        client.send(head.as_bytes()).await;
        assert_eq!(client.closed().await, HEAD_LIMIT, "{head:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn slow_head_ends_at_the_limit() {
    let mut client = Client::connect(1000);
    let begin = Instant::now();
    let drips = REQUEST.iter().cycle();
    for drip in drips {
        sleep(Duration::from_secs(1)).await;
        if client.io.write_u8(*drip).await.is_err() {
            break;
        }
    }
    assert!(begin.elapsed() <= HEAD_LIMIT + Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn each_request_has_the_whole_head_limit() {
    let mut client = Client::connect(1000);
    let (first, second) = REQUEST.split_at(10);
    for _ in 0..5 {
        client.send(first).await;
        sleep(HEAD_LIMIT * 9 / 10).await;
        client.send(second).await;
        let answer = client.read_until("now").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn handler_may_take_longer_than_a_head() {
    let mut client = Client::connect(1000);
    client.ask("/later").await;
    client.read_until("later").await;
}

#[tokio::test(start_paused = true)]
async fn drain_ignores_incomplete_heads() {
    let mut client = Client::connect(1000);
    client.send(b"GET /now HT").await;
    a_moment().await;
    client.stop();
    assert_eq!(client.closed().await, LAST_REQUESTS);
}

#[tokio::test(start_paused = true)]
async fn drain_does_not_wait_for_the_next_request() {
    let mut client = Client::connect(1000);
    client.ask("/now").await;
    client.read_until("now").await;
    client.send(b"GET /now HT").await;
    a_moment().await;
    client.stop();
    assert_eq!(client.closed().await, LAST_REQUESTS);
}

#[tokio::test(start_paused = true)]
async fn drain_answers_requests_sent_before_it() {
    let mut client = Client::connect(1000);
    client.send(REQUEST).await;
    // The server has not run yet.
    client.stop();
    let answer = client.rest().await;
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("now"),
        "{answer}"
    );
    assert_eq!(client.closed().await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn drain_answers_heads_that_arrive_in_time() {
    let mut client = Client::connect(1000);
    let (first, second) = REQUEST.split_at(10);
    client.send(first).await;
    a_moment().await;
    client.stop();
    sleep(LAST_REQUESTS / 2).await;
    client.send(second).await;
    let answer = client.rest().await;
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    assert!(answer.ends_with("now"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn drain_waits_for_a_handler() {
    let mut client = Client::connect(1000);
    client.ask("/later").await;
    a_moment().await;
    client.stop();
    let answer = client.rest().await;
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    assert!(answer.ends_with("later"), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn drain_waits_for_a_streamed_body() {
    let mut client = Client::connect(1000);
    client.ask("/stream").await;
    client.read_until("\r\n\r\n").await;
    client.stop();
    let body = client.rest().await;
    assert!(
        body.contains("last words") && body.ends_with("0\r\n\r\n"),
        "{body}"
    );
}

#[tokio::test(start_paused = true)]
async fn drain_waits_for_a_slow_reader() {
    let mut client = Client::connect(100);
    client.ask("/large").await;
    a_moment().await;
    client.stop();
    // The handler has completed, and the server holds the rest of the answer.
    sleep(HOUR).await;
    let answer = client.rest().await;
    let (_, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    assert_eq!(body.len(), 100_000);
}

#[tokio::test(start_paused = true)]
async fn drain_closes_idle_connections() {
    let mut client = Client::connect(1000);
    client.ask("/now").await;
    client.read_until("now").await;
    client.stop();
    assert_eq!(client.closed().await, LAST_REQUESTS);
}
