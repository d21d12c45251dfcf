//! A NATS server for tests: on loopback, on its own port, and ended with its test.
//!
//! Use `mod nats_server;`, or `#[path = "../nats_server/mod.rs"] mod nats_server;` in tests that are a folder. It needs
//! `nats-server` (the Debian package of that name) and a POSIX shell.
#![allow(
    dead_code,
    reason = "each of the tests that include this file uses a part of it"
)]

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// A time beyond what a start takes: a test that waits this long has failed.
const HANGING: Duration = Duration::from_secs(90);

/// The shell becomes the server, and leaves a guard that kills it when standard input ends: when the test closes the
/// pipe, or when the system does because the test's process has ended, by whatever signal.
///
/// At that time the process id still belongs to the server, because only the test can reap it, which it does last.
const GUARDED: &str =
    r#"exec 3<&0; (read -r _ <&3; kill -KILL $$) 2>/dev/null & exec 3<&- nats-server "$@""#;

/// A running server, until it is [killed](Self::kill) or dropped.
#[derive(Debug)]
pub(crate) struct NatsServer {
    port: u16,
    name: String,
    /// Its configuration, its log and what JetStream stores.
    folder: TempDir,
    process: Option<Process>,
}

impl NatsServer {
    /// Returns when the server accepts connections.
    pub(crate) fn start() -> Self {
        Self::start_with("")
    }

    /// Starts one with JetStream, which stores in a temporary folder that outlives [`kill`](Self::kill), but not the
    /// value.
    pub(crate) fn start_with_jetstream() -> Self {
        Self::start_with("jetstream: { store_dir: jetstream }")
    }

    /// Starts one with additional lines of the server's configuration file, such as `max_payload: 1024`.
    pub(crate) fn start_with(configuration: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let end = Instant::now() + HANGING;
        loop {
            let port = free_port();
            let name = format!("test-{}-{port}", std::process::id());
            let text =
                format!("listen: \"127.0.0.1:{port}\"\nserver_name: {name}\n{configuration}\n");
            fs::write(folder.path().join("nats.conf"), text).expect("a file for the configuration");
            match Process::start(&folder, port, &name, end) {
                Ok(process) => {
                    return NatsServer {
                        port,
                        name,
                        folder,
                        process: Some(process),
                    };
                }
                // Another program took the port after it was chosen.
                Err(NotStarted(log)) => assert!(
                    log.contains("address already in use") && Instant::now() < end,
                    "nats-server does not start:\n{log}"
                ),
            }
        }
    }

    /// `nats://127.0.0.1:…`, constant for the life of this value.
    pub(crate) fn url(&self) -> String {
        format!("nats://{}", self.address())
    }

    pub(crate) fn address(&self) -> SocketAddrV4 {
        SocketAddrV4::new(Ipv4Addr::LOCALHOST, self.port)
    }

    /// The process id, for signals. Only [`kill`](Self::kill) reaps the process.
    pub(crate) fn id(&self) -> Option<u32> {
        self.process.as_ref().map(|process| process.child.id())
    }

    /// Kills it with `SIGKILL`. When this returns, the process and its connections have ended.
    pub(crate) fn kill(&mut self) {
        self.process = None;
    }

    /// Stops the process. When this returns, none of its threads runs: the system stops them one by one.
    pub(crate) fn hang(&self) {
        self.signal("STOP");
        let end = Instant::now() + HANGING;
        while cfg!(target_os = "linux") && !self.is_stopped() {
            assert!(Instant::now() < end, "nats-server is not stopped");
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Continues the stopped process.
    pub(crate) fn go_on(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let id = self.id().expect("it runs").to_string();
        assert!(
            Command::new("sh")
                .args(["-c", &format!("kill -{name} {id}")])
                .status()
                .is_ok_and(|it| it.success())
        );
    }

    fn is_stopped(&self) -> bool {
        let threads =
            fs::read_dir(format!("/proc/{}/task", self.id().expect("it runs"))).expect("a process");
        // A thread may end during the listing.
        let states = threads
            .flatten()
            .map(|thread| fs::read_to_string(thread.path().join("stat")).unwrap_or_default());
        states
            .filter(|state| !state.is_empty())
            .all(|state| state.contains(") T "))
    }

    /// Kills it if it runs, and starts it with the same port and folder. Returns when it accepts connections.
    pub(crate) fn restart(&mut self) {
        self.kill();
        let end = Instant::now() + HANGING;
        self.process = Some(
            Process::start(&self.folder, self.port, &self.name, end).unwrap_or_else(
                |NotStarted(log)| {
                    panic!(
                        "nats-server does not start again on port {}:\n{log}",
                        self.port
                    )
                },
            ),
        );
    }

    /// The server's log, of all its starts.
    pub(crate) fn log(&self) -> String {
        log(&self.folder)
    }
}

/// Panics with the log.
struct NotStarted(String);

#[derive(Debug)]
struct Process {
    child: Child,
    /// Closing it kills the server.
    life: Option<ChildStdin>,
}

impl Process {
    fn start(folder: &TempDir, port: u16, name: &str, end: Instant) -> Result<Self, NotStarted> {
        require();
        let log_file = File::options()
            .create(true)
            .append(true)
            .open(folder.path().join("log"))
            .expect("a log file");
        let mut child = Command::new("sh")
            .args(["-c", GUARDED, "sh", "--config", "nats.conf"])
            .env("PATH", search_path())
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log_file)
            .spawn()
            .expect("a POSIX shell");
        let life = child.stdin.take();
        let mut process = Process { child, life };
        while !answers(port, name) {
            if process.child.try_wait().expect("a child").is_some() || Instant::now() > end {
                drop(process);
                return Err(NotStarted(log(folder)));
            }
            thread::sleep(Duration::from_millis(2));
        }
        Ok(process)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails if it has ended already, which is fine.
        let _ = self.child.kill();
        drop(self.life.take());
        // The guard holds this pipe, too. The server's id may be reused after `wait`, so the guard ends first.
        if let Some(mut stdout) = self.child.stdout.take() {
            let _ = io::copy(&mut stdout, &mut io::sink());
        }
        let _ = self.child.wait();
    }
}

/// Whether a server with this name greets clients.
fn answers(port: u16, name: &str) -> bool {
    let greeting = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).and_then(|stream| {
        stream.set_read_timeout(Some(HANGING))?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).map(|_| line)
    });
    greeting.is_ok_and(|line| {
        line.starts_with("INFO ") && line.contains(&format!("\"server_name\":\"{name}\""))
    })
}

fn require() {
    let version = "exec nats-server --version";
    let status = Command::new("sh")
        .args(["-c", version])
        .env("PATH", search_path())
        .output()
        .map(|output| output.status);
    assert!(
        status.is_ok_and(|status| status.success()),
        "this test needs the program `nats-server`, which is not there: on Debian, install the package `nats-server`"
    );
}

/// Debian installs the server where users other than root do not look.
fn search_path() -> String {
    format!(
        "{}:/usr/local/sbin:/usr/sbin",
        std::env::var("PATH").unwrap_or_default()
    )
}

fn log(folder: &TempDir) -> String {
    fs::read_to_string(folder.path().join("log"))
        .unwrap_or_else(|error| format!("there is no log: {error}"))
}

/// A free port.
///
/// Below the range that systems assign to clients: a client that keeps reconnecting to a free port of that range may be
/// assigned it, connect to itself, and block it for the server.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    const FIRST: u16 = 12_000;
    const RANGE: u16 = 16_000;
    // Test programs that run at the same time begin at different ports.
    let start =
        u16::try_from(std::process::id() * 61 % u32::from(RANGE)).expect("less than the range");
    for _ in 0..RANGE {
        let port = FIRST + (start + NEXT.fetch_add(1, Ordering::Relaxed) % RANGE) % RANGE;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
    panic!("there is no free port");
}
