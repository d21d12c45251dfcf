//! Which queries run concurrently, which wait, and which never run.

use std::collections::HashMap;

use crate::service::{Service, events, new_database};

/// The events of one answered request.
fn events_of(path: &str) -> Vec<String> {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "20ms");
    assert_eq!(service.get(path, Some("page")).status(), 200);
    events(&service.terminate().end().log, "page")
}

/// The longest chain of queries of which each started after the end of the one before. This is how many latencies the
/// page took.
fn latencies_in_a_row(events: &[String]) -> u32 {
    let (mut ended, mut running) = (0, HashMap::new());
    for event in events {
        match event.split_once(' ') {
            Some((query, "start")) => {
                running.insert(query, ended + 1);
            }
            Some((query, "end")) => ended = ended.max(running[query]),
            _ => panic!("`{event}` in {events:?}"),
        }
    }
    ended
}

#[test]
fn sync_takes_three_latencies() {
    let events = events_of("/sync/1");
    assert_eq!(
        events,
        [
            "user start",
            "user end",
            "posts start",
            "posts end",
            "comments start",
            "comments end"
        ]
    );
    assert_eq!(latencies_in_a_row(&events), 3);
}

#[test]
fn the_others_take_two_latencies() {
    for mode in ["layers", "brew", "promise", "auto", "concurrent"] {
        let mut events = events_of(&format!("/{mode}/1"));
        assert_eq!(latencies_in_a_row(&events), 2, "{mode}");
        // The runtime and the database decide which of the two starts and ends first.
        events[2..4].sort_unstable();
        events[4..].sort_unstable();
        let expected = [
            "user start",
            "user end",
            "comments start",
            "posts start",
            "comments end",
            "posts end",
        ];
        assert_eq!(events, expected, "{mode}");
    }
}

#[test]
fn brew_runs_on_after_a_disconnect() {
    let (_directory, database) = new_database();
    let mut service = Service::start(&database, "100ms");
    let request = service.send("/brew/1", "gone");
    service.wait_for("gone", "user start");
    drop(request);
    service.wait_for("gone", "comments end");
}

#[test]
fn disconnect_cancels_queries() {
    for mode in ["sync", "layers", "promise", "auto", "concurrent"] {
        let (_directory, database) = new_database();
        let mut service = Service::start(&database, "1h");
        let request = service.send(&format!("/{mode}/1"), "gone");
        service.wait_for("gone", "user start");
        drop(request);
        service.wait_for("gone", "user cancelled");

        // A query that ran on would delay the stop, and one that started later would be in the log.
        let end = service.terminate().end();
        assert_eq!(end.code, Some(0));
        assert_eq!(events(&end.log, "gone"), ["user start", "user cancelled"]);
    }
}
