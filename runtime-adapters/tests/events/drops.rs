//! Tests dropping the stream: what is dropped, in which order, and what drops may still do.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use conjoin_adapters::{EmitError, Emitter, Policy, events};

use super::{Live, POLICIES, join, living};

/// Calls a function when it is dropped.
struct OnDrop<F: FnMut()>(F);

impl<F: FnMut()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[derive(Debug, thiserror::Error)]
#[error("logged")]
struct Logged(&'static str, Log);

type Log = Arc<Mutex<Vec<&'static str>>>;

impl Drop for Logged {
    fn drop(&mut self) {
        self.1.lock().unwrap().push(self.0);
    }
}

#[test]
fn drop_order_is_events_error_source() {
    for policy in POLICIES {
        let log = Log::default();
        let stream = events(2, policy, |emitter| {
            emitter.emit(Logged("event", Arc::clone(&log))).unwrap();
            emitter.fail(Logged("error", Arc::clone(&log)).into());
            let log = Arc::clone(&log);
            OnDrop(move || {
                assert!(emitter.is_closed());
                log.lock().unwrap().push("source");
            })
        });
        drop(stream);
        assert_eq!(*log.lock().unwrap(), ["event", "error", "source"]);
    }
}

#[test]
fn emit_in_a_source_drop_returns_the_event() {
    for policy in POLICIES {
        let results = Arc::default();
        let stream = events(1, policy, |emitter| {
            emitter.emit(1).unwrap();
            let results: Arc<Mutex<Vec<_>>> = Arc::clone(&results);
            OnDrop(move || results.lock().unwrap().push(emitter.emit(2)))
        });
        drop(stream);
        assert_eq!(*results.lock().unwrap(), [Err(EmitError::Closed(2))]);
    }
}

#[test]
fn source_drop_may_join_its_thread() {
    struct Source(Option<JoinHandle<u64>>);
    impl Drop for Source {
        fn drop(&mut self) {
            // It emits until it is told to stop. With `Block` it is blocked by now, or soon.
            assert!(join(self.0.take().unwrap()) > 0);
        }
    }
    for policy in POLICIES {
        let (started, wait) = std::sync::mpsc::channel();
        let stream = events(1, policy, |emitter| {
            Source(Some(thread::spawn(move || {
                let mut count = 0;
                while !matches!(emitter.emit(count), Err(EmitError::Closed(_))) {
                    count += 1;
                    let _ = started.send(());
                }
                count
            })))
        });
        wait.recv().unwrap();
        drop(stream);
    }
}

#[test]
fn emit_in_an_event_drop_returns_the_event() {
    #[derive(Debug)]
    struct Again(Emitter<Again>, Log);
    impl Drop for Again {
        fn drop(&mut self) {
            let (emitter, log) = (self.0.clone(), Arc::clone(&self.1));
            log.lock().unwrap().push("dropped");
            if log.lock().unwrap().len() < 3 {
                let error = emitter
                    .emit(Again(emitter.clone(), Arc::clone(&log)))
                    .unwrap_err();
                assert!(error.is_closed());
            }
        }
    }
    for policy in POLICIES {
        let log = Log::default();
        let stream = events(2, policy, |emitter| emitter);
        stream
            .source()
            .emit(Again(stream.source().clone(), Arc::clone(&log)))
            .unwrap();
        drop(stream);
        assert_eq!(log.lock().unwrap().len(), 3);
        // The events held emitters, which held the queue: it must not keep an event.
        assert_eq!(Arc::strong_count(&log), 1);
    }
}

#[test]
fn panicking_event_drop_skips_no_other_drop() {
    for policy in POLICIES {
        let (others, guards) = (Arc::new(()), Arc::new(()));
        let stream = events(3, policy, |emitter: Emitter<Box<dyn Send>>| {
            let panics: Box<dyn Send> = Box::new(OnDrop(|| panic!("of an event")));
            // `Latest` keeps the newest one.
            if policy == Policy::Latest {
                emitter.emit(Box::new(Live::of(&others))).unwrap();
                emitter.emit(panics).unwrap();
            } else {
                emitter.emit(panics).unwrap();
                emitter.emit(Box::new(Live::of(&others))).unwrap();
                emitter.emit(Box::new(Live::of(&others))).unwrap();
            }
            (emitter, Live::of(&guards))
        });
        let emitter = stream.source().0.clone();
        let panic = catch_unwind(AssertUnwindSafe(|| drop(stream))).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"of an event"));
        assert_eq!((living(&others), living(&guards)), (0, 0));
        assert!(emitter.is_closed());
    }
}

#[test]
fn panic_of_a_replaced_event_keeps_the_stream() {
    for policy in [Policy::DropOldest, Policy::DropNewest, Policy::Latest] {
        let stream = events(1, policy, |emitter| emitter);
        let panics = || OnDrop(|| assert!(thread::panicking(), "of an event"));
        stream.source().emit(Some(panics())).unwrap();
        let second = if policy == Policy::DropNewest {
            Some(panics())
        } else {
            None
        };
        catch_unwind(AssertUnwindSafe(|| stream.source().emit(second))).unwrap_err();
        assert_eq!(stream.dropped(), 1);
        let _ = catch_unwind(AssertUnwindSafe(|| drop(stream)));
    }
}

#[test]
fn a_dropped_stream_lets_go_of_the_task_that_waited() {
    use futures::{FutureExt, StreamExt};
    for policy in POLICIES {
        let mut stream = events::<u8, _>(1, policy, |emitter| emitter);
        let emitter = stream.source().clone();
        let count = Arc::new(super::Count::default());
        assert!(super::poll(&mut stream.next(), &count).is_pending());
        assert_eq!(Arc::strong_count(&count), 2);
        drop(stream);
        assert_eq!(Arc::strong_count(&count), 1);
        assert!(emitter.send(1).now_or_never().unwrap().is_err());
    }
}
