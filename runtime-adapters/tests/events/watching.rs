//! Tests a real source: changes in a directory, from inotify or its equivalent.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use conjoin_adapters::{BoxError, EmitError, Events, Policy, try_events};
use futures::StreamExt;
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::{POLICIES, received, run};

/// Each file is created, opened, closed and removed: some ten thousand events.
const FILES: usize = 2_500;
const CAPACITY: usize = 64;
const LAST: &str = "last";

/// What the watcher's thread saw, in order, and what emitting it returned.
#[derive(Default)]
struct Seen {
    taken: Vec<Event>,
    refused: usize,
}

fn is_last(event: &Event) -> bool {
    matches!(event.kind, EventKind::Remove(_))
        && event.paths.iter().any(|path| path.ends_with(LAST))
}

/// A stream of the changes in a directory, a log of them, and a signal that the last one was emitted.
#[expect(clippy::type_complexity, reason = "it is taken apart at once")]
fn watch(
    directory: &Path,
    policy: Policy,
) -> Result<
    (
        Events<Event, RecommendedWatcher>,
        Arc<Mutex<Seen>>,
        mpsc::Receiver<()>,
    ),
    BoxError,
> {
    let seen = Arc::<Mutex<Seen>>::default();
    let (end, ended) = mpsc::channel();
    let log = Arc::clone(&seen);
    let mut stream = try_events(CAPACITY, policy, |emitter| {
        notify::recommended_watcher(move |event: notify::Result<Event>| match event {
            Ok(event) => {
                let is_last = is_last(&event);
                match emitter.emit(event.clone()) {
                    Ok(()) => log.lock().unwrap().taken.push(event),
                    Err(EmitError::Full(_)) => log.lock().unwrap().refused += 1,
                    Err(_) => {}
                }
                if is_last {
                    let _ = end.send(());
                }
            }
            Err(error) => emitter.fail(error.into()),
        })
    })?;
    stream
        .source_mut()
        .watch(directory, RecursiveMode::NonRecursive)?;
    Ok((stream, seen, ended))
}

fn change_files(directory: &Path) {
    for file in (0..FILES)
        .map(|number| number.to_string())
        .chain([LAST.to_owned()])
    {
        let path = directory.join(file);
        fs::write(&path, "").unwrap();
        fs::remove_file(path).unwrap();
    }
}

#[test]
fn unreceived_burst_follows_the_policy() {
    for policy in POLICIES
        .into_iter()
        .filter(|&policy| policy != Policy::Block)
    {
        let directory = tempfile::tempdir().unwrap();
        let (mut stream, seen, ended) = watch(directory.path(), policy).unwrap();
        change_files(directory.path());
        ended
            .recv_timeout(Duration::from_secs(120))
            .expect("the watcher sees the last file");

        let received = received(&mut stream);
        let Seen { taken, refused } = std::mem::take(&mut *seen.lock().unwrap());
        assert!(taken.len() + refused > FILES);
        assert_eq!(
            received.len() + usize::try_from(stream.dropped()).unwrap(),
            taken.len()
        );
        match policy {
            Policy::DropOldest => assert_eq!(received, taken[taken.len() - CAPACITY..]),
            Policy::Latest => assert_eq!(received, taken[taken.len() - 1..]),
            Policy::DropNewest => assert_eq!(received, taken[..CAPACITY]),
            _ => {
                assert_eq!(received, taken);
                assert_eq!(received.len(), CAPACITY);
            }
        }
        assert_eq!(policy == Policy::Fail, refused > 0);
    }
}

#[test]
fn nothing_is_lost_when_the_watcher_waits_for_room() {
    let directory = tempfile::tempdir().unwrap();
    let (mut stream, seen, ended) = watch(directory.path(), Policy::Block).unwrap();
    let path = directory.path().to_owned();
    let changing = std::thread::spawn(move || change_files(&path));
    let mut received = Vec::new();
    while !received.last().is_some_and(is_last) {
        received.push(run(stream.next()).unwrap().unwrap());
    }
    super::join(changing);
    ended
        .recv_timeout(Duration::from_secs(120))
        .expect("the last file was seen");
    assert_eq!(received, seen.lock().unwrap().taken);
    let created = received
        .iter()
        .filter(|event| event.kind.is_create())
        .count();
    assert_eq!(created, FILES + 1);
    assert_eq!(stream.dropped(), 0);
}

#[test]
fn dropped_stream_releases_a_blocked_watcher() {
    let directory = tempfile::tempdir().unwrap();
    let (stream, seen, _) = watch(directory.path(), Policy::Block).unwrap();
    change_files(directory.path());
    drop(stream);
    // The watcher's thread ends, and drops the function that holds the log.
    let end = std::time::Instant::now() + Duration::from_secs(120);
    while Arc::strong_count(&seen) > 1 {
        assert!(
            std::time::Instant::now() < end,
            "the watcher's thread hangs"
        );
        std::thread::yield_now();
    }
    assert!(seen.lock().unwrap().taken.len() <= CAPACITY);
}

#[test]
fn missing_directory_is_the_sources_error() {
    let error = watch(Path::new("/nowhere/at/all"), Policy::Latest)
        .map(drop)
        .unwrap_err();
    assert!(error.is::<notify::Error>());
}
