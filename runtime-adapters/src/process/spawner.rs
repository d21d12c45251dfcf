//! The thread that starts all workers.
//!
//! Linux sends a child its death signal when the *thread* that started it ends. So a thread of a runtime, which may end
//! long before the process, must not start it.

use std::io;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use tokio::sync::oneshot;

use crate::sync::{Mutex, lock};

type SpawnRequest = Box<dyn FnOnce() + Send>;

static JOBS: Mutex<Option<Sender<SpawnRequest>>> = Mutex::new(None);

/// Runs `job` on that thread. If the future is dropped, the job's output is dropped there.
pub(super) async fn run<T: Send + 'static>(
    job: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    let (answer, answered) = oneshot::channel();
    let job = Box::new(move || {
        // The receiver may have gone.
        drop(answer.send(job()));
    });
    jobs()?.send(job).map_err(|_| is_gone())?;
    answered.await.map_err(|_| is_gone())
}

fn is_gone() -> io::Error {
    io::Error::other("the thread that starts workers has ended")
}

/// The queue of the thread, which is started on first use.
fn jobs() -> io::Result<Sender<SpawnRequest>> {
    let mut sender = lock(&JOBS);
    if let Some(sender) = &*sender {
        return Ok(sender.clone());
    }
    let (new, jobs) = channel::<SpawnRequest>();
    // The thread lives as long as the process: the static sender is never dropped.
    thread::Builder::new()
        .name("conjoin-spawner".into())
        .spawn(move || jobs.into_iter().for_each(|job| job()))?;
    Ok(sender.insert(new).clone())
}
