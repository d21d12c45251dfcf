//! The workers are this test binary, which runs a single test: [`worker`].

mod backoff;
mod lines;
#[cfg(feature = "tracing")]
mod logged;
mod printed;
mod workers;

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::process::{self, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, getpid, kill_process};

use super::*;

/// A time beyond what any step takes: a test that gets here has failed.
const HANGING: Duration = Duration::from_secs(60);

const WHAT: &str = "CONJOIN_TEST_WORKER";

/// This program, as a worker that does `what`.
fn program(what: &str) -> Program {
    let args = [
        "--exact",
        "process::tests::worker",
        "--nocapture",
        "--test-threads=1",
    ];
    Program::running()
        .args(args)
        .env(WHAT, what)
        .output(OutputMode::Inherited)
}

/// Runs in a child process.
#[test]
fn worker() {
    let Ok(what) = env::var(WHAT) else { return };
    let _ends_anyway = std::thread::spawn(|| {
        std::thread::sleep(2 * HANGING);
        process::exit(99);
    });
    match what.as_str() {
        "parent" => parent(),
        "role" => role(),
        _ => {}
    }
    let inherited = BROKER
        .inherit()
        .and_then(|inherited| inherited.ok_or_else(|| std::io::Error::other("no worker")));
    let mut socket = match inherited {
        Ok(inherited) => inherited.socket,
        Err(error) => {
            eprintln!("{error}");
            process::exit(4);
        }
    };
    match what.as_str() {
        "echo" => {
            let mut all = String::new();
            socket.read_to_string(&mut all).unwrap();
            socket.write_all(all.as_bytes()).unwrap();
        }
        "greeter" => {
            socket.write_all(b"!").unwrap();
            std::io::copy(&mut socket.try_clone().unwrap(), &mut socket).unwrap();
        }
        "fail" => process::exit(3),
        "twice" => {
            let error = BROKER.inherit().unwrap_err().to_string();
            socket.write_all(error.as_bytes()).unwrap();
        }
        "roles" => {
            let roles = (
                BROKER.is_worker(),
                CLUSTER.is_worker(),
                CLUSTER.inherit().unwrap().is_some(),
            );
            write!(socket, "{roles:?}").unwrap();
        }
        // Ends, and leaves a process that has its end of the socket.
        "leaver" => {
            #[expect(clippy::zombie_processes, reason = "that is what it is about")]
            Command::new("sleep")
                .arg("1000")
                .stdin(Stdio::from(OwnedFd::from(socket)))
                .spawn()
                .unwrap();
        }
        // The same, but lives until it is killed.
        "keeper" => {
            #[expect(clippy::zombie_processes, reason = "that is what it is about")]
            Command::new("sleep")
                .arg("1000")
                .stdin(Stdio::from(OwnedFd::from(socket.try_clone().unwrap())))
                .spawn()
                .unwrap();
            socket.write_all(b"!").unwrap();
            std::thread::park();
        }
        // Starts this program again, which inherits its variables.
        "ancestor" => {
            let child = Command::new(env::current_exe().unwrap())
                .args(env::args_os().skip(1))
                .env(WHAT, "echo")
                .stdin(Stdio::null())
                .stderr(Stdio::piped())
                .output()
                .unwrap();
            socket.write_all(&child.stderr).unwrap();
        }
        "stubborn" => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            let _entered = runtime.enter();
            let _caught =
                tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()).unwrap();
            socket.write_all(b"!").unwrap();
            std::thread::park();
        }
        "stopped" => {
            // Written at once, unlike with `println!`, so that other output to the same pipe cannot come in between.
            std::io::stdout()
                .write_all(format!("\nstops {}\n", process::id()).as_bytes())
                .unwrap();
            kill_process(getpid(), Signal::STOP).unwrap();
            // The signal may reach another thread first.
            std::thread::park();
        }
        _ => std::thread::park(),
    }
    process::exit(0);
}

/// Prints whether it is a worker, and what it inherits.
fn role() -> ! {
    let is_worker = BROKER.is_worker();
    let inherited = BROKER.inherit().map(|inherited| inherited.is_some());
    let inherited = inherited.map_err(|error| error.to_string());
    let line = format!("\nrole {is_worker} {inherited:?}\n");
    std::io::stdout().write_all(line.as_bytes()).unwrap();
    process::exit(0);
}

/// A parent that the test kills.
fn parent() -> ! {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let _workers = runtime.block_on(async {
        (
            program("stopped").spawn(BROKER, 0).await.unwrap(),
            program("parked").spawn(BROKER, 1).await.unwrap(),
        )
    });
    std::thread::park();
    unreachable!("nobody unparks it");
}
