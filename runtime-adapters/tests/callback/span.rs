//! Tests that a callback runs in the span in which it was registered.

use std::cell::RefCell;
use std::future::{pending, ready};
use std::sync::{Arc, Mutex};

use conjoin_adapters::{IntoCallback, Resolver, from_callback};
use futures::executor::block_on;
use tracing::{Span, info_span};

/// The name of the current span.
fn here() -> Option<&'static str> {
    Span::current().metadata().map(tracing::Metadata::name)
}

/// Runs with a subscriber that tracks the current span.
fn with_spans(test: impl FnOnce()) {
    tracing::subscriber::with_default(tracing_subscriber::registry(), test);
}

#[test]
fn hooks_run_where_they_were_registered() {
    with_spans(|| {
        let seen = Arc::new(Mutex::new(None));
        let hook = Arc::clone(&seen);
        let kept = RefCell::new(None);
        let future = from_callback(|done: Resolver<(), ()>| *kept.borrow_mut() = Some(done));
        let done = kept.take().expect("it is called at once");
        info_span!("registered")
            .in_scope(|| done.on_cancel(move || *hook.lock().expect("a name") = here()));
        info_span!("elsewhere").in_scope(|| drop(future));
        assert_eq!(*seen.lock().expect("a name"), Some("registered"));
    });
}

#[test]
fn callback_runs_in_its_registration_span() {
    with_spans(|| {
        let seen = RefCell::new(Vec::new());
        let (one, other) = info_span!("turned").in_scope(|| {
            let one = ready(()).into_callback(|task| task, |_| seen.borrow_mut().push(here()));
            (
                one,
                pending::<()>().into_callback(|task| task, |_| seen.borrow_mut().push(here())),
            )
        });
        info_span!("elsewhere").in_scope(|| {
            block_on(one);
            drop(other);
        });
        assert_eq!(seen.into_inner(), [Some("turned"), Some("turned")]);
    });
}

#[test]
#[cfg(feature = "promise")]
fn handlers_run_in_their_registration_span() {
    use conjoin_adapters::Promise;

    with_spans(|| {
        let (name, names) = info_span!("registered").in_scope(|| {
            let promise = Promise::<_, ()>::resolved(1);
            let name = promise.then(|_| here());
            let names = promise.and_then(async |_| {
                let before = here();
                tokio::task::yield_now().await;
                Ok((before, here()))
            });
            (name, names)
        });
        info_span!("elsewhere").in_scope(|| {
            assert_eq!(block_on(name.into_future()), Ok(Some("registered")));
            assert_eq!(
                block_on(names.into_future()),
                Ok((Some("registered"), Some("registered")))
            );
        });
    });
}
