//! The tables over HTTP, in one process and in two with a NATS server, and in a browser.

#[cfg(feature = "browser-tests")]
mod browser;
#[cfg(feature = "browser-tests")]
#[path = "../chromium/mod.rs"]
mod chromium;
#[cfg(feature = "nats-tests")]
#[path = "../../../runtime-adapters/tests/nats_server/mod.rs"]
mod nats_server;
mod program;

use program::{Events, Program};
#[cfg(unix)]
use rustix::process::Signal;

#[test]
fn all_clients_of_a_table_receive_its_dishes() {
    let program = Program::serving(&["--every", "20ms"]);
    let mut at_one = [Events::of(&program, 1), Events::of(&program, 1)];
    let mut at_two = Events::of(&program, 2);
    let [first, second] = at_one.each_mut().map(|events| events.take(20));
    // Each client missed no dish after its first.
    for served in [&first, &second, &at_two.take(20)] {
        assert!(
            served.windows(2).all(|pair| pair[1].0 == pair[0].0 + 1),
            "{served:?}"
        );
    }
    // Clients of one table get the same dishes, those of another table get others.
    let common: Vec<_> = first
        .iter()
        .filter(|served| second.iter().any(|other| other.0 == served.0))
        .collect();
    assert!(
        !common.is_empty() && common.iter().all(|served| second.contains(served)),
        "{first:?} {second:?}"
    );
    let at_two = at_two.take(1).remove(0);
    let mut at_one = at_one.each_mut()[0].take(100).into_iter();
    assert_ne!(
        at_one
            .find(|served| served.0 >= at_two.0)
            .expect("later dishes")
            .1,
        at_two.1
    );
}

#[test]
fn invalid_tables_are_rejected() {
    let program = Program::serving(&[]);
    assert_eq!(program.get("/tables/soup").0, 400);
    assert_eq!(program.get("/").1, program.get("/tables/1").1);
    assert!(program.get("/tables/7").1.contains("<!DOCTYPE html>"));
}

#[cfg(unix)]
#[test]
fn interrupt_ends_open_streams() {
    let mut program = Program::serving(&["--every", "20ms"]);
    let mut events = Events::of(&program, 1);
    events.take(1);
    program.signal(Signal::INT);
    events.read_to_the_end();
    assert!(program.wait().success());
}

#[test]
fn emit_alone_needs_a_shared_bus() {
    let (status, stderr) = Program::fails(&["emit"]);
    assert!(!status.success());
    assert!(stderr.contains("--bus"), "{stderr}");
}

#[cfg(not(feature = "nats"))]
#[test]
fn build_without_nats_says_so() {
    let (status, stderr) = Program::fails(&["--bus", "nats://127.0.0.1:1", "emit"]);
    assert!(!status.success());
    assert!(
        stderr.contains("build it with `--features nats`"),
        "{stderr}"
    );
}

#[cfg(feature = "nats")]
#[test]
fn unreachable_server_is_an_error() {
    let (status, stderr) = Program::fails(&["--bus", "nats://127.0.0.1:1", "emit"]);
    assert!(!status.success());
    assert!(stderr.contains("127.0.0.1:1"), "{stderr}");
}

#[cfg(feature = "nats-tests")]
#[test]
fn events_cross_processes() {
    let mut server = nats_server::NatsServer::start();
    let url = server.url();
    let programs = [0, 1].map(|_| Program::serving(&["--bus", &url, "serve"]));
    let mut events = programs.each_ref().map(|program| Events::of(program, 3));
    let emitter = Program::start(&["--bus", &url, "--every", "20ms", "emit"]);
    for events in &mut events {
        let dishes = events.take(20);
        assert!(
            dishes.windows(2).all(|pair| pair[1].0 == pair[0].0 + 1),
            "{dishes:?}"
        );
    }
    // The page reports that the server is away, and continues when it is back.
    server.restart();
    for events in &mut events {
        assert!(events.trouble().contains("out of reach"));
        assert!(events.trouble().contains("may have been missed"));
        events.take(5);
    }
    drop(emitter);
}
