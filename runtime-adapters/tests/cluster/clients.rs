//! Tests what clients see while workers start and end.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use rustix::process::Signal;

use crate::service::{Request, Service, get, send};

const CLIENTS: usize = 60;

struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        self.0();
    }
}

/// The ids of the processes that have answered this many concurrent clients.
fn clients(address: &str) -> Vec<u32> {
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| scope.spawn(|| get(address, "/pid").expect("an answer")))
            .collect();
        clients
            .into_iter()
            .map(|client| client.join().unwrap().parse().unwrap())
            .collect()
    })
}

#[test]
fn killing_a_hung_worker_resets_no_client() {
    let (mut service, pids) = Service::ready("heartbeat=2000", 2);
    let hangs = Request::begun(&service.address, "/hang");
    let before = clients(&service.address);
    assert!(
        before.iter().all(|pid| pids.contains(pid)),
        "{before:?} of {pids:?}"
    );
    // It does not answer the supervisor.
    service.line(": waiting to be started again: it did not answer for 2s");
    clients(&service.address);
    service.line("start 2: ready");
    clients(&service.address);
    hangs.answer().expect_err("it was lost with its worker");
}

#[test]
fn next_worker_serves_waiting_clients() {
    let (mut service, pids) = Service::ready("workers=1", 1);
    let hangs = Request::begun(&service.address, "/hang");
    // All of these are connected, but not accepted.
    let waiting: Vec<_> = (0..CLIENTS)
        .map(|_| Request::new(&service.address, "/pid").unwrap())
        .collect();
    send(pids[0], Signal::KILL);
    let next = service.is(0, "start 2: ready").to_string();
    for request in waiting {
        assert_eq!(request.answer().expect("an answer"), next);
    }
    hangs.answer().expect_err("it was lost with its worker");
}

#[test]
fn no_request_is_lost_in_a_roll() {
    let (mut service, old) = Service::ready("", 2);
    let held = Request::begun(&service.address, "/hold");
    let (requests, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let address = service.address.clone();
    let answered_by = thread::scope(|scope| {
        // Also if this fails, so that no client keeps asking.
        let over = OnDrop(|| is_over.store(true, Ordering::Relaxed));
        let ask = || {
            let mut answered_by = HashSet::new();
            while !is_over.load(Ordering::Relaxed) || requests.load(Ordering::Relaxed) < 200 {
                requests.fetch_add(1, Ordering::Relaxed);
                answered_by.insert(
                    get(&address, "/pid")
                        .expect("an answer")
                        .parse()
                        .expect("a number"),
                );
            }
            answered_by
        };
        let clients: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        service.signal(Signal::HUP);
        service.is(0, "start 2: ready");
        // An old worker finishes its requests, and the roll waits for that.
        assert!(old.contains(&held.release().expect("an answer").parse().unwrap()));
        service.is(1, "start 2: ready");
        drop(over);
        clients
            .into_iter()
            .flat_map(|client| client.join().expect("answers"))
            .collect::<HashSet<u32>>()
    });
    assert!(requests.into_inner() >= 200);
    assert!(
        answered_by.iter().any(|pid| old.contains(pid)),
        "{answered_by:?} of {old:?}"
    );

    service.signal(Signal::TERM);
    assert_eq!(service.end().0, Some(0));
}

#[test]
fn sigterm_lets_the_requests_under_way_end() {
    let (mut service, _) = Service::ready("", 2);
    let held: Vec<_> = (0..8)
        .map(|_| Request::begun(&service.address, "/hold"))
        .collect();
    service.signal(Signal::TERM);
    service.is(0, ": draining");
    service.is(1, ": draining");
    for request in held {
        request.release().expect("an answer");
    }
    assert_eq!(service.end().0, Some(0));
}
