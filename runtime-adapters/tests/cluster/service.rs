//! A cluster of child processes that do not outlive their test.

use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::program::OPTIONS;

/// A time beyond what any step takes: a test that gets here has failed.
pub(crate) const HANGING: Duration = Duration::from_secs(60);

pub(crate) struct Service {
    supervisor: Child,
    lines: Receiver<String>,
    seen: Vec<String>,
    pub(crate) address: String,
}

impl Service {
    /// Starts the program, and waits until it listens.
    pub(crate) fn start(options: &str) -> Self {
        let mut supervisor = Command::new(env::current_exe().expect("this program"))
            .args([
                "--exact",
                "program::program",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(OPTIONS, options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a process");
        let stdout = BufReader::new(supervisor.stdout.take().expect("a pipe"));
        let (sender, lines) = channel();
        thread::spawn(move || {
            stdout
                .lines()
                .map_while(Result::ok)
                .try_for_each(|line| sender.send(line))
        });
        let mut service = Self {
            supervisor,
            lines,
            seen: Vec::new(),
            address: String::new(),
        };
        let line = service.line("listening on ");
        line["listening on ".len()..].clone_into(&mut service.address);
        service
    }

    /// Starts the program, and waits until all workers are ready. Returns the ids of their processes.
    pub(crate) fn ready(options: &str, workers: usize) -> (Self, Vec<u32>) {
        let mut service = Self::start(options);
        let pids = (0..workers)
            .map(|worker| service.is(worker, "start 1: ready"))
            .collect();
        (service, pids)
    }

    /// Waits until a worker is in this state, and returns the id of its process.
    pub(crate) fn is(&mut self, worker: usize, state: &str) -> u32 {
        let begin = format!("worker {worker} ");
        let line = self.find(state, |line| {
            line.starts_with(&begin) && line.ends_with(state)
        });
        line[begin.len()..]
            .split(' ')
            .next()
            .and_then(|pid| pid.parse().ok())
            .expect("a number")
    }

    /// Waits for a line that contains this.
    pub(crate) fn line(&mut self, part: &str) -> String {
        self.find(part, |line| line.contains(part))
    }

    /// Takes a line that was read already, or waits for it.
    fn find(&mut self, what: &str, is_it: impl Fn(&str) -> bool) -> String {
        loop {
            if let Some(position) = self.seen.iter().position(|line| is_it(line)) {
                return self.seen.remove(position);
            }
            assert!(self.next(), "it ended without `{what}`: {:#?}", self.seen);
        }
    }

    /// Waits for the next line; false if all processes have ended.
    fn next(&mut self) -> bool {
        match self.lines.recv_timeout(HANGING) {
            Ok(line) => self.seen.push(line),
            Err(RecvTimeoutError::Disconnected) => return false,
            Err(RecvTimeoutError::Timeout) => panic!("it hangs: {:#?}", self.seen),
        }
        true
    }

    pub(crate) fn supervisor(&self) -> u32 {
        self.supervisor.id()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        send(self.supervisor.id(), signal);
    }

    /// Waits until all processes have ended. Returns the supervisor's exit code and the remaining lines.
    pub(crate) fn end(mut self) -> (Option<i32>, Vec<String>) {
        while self.next() {}
        (
            self.supervisor.wait().expect("a child").code(),
            std::mem::take(&mut self.seen),
        )
    }

    /// Sends requests until this process answers: an old one may still answer when the new one is ready.
    pub(crate) fn is_answered_by(&self, pid: u32) {
        let begun = Instant::now();
        while self.pid() != pid {
            assert!(begun.elapsed() < HANGING, "process {pid} does not answer");
        }
    }

    /// The id of the process that answered.
    pub(crate) fn pid(&self) -> u32 {
        get(&self.address, "/pid")
            .expect("an answer")
            .parse()
            .expect("a number")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Both fail if it has ended already, which is fine.
        let _ = self.supervisor.kill();
        let _ = self.supervisor.wait();
    }
}

pub(crate) fn send(process: u32, signal: Signal) {
    let process = Pid::from_raw(process.try_into().expect("a number")).expect("a process");
    kill_process(process, signal).expect("a signal sent");
}

/// A running request.
pub(crate) struct Request(TcpStream);

impl Request {
    pub(crate) fn new(address: &str, path: &str) -> io::Result<Self> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(HANGING))?;
        write!(stream, "GET {path} HTTP/1.1\r\n\r\n")?;
        Ok(Self(stream))
    }

    /// A request that waits in the worker until it is [released](Self::release), or for ever.
    pub(crate) fn begun(address: &str, path: &str) -> Self {
        let mut request = Self::new(address, path).expect("a connection");
        request
            .0
            .read_exact(&mut [0])
            .expect("the beginning of an answer");
        request
    }

    pub(crate) fn release(mut self) -> io::Result<String> {
        self.0.write_all(b"!")?;
        self.answer()
    }

    /// The body of the answer, which must not be empty.
    pub(crate) fn answer(mut self) -> io::Result<String> {
        let mut answer = String::new();
        self.0.read_to_string(&mut answer)?;
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        if body.is_empty() {
            Err(io::ErrorKind::UnexpectedEof.into())
        } else {
            Ok(body.to_owned())
        }
    }
}

pub(crate) fn get(address: &str, path: &str) -> io::Result<String> {
    Request::new(address, path)?.answer()
}
