//! Tests how a stream ends: with its emitters, with an error, by being dropped, or before it began.

use std::convert::identity;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::task::Poll;
use std::thread;

use conjoin_adapters::{BoxError, EmitError, Emitter, Policy, events, try_events};
use futures::stream::FusedStream;
use futures::{FutureExt, StreamExt};

use super::{Count, Live, POLICIES, all, join, living, poll, received, run};

#[test]
fn ends_after_the_last_emitter_and_event() {
    for policy in POLICIES {
        let mut stream = events(4, policy, Some);
        let clone = stream.source().clone();
        clone.as_ref().unwrap().emit(1).unwrap();
        *stream.source_mut() = None;
        assert_eq!(received(&mut stream), [1]);
        assert!(
            stream.next().now_or_never().is_none(),
            "the clone may yet emit"
        );
        clone.as_ref().unwrap().emit(2).unwrap();
        drop(clone);
        assert!(!stream.is_terminated());
        assert_eq!(all(&mut stream), [2]);
        assert!(stream.is_terminated());
        assert!(all(&mut stream).is_empty());
    }
}

#[test]
fn without_an_event_it_ends_too() {
    for policy in POLICIES {
        assert!(all(&mut events(1, policy, drop::<Emitter<u8>>)).is_empty());
    }
}

#[test]
fn error_follows_the_events_and_ends_the_stream() {
    for policy in POLICIES {
        let mut stream = events(1, policy, |emitter| {
            emitter.emit(1).unwrap();
            assert!(!emitter.is_closed());
            emitter.fail("the cable is out".into());
            emitter.fail("so is the light".into());
            emitter
        });
        assert!(stream.source().is_closed());
        assert_eq!(stream.source().emit(2), Err(EmitError::Closed(2)));
        assert_eq!(run(stream.next()).unwrap().unwrap(), 1);
        assert_eq!(
            run(stream.next()).unwrap().unwrap_err().to_string(),
            "the cable is out"
        );
        assert!(run(stream.next()).is_none());
        stream.source().fail("too late".into());
        assert_eq!(stream.source().emit(3), Err(EmitError::Closed(3)));
        assert!(run(stream.next()).is_none());
        assert_eq!(stream.dropped(), 0);
    }
}

#[test]
fn an_error_wakes_the_task() {
    for policy in POLICIES {
        let mut stream = events::<u8, _>(1, policy, identity);
        let count = Arc::new(Count::default());
        assert!(poll(&mut stream.next(), &count).is_pending());
        stream.source().fail("the cable is out".into());
        assert_eq!(count.get(), 1);
        assert!(matches!(
            poll(&mut stream.next(), &count),
            Poll::Ready(Some(Err(_)))
        ));
    }
}

#[test]
fn emit_without_a_stream_returns_the_event() {
    for policy in POLICIES {
        let stream = events(1, policy, |emitter| emitter);
        let emitter = stream.source().clone();
        assert!(!emitter.is_closed());
        drop(stream);
        assert!(emitter.is_closed());
        for event in 0..3 {
            assert_eq!(emitter.emit(event), Err(EmitError::Closed(event)));
            assert_eq!(run(emitter.send(event)), Err(EmitError::Closed(event)));
        }
        assert!(emitter.clone().is_closed());
    }
}

#[derive(Debug, thiserror::Error)]
#[error("with {0:?}")]
struct Failure(Live);

#[test]
fn errors_that_nobody_receives_are_dropped() {
    for policy in POLICIES {
        let errors = Arc::new(());
        let stream = events::<u8, _>(1, policy, identity);
        let emitter = stream.source().clone();
        emitter.fail(Failure(Live::of(&errors)).into());
        emitter.fail(Failure(Live::of(&errors)).into());
        assert_eq!(living(&errors), 1, "the first one waits");
        drop(stream);
        assert_eq!(living(&errors), 0);
        emitter.fail(Failure(Live::of(&errors)).into());
        assert_eq!(living(&errors), 0);
    }
}

#[test]
fn a_failure_releases_who_waits_for_room() {
    let mut stream = events(1, Policy::Block, |emitter| emitter);
    stream.source().emit(0).unwrap();
    let blocked = stream.source().clone();
    let thread = thread::spawn(move || blocked.emit(1));
    let waiting = stream.source().clone();
    let mut send = Box::pin(waiting.send(2));
    let count = Arc::new(Count::default());
    assert!(poll(&mut send, &count).is_pending());
    stream.source().fail("the cable is out".into());
    assert_eq!(count.get(), 1);
    assert_eq!(
        poll(&mut send, &count),
        Poll::Ready(Err(EmitError::Closed(2)))
    );
    assert_eq!(join(thread), Err(EmitError::Closed(1)));
    assert_eq!(run(stream.next()).unwrap().unwrap(), 0);
    run(stream.next()).unwrap().unwrap_err();
}

#[test]
fn panicking_source_closes_its_emitter() {
    for policy in POLICIES {
        let values = Arc::new(());
        let mut escaped = None;
        let source = |emitter: Emitter<Live>| {
            emitter.emit(Live::of(&values)).unwrap();
            escaped = Some(emitter.clone());
            panic!("no such device");
        };
        let panic =
            catch_unwind(AssertUnwindSafe(|| events(1, policy, source).dropped())).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"no such device"));
        assert_eq!(living(&values), 0);
        assert!(
            escaped
                .unwrap()
                .emit(Live::of(&values))
                .unwrap_err()
                .is_closed()
        );
    }
}

#[test]
fn failing_source_closes_its_emitter() {
    for policy in POLICIES {
        let mut escaped = None;
        let source = |emitter: Emitter<u8>| {
            escaped = Some(emitter);
            Err::<(), BoxError>("no such device".into())
        };
        assert_eq!(
            try_events(1, policy, source).unwrap_err().to_string(),
            "no such device"
        );
        assert_eq!(escaped.unwrap().emit(1), Err(EmitError::Closed(1)));
    }
}

#[test]
fn emit_error_holds_the_event() {
    struct Opaque(u8);
    let full = EmitError::Full(Opaque(7));
    assert!(full.is_full() && !full.is_closed());
    assert_eq!(
        format!("{full:?}: {full}"),
        "Full(..): there is no room for the event"
    );
    let closed = EmitError::Closed(Opaque(7));
    assert!(closed.is_closed() && !closed.is_full());
    assert_eq!(
        format!("{closed:?}: {closed}"),
        "Closed(..): the stream of events is closed"
    );
    assert_eq!(full.into_inner().0 + closed.into_inner().0, 14);
}

#[test]
fn debug_says_what_it_is() {
    let stream = events::<u8, _>(1, Policy::Latest, identity);
    stream.source().emit(1).unwrap();
    stream.source().emit(2).unwrap();
    assert_eq!(
        format!("{stream:?}"),
        "Events { policy: Latest, dropped: 1, .. }"
    );
    assert_eq!(
        format!("{:?}", stream.source()),
        "Emitter { policy: Latest, is_closed: false, .. }"
    );
}
