//! A future for each of many items, for an instruction counter: `items.sh` runs it under callgrind.
//!
//! All give the results in item order. Of its peers, `unordered` and `buffer_unordered` give each result when it is there,
//! so that it comes with its place, and is put there.

#![allow(missing_docs)]

use std::cell::{Cell, RefCell};
use std::future::ready;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use conjoin::auto;
use futures::stream::{self, FuturesUnordered, StreamExt, TryStreamExt};

#[derive(Debug)]
struct Error;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ready,
    /// Wakes itself once.
    Yield,
    /// Waits for an event of its own. The events come in turn, and after each the whole is polled.
    Event,
}

#[derive(Default)]
struct Event {
    has_come: Cell<bool>,
    waiting: RefCell<Option<Waker>>,
}

struct Item<'e> {
    kind: Kind,
    event: &'e Event,
}

impl Item<'_> {
    async fn run(&self) -> Result<u64, Error> {
        match self.kind {
            Kind::Ready => {}
            Kind::Yield => Yield { has_yielded: false }.await,
            Kind::Event => {
                std::future::poll_fn(|cx| {
                    if self.event.has_come.get() {
                        return Poll::Ready(());
                    }
                    *self.event.waiting.borrow_mut() = Some(cx.waker().clone());
                    Poll::Pending
                })
                .await;
            }
        }
        black_box(Ok(1))
    }
}

struct Yield {
    has_yielded: bool,
}

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.has_yielded {
            return Poll::Ready(());
        }
        self.has_yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn drive(kind: Kind, events: &[Event], future: impl Future<Output = Result<Vec<u64>, Error>>) {
    let mut future = pin!(future);
    let woken = Arc::new(Woken(AtomicBool::new(true)));
    let waker = Waker::from(Arc::clone(&woken));
    let mut cx = Context::from_waker(&waker);
    let mut events = events.iter();
    loop {
        if let Poll::Ready(values) = future.as_mut().poll(&mut cx) {
            black_box(values).expect("no error");
            return;
        }
        if kind == Kind::Event {
            let event = events.next().expect("another event");
            event.has_come.set(true);
            event.waiting.take().expect("a waker").wake();
        }
        assert!(woken.0.swap(false, Ordering::Relaxed));
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

/// `items CASE KIND COUNT TIMES`; the case `none` is the base to subtract.
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [case, kind, count, times] = &arguments[..] else {
        panic!("items CASE KIND COUNT TIMES")
    };
    let kind = match kind.as_str() {
        "ready" => Kind::Ready,
        "yield" => Kind::Yield,
        _ => Kind::Event,
    };
    let count: usize = count.parse().expect("a number");
    for _ in 0..times.parse().expect("a number") {
        let events: Vec<Event> = (0..count).map(|_| Event::default()).collect();
        let items: Vec<_> = events.iter().map(|event| Item { kind, event }).collect();
        match case.as_str() {
            "auto" => drive(kind, &events, in_auto(&items)),
            "limited" => drive(kind, &events, limited(&items)),
            "unordered" => drive(kind, &events, unordered(&items)),
            "buffer_unordered" => drive(kind, &events, buffer_unordered(&items)),
            "buffered" => drive(kind, &events, buffered(&items)),
            "try_join_all" => drive(kind, &events, try_join_all(&items)),
            _ => drive(Kind::Ready, &events, ready(Ok(vec![0; items.len()]))),
        }
    }
}
