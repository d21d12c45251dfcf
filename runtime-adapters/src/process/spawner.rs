//! The thread that starts all workers.
//!
//! Linux sends a child its death signal when the parent's *thread* ends that started it, so that a thread of a runtime,
//! which may end long before the process, will not do.

use std::io;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use tokio::sync::oneshot;

use crate::sync::{Mutex, lock};

type SpawnRequest = Box<dyn FnOnce() + Send>;

static JOBS: Mutex<Option<Sender<SpawnRequest>>> = Mutex::new(None);

/// Runs `job` on that thread. When the future is dropped, what the job returns is dropped there.
pub(super) async fn run<T: Send + 'static>(
    job: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    let (answer, answered) = oneshot::channel();
    let job = Box::new(move || {
        // Nobody may wait for it any more.
        drop(answer.send(job()));
    });
    jobs()?.send(job).map_err(|_| is_gone())?;
    answered.await.map_err(|_| is_gone())
}

fn is_gone() -> io::Error {
    io::Error::other("the thread that starts workers is gone")
}

/// Starts the thread when it is asked for the first time.
fn jobs() -> io::Result<Sender<SpawnRequest>> {
    let mut sender = lock(&JOBS);
    if let Some(sender) = &*sender {
        return Ok(sender.clone());
    }
    let (new, jobs) = channel::<SpawnRequest>();
    // It lives as long as the process: the static sender is never dropped.
    thread::Builder::new()
        .name("conjoin-spawner".into())
        .spawn(move || jobs.into_iter().for_each(|job| job()))?;
    Ok(sender.insert(new).clone())
}
