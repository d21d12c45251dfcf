//! Queries that other processes answer.

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::answers::{MODES, USERS};
use crate::service::{Process, Service, new_database};

fn start(database: &str, latency: &str) -> Service {
    Process::start_with(database, latency, &["--broker", "workers", "--query-workers", "2"]).listening()
}

/// The process that has written a line which came by way of the service, if it is about the start of a query.
fn who_queries(line: &str) -> Option<Pid> {
    let (_, pid) = line.contains("query start").then_some(line)?.split_once("pid=")?;
    Pid::from_raw(pid.split(' ').next()?.parse().ok()?)
}

#[test]
fn workers_answer_what_the_service_itself_does() {
    let (_directory, database) = new_database();
    let (alone, with_workers) = (Service::start(&database, "0s"), start(&database, "0s"));
    for mode in MODES {
        for user in USERS {
            let path = format!("/{mode}/{user}");
            let [page, other] = [&alone, &with_workers].map(|service| service.get(&path, None));
            assert_eq!((page.status(), page.body()), (other.status(), other.body()), "{path}");
        }
    }
    for path in ["/auto/1001", "/auto/x"] {
        let [error, other] = [&alone, &with_workers].map(|service| service.get(path, None));
        assert_eq!((error.status(), error.body()), (other.status(), other.body()), "{path}");
    }
}

#[test]
fn a_worker_that_is_killed_in_the_middle_of_a_request_costs_nothing_but_time() {
    for mode in MODES {
        let (_directory, database) = new_database();
        let mut service = start(&database, "200ms");
        let request = service.send(&format!("/{mode}/1"), "killed");
        let worker = service.wait_for_line("query start", who_queries);
        kill_process(worker, Signal::KILL).expect("a signal sent");

        let answer = request.answer();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("User 1"), "{answer}");
        let end = service.terminate().end();
        assert_eq!(end.code, Some(0), "{:#?}", end.log);
        // The other one was asked for the user again.
        let users = end.log.iter().filter(|line| line.contains("query{name=user}") && line.contains("query start"));
        let askers: Vec<_> = users.filter_map(|line| who_queries(line)).collect();
        assert!(askers.len() == 2 && askers[0] == worker && askers[1] != worker, "{askers:?}");
    }
}

#[test]
fn a_client_that_goes_away_cancels_its_queries_in_the_worker() {
    let (_directory, database) = new_database();
    let mut service = start(&database, "1h");
    let request = service.send("/auto/1", "gone");
    service.wait_for_line("query start", who_queries);
    drop(request);
    service.wait_for_line("query cancelled", |line| line.contains("query cancelled").then_some(()));
    assert_eq!(service.terminate().end().code, Some(0));
}

#[test]
fn the_workers_end_with_the_service() {
    for signal in [Signal::TERM, Signal::KILL] {
        let (_directory, database) = new_database();
        let mut service = start(&database, "1ms");
        assert_eq!(service.get("/auto/1", None).status(), 200);
        let worker = service.wait_for_line("query start", who_queries);
        let end = service.signal(signal).end();
        assert_eq!(end.code, (signal == Signal::TERM).then_some(0), "{:#?}", end.log);
        // The log has ended, which the workers hold as well: none is left to write to it.
        assert_eq!(test_kill_process(worker), Err(Errno::SRCH));
    }
}
