//! Prints what changes in directories: a callback that fires many times, as a stream.
//!
//! ```text
//! cargo run -p conjoin-examples --bin watch -- src
//! ```

use std::path::PathBuf;

use clap::Parser;
use conjoin_adapters::{BoxError, Policy, try_events};
use futures::TryStreamExt;
use notify::event::ModifyKind;
use notify::{Event, EventKind, RecursiveMode, Watcher};

/// How many changes may wait until they are printed.
const CAPACITY: usize = 10_000;

/// Prints what changes in directories, and in those within them
#[derive(Parser)]
struct Options {
    /// The directories to watch
    #[arg(required = true)]
    directories: Vec<PathBuf>,

    /// Stop after this many changes
    #[arg(long, value_name = "NUMBER")]
    changes: Option<usize>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    let options = Options::parse();

    // The watcher calls back on a thread of its own. If the terminal is slower, the newest changes are kept.
    let mut events = try_events(CAPACITY, Policy::DropOldest, |emitter| {
        notify::recommended_watcher(move |event: notify::Result<Event>| match event {
            Ok(event) => drop(emitter.emit(event)),
            Err(error) => emitter.fail(error.into()),
        })
    })?;
    for directory in &options.directories {
        events
            .source_mut()
            .watch(directory, RecursiveMode::Recursive)
            .map_err(|error| error.add_path(directory.clone()))?;
    }
    println!("watching");

    let mut left = options.changes.unwrap_or(usize::MAX);
    let mut missed = 0;
    while left > 0
        && let Some(event) = events.try_next().await?
    {
        if let Some(verb) = verb(event.kind) {
            left -= 1;
            println!("{verb} {}", paths(&event));
        }
        if events.dropped() > missed {
            println!("missed {}", events.dropped() - missed);
            missed = events.dropped();
        }
    }
    // Dropping the stream stops the watcher.
    Ok(())
}

/// `None` for events that change nothing.
fn verb(kind: EventKind) -> Option<&'static str> {
    match kind {
        EventKind::Create(_) => Some("created"),
        EventKind::Modify(ModifyKind::Name(_)) => Some("renamed"),
        EventKind::Modify(_) => Some("changed"),
        EventKind::Remove(_) => Some("removed"),
        EventKind::Any | EventKind::Access(_) | EventKind::Other => None,
    }
}

/// The old and the new path of a renamed file, one path otherwise.
fn paths(event: &Event) -> String {
    let paths = event.paths.iter().map(|path| path.display().to_string());
    paths.collect::<Vec<_>>().join(" -> ")
}
