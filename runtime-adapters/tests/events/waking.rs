//! Tests when the waiting task is woken, and which one.

use std::cell::Cell;
use std::marker::PhantomPinned;
use std::sync::Arc;
use std::task::Poll;

use conjoin_adapters::{Emitter, Events, Policy, events};
use futures::StreamExt;

use super::{Count, POLICIES, poll};

#[test]
fn event_wakes_a_waiting_task_once() {
    for policy in POLICIES {
        let mut stream = events(4, policy, |emitter| emitter);
        let count = Arc::new(Count::default());
        for round in 1..=3 {
            assert!(poll(&mut stream.next(), &count).is_pending());
            for _ in 0..3 {
                stream.source().emit(round).unwrap();
            }
            assert_eq!(count.get(), round);
            while poll(&mut stream.next(), &count).is_ready() {}
            stream.source().emit(round).unwrap();
            assert_eq!(count.get(), round + 1);
            assert_eq!(super::received(&mut stream), [round]);
            count.0.store(round, std::sync::atomic::Ordering::SeqCst);
        }
    }
}

#[test]
fn the_newest_waker_is_woken() {
    for policy in POLICIES {
        let mut stream = events(1, policy, |emitter| emitter);
        let (old, new) = (Arc::new(Count::default()), Arc::new(Count::default()));
        assert!(poll(&mut stream.next(), &old).is_pending());
        assert!(poll(&mut stream.next(), &new).is_pending());
        assert_eq!(Arc::strong_count(&old), 1);
        stream.source().emit(1).unwrap();
        assert_eq!((old.get(), new.get()), (0, 1));
    }
}

#[test]
fn the_last_emitter_wakes_the_task() {
    for policy in POLICIES {
        let mut stream = events::<u8, _>(1, policy, Some);
        let count = Arc::new(Count::default());
        assert!(poll(&mut stream.next(), &count).is_pending());
        let clone = stream.source().clone();
        *stream.source_mut() = None;
        assert_eq!(count.get(), 0);
        drop(clone);
        assert_eq!(count.get(), 1);
        assert!(matches!(
            poll(&mut stream.next(), &count),
            Poll::Ready(None)
        ));
    }
}

#[test]
fn a_waiting_future_that_is_dropped_loses_no_event() {
    for policy in POLICIES {
        let mut stream = events(1, policy, |emitter| emitter);
        let count = Arc::new(Count::default());
        let mut next = stream.next();
        assert!(poll(&mut next, &count).is_pending());
        drop(next);
        stream.source().emit(1).unwrap();
        assert_eq!(super::received(&mut stream), [1]);
    }
}

#[test]
fn the_types_may_go_where_their_events_may() {
    fn is_send_and_sync<T: Send + Sync>() {}
    fn is_send<T: Send>(_: impl FnOnce(&Emitter<Cell<u8>>) -> T) {}
    fn is_unpin<T: Unpin>() {}
    is_send_and_sync::<Emitter<Cell<u8>>>();
    is_send_and_sync::<Events<Cell<u8>, ()>>();
    is_unpin::<Events<PhantomPinned, PhantomPinned>>();
    is_send(|emitter| {
        events(1, Policy::Block, |_: Emitter<Cell<u8>>| {
            Cell::new(emitter.is_closed())
        })
    });
}

/// It compiles.
fn _a_send_may_go_to_another_thread(emitter: &Emitter<Cell<u8>>) -> impl Send {
    emitter.send(Cell::new(1))
}
