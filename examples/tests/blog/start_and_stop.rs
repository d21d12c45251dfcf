//! How the service starts, fails to start, and stops.

use rustix::process::Signal;

use crate::service::{Process, Service, new_database};

#[test]
fn sigterm_waits_for_requests() {
    let (_directory, database) = new_database();
    let mut service = Service::start(&database, "200ms");
    let request = service.send("/auto/1", "last");
    service.wait_for("last", "user start");
    let end = service.terminate().end();
    assert_eq!(end.code, Some(0), "{:#?}", end.log);
    let answer = request.answer();
    assert!(
        answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("User 1"),
        "{answer}"
    );
}

#[test]
fn second_signal_cancels_requests() {
    for second in [Signal::TERM, Signal::INT] {
        let (_directory, database) = new_database();
        let mut service = Service::start(&database, "1h");
        let _request = service.send("/auto/1", "cut");
        service.wait_for("cut", "user start");
        let mut stopping = service.terminate();
        stopping.wait_until("stopping", |log| {
            log.iter().any(|line| line.ends_with(": stopping"))
        });
        stopping.signal(second);

        let end = stopping.end();
        assert_eq!(end.code, Some(1), "{:#?}", end.log);
        let reason = "blog: asked to stop twice; cancelled the requests that still ran";
        assert!(end.log.iter().any(|line| line == reason), "{:#?}", end.log);
    }
}

#[test]
fn idle_connection_does_not_delay_the_stop() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "0s");
    let idle = std::net::TcpStream::connect(&service.address).expect("a connection");
    let end = service.terminate().end();
    assert_eq!(end.code, Some(0), "{:#?}", end.log);
    drop(idle);
}

#[test]
fn incomplete_head_does_not_delay_the_stop() {
    let (_directory, database) = new_database();
    let service = Service::start(&database, "0s");
    let half = service.send_half("GET /auto/1 HT");
    let end = service.terminate().end();
    assert_eq!(end.code, Some(0), "{:#?}", end.log);
    drop(half);
}

#[cfg(target_os = "linux")]
#[test]
fn incomplete_heads_lock_nobody_out() {
    use rustix::process::{Resource, Rlimit};

    let (_directory, database) = new_database();
    let service = Process::start_with(&database, "0s", &["--head-limit", "200ms"]).listening();
    assert_eq!(service.get("/auto/1", None).status(), 200);
    let few = Rlimit {
        current: Some(64),
        maximum: Some(64),
    };
    service.limit(Resource::Nofile, few);
    let half: Vec<_> = (0..100)
        .map(|_| service.send_half("GET /auto/1 HT"))
        .collect();
    assert_eq!(service.get("/auto/1", None).status(), 200);
    for half in half {
        assert_eq!(half.answer(), "");
    }
    let end = service.terminate().end();
    assert_eq!(end.code, Some(0), "{:#?}", end.log);
}

#[test]
fn concurrent_starts_fill_the_database_once() {
    let (_directory, database) = new_database();
    let starting = [(); 3].map(|()| Process::start(&database, "0s"));
    let pages = starting.map(|service| service.listening().get("/sync/1", None).into_body());
    assert!(pages[0].contains("Comment"), "{}", pages[0]);
    assert_eq!(pages[0], pages[1]);
    assert_eq!(pages[0], pages[2]);
}

#[test]
fn next_start_keeps_the_data() {
    let (directory, database) = new_database();
    let first = Service::start(&database, "0s");
    let page = first.get("/sync/1", None).into_body();
    assert_eq!(first.terminate().end().code, Some(0));

    let files: Vec<_> = directory
        .path()
        .read_dir()
        .expect("a directory")
        .map(|file| file.expect("a file").file_name())
        .collect();
    assert_eq!(
        files,
        ["blog.db"],
        "the write-ahead log is gone when the database was closed"
    );
    let file = std::fs::read(directory.path().join("blog.db")).expect("a file");
    assert_eq!(
        file[18..20],
        [2, 2],
        "the file's header asks for the write-ahead log"
    );
    assert_eq!(
        Service::start(&database, "0s")
            .get("/sync/1", None)
            .into_body(),
        page
    );
}

/// A start that fails says why in one line.
fn reason(process: Process) -> String {
    let end = process.end();
    assert_eq!(end.code, Some(1), "{:#?}", end.log);
    let [line] = end.log.try_into().expect("one line");
    line
}

#[test]
fn address_in_use_is_reported() {
    let (_directory, database) = new_database();
    let first = Service::start(&database, "0s");
    let reason = reason(Process::start_at(&first.address, &database, "0s"));
    assert!(
        reason.starts_with(&format!("blog: cannot listen on {}: ", first.address)),
        "{reason}"
    );
}

#[test]
fn unusable_database_is_reported() {
    let (directory, _) = new_database();
    let file = directory.path().join("missing/blog.db");
    let file = file.display();
    let missing = reason(Process::start(&format!("sqlite://{file}"), "0s"));
    assert!(
        missing.starts_with(&format!("blog: cannot open the database: {file}: ")),
        "{missing}"
    );

    let scheme = reason(Process::start("mysql://me:secret@localhost/blog", "0s"));
    assert_eq!(
        scheme,
        "blog: cannot open the database: unknown kind of URL; begin it with `sqlite:` or `postgres:`"
    );
}
