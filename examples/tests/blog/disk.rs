//! While the disk is full or fails, or the file is gone, answers are 503. Nothing is lost.

use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Signal, kill_process};
use serde_json::json;
use ureq::http::Response;

use crate::answers::{MODES, json};
use crate::broker::who_queries;
use crate::service::{Process, Service, new_database};

/// Publishes a post of user 1000, who has none at first.
fn post(service: &Service) -> Response<String> {
    let draft = json!({"user_id": 1000, "title": "x".repeat(200), "comment": "x".repeat(2000)});
    service.post("/posts", "application/json", &draft.to_string())
}

/// How many posts and comments user 1000 has.
fn published(service: &Service) -> [usize; 2] {
    let page = service.get("/auto/1000", None);
    assert_eq!(page.status(), 200, "{}", page.body());
    let page = json(&page);
    ["posts", "comments"].map(|rows| page[rows].as_array().expect("rows").len())
}

#[track_caller]
fn is_away(response: &Response<String>) {
    assert_eq!(response.status(), 503, "{}", response.body());
    assert_eq!(response.headers()["retry-after"], "5");
    let error = json!({"error": "the database is unavailable; please try again later"});
    assert_eq!(json(response), error);
}

/// Moves the database with its log and the log's index.
fn move_all(directory: &Path, from: &str, to: &str) {
    for suffix in ["", "-wal", "-shm"] {
        let [from, to] = [from, to].map(|name| directory.join(format!("{name}{suffix}")));
        fs::rename(from, to).expect("a file");
    }
}

#[test]
fn moved_database_is_503_until_it_is_back() {
    let (directory, database) = new_database();
    let directory = directory.path();
    let service = Service::start(&database, "0s");
    assert_eq!(post(&service).status(), 201);

    move_all(directory, "blog.db", "old.db");
    for _ in 0..2 {
        is_away(&post(&service));
        for mode in MODES {
            is_away(&service.get(&format!("/{mode}/1000"), None));
        }
    }
    assert!(!directory.join("blog.db").exists());

    move_all(directory, "old.db", "blog.db");
    assert_eq!(published(&service), [1; 2]);
    assert_eq!(post(&service).status(), 201);
    assert_eq!(published(&service), [2; 2]);
    assert_eq!(service.terminate().end().code, Some(0));
}

#[test]
fn new_worker_does_not_replace_a_moved_database() {
    let (directory, database) = new_database();
    let directory = directory.path();
    let options = ["--broker", "workers", "--query-workers", "1"];
    let mut service = Process::start_with(&database, "0s", &options).listening();
    assert_eq!(published(&service), [0; 2]);
    let worker = service.wait_for_line("query start", who_queries);

    move_all(directory, "blog.db", "old.db");
    is_away(&service.get("/auto/1000", None));
    kill_process(worker, Signal::KILL).expect("a signal sent");
    is_away(&service.get("/auto/1000", None));
    service.wait_for_line("query start in another worker", |line| {
        who_queries(line).filter(|&pid| pid != worker)
    });
    assert!(!directory.join("blog.db").exists());

    move_all(directory, "old.db", "blog.db");
    assert_eq!(post(&service).status(), 201);
    assert_eq!(published(&service), [1; 2]);
    assert_eq!(service.terminate().end().code, Some(0));
}

/// Moves the files away and back, one by one, in random order, while posts are published.
#[test]
fn moving_files_loses_no_answered_post() {
    const TIME: Duration = Duration::from_secs(5);
    let seed = RandomState::new().hash_one(());
    // The seed is shown if the test fails.
    println!("seed {seed}");
    let random = Mutex::new(seed);
    let up_to = |most: u64| {
        let mut random = random.lock().expect("no panic");
        *random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (*random >> 33) % (most + 1)
    };
    let pause = |most| thread::sleep(Duration::from_millis(up_to(most)));

    let (directory, database) = new_database();
    let directory = directory.path();
    let service = Service::start(&database, "1ms");
    assert_eq!(published(&service), [0; 2]);
    let is_over = AtomicBool::new(false);
    let answered: usize = thread::scope(|scope| {
        let publish = || {
            let mut answered = 0;
            while !is_over.load(Ordering::Relaxed) {
                let response = post(&service);
                if response.status() == 201 {
                    answered += 1;
                } else {
                    is_away(&response);
                }
            }
            answered
        };
        let publishers = [(); 4].map(|()| scope.spawn(publish));
        let begin = Instant::now();
        while begin.elapsed() < TIME {
            pause(200);
            for [from, to] in [["blog.db", "old.db"], ["old.db", "blog.db"]] {
                let mut suffixes = ["", "-wal", "-shm"];
                suffixes.rotate_left(usize::try_from(up_to(2)).expect("a small number"));
                suffixes[1..].rotate_left(usize::try_from(up_to(1)).expect("a small number"));
                for suffix in suffixes {
                    let [from, to] =
                        [from, to].map(|name| directory.join(format!("{name}{suffix}")));
                    fs::rename(from, to).expect("a file");
                    pause(5);
                }
                pause(50);
            }
        }
        is_over.store(true, Ordering::Relaxed);
        publishers
            .map(|publisher| publisher.join().expect("no other answers"))
            .iter()
            .sum()
    });

    let [posts, comments] = published(&service);
    assert_eq!(posts, comments);
    assert!(
        posts >= answered && answered > 0,
        "{answered} answered, {posts} there"
    );
    assert_eq!(service.terminate().end().code, Some(0));
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs::File;
    use std::io::{self, Write};
    use std::process::Command;

    use rustix::process::{Resource, Rlimit};

    use super::*;

    /// Publishes posts until the disk is full, and returns how many fit.
    fn post_until_away(service: &Service) -> usize {
        let mut taken = 0;
        loop {
            let response = post(service);
            if response.status() != 201 {
                is_away(&response);
                return taken;
            }
            taken += 1;
            assert!(taken < 10_000, "the disk takes all");
        }
    }

    /// Asserts that nothing can be published but everything can be read, then that everything works again.
    fn fails_and_recovers(service: &Service, fail: impl FnOnce(), recover: impl FnOnce()) {
        assert_eq!(post(service).status(), 201);
        fail();
        let taken = 1 + post_until_away(service);
        for _ in 0..3 {
            is_away(&post(service));
            assert_eq!(published(service), [taken; 2]);
        }
        recover();
        for more in 1..=5 {
            assert_eq!(post(service).status(), 201);
            assert_eq!(published(service), [taken + more; 2]);
        }
    }

    /// How to run a command with mounts of its own, if this is allowed. Root may do so; other users may in a user
    /// namespace, if the kernel allows those.
    fn with_mounts() -> Option<&'static [&'static str]> {
        const AS_ROOT: &[&str] = &["unshare", "--mount"];
        const IN_NAMESPACE: &[&str] = &["unshare", "--user", "--map-root-user", "--mount"];
        [AS_ROOT, IN_NAMESPACE].into_iter().find(|command| {
            let output = Command::new(command[0])
                .args(&command[1..])
                .args(["mount", "-t", "tmpfs", "tmpfs", "/mnt"])
                .output();
            output.is_ok_and(|output| output.status.success())
        })
    }

    #[test]
    fn full_disk_is_503_until_it_has_space() {
        let Some(unshare) = with_mounts() else {
            // The test harness would hide the output of `eprintln!`.
            let reason =
                "skipped full_disk_is_503_until_it_has_space: mounting a small disk needs root\n";
            return io::stderr().write_all(reason.as_bytes()).expect("stderr");
        };
        let (directory, database) = new_database();
        let mount = "mount -t tmpfs -o size=6m tmpfs \"$0\" && exec \"$@\"";
        let disk = directory.path().to_str().expect("UTF-8");
        let prefix = [unshare, &["sh", "-c", mount, disk]].concat();
        let service = Process::start_through(&prefix, &database, "0s").listening();

        // No other process sees the disk.
        let filler = format!("/proc/{}/root{disk}/filler", service.pid().as_raw_nonzero());
        let fail = || {
            let mut file = File::create(&filler).expect("a file");
            let error = io::copy(&mut io::repeat(0), &mut file).expect_err("a full disk");
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        };
        fails_and_recovers(&service, fail, || {
            fs::remove_file(&filler).expect("a file");
        });
        assert_eq!(service.terminate().end().code, Some(0));
    }

    #[test]
    fn failing_disk_is_503_until_it_works() {
        let (_directory, database) = new_database();
        // Writes beyond the limit fail. By default, a signal would kill the process.
        let prefix = ["sh", "-c", "trap '' XFSZ && exec \"$@\"", "sh"];
        let service = Process::start_through(&prefix, &database, "0s").listening();
        let limit = |current| {
            let limit = Rlimit {
                current,
                maximum: None,
            };
            service.limit(Resource::Fsize, limit);
        };
        fails_and_recovers(&service, || limit(Some(4096)), || limit(None));
        assert_eq!(service.terminate().end().code, Some(0));
    }
}
