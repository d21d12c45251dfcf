//! Tests workers' output, and a parent whose standard error nobody reads.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{self, Command, Stdio};
use std::time::Duration;

use super::requests::Print;
use super::{BEHAVIOUR, started, workers};
use crate::requests::Echo;

/// Far more than a pipe holds.
const LINES: usize = 200;

/// A parent whose worker prints more than a pipe holds, and that prints how its calls ended.
pub(super) async fn noisy_parent() {
    let broker = started(workers(1)).await;
    let text = "loud ".repeat(1_000);
    for _ in 0..LINES {
        let print = broker.call(&Print { text: text.clone() });
        assert_eq!(print.deadline(Duration::from_secs(30)).await, Ok(()));
    }
    let echo = broker.call(&Echo { text: "x".into() }).await;
    // In one piece, unlike with `println!`.
    let line = format!("\nends {echo:?}\n");
    std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes()).expect("a reader");
    process::exit(0);
}

#[test]
fn full_standard_error_stops_no_calls() {
    let mut parent = Command::new(env::current_exe().expect("a path"))
        .args([
            "--exact",
            "workers::worker",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(BEHAVIOUR, "noisy")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a parent");
    // Kept open and never read.
    let _unread = parent.stderr.take();
    let lines = BufReader::new(parent.stdout.take().expect("a pipe")).lines();
    let end = lines
        .map_while(Result::ok)
        .find(|line| line.starts_with("ends "));
    let exit = parent.wait().expect("a parent");
    assert_eq!(end.as_deref(), Some(r#"ends Ok("x")"#), "{exit}");
}
