//! Tests waiting for room, on a thread and in a task.

use std::sync::Arc;
use std::task::Poll;
use std::thread;

use conjoin_adapters::{EmitError, Policy, events};
use futures::FutureExt;
use futures::StreamExt;

use super::{Count, POLICIES, join, poll, received, run};

#[test]
fn a_send_waits_until_there_is_room() {
    let mut stream = events(1, Policy::Block, |emitter| emitter);
    let emitter = stream.source().clone();
    let count = Arc::new(Count::default());
    run(emitter.send(1)).unwrap();
    let mut send = Box::pin(emitter.send(2));
    assert!(poll(&mut send, &count).is_pending());
    assert!(poll(&mut send, &count).is_pending());
    assert_eq!(run(stream.next()).unwrap().unwrap(), 1);
    assert_eq!(count.get(), 1);
    assert_eq!(poll(&mut send, &count), Poll::Ready(Ok(())));
    assert_eq!(received(&mut stream), [2]);
}

#[test]
fn each_free_place_wakes_one_waiter() {
    let mut stream = events(2, Policy::Block, |emitter| emitter);
    let emitter = stream.source().clone();
    emitter.emit(0).unwrap();
    emitter.emit(1).unwrap();
    let counts = [(); 3].map(|()| Arc::new(Count::default()));
    let mut sends: Vec<_> = (2..5).map(|event| Box::pin(emitter.send(event))).collect();
    for (send, count) in sends.iter_mut().zip(&counts) {
        assert!(poll(send, count).is_pending());
    }
    // Both happen before the first one checks.
    assert_eq!(run(stream.next()).unwrap().unwrap(), 0);
    assert_eq!(run(stream.next()).unwrap().unwrap(), 1);
    assert_eq!(counts.each_ref().map(|count| count.get()), [1, 1, 0]);
    assert_eq!(poll(&mut sends[0], &counts[0]), Poll::Ready(Ok(())));
    assert_eq!(poll(&mut sends[1], &counts[1]), Poll::Ready(Ok(())));
    assert!(poll(&mut sends[2], &counts[2]).is_pending());
    assert_eq!(received(&mut stream), [2, 3]);
    assert_eq!(poll(&mut sends[2], &counts[2]), Poll::Ready(Ok(())));
}

#[test]
fn dropped_send_passes_its_turn_on() {
    let mut stream = events(1, Policy::Block, |emitter| emitter);
    let emitter = stream.source().clone();
    emitter.emit(0).unwrap();
    let (first, second) = (Arc::new(Count::default()), Arc::new(Count::default()));
    let mut dropped = Box::pin(emitter.send(1));
    let mut kept = Box::pin(emitter.send(2));
    assert!(poll(&mut dropped, &first).is_pending());
    assert!(poll(&mut kept, &second).is_pending());
    assert_eq!(run(stream.next()).unwrap().unwrap(), 0);
    assert_eq!((first.get(), second.get()), (1, 0));
    drop(dropped);
    assert_eq!(second.get(), 1);
    assert_eq!(poll(&mut kept, &second), Poll::Ready(Ok(())));
    assert_eq!(received(&mut stream), [2]);
}

#[test]
fn dropped_stream_releases_blocked_emitters() {
    let stream = events(1, Policy::Block, |emitter| emitter);
    let emitter = stream.source().clone();
    emitter.emit(0).unwrap();
    let threads: Vec<_> = (1..4)
        .map(|event| {
            let emitter = emitter.clone();
            thread::spawn(move || emitter.emit(event))
        })
        .collect();
    let count = Arc::new(Count::default());
    let mut send = Box::pin(emitter.send(4));
    assert!(poll(&mut send, &count).is_pending());
    drop(stream);
    assert_eq!(count.get(), 1);
    assert_eq!(
        poll(&mut send, &count),
        Poll::Ready(Err(EmitError::Closed(4)))
    );
    for (event, thread) in (1..).zip(threads) {
        assert_eq!(join(thread), Err(EmitError::Closed(event)));
    }
}

#[test]
fn under_other_policies_a_send_does_not_wait() {
    for policy in POLICIES
        .into_iter()
        .filter(|&policy| policy != Policy::Block)
    {
        let mut stream = events(1, policy, |emitter| emitter);
        let emitter = stream.source();
        assert_eq!(emitter.send(1).now_or_never(), Some(Ok(())));
        let second = if policy == Policy::Fail {
            Err(EmitError::Full(2))
        } else {
            Ok(())
        };
        assert_eq!(emitter.send(2).now_or_never(), Some(second));
        let kept = if matches!(policy, Policy::Fail | Policy::DropNewest) {
            1
        } else {
            2
        };
        assert_eq!(received(&mut stream), [kept]);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_send_and_its_stream_may_share_a_thread() {
    let mut stream = events(3, Policy::Block, |emitter| {
        tokio::spawn(async move {
            for event in 0..10_000 {
                emitter.send(event).await.unwrap();
            }
        })
    });
    for event in 0..10_000 {
        assert_eq!(stream.next().await.unwrap().unwrap(), event);
    }
    assert!(stream.next().await.is_none());
}

#[tokio::test(flavor = "current_thread")]
async fn blocking_threads_may_emit() {
    let stream = events(3, Policy::Block, |emitter| {
        tokio::task::spawn_blocking(move || (0..10_000).try_for_each(|event| emitter.emit(event)))
    });
    let received: Vec<_> = stream.map(Result::unwrap).collect().await;
    assert_eq!(received, (0..10_000).collect::<Vec<_>>());
}
