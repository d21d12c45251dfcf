use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::*;
use crate::process::role::WorkerRole;

async fn within_limits<F: Future>(future: F) -> F::Output {
    timeout(HANGING, future).await.expect("an end")
}

async fn spawn(what: &str) -> (Child, UnixStream) {
    within_limits(program(what).spawn(BROKER, 7))
        .await
        .expect("a worker")
}

/// Everything that the worker writes, until its end of the socket closes.
async fn rest(socket: &mut UnixStream) -> String {
    let mut rest = String::new();
    within_limits(socket.read_to_string(&mut rest))
        .await
        .expect("UTF-8");
    rest
}

async fn exit(child: &Child) -> String {
    within_limits(child.exited()).await.to_string()
}

#[tokio::test]
async fn a_worker_reads_and_writes_its_socket() {
    let (child, mut socket) = spawn("echo").await;
    socket.write_all(b"hello").await.unwrap();
    socket.shutdown().await.unwrap();
    assert_eq!(rest(&mut socket).await, "hello");
    assert_eq!(exit(&child).await, "exit status 0");
    assert!(within_limits(child.exited()).await.is_success());
}

#[tokio::test]
async fn how_a_worker_ended_is_told() {
    let (failed, _socket) = spawn("fail").await;
    assert_eq!(exit(&failed).await, "exit status 3");
    assert!(!within_limits(failed.exited()).await.is_success());
    let (killed, _socket) = spawn("parked").await;
    killed.kill();
    assert_eq!(exit(&killed).await, "killed by signal 9");
    assert!(!within_limits(killed.exited()).await.is_success());
}

#[tokio::test]
async fn a_dropped_worker_is_killed() {
    let (child, mut socket) = spawn("parked").await;
    drop(child);
    assert_eq!(rest(&mut socket).await, "");
}

#[tokio::test]
async fn a_worker_ends_when_nobody_has_the_other_end() {
    let (child, mut socket) = spawn("stubborn").await;
    assert_eq!(within_limits(socket.read_u8()).await.unwrap(), b'!');
    drop(socket);
    assert_eq!(exit(&child).await, "killed by signal 9");
}

#[tokio::test]
async fn processes_of_a_worker_end_with_it() {
    let (child, mut socket) = spawn("leaver").await;
    assert_eq!(exit(&child).await, "exit status 0");
    assert_eq!(rest(&mut socket).await, "");
}

#[tokio::test]
async fn killed_workers_processes_are_killed() {
    let (child, mut socket) = spawn("keeper").await;
    assert_eq!(within_limits(socket.read_u8()).await.unwrap(), b'!');
    // By another process, which kills nothing but the worker.
    let pid = Pid::from_raw(child.id().cast_signed()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    assert_eq!(exit(&child).await, "killed by signal 9");
    assert_eq!(rest(&mut socket).await, "");
}

#[tokio::test]
async fn stuck_worker_is_killed_after_its_grace() {
    let (child, mut socket) = spawn("stubborn").await;
    assert_eq!(within_limits(socket.read_u8()).await.unwrap(), b'!');
    child.terminate();
    assert_eq!(
        within_limits(child.ended_within(Duration::from_millis(20)))
            .await
            .to_string(),
        "killed by signal 9"
    );
    let (child, _socket) = spawn("parked").await;
    assert_eq!(
        within_limits(child.stop(HANGING)).await.to_string(),
        "killed by signal 15"
    );
}

#[tokio::test]
async fn a_worker_inherits_once() {
    let (_child, mut socket) = spawn("twice").await;
    let error = rest(&mut socket).await;
    assert!(
        error.ends_with("but standard input is not, or no longer, a socket of its parent"),
        "{error}"
    );
}

#[tokio::test]
async fn a_worker_of_one_role_is_none_of_another() {
    let (socket, _other) = std::os::unix::net::UnixStream::pair().unwrap();
    let value = CLUSTER.value(0, process::id(), &socket).unwrap();
    let program = program("roles").env(CLUSTER.variable, value);
    let (_child, mut socket) = within_limits(program.spawn(BROKER, 0)).await.unwrap();
    assert_eq!(rest(&mut socket).await, "(true, false, false)");
}

#[tokio::test]
async fn the_child_of_a_worker_is_no_worker() {
    let (_child, mut socket) = spawn("ancestor").await;
    assert_eq!(rest(&mut socket).await, "no worker\n");
}

/// What this program prints as a child of another process than a parent of workers, with this variable and standard
/// input.
fn said_role(value: &str, stdin: std::os::unix::net::UnixStream) -> String {
    let child = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "process::tests::worker",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(WHAT, "role")
        .env(BROKER.variable, value)
        .stdin(Stdio::from(OwnedFd::from(stdin)))
        .output()
        .unwrap();
    let said = String::from_utf8(child.stdout).unwrap();
    let role = said.lines().find_map(|line| line.strip_prefix("role "));
    role.expect("it says so").to_owned()
}

#[test]
fn child_of_worker_with_other_socket_is_no_worker() {
    let (workers, _parents) = std::os::unix::net::UnixStream::pair().unwrap();
    let (stdin, _other) = std::os::unix::net::UnixStream::pair().unwrap();
    let value = BROKER.value(0, 1, &workers).unwrap();
    assert_eq!(said_role(&value, stdin), "false Ok(false)");
}

#[test]
fn orphan_is_a_worker_and_does_not_serve() {
    let (workers, _parents) = std::os::unix::net::UnixStream::pair().unwrap();
    let value = BROKER.value(0, 1, &workers).unwrap();
    assert_eq!(
        said_role(&value, workers),
        "true Err(\"the parent has ended\")"
    );
}

#[tokio::test]
async fn a_worker_of_another_version_says_so() {
    static OTHER: WorkerRole = WorkerRole {
        name: "broker",
        variable: BROKER.variable,
        protocol: BROKER.protocol + 1,
    };
    let (child, _socket) = within_limits(program("parked").spawn(&OTHER, 0))
        .await
        .unwrap();
    assert_eq!(exit(&child).await, "exit status 4");
}

#[tokio::test]
async fn a_program_that_is_not_there_is_an_error() {
    let error = within_limits(program("echo").path("/nowhere/at/all").spawn(BROKER, 0))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}

#[tokio::test]
async fn another_program_goes_by_its_own_name() {
    let program = program("").path("/bin/sh").args(["-c", "echo $0 >&0"]);
    let (_child, mut socket) = within_limits(program.spawn(BROKER, 0)).await.unwrap();
    assert_eq!(rest(&mut socket).await, "/bin/sh\n");
}

#[test]
fn a_worker_outlives_the_thread_that_asked_for_it() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let ends = std::thread::spawn(move || {
        // It ends after the worker has requested its death signal.
        runtime().block_on(async {
            let (child, mut socket) = spawn("greeter").await;
            assert_eq!(within_limits(socket.read_u8()).await.unwrap(), b'!');
            (child, socket.into_std().unwrap())
        })
    });
    let (child, socket) = ends.join().unwrap();
    runtime().block_on(async {
        let mut socket = UnixStream::from_std(socket).unwrap();
        socket.write_all(b"still here").await.unwrap();
        socket.shutdown().await.unwrap();
        assert_eq!(rest(&mut socket).await, "still here");
        assert_eq!(exit(&child).await, "exit status 0");
    });
}

#[test]
fn no_worker_outlives_a_parent_that_is_killed() {
    // Orphans become children of this process. A stopped orphan of another session would be continued, and then end
    // because of its socket.
    #[cfg(target_os = "linux")]
    rustix::process::set_child_subreaper(Some(getpid())).unwrap();
    let mut parent = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "process::tests::worker",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(WHAT, "parent")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = BufReader::new(parent.stdout.take().unwrap());
    // Waits until one of its workers has stopped, and reacts only to `SIGKILL`.
    let stops = stdout
        .by_ref()
        .lines()
        .map_while(Result::ok)
        .find_map(|line| {
            line.strip_prefix("stops ")
                .and_then(|pid| Pid::from_raw(pid.parse().unwrap()))
        });
    let stopped = stops.expect("it has not come so far");
    // It prints so before it stops.
    #[cfg(target_os = "linux")]
    while !std::fs::read_to_string(format!("/proc/{}/stat", stopped.as_raw_nonzero()))
        .unwrap()
        .contains(") T ")
    {
        std::thread::sleep(Duration::from_millis(1));
    }
    parent.kill().unwrap();
    parent.wait().unwrap();
    // The workers have inherited the pipe, which ends with the last of them, and after two minutes in any case.
    let begun = std::time::Instant::now();
    let _ends_anyway = std::thread::spawn(move || {
        std::thread::sleep(HANGING);
        kill_process(stopped, Signal::KILL)
    });
    std::io::copy(&mut stdout, &mut std::io::sink()).unwrap();
    assert!(begun.elapsed() < HANGING, "they ended by themselves");
}
