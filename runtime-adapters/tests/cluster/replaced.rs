//! Tests which workers are replaced.

use std::fs;
use std::path::Path;

use rustix::process::Signal;

use crate::service::{Request, Service, get, send};

#[test]
fn a_worker_that_is_killed_is_started_again() {
    let (mut service, pids) = Service::ready("", 2);
    for (worker, pid) in pids.into_iter().enumerate() {
        send(pid, Signal::KILL);
        service.is(worker, ": waiting to be started again: killed by signal 9");
        assert_ne!(service.is(worker, "start 2: ready"), pid);
    }
    service.signal(Signal::INT);
    assert_eq!(service.end().0, Some(0));
}

#[test]
fn worker_with_blocked_threads_is_replaced() {
    let (mut service, _) = Service::ready("workers=1 threads=2 heartbeat=2000", 1);
    let _hangs = Request::begun(&service.address, "/hang");
    service.is(0, ": waiting to be started again: it did not answer for 2s");
    service.is(0, "start 2: ready");
}

#[test]
fn a_worker_that_is_stopped_is_replaced() {
    let (mut service, pids) = Service::ready("workers=1 heartbeat=2000", 1);
    send(pids[0], Signal::STOP);
    service.is(0, ": waiting to be started again: it did not answer for 2s");
    service.is(0, "start 2: ready");
}

#[test]
fn a_worker_that_is_never_ready_fails() {
    let service = Service::start("workers=1 idle=0 ready=50");
    let (code, lines) = service.end();
    assert_eq!(code, Some(1));
    assert_eq!(
        lines.last().unwrap(),
        "error: all workers have failed: it was not ready within 50ms"
    );
}

#[test]
fn a_crash_loop_is_seen_and_ends() {
    let mut service = Service::start("crashes=1");
    service.is(0, "start 1: ready");
    for _ in 0..3 {
        service.is(1, "start 0: waiting to be started again: exit status 3");
    }
    service.is(1, "start 0: failed: exit status 3");
    // The other one continues.
    assert_eq!(
        get(&service.address, "/exit/4").map_err(|error| error.kind()),
        Err(std::io::ErrorKind::UnexpectedEof)
    );
    service.is(0, "start 1: waiting to be started again: exit status 4");
    service.is(0, "start 2: ready");
    service.signal(Signal::TERM);
    let (code, lines) = service.end();
    assert_eq!(code, Some(0));
    assert_eq!(
        lines.iter().filter(|line| *line == "broken").count(),
        4,
        "{lines:#?}"
    );
}

#[test]
fn a_master_whose_workers_have_all_failed_ends() {
    for (options, reason) in [
        ("workers=1 crashes=0", "exit status 3"),
        ("workers=1 fails=0", "exit status 1"),
    ] {
        let (code, lines) = Service::start(options).end();
        assert_eq!(code, Some(1));
        assert_eq!(
            lines.last().unwrap(),
            &format!("error: all workers have failed: {reason}")
        );
    }
}

#[test]
fn worker_that_exits_cleanly_is_not_restarted() {
    let (mut service, pids) = Service::ready("", 2);
    get(&service.address, "/exit/0").expect_err("it has ended");
    let line = service.line(": stopped");
    let stays = pids[usize::from(line.starts_with("worker 0"))];
    for _ in 0..20 {
        assert_eq!(service.pid(), stays);
    }
    // The supervisor ends with the last one.
    get(&service.address, "/exit/0").expect_err("it has ended");
    let (code, lines) = service.end();
    assert_eq!(code, Some(0));
    assert!(
        !lines.iter().any(|line| line.contains("start 2")),
        "{lines:#?}"
    );
}

#[test]
fn externally_terminated_worker_is_replaced() {
    let (mut service, pids) = Service::ready("workers=1", 1);
    let held = Request::begun(&service.address, "/hold");
    send(pids[0], Signal::TERM);
    let new = service.is(0, "start 2: ready");
    service.is_answered_by(new);
    assert_eq!(held.release().expect("an answer"), pids[0].to_string());
    // A signal to the whole group is a roll for the supervisor alone.
    send(new, Signal::HUP);
    assert_eq!(service.pid(), new);
}

#[test]
fn roll_ends_at_the_first_unready_worker() {
    let directory = tempfile::tempdir().unwrap();
    let broken = directory.path().join("broken");
    let (mut service, old) = Service::ready(&format!("broken={}", broken.display()), 2);
    fs::write(&broken, "").unwrap();
    service.signal(Signal::HUP);
    service.line("broken");
    for _ in 0..20 {
        assert!(old.contains(&service.pid()));
    }
    fs::remove_file(&broken).unwrap();
    service.signal(Signal::HUP);
    let new = [
        service.is(0, "start 2: ready"),
        service.is(1, "start 2: ready"),
    ];
    assert!(new.iter().all(|pid| !old.contains(pid)));
    service.signal(Signal::TERM);
    let (code, lines) = service.end();
    assert_eq!(code, Some(0));
    assert!(!lines.contains(&"broken".to_owned()), "{lines:#?}");
}

#[test]
fn a_roll_starts_workers_that_have_failed() {
    let directory = tempfile::tempdir().unwrap();
    let broken = directory.path().join("broken");
    let (mut service, pids) = Service::ready(&format!("broken={}", broken.display()), 2);
    fs::write(&broken, "").unwrap();
    send(pids[1], Signal::KILL);
    service.is(1, ": failed: exit status 3");
    fs::remove_file(&broken).unwrap();
    service.signal(Signal::HUP);
    service.is(0, "start 2: ready");
    service.is(1, "start 2: ready");
}

#[test]
#[cfg(target_os = "linux")]
fn neither_master_nor_workers_collect_descriptors() {
    let (mut service, pids) = Service::ready("workers=1", 1);
    let count = |service: &Service| {
        fs::read_dir(format!("/proc/{}/fd", service.supervisor()))
            .unwrap()
            .count()
    };
    // An old worker may still answer when the new one is ready.
    let descriptors = |service: &Service, pid: u32| loop {
        let answer = get(&service.address, "/descriptors").unwrap();
        if let Some(descriptors) = answer.strip_prefix(&format!("{pid}: ")) {
            break descriptors.to_owned();
        }
    };
    let first = descriptors(&service, pids[0]);
    // Its standard input is no longer a socket, and it has the listener once.
    assert_eq!(
        fs::read_link(format!("/proc/{}/fd/0", pids[0])).unwrap(),
        Path::new("/dev/null")
    );
    assert_eq!(first.matches("listener").count(), 1, "{first}");
    let before = count(&service);
    for start in 2..10 {
        service.signal(Signal::HUP);
        let pid = service.is(0, &format!("start {start}: ready"));
        assert_eq!(descriptors(&service, pid), first);
    }
    service.signal(Signal::HUP);
    service.is(0, "start 10: ready");
    // The ninth old process may still exist, but the eight before it have ended: only its socket is allowed.
    assert!(
        count(&service) <= before + 1,
        "{before} descriptors were open"
    );
}

#[test]
fn worker_that_dies_during_a_roll_is_not_ready() {
    let directory = tempfile::tempdir().unwrap();
    let late = directory.path().join("late");
    let (mut service, pids) = Service::ready(&format!("workers=1 late={}", late.display()), 1);
    fs::write(&late, "").unwrap();
    service.signal(Signal::HUP);
    service.line("late");
    send(pids[0], Signal::KILL);
    service.is(0, "start 1: starting");
    fs::remove_file(&late).unwrap();
    service.is(0, "start 2: ready");
}

#[test]
fn returned_worker_keeps_its_grace_in_a_roll() {
    let directory = tempfile::tempdir().unwrap();
    let late = directory.path().join("late");
    let options = format!(
        "workers=1 heartbeat=300 lingers=1500 late={}",
        late.display()
    );
    let (mut service, _) = Service::ready(&options, 1);
    fs::write(&late, "").unwrap();
    get(&service.address, "/return").expect("an answer");
    service.signal(Signal::HUP);
    service.line("late");
    service.line("it has ended by itself");
    fs::remove_file(&late).unwrap();
    service.is(0, "start 2: ready");
}
