//! A subscriber that does not record wakes. It is alone in its process, because `tracing` combines the levels of all
//! subscribers of a process.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use conjoin::auto;
use conjoin_tests::Flag;
use conjoin_tests_tracing::Recorder;
use tracing::dispatcher::with_default;
use tracing::level_filters::LevelFilter;

#[test]
fn tasks_see_the_waker_of_the_graph() {
    let recorder = Recorder::default();
    let waker = Waker::from(Flag::new());
    let sees_it = || {
        poll_fn(|cx| {
            assert!(cx.waker().will_wake(&waker));
            Poll::Ready(())
        })
    };
    let graph = pin!(auto! {
        user => sees_it().await,
        posts: [user as _] => sees_it().await,
        beside => sees_it().await,
    });
    with_default(&recorder.subscriber(LevelFilter::DEBUG), || {
        assert!(graph.poll(&mut Context::from_waker(&waker)).is_ready());
    });
    assert_eq!(recorder.story().spans.len(), 4);
}
