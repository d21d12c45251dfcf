//! Explores all interleavings of threads in a stream of events:
//! `RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=target/loom cargo test -p conjoin-adapters --release --test events_loom`.
//!
//! A wake that is lost is a deadlock here, which loom reports.
#![cfg(loom)]

use std::sync::Arc;

use conjoin_adapters::{EmitError, Emitter, Events, Policy, events};
use futures::StreamExt;
use loom::future::block_on;
use loom::thread;

const POLICIES: [Policy; 5] = [
    Policy::DropOldest,
    Policy::DropNewest,
    Policy::Block,
    Policy::Fail,
    Policy::Latest,
];

/// Explores all interleavings with this many preemptions.
fn explore(preemptions: usize, model: impl Fn(Policy) + Copy + Send + Sync + 'static) {
    for policy in POLICIES {
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = Some(preemptions);
        builder.check(move || model(policy));
    }
}

/// How many were accepted, and how many rejected.
fn emit_all(emitter: &Emitter<usize>, numbers: impl IntoIterator<Item = usize>) -> (usize, usize) {
    let (mut taken, mut refused) = (0, 0);
    for number in numbers {
        match emitter.emit(number) {
            Ok(()) => taken += 1,
            Err(EmitError::Full(back)) => {
                assert_eq!(back, number);
                refused += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
    (taken, refused)
}

fn receive_all<G>(stream: &mut Events<usize, G>) -> Vec<usize> {
    block_on(async { stream.map(Result::unwrap).collect().await })
}

#[test]
fn one_emitter_and_the_stream() {
    explore(3, |policy| {
        let mut stream = events(1, policy, |emitter| {
            Some(thread::spawn(move || emit_all(&emitter, 0..3)))
        });
        let received = receive_all(&mut stream);
        let (taken, refused) = stream.source_mut().take().unwrap().join().unwrap();
        assert_eq!(taken + refused, 3);
        assert_eq!(
            received.len() + usize::try_from(stream.dropped()).unwrap(),
            taken
        );
        assert!(received.is_sorted());
        match policy {
            Policy::Block => assert_eq!(received, [0, 1, 2]),
            Policy::DropOldest | Policy::Latest => assert_eq!(received.last(), Some(&2)),
            _ => assert_eq!(received.first(), Some(&0)),
        }
    });
}

#[test]
fn two_emitters_and_the_stream() {
    explore(2, |policy| {
        let mut stream = events(1, policy, |emitter| {
            let other = emitter.clone();
            let other = thread::spawn(move || emit_all(&other, [0]));
            Some([other, thread::spawn(move || emit_all(&emitter, [1]))])
        });
        let received = receive_all(&mut stream);
        let sent = stream
            .source_mut()
            .take()
            .unwrap()
            .map(|thread| thread.join().unwrap());
        let taken = sent[0].0 + sent[1].0;
        assert_eq!(
            received.len() + usize::try_from(stream.dropped()).unwrap(),
            taken
        );
        assert!(policy == Policy::Fail || taken == 2);
    });
}

#[test]
fn two_threads_with_the_same_emitter() {
    explore(2, |policy| {
        let mut stream = events(2, policy, |emitter| {
            let emitter = loom::sync::Arc::new(emitter);
            let other = loom::sync::Arc::clone(&emitter);
            let other = thread::spawn(move || emit_all(&other, [0]));
            Some([other, thread::spawn(move || emit_all(&emitter, [1]))])
        });
        let received = receive_all(&mut stream);
        let sent = stream
            .source_mut()
            .take()
            .unwrap()
            .map(|thread| thread.join().unwrap());
        assert_eq!(sent[0].0 + sent[1].0, 2);
        assert_eq!(
            received.len() + usize::try_from(stream.dropped()).unwrap(),
            2
        );
    });
}

#[test]
fn a_stream_that_is_dropped_while_a_thread_emits() {
    explore(3, |policy| {
        let values = Arc::new(());
        let stream = events(1, policy, |emitter| emitter);
        let emitter = stream.source().clone();
        let thread = {
            let (emitter, values) = (emitter.clone(), Arc::clone(&values));
            thread::spawn(move || {
                for _ in 0..2 {
                    let _ = emitter.emit(Arc::clone(&values));
                }
            })
        };
        drop(stream);
        thread.join().unwrap();
        // This emitter keeps the queue alive, which is empty.
        assert!(emitter.is_closed());
        assert_eq!(Arc::strong_count(&values), 1);
    });
}

#[test]
fn a_stream_that_is_dropped_while_two_threads_emit() {
    explore(2, |policy| {
        let values = Arc::new(());
        let stream = events(1, policy, |emitter| emitter);
        let emitter = stream.source().clone();
        let threads = [(); 2].map(|()| {
            let (emitter, values) = (emitter.clone(), Arc::clone(&values));
            thread::spawn(move || drop(emitter.emit(values)))
        });
        drop(stream);
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(Arc::strong_count(&values), 1);
    });
}

#[test]
fn an_error_among_events() {
    explore(2, |policy| {
        let mut stream = events(1, policy, |emitter| {
            let failing = emitter.clone();
            let emitting = thread::spawn(move || {
                let results = [1, 2].map(|number| emitter.emit(number));
                results.iter().filter(|result| result.is_ok()).count()
            });
            let failing = thread::spawn(move || failing.fail("enough".into()));
            Some((emitting, failing))
        });
        let mut received = 0;
        block_on(async {
            while stream.next().await.expect("the error comes last").is_ok() {
                received += 1;
            }
            assert!(stream.next().await.is_none());
        });
        let (emitting, failing) = stream.source_mut().take().unwrap();
        failing.join().unwrap();
        let taken = emitting.join().unwrap();
        assert_eq!(received + usize::try_from(stream.dropped()).unwrap(), taken);
    });
}

#[test]
fn an_error_while_the_stream_is_dropped() {
    #[derive(Debug)]
    struct Failure(#[expect(dead_code, reason = "it is counted")] Arc<()>);
    impl std::fmt::Display for Failure {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("enough")
        }
    }
    impl std::error::Error for Failure {}

    explore(3, |policy| {
        let errors = Arc::new(());
        let stream = events::<u8, _>(1, policy, |emitter| emitter);
        let emitter = stream.source().clone();
        let thread = {
            let (emitter, error) = (emitter.clone(), Failure(Arc::clone(&errors)));
            thread::spawn(move || emitter.fail(error.into()))
        };
        drop(stream);
        thread.join().unwrap();
        assert!(emitter.is_closed());
        assert_eq!(Arc::strong_count(&errors), 1);
    });
}

#[test]
fn sends_that_wait_for_room() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(|| {
        let mut stream = events(1, Policy::Block, |emitter| {
            let other = emitter.clone();
            thread::spawn(move || block_on(other.send(0)).unwrap());
            thread::spawn(move || block_on(emitter.send(1)).unwrap());
        });
        assert_eq!(receive_all(&mut stream).len(), 2);
    });
}
