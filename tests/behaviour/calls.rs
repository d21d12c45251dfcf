//! Bare calls, whose futures are polled without an `async` block, and bodies that only look like bare calls.
#![allow(
    clippy::redundant_closure_for_method_calls,
    clippy::unused_async,
    reason = "the struct of a graph has no name, and it is calls of `async fn`s that are at stake"
)]

mod arguments;
mod ended;

use std::cell::{Cell, RefCell};
use std::future::{IntoFuture, Ready, ready};
use std::pin::{Pin, pin};

use conjoin::auto;
use futures::FutureExt;
use futures::channel::oneshot;

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
