//! Prints what changes in directories: a callback that is called many times, as a stream.
//!
//! `cargo run -p conjoin-examples --bin watch -- src`

use std::path::PathBuf;

use clap::Parser;
use conjoin_adapters::{BoxError, Policy, try_events};
use futures::TryStreamExt;
use notify::event::ModifyKind;
use notify::{Event, EventKind, RecursiveMode, Watcher};

/// How many changes may wait to be printed.
const CAPACITY: usize = 10_000;

/// Prints what changes in directories, and in those within them.
#[derive(Parser)]
struct Options {
    #[arg(required = true)]
    directories: Vec<PathBuf>,

    /// Ends after so many changes.
    #[arg(long, value_name = "NUMBER")]
    changes: Option<usize>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    let options = Options::parse();
    // The watcher calls back on a thread of its own. If the terminal is too slow for it, the newest changes matter.
    let mut events = try_events(CAPACITY, Policy::DropOldest, |emitter| {
        notify::recommended_watcher(move |event: notify::Result<Event>| match event {
            Ok(event) => drop(emitter.emit(event)),
            Err(error) => emitter.fail(error.into()),
        })
    })?;
    for directory in &options.directories {
        let watched = events
            .source_mut()
            .watch(directory, RecursiveMode::Recursive);
        watched.map_err(|error| error.add_path(directory.clone()))?;
    }
    println!("watching");

    let mut left = options.changes.unwrap_or(usize::MAX);
    let mut missed = 0;
    while left > 0
        && let Some(event) = events.try_next().await?
    {
        if let Some(what) = what_happened(event.kind) {
            left -= 1;
            println!(
                "{what} {}",
                event
                    .paths
                    .iter()
                    .map(|path| path.display().to_string())
                    .collect::<Vec<_>>()
                    .join(" -> ")
            );
        }
        if events.dropped() > missed {
            println!("missed {}", events.dropped() - missed);
            missed = events.dropped();
        }
    }
    Ok(())
    // Dropping the stream ends the watcher.
}

/// `None` for what changes nothing.
fn what_happened(kind: EventKind) -> Option<&'static str> {
    match kind {
        EventKind::Create(_) => Some("created"),
        EventKind::Modify(ModifyKind::Name(_)) => Some("renamed"),
        EventKind::Modify(_) => Some("changed"),
        EventKind::Remove(_) => Some("removed"),
        EventKind::Any | EventKind::Access(_) | EventKind::Other => None,
    }
}
