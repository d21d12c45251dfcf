//! The inventory, in this process on a paused clock, and as a program.

#[path = "../src/bin/inventory.rs"]
#[expect(dead_code, reason = "the program around it is run from outside")]
mod inventory;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use axum::routing::Router;
use futures::future::join_all;
use tokio::time::{Instant, timeout};
use tower::ServiceExt;

/// Far longer than any step takes. A test that waits this long fails.
const HANGING: Duration = Duration::from_mins(2);

const ITEMS: u64 = 1_000;
const LATENCY: Duration = Duration::from_millis(10);

async fn post(app: Router, path: &str) -> (StatusCode, String) {
    let response = app
        .oneshot(Request::post(path).body(Body::empty()).unwrap())
        .await
        .unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), 100).await.unwrap();
    (status, String::from_utf8(body.into()).unwrap())
}

/// The answers to concurrent requests, and how long they took.
async fn many(app: &Router, path: &str, requests: usize) -> (Vec<(StatusCode, String)>, Duration) {
    let begin = Instant::now();
    let all = join_all((0..requests).map(|_| post(app.clone(), path)));
    (
        timeout(HANGING, all).await.expect("an end"),
        begin.elapsed(),
    )
}

fn different(answers: &[(StatusCode, String)]) -> BTreeSet<u64> {
    answers
        .iter()
        .filter(|(status, _)| *status == StatusCode::OK)
        .map(|(_, item)| item.parse().unwrap())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn queue_gives_each_request_its_own_item() {
    let app = inventory::router(ITEMS, LATENCY);
    let (answers, time) = many(&app, "/take", 1_000).await;
    assert_eq!(different(&answers), (1..=ITEMS).collect());
    // One at a time. A sleep may take up to a millisecond longer, the resolution of the clock.
    assert!(time >= 1_000 * LATENCY, "{time:?}");
    assert_eq!(
        post(app, "/take").await,
        (StatusCode::GONE, "sold out".into())
    );
}

#[tokio::test(start_paused = true)]
async fn without_queue_requests_share_items() {
    let app = inventory::router(ITEMS, LATENCY);
    let (answers, time) = many(&app, "/naive", 1_000).await;
    assert_eq!(answers.len(), 1_000);
    assert_eq!(different(&answers), BTreeSet::from([ITEMS]));
    assert!(time < 2 * LATENCY, "{time:?}");
}

#[tokio::test(start_paused = true)]
async fn full_queue_is_503() {
    let app = inventory::router(100_000, LATENCY);
    let all = join_all((0..inventory::CAPACITY + 10).map(|_| post(app.clone(), "/take")));
    // The clock is paused, so the answers come at once.
    let answers = timeout(Duration::from_hours(1), all).await.expect("an end");
    let refused = answers
        .iter()
        .filter(|(status, _)| *status == StatusCode::SERVICE_UNAVAILABLE)
        .count();
    assert_eq!(
        (refused, different(&answers).len()),
        (10, inventory::CAPACITY)
    );
}

/// The program. Dropping it kills it.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(arguments: &[&str]) -> (Program, String) {
    let child = Command::new(env!("CARGO_BIN_EXE_inventory"))
        .args(["--listen", "127.0.0.1:0"])
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    let mut program = Program(child);
    let mut stdout = BufReader::new(program.0.stdout.take().expect("a pipe"));
    let (sender, lines) = channel();
    thread::spawn(move || {
        let mut line = String::new();
        stdout.read_line(&mut line).map(|_| sender.send(line))
    });
    let line = lines.recv_timeout(HANGING).expect("a line");
    let url = line
        .trim_end()
        .strip_prefix("listening on ")
        .expect("its address")
        .to_owned();
    (program, url)
}

/// The items of 1,000 requests by 50 clients that start together.
fn taken(url: &str) -> Vec<u64> {
    let client = || {
        let url = url.to_owned();
        thread::spawn(move || {
            let agent: ureq::Agent = ureq::Agent::config_builder()
                .timeout_global(Some(HANGING))
                .build()
                .into();
            let take = |_| {
                agent
                    .post(&url)
                    .send_empty()
                    .unwrap()
                    .body_mut()
                    .read_to_string()
                    .unwrap()
            };
            (0..20)
                .map(take)
                .map(|item| item.parse().unwrap())
                .collect::<Vec<u64>>()
        })
    };
    let clients: Vec<_> = (0..50).map(|_| client()).collect();
    clients
        .into_iter()
        .flat_map(|client| client.join().unwrap())
        .collect()
}

#[test]
fn program_gives_each_request_its_own_item() {
    let (_program, url) = start(&["--items", "1000", "--latency", "0s"]);
    let mut items = taken(&format!("{url}/take"));
    items.sort_unstable();
    assert_eq!(items, (1..=1_000).collect::<Vec<_>>());
}

#[test]
fn program_without_queue_gives_items_twice() {
    // Long enough that requests overlap.
    let (_program, url) = start(&["--items", "1000", "--latency", "50ms"]);
    let items = taken(&format!("{url}/naive"));
    let different: BTreeSet<_> = items.iter().collect();
    assert!(different.len() < items.len());
}
