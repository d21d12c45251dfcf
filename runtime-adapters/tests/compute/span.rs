//! Tests that work runs in the span that submitted it.

use std::sync::Once;

use conjoin_adapters::{blocking, cpu, spawn};
use tracing::{Span, info_span};

use crate::{finish, narrow_runtime};

/// The name of the current span.
fn here() -> Option<&'static str> {
    Span::current().metadata().map(tracing::Metadata::name)
}

#[test]
fn work_is_in_the_span_of_the_call() {
    static START: Once = Once::new();
    // For all threads: a span is current only on a thread with its subscriber.
    START.call_once(|| {
        tracing::subscriber::set_global_default(tracing_subscriber::registry())
            .expect("the only one");
    });
    let runtime = narrow_runtime();
    let _entered = runtime.enter();
    let (blocking, cpu, spawned) = info_span!("called").in_scope(|| {
        let spawned = spawn(async {
            let before = here();
            tokio::task::yield_now().await;
            [before, here()]
        });
        (blocking(here), cpu(here), spawned)
    });
    info_span!("elsewhere").in_scope(|| {
        assert_eq!(finish(blocking), Ok(Some("called")));
        assert_eq!(finish(cpu), Ok(Some("called")));
        assert_eq!(finish(spawned), Ok([Some("called"); 2]));
    });
    // It leaves the span after its end.
    assert_eq!(finish(conjoin_adapters::blocking(here)), Ok(None));
}
