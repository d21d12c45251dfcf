//! Queries that are answered by other processes.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::answers::{MODES, USERS};
#[cfg(feature = "nats-tests")]
use crate::nats_server::NatsServer;
use crate::service::{HANGING, Process, Service, new_database};

/// Whether a process runs. One that has ended but was not waited for does not count.
fn runs(process: Pid) -> bool {
    let stat = fs::read_to_string(format!("/proc/{}/stat", process.as_raw_nonzero()));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

fn start(database: &str, latency: &str) -> Service {
    Process::start_with(
        database,
        latency,
        &["--broker", "workers", "--query-workers", "2"],
    )
    .listening()
}

/// The worker that wrote a line of the service's log, if the line is about the start of a query.
pub(crate) fn who_queries(line: &str) -> Option<Pid> {
    let (_, pid) = line
        .contains("query start")
        .then_some(line)?
        .split_once("pid=")?;
    Pid::from_raw(pid.split(' ').next()?.parse().ok()?)
}

#[test]
fn workers_give_the_same_answers() {
    let (_directory, database) = new_database();
    let (alone, with_workers) = (Service::start(&database, "0s"), start(&database, "0s"));
    for mode in MODES {
        for user in USERS {
            let path = format!("/{mode}/{user}");
            let [page, other] = [&alone, &with_workers].map(|service| service.get(&path, None));
            assert_eq!(
                (page.status(), page.body()),
                (other.status(), other.body()),
                "{path}"
            );
        }
    }
    for path in ["/auto/1001", "/auto/x"] {
        let [error, other] = [&alone, &with_workers].map(|service| service.get(path, None));
        assert_eq!(
            (error.status(), error.body()),
            (other.status(), other.body()),
            "{path}"
        );
    }
}

#[test]
fn request_survives_the_death_of_its_worker() {
    for mode in MODES {
        let (_directory, database) = new_database();
        let mut service = start(&database, "200ms");
        let request = service.send(&format!("/{mode}/1"), "killed");
        let worker = service.wait_for_line("query start", who_queries);
        kill_process(worker, Signal::KILL).expect("a signal sent");

        let answer = request.answer();
        assert!(
            answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("User 1"),
            "{answer}"
        );
        let end = service.terminate().end();
        assert_eq!(end.code, Some(0), "{:#?}", end.log);
        // The other worker got the query again.
        let users = end
            .log
            .iter()
            .filter(|line| line.contains("query{name=user}") && line.contains("query start"));
        let askers: Vec<_> = users.filter_map(|line| who_queries(line)).collect();
        assert!(
            askers.len() == 2 && askers[0] == worker && askers[1] != worker,
            "{askers:?}"
        );
    }
}

#[test]
fn death_of_a_worker_is_logged() {
    let (_directory, database) = new_database();
    let mut service = start(&database, "200ms");
    let request = service.send("/auto/1", "killed");
    let worker = service.wait_for_line("query start", who_queries);
    kill_process(worker, Signal::KILL).expect("a signal sent");
    let died = service.wait_for_line("worker died", |line| {
        line.contains("worker died").then(|| line.to_owned())
    });
    let replaced = service.wait_for_line("worker replaced", |line| {
        line.contains("worker replaced").then(|| line.to_owned())
    });

    let pid = worker.as_raw_nonzero();
    let fate = "reason=\"killed by signal 9\" sent_again=blog.user failed=nothing";
    for line in [&died, &replaced] {
        assert!(line.contains(" WARN "), "{line}");
        assert!(line.contains(&format!(" pid={pid} {fate} ")), "{line}");
    }
    let (_, new) = replaced.split_once(" new_pid=").expect("a new process");
    let new = new.parse().ok().and_then(Pid::from_raw).expect("a number");
    assert!(new != worker && runs(new), "{replaced}");
    assert!(request.answer().contains("User 1"));
}

#[test]
fn disconnect_cancels_queries_in_the_worker() {
    let (_directory, database) = new_database();
    let mut service = start(&database, "1h");
    let request = service.send("/auto/1", "gone");
    service.wait_for_line("query start", who_queries);
    drop(request);
    service.wait_for_line("query cancelled", |line| {
        line.contains("query cancelled").then_some(())
    });
    assert_eq!(service.terminate().end().code, Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn workers_end_with_the_service() {
    for signal in [Signal::TERM, Signal::KILL] {
        let (_directory, database) = new_database();
        let mut service = start(&database, "1ms");
        assert_eq!(service.get("/auto/1", None).status(), 200);
        let worker = service.wait_for_line("query start", who_queries);
        let end = service.signal(signal).end();
        assert_eq!(
            end.code,
            (signal == Signal::TERM).then_some(0),
            "{:#?}",
            end.log
        );
        // On `TERM` the service waits for its workers. After `KILL` they may run for a moment.
        let begin = Instant::now();
        while signal == Signal::KILL && runs(worker) && begin.elapsed() < HANGING {
            thread::sleep(Duration::from_millis(10));
        }
        assert!(!runs(worker), "{signal:?}");
    }
}

/// The service, with queries that wait in NATS for any service there.
#[cfg(feature = "nats-tests")]
fn start_on(nats: &NatsServer, database: &str) -> Service {
    Process::start_with(
        database,
        "300ms",
        &["--broker", "nats", "--nats", &nats.url()],
    )
    .listening()
}

#[cfg(feature = "nats-tests")]
#[test]
fn request_survives_the_death_of_another_service() {
    let nats = NatsServer::start();
    let (_directory, database) = new_database();
    let (front, mut other) = (start_on(&nats, &database), start_on(&nats, &database));
    // Either service may answer. That the first one always does happens once in a million runs.
    let requests: Vec<_> = (0..20)
        .map(|number| front.send("/auto/1", &format!("request-{number}")))
        .collect();
    other.wait_for_line("query start", |line| {
        line.contains("query start").then_some(())
    });
    assert_eq!(other.signal(Signal::KILL).end().code, None);
    for request in requests {
        let answer = request.answer();
        assert!(
            answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("User 1"),
            "{answer}"
        );
    }
    assert_eq!(front.terminate().end().code, Some(0));
}
