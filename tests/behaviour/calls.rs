//! Bare calls, whose futures are polled without an `async` block, and bodies that only look like bare calls.
#![allow(
    clippy::redundant_closure_for_method_calls,
    clippy::unused_async,
    reason = "the struct of a graph has no name, and it is calls of `async fn`s that are at stake"
)]

use std::cell::{Cell, RefCell};
use std::future::{IntoFuture, Ready, ready};
use std::pin::{Pin, pin};

use conjoin::auto;
use futures::channel::{mpsc, oneshot};
use futures::{FutureExt, StreamExt, stream};

#[derive(Debug, PartialEq)]
struct Failed(&'static str);

/// Its methods record when they are called, and when the returned future is first polled.
#[derive(Default)]
struct Jobs {
    log: RefCell<Vec<String>>,
    count: Cell<u32>,
}

impl Jobs {
    fn begin(&self, name: &'static str, fails: bool) -> impl Future<Output = Result<u32, Failed>> {
        self.log.borrow_mut().push(format!("{name} called"));
        async move {
            self.log.borrow_mut().push(format!("{name} polled"));
            self.count.set(self.count.get() + 1);
            if fails {
                Err(Failed(name))
            } else {
                Ok(self.count.get())
            }
        }
    }
}

#[test]
fn siblings_are_called_and_polled_in_turn() {
    let jobs = Jobs::default();
    let graph = auto! {
        a => jobs.begin("a", false).await?,
        b => jobs.begin("b", false).await?,
        c => jobs.begin("c", false).await?,
    };
    let result: Result<_, Failed> = graph.now_or_never().expect("nothing waits");
    assert_eq!(result.map(|it| it.into_tuple()), Ok((1, 2, 3)));
    assert_eq!(
        *jobs.log.borrow(),
        [
            "a called", "a polled", "b called", "b polled", "c called", "c polled"
        ]
    );
}

#[test]
fn nothing_is_called_after_a_failure() {
    let jobs = Jobs::default();
    let graph = auto! {
        a => jobs.begin("a", true).await?,
        b => jobs.begin("b", false).await?,
    };
    assert_eq!(
        graph
            .now_or_never()
            .expect("nothing waits")
            .map(|it| it.into_tuple()),
        Err(Failed("a"))
    );
    assert_eq!(*jobs.log.borrow(), ["a called", "a polled"]);
}

#[test]
fn nothing_is_called_after_a_failure_among_many() {
    let jobs = Jobs::default();
    let graph = auto! {
        a => jobs.begin("a", false).await?,
        b => jobs.begin("b", true).await?,
        c => jobs.begin("c", false).await?,
        d => jobs.begin("d", false).await?,
        e => jobs.begin("e", false).await?,
        f => jobs.begin("f", false).await?,
        g => jobs.begin("g", false).await?,
        h => jobs.begin("h", false).await?,
    };
    let result = graph.now_or_never().expect("nothing waits");
    assert_eq!(result.map(|it| it.into_tuple()), Err(Failed("b")));
    assert_eq!(
        *jobs.log.borrow(),
        ["a called", "a polled", "b called", "b polled"]
    );
}

/// What `.await` makes a future of.
struct Request {
    value: u32,
}

impl IntoFuture for Request {
    type Output = Result<u32, Failed>;
    type IntoFuture = Ready<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        ready(Ok(self.value))
    }
}

impl Request {
    const fn new(value: u32) -> Self {
        Request { value }
    }
}

fn boxed<'a>(value: &'a u32) -> Pin<Box<dyn Future<Output = Result<u32, Failed>> + 'a>> {
    Box::pin(async move { Ok(*value) })
}

#[test]
fn whatever_can_be_awaited_can_be_called() {
    let user = (7, "a name".to_owned());
    let graph = auto! {
        first => Request::new(1).await?,
        second => boxed(&user.0).await?,
        third => ready(user.0 + 3).await,
        fourth: [first as &n, second] => Request::new(n + second).await?,
        fifth: [third] => boxed(third).await?,
    };
    let result: Result<_, Failed> = graph.now_or_never().expect("nothing waits");
    assert_eq!(result.map(|it| it.into_tuple()), Ok((1, 7, 10, 8, 10)));
}

/// Each argument borrows something that the call must not outlive.
mod what_lives_no_longer_than_the_body {
    use super::*;

    async fn length(text: &str) -> usize {
        text.len()
    }

    async fn show(value: &&u32) -> String {
        value.to_string()
    }

    #[test]
    fn calls_may_borrow_temporaries() {
        let graph = auto! {
            a => length(&"a".repeat(3)).await,
            b => length("b".to_owned().as_str()).await,
            c => length(&["c"].concat()).await,
        };
        assert_eq!(
            graph.now_or_never().expect("nothing waits").into_tuple(),
            (3, 1, 1)
        );
    }

    /// With a destructor, so that a reference to it is to a temporary value.
    struct Guard(u32);

    impl Drop for Guard {
        fn drop(&mut self) {}
    }

    impl Guard {
        const NEW: Guard = Guard(4);
    }

    const GUARD: Guard = Guard::NEW;

    impl Guard {
        async fn get(&self) -> u32 {
            self.0
        }
    }

    async fn read(guard: &Guard) -> u32 {
        guard.0
    }

    #[test]
    fn calls_may_use_constants() {
        let graph = auto! { a => read(&GUARD).await, b => read(&Guard::NEW).await };
        assert_eq!(
            graph.now_or_never().expect("nothing waits").into_tuple(),
            (4, 4)
        );
    }

    struct Holder {
        guard: Guard,
    }

    impl Holder {
        const NEW: Holder = Holder { guard: Guard::NEW };
    }

    struct Unit;

    impl Unit {
        async fn change(&mut self) -> u32 {
            5
        }
    }

    #[test]
    fn calls_may_borrow_constants() {
        let graph = auto! {
            a => GUARD.get().await,
            b => Guard::NEW.get().await,
            c => Holder::NEW.guard.get().await,
            d => Unit.change().await,
        };
        assert_eq!(
            graph.now_or_never().expect("nothing waits").into_tuple(),
            (4, 4, 4, 5)
        );
    }

    #[test]
    fn calls_may_use_a_bound_dependency() {
        let graph = auto! {
            root => ready(2).await,
            a: [root] => show(&root).await,
            b: [root as &n] => show(&&n).await,
            c: [root as n] => show(&n).await,
        };
        assert_eq!(
            graph.now_or_never().expect("nothing waits").into_tuple(),
            (2, "2".to_owned(), "2".to_owned(), "2".to_owned())
        );
    }

    /// Implemented for the reference, so that a method call borrows the reference.
    trait Named {
        async fn name(&self) -> &'static str;
    }

    struct Client;

    impl Named for &Client {
        async fn name(&self) -> &'static str {
            "client"
        }
    }

    #[test]
    fn calls_may_use_methods_of_a_reference() {
        let graph = auto! {
            client => Client,
            a: [client] => client.name().await,
            b: [client as it] => it.name().await,
        };
        let result = graph.now_or_never().expect("nothing waits");
        assert_eq!((result.a, result.b), ("client", "client"));
    }

    struct Connection {
        sent: Vec<u32>,
    }

    impl Connection {
        async fn send(&mut self, value: u32) -> usize {
            self.sent.push(value);
            self.sent.len()
        }

        async fn close(self) -> Vec<u32> {
            self.sent
        }
    }

    async fn send(connection: &mut Connection, value: u32) -> usize {
        connection.send(value).await
    }

    #[test]
    fn calls_may_use_mut_and_move_dependencies() {
        let graph = auto! {
            connection => Connection { sent: Vec::new() },
            first: [mut connection] => send(connection, 1).await,
            second: [mut connection, first as _] => connection.send(2).await,
            beside: [first as &n] => ready(n).await,
            sent: [move connection, second as _] => connection.close().await,
        };
        assert_eq!(
            graph.now_or_never().expect("nothing waits").into_tuple(),
            (1, 2, 1, vec![1, 2])
        );
    }
}

/// A future that still owns its `sender` after it has completed, and a task that completes when no sender is left.
async fn count(mut receiver: mpsc::UnboundedReceiver<u32>) -> u32 {
    let mut sum = 0;
    while let Some(value) = receiver.next().await {
        sum += value;
    }
    sum
}

#[test]
fn ended_future_is_dropped_before_its_siblings_end() {
    let (sender, receiver) = mpsc::unbounded();
    let send = move |value| {
        sender.unbounded_send(value).expect("the receiver is there");
        ready(())
    };
    let values = stream::iter([1, 2, 3]);
    let graph = auto! {
        sent => values.for_each(send).await,
        sum => count(receiver).await,
    };
    assert_eq!(graph.now_or_never().map(|it| it.sum), Some(6));
}

#[test]
fn future_ended_at_a_later_poll_is_dropped() {
    let ((sender, receiver), (go, gone)) = (mpsc::unbounded(), oneshot::channel());
    let send = move |value| {
        sender.unbounded_send(value).expect("the receiver is there");
        ready(())
    };
    let values = gone
        .into_stream()
        .map(|value| value.expect("its sender is there"));
    let mut graph = pin!(auto! {
        sum => count(receiver).await,
        sent => values.for_each(send).await,
    });
    assert!(graph.as_mut().now_or_never().is_none());
    go.send(7).expect("the graph waits");
    // Its sibling is polled before it in one of two polls.
    let sum = graph
        .as_mut()
        .now_or_never()
        .or_else(|| graph.now_or_never());
    assert_eq!(sum.map(|it| it.sum), Some(7));
}

#[test]
fn futures_of_a_series_share_memory() {
    async fn large(value: u32) -> u32 {
        let bytes = [1_u8; 1024];
        ready(()).await;
        value + u32::from(std::hint::black_box(&bytes)[0])
    }
    let pair = auto! { a => large(0).await, b => large(0).await };
    let graph = auto! {
        first => large(0).await,
        a: [first] => large(*first).await,
        b: [first] => large(*first).await,
        second: [a, b] => large(a + b).await,
        c: [second] => large(*second).await,
        d: [second] => large(*second).await,
    };
    let (one, all) = (size_of_val(&pair), size_of_val(&graph));
    assert!(
        2048 < one && all < one + 256,
        "{all} bytes for all, {one} for a pair"
    );
    assert_eq!(
        (
            pair.now_or_never().map(|it| it.a),
            graph.now_or_never().map(|it| it.d)
        ),
        (Some(1), Some(6))
    );
}

#[derive(Debug, PartialEq)]
struct Other(Failed);

impl From<Failed> for Other {
    fn from(failed: Failed) -> Self {
        Other(failed)
    }
}

#[test]
fn errors_are_converted() {
    let jobs = Jobs::default();
    let graph = auto! {
        #![error(Other)]
        a => jobs.begin("a", false).await?,
        b => jobs.begin("b", true).await?,
    };
    assert_eq!(
        graph
            .now_or_never()
            .expect("nothing waits")
            .map(|it| it.into_tuple()),
        Err(Other(Failed("b")))
    );
}

#[test]
fn a_call_in_an_n_starts_when_its_dependencies_end() {
    let ((send_a, a), (send_b, b), log) = (
        oneshot::channel(),
        oneshot::channel(),
        RefCell::new(Vec::new()),
    );
    let wait = async |name: &'static str, event: oneshot::Receiver<()>| {
        event.await.expect("its sender is there");
        log.borrow_mut().push(name);
    };
    let end = async |name: &'static str, (): &()| log.borrow_mut().push(name);
    let mut graph = pin!(auto! {
        first => wait("a", a).await,
        second => wait("b", b).await,
        third: [first] => end("c", first).await,
        fourth: [first, second as _] => end("d", first).await,
        => ()
    });
    assert!(graph.as_mut().now_or_never().is_none());
    send_a.send(()).expect("the graph waits");
    assert!(graph.as_mut().now_or_never().is_none());
    assert_eq!(*log.borrow(), ["a", "c"]);
    send_b.send(()).expect("the graph waits");
    assert!(graph.as_mut().now_or_never().is_some());
    assert_eq!(*log.borrow(), ["a", "c", "b", "d"]);
}

/// As many levels as `join!` allows. rustc limits how deep types can nest.
#[tokio::test]
async fn twenty_graphs_nest() {
    async fn one() -> u8 {
        1
    }
    #[rustfmt::skip]
    let sum =
        auto! { a => one().await, b => auto! { a => one().await, b =>
        auto! { a => one().await, b => auto! { a => one().await, b =>
        auto! { a => one().await, b => auto! { a => one().await, b =>
        auto! { a => one().await, b => auto! { a => one().await, b =>
        auto! { a => one().await, b => auto! { a => one().await, b =>
        auto! { a => one().await, b => auto! { a => one().await, b =>
        auto! { a => one().await, b => auto! { a => one().await, b =>
        auto! { a => one().await, b => auto! { a => one().await, b =>
        auto! { a => one().await, b => auto! { a => one().await, b =>
        auto! { a => one().await, b => auto! { a => one().await, b =>
        one()
        .await, => a + b }.await, => a + b }
        .await, => a + b }.await, => a + b }
        .await, => a + b }.await, => a + b }
        .await, => a + b }.await, => a + b }
        .await, => a + b }.await, => a + b }
        .await, => a + b }.await, => a + b }
        .await, => a + b }.await, => a + b }
        .await, => a + b }.await, => a + b }
        .await, => a + b }.await, => a + b }
        .await, => a + b }.await, => a + b };
    assert_eq!(sum.await, 21);
}
