//! Tests the end of a cluster, graceful or not.

use rustix::process::Signal;

use crate::service::{Request, Service, send};

#[test]
fn undrained_worker_is_killed_after_its_grace() {
    let (service, _) = Service::ready("workers=1 deaf=yes grace=50", 1);
    service.signal(Signal::TERM);
    let (code, lines) = service.end();
    assert_eq!(code, Some(1));
    let error = lines
        .iter()
        .find(|line| line.starts_with("error: "))
        .unwrap();
    assert!(
        error.starts_with("error: not all workers ended well: worker 0, process "),
        "{error}"
    );
    assert!(error.ends_with(": killed by signal 9"), "{error}");
}

#[test]
fn a_second_signal_kills() {
    for second in [Signal::TERM, Signal::INT] {
        let (mut service, _) = Service::ready("", 2);
        let held = Request::begun(&service.address, "/hold");
        service.signal(Signal::TERM);
        service.is(0, ": draining");
        service.is(1, ": draining");
        service.signal(second);
        let (code, lines) = service.end();
        assert_eq!(code, Some(1), "{lines:#?}");
        assert!(
            lines
                .iter()
                .any(|line| line.ends_with(": killed by signal 9")),
            "{lines:#?}"
        );
        held.release().expect_err("it was cut off");
    }
}

#[test]
fn sigterm_ends_workers_that_are_not_ready() {
    let mut service = Service::start("idle=0");
    service.is(1, "start 1: ready");
    service.signal(Signal::TERM);
    assert_eq!(service.end().0, Some(0));
}

#[test]
fn no_worker_is_left_when_the_master_is_killed() {
    let (service, pids) = Service::ready("", 2);
    let held = Request::begun(&service.address, "/hold");
    // It reacts only to `SIGKILL`. The other one waits for a client.
    send(pids[0], Signal::STOP);
    service.signal(Signal::KILL);
    // At that point all of them have closed standard output.
    assert_eq!(service.end().0, None);
    drop(held);
}
