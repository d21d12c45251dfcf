//! The hashing service, as a program. It hashes a pipe, so the test decides when the hash ends.
#![cfg(unix)]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

/// Far longer than any step takes. A test that waits this long fails.
const HANGING: Duration = Duration::from_mins(1);

/// The hash of no bytes.
const DIGEST: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The program. Dropping it kills it.
struct Program {
    child: Child,
    address: SocketAddr,
}

impl Program {
    fn start(file: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_hash"))
            .args(["--listen", "127.0.0.1:0", "--rounds", "0"])
            .arg(file)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe"))
            .read_line(&mut line)
            .expect("a line");
        let address = line
            .trim()
            .strip_prefix("listening on http://")
            .expect("an address")
            .parse()
            .expect("an address");
        Program { child, address }
    }

    fn ask(&self, path: &str) -> Asked {
        let mut connection = TcpStream::connect(self.address).expect("it listens");
        connection
            .set_read_timeout(Some(HANGING))
            .expect("a time limit");
        write!(
            connection,
            "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"
        )
        .expect("it is sent");
        Asked(connection)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A request that was sent.
struct Asked(TcpStream);

impl Asked {
    /// The status and the body.
    fn text(mut self) -> (String, String) {
        let mut text = String::new();
        self.0.read_to_string(&mut text).expect("an answer");
        let (head, body) = text.split_once("\r\n\r\n").expect("a body");
        (
            head.split(' ').nth(1).expect("a status").to_owned(),
            body.to_owned(),
        )
    }

    fn answer(self) -> Value {
        let (status, body) = self.text();
        assert_eq!(status, "200", "{body}");
        serde_json::from_str(&body).expect("JSON")
    }

    /// Whether no answer comes for a while. A blocked service never answers in this time, a free one answers much
    /// sooner.
    fn is_unanswered(&self) -> bool {
        self.0
            .set_read_timeout(Some(Duration::from_millis(300)))
            .expect("a time limit");
        let peeked = self.0.peek(&mut [0]);
        self.0
            .set_read_timeout(Some(HANGING))
            .expect("a time limit");
        peeked
            .is_err_and(|error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut))
    }
}

fn pipe() -> (TempDir, PathBuf) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&path)
            .status()
            .expect("mkfifo")
            .success()
    );
    (directory, path)
}

/// Waits until the program reads the pipe, and keeps it open.
fn reading(path: &Path) -> File {
    let (sender, opened) = channel();
    let path = path.to_owned();
    thread::spawn(move || sender.send(File::options().write(true).open(path)));
    opened
        .recv_timeout(HANGING)
        .expect("somebody reads")
        .expect("a pipe")
}

#[test]
fn ping_is_answered_during_cpu_work() {
    let (_directory, path) = pipe();
    let program = Program::start(&path);
    let asked = program.ask("/cpu");
    let open = reading(&path);
    // The hash has begun, and cannot end yet.
    assert_eq!(program.ask("/ping").answer(), json!({ "hashes": 0 }));
    assert!(asked.is_unanswered());
    drop(open);
    let answer = asked.answer();
    assert_eq!(
        (&answer["digest"], &answer["bytes"]),
        (&json!(DIGEST), &json!(0))
    );
    assert!(answer["latency_ms"].is_number());
    assert_eq!(program.ask("/ping").answer(), json!({ "hashes": 1 }));
}

#[test]
fn ping_waits_while_the_event_loop_is_blocked() {
    let (_directory, path) = pipe();
    let program = Program::start(&path);
    let asked = program.ask("/blocked");
    let open = reading(&path);
    let ping = program.ask("/ping");
    assert!(ping.is_unanswered());
    drop(open);
    // The answer came after the hash.
    assert_eq!(ping.answer(), json!({ "hashes": 1 }));
    let answer = asked.answer();
    assert_eq!(answer["digest"], DIGEST);
    // The event loop was late at least as long as no answer came.
    assert!(
        answer["latency_ms"]
            .as_f64()
            .is_some_and(|late| late > 100.0),
        "{answer}"
    );
}

#[test]
fn hash_is_that_of_the_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("abc");
    fs::write(&path, "abc").expect("a file");
    let program = Program::start(&path);
    for route in ["/cpu", "/blocked"] {
        let answer = program.ask(route).answer();
        assert_eq!(answer["bytes"], 3);
        assert_eq!(
            answer["digest"],
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}

#[test]
fn missing_file_is_an_error() {
    let program = Program::start(Path::new("/nowhere/at/all"));
    for route in ["/cpu", "/blocked"] {
        let (status, body) = program.ask(route).text();
        assert_eq!(status, "500");
        assert!(body.contains("No such file"), "{body}");
    }
}
