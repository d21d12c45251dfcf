//! Instructions for each item of a list that has a future for each item: `count.sh items`.
//!
//! All give the results in item order. `unordered` and `buffer_unordered` give each result once it is there, so each comes
//! with its place.

#![allow(missing_docs)]

use std::hint::black_box;

use conjoin::auto;
use counted::{Counts, Event, looped, run, run_with_events, yield_once};
use futures::stream::{self, FuturesUnordered, StreamExt, TryStreamExt};

#[derive(Debug)]
struct Error;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Ready,
    /// Wakes itself once.
    Yield,
    /// Waits for an event of its own. The list is polled after each event.
    Event,
}

struct Item<'e> {
    kind: Kind,
    event: &'e Event,
}

impl Item<'_> {
    async fn run(&self) -> Result<u64, Error> {
        match self.kind {
            Kind::Ready => {}
            Kind::Yield => yield_once().await,
            Kind::Event => self.event.wait().await,
        }
        black_box(Ok(1))
    }
}

async fn in_auto(items: &[Item<'_>]) -> Result<Vec<u64>, Error> {
    auto! { values for item in items => item.run().await?, => values }.await
}

async fn limited(items: &[Item<'_>]) -> Result<Vec<u64>, Error> {
    auto! { #[limit(items.len())] values for item in items => item.run().await?, => values }.await
}

async fn unordered(items: &[Item<'_>]) -> Result<Vec<u64>, Error> {
    let mut all: FuturesUnordered<_> = items
        .iter()
        .enumerate()
        .map(|(place, item)| async move { Ok((place, item.run().await?)) })
        .collect();
    let mut values = vec![None; items.len()];
    while let Some((place, value)) = all.try_next().await? {
        values[place] = Some(value);
    }
    Ok(values.into_iter().flatten().collect())
}

async fn buffer_unordered(items: &[Item<'_>]) -> Result<Vec<u64>, Error> {
    let mut all = stream::iter(items.iter().enumerate())
        .map(|(place, item)| async move { Ok((place, item.run().await?)) })
        .buffer_unordered(items.len());
    let mut values = vec![None; items.len()];
    while let Some((place, value)) = all.try_next().await? {
        values[place] = Some(value);
    }
    Ok(values.into_iter().flatten().collect())
}

async fn buffered(items: &[Item<'_>]) -> Result<Vec<u64>, Error> {
    stream::iter(items)
        .map(Item::run)
        .buffered(items.len())
        .try_collect()
        .await
}

async fn try_join_all(items: &[Item<'_>]) -> Result<Vec<u64>, Error> {
    futures::future::try_join_all(items.iter().map(Item::run)).await
}

/// The ways to run the items, in the order of the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// Only makes the items. The other figures are without it.
    None,
    Auto,
    Limited,
    Unordered,
    BufferUnordered,
    Buffered,
    TryJoinAll,
}

const WAYS: [(Way, &str); 6] = [
    (Way::Auto, "`for`"),
    (Way::Limited, "`for`, `#[limit]`"),
    (Way::Unordered, "`FuturesUnordered`"),
    (Way::BufferUnordered, "`buffer_unordered`"),
    (Way::Buffered, "`buffered`"),
    (Way::TryJoinAll, "`try_join_all`"),
];

/// Numbers of items, and of runs.
const SIZES: [(usize, u32); 3] = [(64, 100), (2000, 10), (100_000, 1)];

async fn values(way: Way, items: &[Item<'_>]) -> Result<Vec<u64>, Error> {
    match way {
        Way::None => Ok(vec![0; items.len()]),
        Way::Auto => in_auto(items).await,
        Way::Limited => limited(items).await,
        Way::Unordered => unordered(items).await,
        Way::BufferUnordered => buffer_unordered(items).await,
        Way::Buffered => buffered(items).await,
        Way::TryJoinAll => try_join_all(items).await,
    }
}

fn drive(way: Way, kind: Kind, count: usize) {
    let events: Vec<Event> = (0..count).map(|_| Event::default()).collect();
    let items: Vec<_> = events.iter().map(|event| Item { kind, event }).collect();
    let values = if kind == Kind::Event && way != Way::None {
        run_with_events(&events, 1, values(way, &items))
    } else {
        run(values(way, &items))
    };
    black_box(values).expect("no error");
}

fn main() {
    let mut counts = Counts::default();
    let kinds = [Kind::Ready, Kind::Yield, Kind::Event];
    for kind in kinds {
        for (count, runs) in SIZES {
            for way in [Way::None].into_iter().chain(WAYS.map(|(way, _)| way)) {
                let case = looped(move || drive(way, kind, count));
                counts.add_long((kind, count, way), runs, case);
            }
        }
    }
    let counts = counts.count();
    println!(
        "| item | items | {} |",
        WAYS.map(|(_, name)| name).join(" | ")
    );
    println!("| --- | --: |{}", " --: |".repeat(WAYS.len()));
    for kind in kinds {
        for (count, _) in SIZES {
            let base = counts[&(kind, count, Way::None)];
            #[allow(clippy::cast_precision_loss, reason = "small numbers")]
            let of_item = |way| (counts[&(kind, count, way)] - base) / count as f64;
            let cells = WAYS.map(|(way, _)| format!("{:.0}", of_item(way)));
            println!("| {kind:?} | {count} | {} |", cells.join(" | "));
        }
    }
}
