//! The clustered service, as a program.
//!
//! No test measures time. The time limit only keeps a failed test from hanging.
#![cfg(unix)]

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tempfile::TempDir;

/// Far longer than any step takes. A test that waits this long fails.
const HANGING: Duration = Duration::from_mins(1);

/// The program with a new database. Dropping it kills it.
struct Service {
    supervisor: Child,
    address: String,
    /// The lines of the supervisor and its workers.
    log: Receiver<String>,
    _directory: TempDir,
}

impl Service {
    fn start(latency: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let database = format!("sqlite://{}", directory.path().join("blog.db").display());
        let mut supervisor = Command::new(env!("CARGO_BIN_EXE_cluster"))
            .args([
                "--workers",
                "2",
                "--listen",
                "127.0.0.1:0",
                "--database",
                &database,
                "--latency",
                latency,
            ])
            .env("RUST_LOG", "warn,examples=debug")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        let stderr = BufReader::new(supervisor.stderr.take().expect("a pipe"));
        let (sender, log) = channel();
        // Reads until all processes have ended, so that the pipe never fills up.
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = sender.send(line);
            }
        });
        let mut line = String::new();
        BufReader::new(supervisor.stdout.take().expect("a pipe"))
            .read_line(&mut line)
            .expect("a line");
        let address = line
            .trim_end()
            .strip_prefix("listening on http://")
            .expect("an address")
            .to_owned();
        Self {
            supervisor,
            address,
            log,
            _directory: directory,
        }
    }

    /// Starts it, and waits until both workers have answered.
    fn started(latency: &str) -> (Self, [u32; 2]) {
        let service = Self::start(latency);
        let workers = service.workers(|workers| workers.len() == 2);
        (service, [workers[0], workers[1]])
    }

    /// Sends requests until the workers that answered are as wanted.
    fn workers(&self, are: impl Fn(&[u32]) -> bool) -> Vec<u32> {
        let begun = Instant::now();
        let mut workers = Vec::new();
        while !are(&workers) {
            assert!(begun.elapsed() < HANGING, "only {workers:?} answer");
            let worker = get(&self.address);
            if !workers.contains(&worker) {
                workers.push(worker);
            }
        }
        workers
    }

    fn signal(&self, signal: Signal) {
        send(self.supervisor.id(), signal);
    }

    fn terminate(mut self) {
        self.signal(Signal::TERM);
        assert_eq!(self.supervisor.wait().expect("a child").code(), Some(0));
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Both fail if the process has already ended.
        let _ = self.supervisor.kill();
        let _ = self.supervisor.wait();
    }
}

fn process(number: u32) -> Pid {
    Pid::from_raw(number.try_into().expect("a number")).expect("a process")
}

fn send(number: u32, signal: Signal) {
    kill_process(process(number), signal).expect("a signal sent");
}

struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        self.0();
    }
}

/// Sends a request on a connection of its own.
fn ask(address: &str, id: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(HANGING)).expect("a socket");
    let head = format!(
        "GET /auto/1 HTTP/1.1\r\nhost: {address}\r\nx-request-id: {id}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).expect("a request sent");
    stream
}

/// The id of the process that answered.
fn answer(mut stream: TcpStream) -> u32 {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("User 1"),
        "{answer:?}"
    );
    let worker = answer
        .lines()
        .find_map(|line| line.strip_prefix("x-worker: "));
    worker.expect("a header").parse().expect("a number")
}

fn get(address: &str) -> u32 {
    answer(ask(address, "any"))
}

#[test]
fn killed_worker_is_replaced_without_a_failure() {
    let (service, [killed, stays]) = Service::started("0s");
    // The idle worker has no request, and the other worker serves what this one has not accepted. It may accept until
    // it has ended.
    send(killed, Signal::KILL);
    let begun = Instant::now();
    while test_kill_process(process(killed)).is_ok() {
        assert!(begun.elapsed() < HANGING, "it is still there");
        thread::yield_now();
    }
    let answered: HashSet<_> = (0..100).map(|_| get(&service.address)).collect();
    assert!(!answered.contains(&killed));
    let workers = service.workers(|workers| workers.len() == 2);
    assert!(
        workers.contains(&stays) && !workers.contains(&killed),
        "{workers:?}"
    );
    service.terminate();
}

#[test]
fn roll_under_load_loses_no_request() {
    let (service, old) = Service::started("0s");
    let (requests, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) || requests.load(Ordering::Relaxed) < 200 {
                    requests.fetch_add(1, Ordering::Relaxed);
                    get(&service.address);
                }
            });
        }
        // Even if this fails, the clients must stop.
        let _over = OnDrop(|| is_over.store(true, Ordering::Relaxed));
        service.signal(Signal::HUP);
        service.workers(|workers| {
            workers
                .iter()
                .filter(|worker| !old.contains(worker))
                .count()
                == 2
        });
    });
    // The second old worker may still run, but it drains.
    service.terminate();
}

#[test]
fn sigterm_waits_for_requests() {
    let (service, workers) = Service::started("200ms");
    let request = ask(&service.address, "under-way");
    let begun = |line: &String| line.contains("id=under-way") && line.contains("query start");
    while !begun(&service.log.recv_timeout(HANGING).expect("a line")) {}
    service.terminate();
    assert!(workers.contains(&answer(request)));
}

#[test]
fn concurrent_workers_create_the_database_once() {
    for _ in 0..5 {
        let (service, _) = Service::started("0s");
        service.terminate();
    }
}

#[test]
fn address_in_use_is_reported_once() {
    let service = Service::start("0s");
    let directory = tempfile::tempdir().expect("a directory");
    let database = format!("sqlite://{}", directory.path().join("blog.db").display());
    let output = Command::new(env!("CARGO_BIN_EXE_cluster"))
        .args(["--listen", &service.address, "--database", &database])
        // Warnings depend on how busy the machine is.
        .env("RUST_LOG", "error")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        error.starts_with(&format!("cluster: cannot listen: {}: ", service.address)),
        "{error}"
    );
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(output.stdout.is_empty());
}
