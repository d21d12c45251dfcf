//! The service as a child process, and its log.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
#[cfg(target_os = "linux")]
use rustix::process::{Resource, Rlimit, prlimit};
use tempfile::TempDir;
use ureq::http::Response;
use ureq::{Agent, Body};

/// Far longer than any step takes. A test that waits this long fails.
pub(crate) const HANGING: Duration = Duration::from_mins(1);

/// A temporary directory, and the URL of a database file in it that does not exist yet.
pub(crate) fn new_database() -> (TempDir, String) {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let url = format!("sqlite://{}", directory.path().join("blog.db").display());
    (directory, url)
}

/// A started service that may not listen yet. Dropping it kills it.
pub(crate) struct Process {
    child: Child,
    /// A lock, so that threads can share the service.
    lines: Mutex<Receiver<String>>,
    log: Vec<String>,
}

/// The exit code and the log of a process.
pub(crate) struct End {
    pub(crate) code: Option<i32>,
    pub(crate) log: Vec<String>,
}

impl Process {
    pub(crate) fn start(database: &str, latency: &str) -> Self {
        Self::start_at("127.0.0.1:0", database, latency)
    }

    pub(crate) fn start_at(address: &str, database: &str, latency: &str) -> Self {
        Self::start_within("1h", address, database, latency)
    }

    /// With this time limit for each request.
    pub(crate) fn start_within(
        time_limit: &str,
        address: &str,
        database: &str,
        latency: &str,
    ) -> Self {
        Self::spawn(
            &[],
            address,
            database,
            latency,
            &["--time-limit", time_limit, "--review-latency", latency],
        )
    }

    /// With other options.
    pub(crate) fn start_with(database: &str, latency: &str, options: &[&str]) -> Self {
        Self::spawn(&[], "127.0.0.1:0", database, latency, options)
    }

    /// Through a command that executes the service.
    #[cfg(target_os = "linux")]
    pub(crate) fn start_through(command: &[&str], database: &str, latency: &str) -> Self {
        Self::spawn(
            command,
            "127.0.0.1:0",
            database,
            latency,
            &["--review-latency", latency],
        )
    }

    /// With a moderator that takes an hour, so that each new post waits for it.
    pub(crate) fn start_held(database: &str) -> Self {
        Self::spawn(
            &[],
            "127.0.0.1:0",
            database,
            "0s",
            &["--time-limit", "2h", "--review-latency", "1h"],
        )
    }

    fn spawn(
        through: &[&str],
        address: &str,
        database: &str,
        latency: &str,
        others: &[&str],
    ) -> Self {
        let command = [through, &[env!("CARGO_BIN_EXE_blog")]].concat();
        let mut child = Command::new(command[0])
            .args(&command[1..])
            .args([
                "--listen",
                address,
                "--database",
                database,
                "--latency",
                latency,
            ])
            .args(others)
            .env("RUST_LOG", "info,examples=debug")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the service's program");
        let stderr = BufReader::new(child.stderr.take().expect("a pipe"));
        let (sender, lines) = channel();
        // Reads until the process has ended, so that the pipe never fills up.
        thread::spawn(move || {
            stderr
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line))
        });
        Self {
            child,
            lines: Mutex::new(lines),
            log: Vec::new(),
        }
    }

    /// Waits until the service listens.
    pub(crate) fn listening(mut self) -> Service {
        let mut line = String::new();
        BufReader::new(self.child.stdout.take().expect("a pipe"))
            .read_line(&mut line)
            .expect("UTF-8");
        match line.trim_end().strip_prefix("listening on http://") {
            Some(address) => Service {
                address: address.to_owned(),
                process: self,
            },
            None => panic!(
                "instead of its address the service said {line:?} and {:?}",
                self.end().log
            ),
        }
    }

    /// Waits until `is_there` accepts the log.
    pub(crate) fn wait_until(&mut self, what: &str, is_there: impl Fn(&[String]) -> bool) {
        while !is_there(&self.log) {
            assert!(
                self.next_line(),
                "the service ended without `{what}`; its log: {:#?}",
                self.log
            );
        }
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).expect("a signal sent");
    }

    /// Waits until the process has ended.
    pub(crate) fn end(mut self) -> End {
        while self.next_line() {}
        let code = self.child.wait().expect("a child").code();
        End {
            code,
            log: std::mem::take(&mut self.log),
        }
    }

    /// Waits for the next line of the log. Returns false once the process has ended.
    fn next_line(&mut self) -> bool {
        let lines = self.lines.get_mut().expect("no panic");
        match lines.recv_timeout(HANGING) {
            Ok(line) => self.log.push(line),
            Err(RecvTimeoutError::Disconnected) => return false,
            Err(RecvTimeoutError::Timeout) => panic!("the service hangs; its log: {:#?}", self.log),
        }
        true
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail if the process has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A service that listens.
pub(crate) struct Service {
    process: Process,
    pub(crate) address: String,
}

impl Service {
    pub(crate) fn start(database: &str, latency: &str) -> Self {
        Process::start(database, latency).listening()
    }

    /// The answer to `GET path`, with this request id if there is one.
    pub(crate) fn get(&self, path: &str, request_id: Option<&str>) -> Response<String> {
        let mut request = agent().get(format!("http://{}{path}", self.address));
        if let Some(id) = request_id {
            request = request.header("x-request-id", id);
        }
        read(request.call())
    }

    /// The answer to `POST path` with a body of this `content_type`.
    pub(crate) fn post(&self, path: &str, content_type: &str, body: &str) -> Response<String> {
        let request = agent()
            .post(format!("http://{}{path}", self.address))
            .header("content-type", content_type);
        read(request.send(body))
    }

    /// Sends `GET path` without waiting for the answer.
    pub(crate) fn send(&self, path: &str, request_id: &str) -> Pending {
        self.send_raw(&format!("GET {path} HTTP/1.1\r\n"), request_id, "")
    }

    /// Sends `POST /posts` without waiting for the answer.
    pub(crate) fn send_post(&self, draft: &str, request_id: &str) -> Pending {
        let length = draft.len();
        let head = format!(
            "POST /posts HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n"
        );
        self.send_raw(&head, request_id, draft)
    }

    fn send_raw(&self, head: &str, request_id: &str, body: &str) -> Pending {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        stream.set_read_timeout(Some(HANGING)).expect("a socket");
        let host = &self.address;
        write!(
            stream,
            "{head}host: {host}\r\nx-request-id: {request_id}\r\nconnection: close\r\n\r\n{body}"
        )
        .expect("a request sent");
        Pending(stream)
    }

    /// Sends the beginning of a request.
    pub(crate) fn send_half(&self, head: &str) -> Pending {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        stream.set_read_timeout(Some(HANGING)).expect("a socket");
        stream.write_all(head.as_bytes()).expect("a head sent");
        Pending(stream)
    }

    /// Changes a limit of the process.
    #[cfg(target_os = "linux")]
    pub(crate) fn limit(&self, resource: Resource, limit: Rlimit) {
        prlimit(Some(self.pid()), resource, limit).expect("a limit changed");
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.process.child)
    }

    /// Waits until the log has `event` of a request, such as `user start`.
    pub(crate) fn wait_for(&mut self, request_id: &str, event: &str) {
        self.process.wait_until(event, |log| {
            events(log, request_id).iter().any(|seen| seen == event)
        });
    }

    /// Waits until `find` returns something for a line of the log, and returns that.
    pub(crate) fn wait_for_line<T>(&mut self, what: &str, find: impl Fn(&str) -> Option<T>) -> T {
        let found = |log: &[String]| log.iter().find_map(|line| find(line));
        self.process.wait_until(what, |log| found(log).is_some());
        found(&self.process.log).expect("what was waited for")
    }

    /// Asks the service to stop.
    pub(crate) fn terminate(self) -> Process {
        self.signal(Signal::TERM)
    }

    pub(crate) fn signal(self, signal: Signal) -> Process {
        self.process.signal(signal);
        self.process
    }
}

fn agent() -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(HANGING));
    config.build().new_agent()
}

fn read(answer: Result<Response<Body>, ureq::Error>) -> Response<String> {
    let (head, mut body) = answer.expect("an answer").into_parts();
    Response::from_parts(head, body.read_to_string().expect("UTF-8"))
}

/// A request under way. Dropping it closes the connection.
pub(crate) struct Pending(TcpStream);

impl Pending {
    /// Waits for the answer, and returns it as raw HTTP.
    pub(crate) fn answer(mut self) -> String {
        let mut answer = String::new();
        self.0.read_to_string(&mut answer).expect("an answer");
        answer
    }
}

/// The events of a request's queries, in order: `user start`, `user end`, `posts start`, `posts cancelled`, …
pub(crate) fn events(log: &[String], request_id: &str) -> Vec<String> {
    let request = format!("request{{id={request_id} ");
    let of_the_request = log
        .iter()
        .filter_map(|line| Some(line.split_once(&request)?.1));
    of_the_request
        .filter_map(|line| {
            let (name, rest) = line.split_once("query{name=")?.1.split_once('}')?;
            let event = rest.split_once("query ")?.1;
            Some(format!("{name} {event}"))
        })
        .collect()
}
