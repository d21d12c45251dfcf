use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use super::*;

struct Log(UnboundedSender<String>);

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0
            .send(String::from_utf8_lossy(line).into_owned())
            .map_err(io::Error::other)?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn worker_output_is_logged_with_its_name() {
    let (sender, mut lines) = unbounded_channel();
    let log = tracing_subscriber::fmt()
        .with_ansi(false)
        .without_time()
        .with_writer(move || Log(sender.clone()));
    let _log = tracing::subscriber::set_default(log.finish());
    let program = program("twice").output(OutputMode::Logged);
    let (child, _socket) = timeout(HANGING, program.spawn(BROKER, 7))
        .await
        .expect("an end")
        .expect("a worker");
    let mut next = async || {
        timeout(HANGING, lines.recv())
            .await
            .expect("a line")
            .expect("a line")
    };
    // The output of the test harness begins with that.
    let line = loop {
        let line = next().await;
        if line.contains("running 1 test") {
            break line;
        }
    };
    let whose = format!(
        "role=\"broker\" worker=7 pid={} stream=\"stdout\"",
        child.id()
    );
    assert!(
        line.starts_with(" INFO conjoin_adapters::worker: ") && line.contains(&whose),
        "{line}"
    );
}

/// With a log that blocks until the test ends.
#[tokio::test]
async fn blocked_subscriber_stops_no_runtime() {
    let (release, blocked) = std::sync::mpsc::channel::<()>();
    let blocked = std::sync::Arc::new(std::sync::Mutex::new(blocked));
    let log = tracing_subscriber::fmt().with_writer(move || {
        let _ = blocked.lock().expect("no panic").recv();
        io::sink()
    });
    let _log = tracing::subscriber::set_default(log.finish());
    let program = program("echo").output(OutputMode::Logged);
    let (_child, mut socket) = timeout(HANGING, program.spawn(BROKER, 0))
        .await
        .expect("an end")
        .expect("a worker");
    // The output of the test harness comes before the worker reads.
    socket.write_all(b"hello").await.unwrap();
    socket.shutdown().await.unwrap();
    let mut answer = String::new();
    let read = timeout(HANGING, socket.read_to_string(&mut answer)).await;
    read.expect("an end").expect("an answer");
    assert_eq!(answer, "hello");
    drop(release);
}
