//! Tests limits that several graphs share.

use std::cell::Cell;

use conjoin::auto;
use conjoin_adapters::around::Permits;
use futures::FutureExt;
use tokio::task::yield_now;
use tokio::{join, test};

/// The largest number of concurrent runs.
#[derive(Default)]
struct Most(Cell<usize>, Cell<usize>);

impl Most {
    async fn work(&self) -> u32 {
        self.0.set(self.0.get() + 1);
        self.1.set(self.1.get().max(self.0.get()));
        yield_now().await;
        yield_now().await;
        self.0.set(self.0.get() - 1);
        1
    }
}

#[test]
async fn shared_permits_count_over_all_graphs() {
    let (most, permits) = (Most::default(), Permits::shared(2));
    let graph = async || {
        auto! {
            #![around(&permits)]
            a => most.work().await,
            b => most.work().await,
            c: [a] => a + most.work().await,
            => b + c,
        }
        .await
    };
    assert_eq!(join!(graph(), graph(), graph()), (3, 3, 3));
    assert_eq!(most.1.get(), 2);
}

#[test]
async fn named_permits_are_for_their_tasks() {
    let (search, others, permits) = (
        Most::default(),
        Most::default(),
        Permits::named([("search", 1)]),
    );
    let graph = async || {
        auto! {
            #![around(&permits)]
            search => search.work().await,
            other => others.work().await,
        }
        .await
    };
    join!(graph(), graph(), graph());
    assert_eq!((search.1.get(), others.1.get()), (1, 3));
}

#[test]
async fn dropped_graph_gives_its_permits_back() {
    let permits = Permits::shared(1);
    let graph = auto! { #![around(&permits)] never => std::future::pending::<()>().await };
    assert!(graph.now_or_never().is_none());
    let graph = auto! { #![around(&permits)] one => 1, => one };
    assert_eq!(graph.await, 1);
}

#[test]
#[should_panic(expected = "a task needs a permit, and there are 0")]
async fn zero_permits_panic() {
    let _ = Permits::named([("search", 0)]);
}

/// An `async` block would contain the body twice, and nesting would double that each time.
#[test]
async fn objects_hold_a_body_once() {
    use std::mem::size_of_val;
    use std::time::Duration;

    use conjoin_adapters::around::{Around, Elapsed, Metrics, Timeouts};

    let body = || async {
        let large = [0_u8; 1000];
        yield_now().await;
        Ok::<_, Elapsed>(std::hint::black_box(large).len())
    };
    let metrics = Metrics::new(&opentelemetry::global::meter("size"));
    let timeouts = Timeouts::new(Duration::from_secs(1));
    let permits = Permits::shared(1);
    let all = (&metrics, (&permits, &timeouts));
    let (size, with) = (size_of_val(&body()), size_of_val(&all.task("body", body())));
    assert!(with < size + 600, "{with} with {size} for the body");
}
