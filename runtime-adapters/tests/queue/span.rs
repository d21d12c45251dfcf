//! Tests that workers run in the span in which their item was pushed.

use conjoin_adapters::queue::Queue;
use tracing::Span;

use super::soon;

#[tokio::test(start_paused = true)]
async fn a_worker_is_in_the_span_of_its_push() {
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry());
    let queue = Queue::new(1, |(): ()| {
        let at_call = Span::current().id();
        async move {
            tokio::task::yield_now().await;
            Ok::<_, ()>((at_call, Span::current().id()))
        }
    });
    let span = tracing::info_span!("request");
    let inside = span.in_scope(|| queue.push(()));
    let outside = queue.push(());
    assert!(span.id().is_some());
    assert_eq!(soon(inside).await, Ok((span.id(), span.id())));
    assert_eq!(soon(outside).await, Ok((None, None)));
}
