//! Tests several emitting threads, with a task that receives or is dropped.

use std::ops::ControlFlow;
use std::sync::{Arc, Barrier};
use std::thread::{self, JoinHandle};

use conjoin_adapters::{EmitError, Emitter, Events, Policy, events};
use futures::StreamExt;

use super::{Live, POLICIES, join, living, run};

const THREADS: usize = 4;
const EVENTS: usize = 5_000;

/// The value, its number in its thread, and the thread's number.
type Event = (Live, usize, usize);

#[derive(Debug, Default)]
struct Sent {
    taken: usize,
    refused: usize,
    closed: usize,
}

/// Starts threads together, which emit all their events, or until there is no receiver.
fn emitting(
    emitter: Emitter<Event>,
    values: &Arc<()>,
    is_shared: bool,
    events: usize,
) -> Vec<JoinHandle<Sent>> {
    let begin = Arc::new(Barrier::new(THREADS));
    let common = Arc::new(emitter);
    let spawn = |thread| {
        let emitter = if is_shared {
            Arc::clone(&common)
        } else {
            Arc::new(Emitter::clone(&common))
        };
        let (begin, values) = (Arc::clone(&begin), Arc::clone(values));
        thread::spawn(move || {
            begin.wait();
            let mut sent = Sent::default();
            let _ = (0..events).try_for_each(|number| {
                match emitter.emit((Live::of(&values), number, thread)) {
                    Ok(()) => sent.taken += 1,
                    Err(EmitError::Full(_)) => sent.refused += 1,
                    Err(_) => {
                        sent.closed += 1;
                        return ControlFlow::Break(());
                    }
                }
                ControlFlow::Continue(())
            });
            sent
        })
    };
    (0..THREADS).map(spawn).collect()
}

/// Receives up to this many events and checks their order. Returns their number.
fn receive<G>(stream: &mut Events<Event, G>, most: usize) -> usize {
    let mut next = [0; THREADS];
    let mut count = 0;
    while count < most
        && let Some(event) = run(stream.next())
    {
        let (_, number, thread) = event.unwrap();
        assert!(number >= next[thread], "what a thread emits comes in order");
        next[thread] = number + 1;
        count += 1;
    }
    count
}

#[test]
fn every_event_is_received_or_counted() {
    for policy in POLICIES {
        for (capacity, is_shared) in [(1, false), (3, true), (64, false)] {
            let values = Arc::new(());
            let mut stream = events(capacity, policy, |emitter| {
                emitting(emitter, &values, is_shared, EVENTS)
            });
            let received = receive(&mut stream, usize::MAX);
            let dropped = usize::try_from(stream.dropped()).unwrap();
            let sent = std::mem::take(stream.source_mut()).into_iter().map(join);
            let (taken, refused) = sent.fold((0, 0), |sum, sent| {
                (sum.0 + sent.taken, sum.1 + sent.refused)
            });
            assert_eq!(taken + refused, THREADS * EVENTS);
            assert_eq!(received + dropped, taken, "under {policy:?}");
            assert!(policy == Policy::Fail || refused == 0);
            assert!(
                matches!(
                    policy,
                    Policy::DropOldest | Policy::DropNewest | Policy::Latest
                ) || dropped == 0
            );
            // While the stream exists.
            assert_eq!(living(&values), 0);
        }
    }
}

#[test]
fn dropped_stream_leaks_nothing() {
    for policy in POLICIES {
        for round in 0..60 {
            let values = Arc::new(());
            let mut kept = None;
            let mut stream = events(1 + round % 5, policy, |emitter| {
                kept = Some(emitter.clone());
                emitting(emitter, &values, round % 2 == 0, usize::MAX)
            });
            receive(&mut stream, round * 3);
            let threads = std::mem::take(stream.source_mut());
            drop(stream);
            for sent in threads.into_iter().map(join) {
                assert_eq!(sent.closed, 1);
            }
            // The queue lives on for this emitter, but it is empty.
            assert!(kept.unwrap().is_closed());
            assert_eq!(living(&values), 0, "under {policy:?}");
        }
    }
}

#[test]
fn nothing_is_left_behind_while_an_emitter_lives() {
    for policy in POLICIES {
        for round in 0..200 {
            let values = Arc::new(());
            let stream = events(1 + round % 3, policy, |emitter| emitter);
            let emitter = stream.source().clone();
            let begin = Arc::new(Barrier::new(2));
            let thread = {
                let (emitter, values, begin) =
                    (emitter.clone(), Arc::clone(&values), Arc::clone(&begin));
                thread::spawn(move || {
                    begin.wait();
                    while !matches!(emitter.emit(Live::of(&values)), Err(EmitError::Closed(_))) {}
                })
            };
            begin.wait();
            drop(stream);
            join(thread);
            assert_eq!(living(&values), 0, "under {policy:?}");
            drop(emitter);
        }
    }
}

#[test]
fn error_ends_the_stream_after_taken_events() {
    for policy in POLICIES {
        for round in 0..100 {
            let mut stream = events(1 + round % 3, policy, |emitter| {
                let failing = emitter.clone();
                let emitting = thread::spawn(move || {
                    let mut taken = 0;
                    loop {
                        match emitter.emit(taken) {
                            Ok(()) => taken += 1,
                            Err(EmitError::Closed(_)) => return taken,
                            Err(_) => {}
                        }
                    }
                });
                (Some(emitting), failing)
            });
            let mut received = 0;
            for _ in 0..round {
                run(stream.next()).unwrap().unwrap();
                received += 1;
            }
            stream.source().1.fail("enough".into());
            loop {
                match run(stream.next()).expect("the error comes last") {
                    Ok(_) => received += 1,
                    Err(error) => break assert_eq!(error.to_string(), "enough"),
                }
            }
            assert!(run(stream.next()).is_none());
            let taken = join(stream.source_mut().0.take().unwrap());
            assert_eq!(received + stream.dropped(), taken, "under {policy:?}");
        }
    }
}
