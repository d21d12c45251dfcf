//! The program, and clients of its event streams.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// Far longer than any step takes. A test that waits this long fails.
pub(crate) const HANGING: Duration = Duration::from_mins(1);

/// A process. Dropping it kills it.
pub(crate) struct Program {
    child: Child,
    /// The address that it listens on, if any.
    pub(crate) address: String,
}

impl Program {
    pub(crate) fn start(options: &[&str]) -> Self {
        let child = command(options)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program");
        Program {
            child,
            address: String::new(),
        }
    }

    /// Starts it on a free port, and returns once it listens.
    pub(crate) fn serving(options: &[&str]) -> Self {
        Self::serving_at("127.0.0.1:0", options)
    }

    pub(crate) fn serving_at(address: &str, options: &[&str]) -> Self {
        let mut program = Self::start(&[&["--listen", address], options].concat());
        let mut line = String::new();
        BufReader::new(program.child.stdout.take().expect("a pipe"))
            .read_line(&mut line)
            .expect("a line");
        line.trim()
            .strip_prefix("listening on http://")
            .expect("an address")
            .clone_into(&mut program.address);
        program
    }

    /// Its exit status and its output.
    pub(crate) fn fails(options: &[&str]) -> (ExitStatus, String) {
        let output = command(options).output().expect("the program");
        (
            output.status,
            String::from_utf8(output.stderr).expect("UTF-8"),
        )
    }

    /// The status and the body of the answer to `GET path`, after redirections.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(HANGING));
        let mut answer = config
            .build()
            .new_agent()
            .get(format!("http://{}{path}", self.address))
            .call()
            .expect("an answer");
        (
            answer.status().as_u16(),
            answer.body_mut().read_to_string().expect("UTF-8"),
        )
    }

    #[cfg(unix)]
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(rustix::process::Pid::from_child(&self.child), signal)
            .expect("it runs");
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.child.wait().expect("a status")
    }
}

fn command(options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tables"));
    command.args(options);
    command
}

impl Drop for Program {
    fn drop(&mut self) {
        // Both fail if the process has already ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A client that watches a table.
pub(crate) struct Events(BufReader<TcpStream>);

impl Events {
    /// Returns once the stream has begun. It receives all later dishes.
    pub(crate) fn of(program: &Program, table: usize) -> Self {
        let mut stream = TcpStream::connect(&program.address).expect("a connection");
        stream.set_read_timeout(Some(HANGING)).expect("a socket");
        let request =
            format!("GET /tables/{table}/events HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("a request");
        let mut events = Events(BufReader::new(stream));
        assert_eq!(events.line(), "HTTP/1.1 200 OK");
        while events.line() != "content-type: text/event-stream" {}
        while !events.line().is_empty() {}
        events
    }

    /// The next line of the HTTP message. Lines with chunk lengths come between those of events.
    fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(
            self.0.read_line(&mut line).expect("a line") > 0,
            "the stream has ended"
        );
        line.trim_end().to_owned()
    }

    /// The next dishes, with their numbers.
    pub(crate) fn take(&mut self, count: usize) -> Vec<(usize, String)> {
        (0..count)
            .map(|_| serde_json::from_str(&self.data()).expect("a dish"))
            .collect()
    }

    /// The next `trouble` event. Skips dishes.
    #[cfg(feature = "nats-tests")]
    pub(crate) fn trouble(&mut self) -> String {
        while self.line() != "event: trouble" {}
        self.data()
    }

    fn data(&mut self) -> String {
        loop {
            if let Some(data) = self.line().strip_prefix("data: ") {
                return data.to_owned();
            }
        }
    }

    pub(crate) fn read_to_the_end(mut self) {
        // The connection may end in any way.
        let _ = self.0.read_to_end(&mut Vec::new());
    }
}
