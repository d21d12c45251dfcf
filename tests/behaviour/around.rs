//! `#![around(object)]`, in every plan and with every option.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use conjoin::{Around, Never, Settled, auto};
use futures::FutureExt;
use futures::executor::block_on;
use tokio::time::{Instant, sleep};

/// Records when tasks begin and end.
#[derive(Debug, Default)]
struct Log(RefCell<Vec<String>>);

impl Log {
    async fn task<T>(&self, name: &'static str, body: impl Future<Output = T>) -> T {
        self.note(format!("+{name}"));
        let output = body.await;
        self.note(format!("-{name}"));
        output
    }

    fn note(&self, what: String) {
        self.0.borrow_mut().push(what);
    }

    fn take(&self) -> String {
        self.0.take().join(" ")
    }
}

/// Replaces the errors of tasks, and records which tasks can fail.
struct Second;

impl Second {
    async fn task<V, E: Default>(
        &self,
        _: &'static str,
        body: impl Future<Output = Result<V, E>>,
    ) -> Result<V, E> {
        body.await.map_err(|_| E::default())
    }
}

async fn after(millis: u64, value: u32) -> u32 {
    sleep(Duration::from_millis(millis)).await;
    value
}

async fn fallible(value: u32) -> Result<u32, String> {
    std::future::ready(()).await;
    if value == 0 {
        Err("zero".to_owned())
    } else {
        Ok(value)
    }
}

#[tokio::test(start_paused = true)]
async fn every_task_of_a_series_runs_within_the_object() {
    let log = Log::default();
    let graph = auto! {
        #![around(log)]
        a => after(1, 1).await,
        b: [a] => after(1, a + 1).await,
        c: [a] => after(2, a + 2).await,
        d: [b, c] => b + c,
        => (a, d),
    };
    assert_eq!(graph.await, (1, 5));
    assert_eq!(log.take(), "+a -a +b +c -b -c +d -d");
}

#[tokio::test(start_paused = true)]
async fn gated_and_wide_parts_keep_their_schedule() {
    let log = Log::default();
    let began = Instant::now();
    let n = auto! {
        #![around(&log)]
        a => after(1, 1).await,
        b => after(3, 2).await,
        c: [a] => after(1, *a).await,
        d: [a, b] => after(1, a + b).await,
    };
    let n = n.await;
    assert_eq!((n.c, n.d, began.elapsed().as_millis()), (1, 3, 4));
    assert_eq!(log.take(), "+a +b -a +c -c -b +d -d");

    let gated = auto! {
        #![around(&log)]
        a => after(1, 1).await,
        b => after(2, 2).await,
        c => after(3, 3).await,
        d: [a, b] => after(5, a + b).await,
        e: [b, c] => after(1, b + c).await,
        f: [a, c] => after(1, a + c).await,
        => d + e + f,
    };
    assert_eq!(gated.await, 12);
    assert_eq!(began.elapsed().as_millis(), 4 + 7);
    // `c` and `e` are one chain, so `e` starts first.
    assert_eq!(log.take(), "+a +b +c -a -b +d -c +e +f -e -f -d");

    let wide = auto! {
        #![around(&log)]
        a => after(1, 1).await, b => after(1, 1).await, c => after(1, 1).await, d => after(1, 1).await,
        e => after(1, 1).await, f => after(1, 1).await, g => after(1, 1).await, h => after(1, 1).await,
        i => after(1, 1).await,
        => a + b + c + d + e + f + g + h + i,
    };
    assert_eq!(wide.await, 9);
    assert_eq!(log.take().split(' ').count(), 18);
}

#[test]
fn object_is_evaluated_once_at_the_first_poll() {
    let count = Cell::new(0);
    let make = || {
        count.set(count.get() + 1);
        Log::default()
    };
    let graph = auto! {
        #![around(make())]
        a => 1,
        b: [a] => { tokio::task::yield_now().await; a + 1 },
        => b,
    };
    let mut graph = pin!(graph);
    assert_eq!(count.get(), 0);
    while graph.as_mut().now_or_never().is_none() {}
    assert_eq!(count.get(), 1);
}

#[test]
fn field_of_something_borrowed_is_an_object() {
    struct Service {
        log: Log,
    }
    impl Service {
        async fn run(&self) -> u32 {
            auto! { #![around(self.log)] one => 1, => one }.await
        }
    }
    let service = Service {
        log: Log::default(),
    };
    assert_eq!(service.run().now_or_never(), Some(1));
    assert_eq!(service.log.take(), "+one -one");
}

#[test]
fn errors_pass_through_the_object() {
    let log = Log::default();
    let graph = auto! {
        #![around(log)]
        a => fallible(1).await?,
        b: [a] => fallible(a - 1).await?,
        c: [b] => b + 1,
    };
    assert_eq!(
        graph.now_or_never().map(|done| done.map(|done| done.c)),
        Some(Err("zero".to_owned()))
    );
    assert_eq!(log.take(), "+a -a +b -b");

    let graph = auto! {
        #![around(Second)]
        a => fallible(0).await?,
        b => { let b = fallible(1).await?; b + 1 },
        => a + b,
    };
    assert_eq!(graph.now_or_never(), Some(Err(String::new())));
}

#[test]
fn errors_are_converted_and_named() {
    #[derive(Debug, PartialEq)]
    struct AppError(String);
    impl From<String> for AppError {
        fn from(error: String) -> Self {
            AppError(error)
        }
    }
    let graph = auto! {
        #![around(Log::default())]
        #![error(AppError)]
        #![name_errors]
        a => fallible(1).await?,
        b: [a] => fallible(a - 1).await?,
    };
    let error = graph.now_or_never().unwrap().map(|_| ()).unwrap_err();
    assert_eq!(
        (error.task(), error.into_inner()),
        ("b", AppError("zero".to_owned()))
    );
}

#[test]
fn conditions_are_outside_of_the_object() {
    let log = Log::default();
    let graph = auto! {
        #![around(log)]
        a => 1,
        b: [a] if *a == 2 => fallible(*a).await?,
        c: [a] if *a == 1 => fallible(*a).await?,
        d: [a] if let 1 = *a && fallible(1).await? == 1 => a + 1,
        => (a, b, c, d),
    };
    assert_eq!(graph.now_or_never(), Some(Ok((1, None, Some(1), Some(2)))));
    let log = log.take();
    assert!(
        !log.contains("+b") && log.contains("+c") && log.contains("-d"),
        "{log}"
    );
}

#[test]
fn tasks_settle_within_the_object() {
    let log = Log::default();
    let graph = auto! {
        #![around(log)]
        #![settle]
        #![name_errors]
        a => fallible(0).await?,
        b: [a] => a + 1,
        c => 3,
        d: [c] if *c == 3 => fallible(*c).await?,
    };
    let done = graph.now_or_never().unwrap();
    assert_eq!(done.a.err().map(|error| error.task()), Some("a"));
    assert_eq!((done.b, done.c), (Settled::Skipped("a"), Settled::Done(3)));
    assert!(matches!(done.d, Settled::Done(Some(3))));
    assert!(!log.take().contains('b'));
}

#[test]
fn values_are_changed_and_taken_within_the_object() {
    let log = Log::default();
    let graph = auto! {
        #![around(log)]
        #![error(String)]
        #![limit(1)]
        list => vec![1],
        add: [mut list] => list.push(fallible(2).await?),
        #[allow(clippy::used_underscore_binding)]
        sum: [move list, add as _] => { let _all = list; _all.into_iter().sum::<u32>() },
        => (add, sum),
    };
    assert_eq!(graph.now_or_never(), Some(Ok(((), 3))));
    assert_eq!(log.take(), "+list -list +add -add +sum -sum");
}

#[test]
fn exit_hidden_in_a_macro_ends_its_task_alone() {
    macro_rules! leave {
        () => {
            return 7
        };
    }
    let log = Log::default();
    let graph = auto! {
        #![around(log)]
        a => { if true { leave!(); } 1 },
        b => 2,
        => a + b,
    };
    assert_eq!(graph.now_or_never(), Some(9));
}

/// Replaces the value of one task, as in a test.
struct Instead(u32);

impl<V: From<u32>, E> Around<Result<V, E>> for Instead {
    async fn task(
        &self,
        name: &'static str,
        body: impl Future<Output = Result<V, E>>,
    ) -> Result<V, E> {
        if name == "a" {
            Ok(V::from(self.0))
        } else {
            body.await
        }
    }
}

#[test]
fn object_may_replace_a_task() {
    let graph = auto! {
        #![around(Instead(5))]
        a => fallible(0).await?,
        b: [a] => a + 1,
        => a + b,
    };
    assert_eq!(graph.now_or_never(), Some(Ok(11)));
}

/// Accepts only tasks that cannot fail.
struct Sure;

impl Sure {
    async fn task<V>(
        &self,
        _: &'static str,
        body: impl Future<Output = Result<V, Never>>,
    ) -> Result<V, Never> {
        body.await
    }
}

#[test]
fn error_of_a_task_that_cannot_fail_is_never() {
    let graph = auto! { #![around(Sure)] a => 1, b: [a] if *a > 0 => a + 1, => (a, b) };
    assert_eq!(graph.now_or_never(), Some((1, Some(2))));
}

#[test]
fn second_of_a_pair_runs_within_the_first() {
    struct Named<'l>(&'static str, &'l Log);
    impl<T> Around<T> for Named<'_> {
        async fn task(&self, name: &'static str, body: impl Future<Output = T>) -> T {
            self.1.note(format!("+{}.{name}", self.0));
            let output = body.await;
            self.1.note(format!("-{}.{name}", self.0));
            output
        }
    }
    let log = Log::default();
    let pair = (Named("outer", &log), (Named("inner", &log), Instead(5)));
    let graph = auto! { #![around(pair)] a => 1_u32, => a };
    assert_eq!(graph.now_or_never(), Some(5));
    assert_eq!(log.take(), "+outer.a +inner.a -inner.a -outer.a");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn graph_is_send_if_its_object_allows_it() {
    struct Plain;
    impl Plain {
        async fn task<T>(&self, _: &'static str, body: impl Future<Output = T>) -> T {
            body.await
        }
    }
    let task = tokio::spawn(auto! {
        #![around(Plain)]
        a => { tokio::task::yield_now().await; 1 },
        b => fallible(1).await?,
        c: [a, b] => fallible(a + b).await?,
        => c,
    });
    assert_eq!(task.await.unwrap(), Ok(2));
}

#[test]
fn graph_with_references_in_its_values_is_send() {
    struct Plain;
    impl<T> Around<T> for Plain {
        async fn task(&self, _: &'static str, body: impl Future<Output = T>) -> T {
            body.await
        }
    }
    async fn first(words: &[String]) -> Result<Vec<&str>, String> {
        tokio::task::yield_now().await;
        Ok(words.iter().take(1).map(String::as_str).collect())
    }
    fn send<F: Future + Send>(future: F) -> F {
        future
    }
    fn graph(words: &[String], object: &Plain) -> impl Future<Output = Result<usize, String>> {
        send(async move {
            auto! {
                #![around(object)]
                a => first(words).await?,
                b: [a] => first(&words[a.len()..]).await?,
                c: [a] => first(&words[a.len()..]).await?,
                d => first(words).await?,
                e: [b, d] => first(&words[b.len() + d.len()..]).await?,
                => c.len() + e.len(),
            }
            .await
        })
    }
    let words = ["a", "b", "c"].map(str::to_owned);
    assert_eq!(block_on(graph(&words, &Plain)), Ok(2));
}

#[test]
fn dropped_graph_drops_what_runs_within_the_object() {
    struct Alive<'a>(&'a Cell<usize>);
    impl Drop for Alive<'_> {
        fn drop(&mut self) {
            self.0.set(self.0.get() - 1);
        }
    }
    let alive = Cell::new(0);
    let wait = async || {
        alive.set(alive.get() + 1);
        let _alive = Alive(&alive);
        std::future::pending::<()>().await;
    };
    let log = Log::default();
    {
        let mut graph = pin!(auto! { #![around(log)] a => wait().await, b => wait().await });
        assert!(graph.as_mut().now_or_never().is_none());
        assert_eq!(alive.get(), 2);
    }
    assert_eq!((alive.get(), log.take()), (0, "+a +b".to_owned()));
}

#[tokio::test]
async fn object_runs_around_items_breaks_and_options() {
    let graph = |stop: Option<u32>| async move {
        let log = Log::default();
        let ended: Result<u32, String> = auto! {
            #![around(&log)]
            list => vec![1, 2, 3],
            items: [list] for n in list => { let n = n + fallible(1).await?; if Some(n) == stop { break n } n },
            sum: [items] => { let sum: u32 = items.iter().sum(); if stop == Some(sum) { break 100 } sum },
            => sum
        }
        .await;
        (ended, log.take())
    };
    let all = "+list -list +items -items +sum -sum";
    assert_eq!(graph(None).await, (Ok(9), all.to_owned()));
    assert_eq!(graph(Some(9)).await, (Ok(100), all.to_owned()));
    let part = "+list -list +items -items";
    assert_eq!(graph(Some(3)).await, (Ok(3), part.to_owned()));

    let log = Log::default();
    let found = auto! {
        #![around(&log)]
        first => std::future::ready(Some(1_u32)).await?,
        second: [first] => { let none = first.checked_sub(2)?; none + 1 },
        => second
    };
    assert_eq!(found.await, None);
    assert_eq!(log.take(), "+first -first +second -second");
}
