//! The program under test: a small HTTP server on a cluster.

use std::env;
use std::fs;
use std::io;
use std::path::Path;
use std::process;
use std::thread;
use std::time::Duration;

use conjoin_adapters::cluster::{Backoff, Health, Worker};
use conjoin_adapters::{Cluster, ClusterError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime;
use tokio::sync::Notify;
use tokio::task::JoinSet;

/// Lets the worker end by itself.
static RETURN: Notify = Notify::const_new();

/// Holds the options, each as `name=value`.
pub(crate) const OPTIONS: &str = "CONJOIN_TEST_CLUSTER";

fn option(name: &str) -> Option<String> {
    let options = env::var(OPTIONS).ok()?;
    options
        .split(' ')
        .find_map(|option| Some(option.strip_prefix(name)?.strip_prefix('=')?.to_owned()))
}

fn time(name: &str) -> Duration {
    Duration::from_millis(
        option(name).map_or(3_600_000, |time| time.parse().expect("milliseconds")),
    )
}

/// Writes a line, whatever the test harness has written. Written at once, unlike with `println!`, so that other output
/// to the same pipe cannot come in between.
fn say(line: &str) {
    let written =
        std::io::Write::write_all(&mut std::io::stdout(), format!("\n{line}\n").as_bytes());
    written.expect("a reader");
}

/// Not a test but the program, if a variable says so.
#[test]
fn program() {
    if env::var_os(OPTIONS).is_none() {
        return;
    }
    let _killed_anyway = thread::spawn(|| {
        thread::sleep(Duration::from_secs(3 * 60));
        process::exit(99);
    });
    // With two threads, a worker can serve connections on one of them.
    let mut builder = match option("threads") {
        None => runtime::Builder::new_current_thread(),
        Some(_) => runtime::Builder::new_multi_thread(),
    };
    let runtime = builder
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    process::exit(match runtime.block_on(run()) {
        Ok(()) => {
            if Cluster::is_worker() && option("lingers").is_some() {
                thread::sleep(time("lingers"));
                say("it has ended by itself");
            }
            0
        }
        Err(error) => {
            say(&format!("error: {error}"));
            1
        }
    });
}

async fn run() -> Result<(), ClusterError> {
    let backoff = Backoff::new()
        .first(Duration::from_millis(2))
        .give_up_after(4)
        .healthy_after(time("healthy"));
    let cluster =
        Cluster::new(option("workers").map_or(2, |workers| workers.parse().expect("a number")))
            .listen("127.0.0.1:0")
            .on_listening(|address| say(&format!("listening on {address}")))
            .grace(time("grace"))
            .heartbeat(time("heartbeat"))
            .ready_within(time("ready"))
            .backoff(backoff);
    if !Cluster::is_worker() {
        tokio::spawn(tell(cluster.health()));
    }
    cluster.run(serve).await
}

/// Writes each change.
async fn tell(mut health: Health) {
    let mut before = health.workers();
    while let Some(workers) = health.changed().await {
        for (worker, before) in workers
            .iter()
            .zip(&before)
            .filter(|(worker, before)| worker != before)
        {
            let pid = worker.pid.unwrap_or_default();
            // A new process in the same state is a line as well. Its id comes with the next one.
            if worker.starts != before.starts || worker.state != before.state {
                say(&format!(
                    "worker {} {pid} start {}: {}",
                    worker.index, worker.starts, worker.state
                ));
            }
        }
        before = workers;
    }
}

async fn serve(worker: Worker) -> io::Result<()> {
    let is = |name: &str| option(name) == Some(worker.index().to_string());
    if is("crashes") || option("broken").is_some_and(|file| Path::new(&file).exists()) {
        say("broken");
        process::exit(3);
    }
    if is("fails") {
        return Err(io::Error::other("on purpose"));
    }
    while option("late").is_some_and(|file| Path::new(&file).exists()) {
        say("late");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    if is("idle") {
        std::future::pending::<()>().await;
    }
    let listener = worker.listener()?;
    let mut connections = JoinSet::new();
    let mut draining = Box::pin(worker.draining());
    loop {
        tokio::select! {
            accepted = listener.accept() => drop(connections.spawn(answer(accepted?.0))),
            () = &mut draining, if option("deaf").is_none() => break,
            () = RETURN.notified() => break,
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
    Ok(())
}

async fn answer(mut stream: TcpStream) -> io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await?);
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let path = request.split(' ').nth(1).unwrap_or_default();
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")
        .await?;
    match path.strip_prefix("/exit/") {
        Some(status) => process::exit(status.parse().expect("a number")),
        None if path == "/hang" => hang(),
        None if path == "/return" => RETURN.notify_one(),
        // Until the client continues.
        None if path == "/hold" => drop(stream.read_u8().await?),
        None => {}
    }
    let body = if path == "/descriptors" {
        descriptors()?
    } else {
        process::id().to_string()
    };
    stream.write_all(body.as_bytes()).await
}

fn hang() -> ! {
    loop {
        thread::park();
    }
}

/// The open files of this process.
fn descriptors() -> io::Result<String> {
    let sockets = fs::read_to_string("/proc/self/net/tcp")?;
    let fields = sockets
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    // The fourth is the state, the tenth the inode.
    let listeners: Vec<_> = fields
        .filter(|fields| fields[3] == "0A")
        .map(|fields| fields[9])
        .collect();
    let mut names = Vec::new();
    for entry in fs::read_dir("/proc/self/fd")? {
        let name = fs::read_link(entry?.path())?.display().to_string();
        // The numbers of sockets and pipes differ between processes.
        names.push(match name.split_once(":[") {
            Some((_, number)) if listeners.contains(&number.trim_end_matches(']')) => {
                "listener".to_owned()
            }
            Some((kind, _)) => kind.to_owned(),
            None => name,
        });
    }
    names.retain(|name| !name.starts_with("/proc/"));
    names.sort();
    Ok(format!("{}: {}", process::id(), names.join(" ")))
}
