//! Tests the `tracing` events of unobserved rejections.

use std::fmt::{self, Write};
use std::sync::{Arc, Mutex};

use conjoin_adapters::promise::Promise;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::{poll_once, rejected, resolved, soon};

/// Keeps the text of every event.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<String>>>);

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, "{}={value:?} ", field.name()).unwrap();
    }
}

impl Subscriber for Kept {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("conjoin_adapters")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(format!("{} ", event.metadata().level()));
        event.record(&mut text);
        self.0.lock().unwrap().push(text.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The reports since the last call.
fn reports(code: impl FnOnce()) -> Vec<String> {
    let kept = Kept::default();
    tracing::subscriber::with_default(kept.clone(), code);
    let reports = kept.0.lock().unwrap();
    reports.clone()
}

fn run<T>(future: impl IntoFuture<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(soon(future))
}

#[test]
fn unobserved_rejection_is_reported_with_its_place() {
    let line = line!() + 2;
    let reports = reports(|| {
        drop(rejected_here("no"));
    });
    let [report] = &reports[..] else {
        panic!("one report: {reports:?}")
    };
    assert!(
        report.starts_with("WARN ") && report.contains("error=\"no\"") && report.contains(file!()),
        "{report}"
    );
    assert!(
        report.contains(&format!(":{line}:")),
        "{report} is not of line {line}"
    );
}

#[track_caller]
fn rejected_here(error: &'static str) -> Promise<u8, &'static str> {
    Promise::rejected(error)
}

#[test]
fn each_rejection_is_reported_once() {
    let count = |code: fn()| reports(code).len();
    assert_eq!(
        count(|| {
            let (promise, resolver) = Promise::<u8, _>::deferred();
            resolver.reject("no").unwrap();
            drop((promise.clone(), promise));
        }),
        1
    );
    assert_eq!(
        count(|| {
            let root = rejected::<u8>("no");
            let _ = root.then(|n| n).tap(|_| ()).finally(|| ());
            run(&root).unwrap_err();
            let _ = run(root.settled());
        }),
        1
    );
    assert_eq!(
        count(|| {
            let root = resolved(1);
            let _ = root.then(|_| panic!("oh"));
            let _ = run(root.settled());
        }),
        1
    );
}

#[test]
fn observed_rejection_is_not_reported() {
    let seen = reports(|| {
        run(rejected::<u8>("awaited")).unwrap_err();
        let _ = rejected::<u8>("asked").state();
        run(rejected("caught").catch(|_| 0)).unwrap();
        let _ = run(rejected::<u8>("settled").settled());
        let _ = run(Promise::all([rejected::<u8>("of many")]));
        let _ = run(rejected::<u8>("limited").timeout(std::time::Duration::ZERO, "late"));
    });
    assert_eq!(seen, [""; 0]);
}

#[test]
fn giving_up_is_not_reported() {
    let given_up = reports(|| {
        drop(Promise::<u8, &str>::deferred());
        let (promise, resolver) = Promise::<u8, &str>::deferred();
        let derived = promise.then(|n| n);
        assert!(poll_once(&derived).is_pending());
        resolver.cancel();
        drop((promise, derived));
    });
    assert_eq!(given_up, [""; 0]);
}

#[test]
fn of_an_error_that_is_no_text_the_type_is_told() {
    #[derive(Clone)]
    struct Oops;
    let reports = reports(|| drop(Promise::<u8, _>::rejected(Oops)));
    assert!(reports[0].contains("Oops"), "{reports:?}");
}
