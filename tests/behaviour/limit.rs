//! `#![limit(n)]`: of the tasks that could run, no more than `n` do.

use std::cell::{Cell, RefCell};
use std::panic::{self, AssertUnwindSafe};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use conjoin::auto;
use conjoin_tests::{Flag, Log, Times, poll, sorted};
use futures::FutureExt;
use tokio::task::coop::consume_budget;
use tokio::task::yield_now;
use tokio::time::timeout;

/// The names of what happened, in order.
fn names(times: &Times) -> Vec<&'static str> {
    times.iter().map(|(name, _)| *name).collect()
}

/// Counts how many tasks are between their first poll and their end.
#[derive(Debug, Default)]
struct Gauge {
    now: Cell<usize>,
    most: Cell<usize>,
    started: RefCell<Vec<&'static str>>,
}

/// Counts while it lives.
struct Counted<'g>(&'g Gauge);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.now.set(self.0.now.get() - 1);
    }
}

impl Gauge {
    async fn task(&self, name: &'static str, yields: usize) {
        self.started.borrow_mut().push(name);
        self.now.set(self.now.get() + 1);
        self.most.set(self.most.get().max(self.now.get()));
        let _counted = Counted(self);
        for _ in 0..yields {
            yield_now().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn limited_tasks_start_as_others_end() {
    let log = Log::new();
    auto! {
        #![limit(2)]
        a => log.work("a", 4).await,
        b => log.work("b", 1).await,
        c => log.work("c", 2).await,
        d => log.work("d", 5).await,
        e => log.work("e", 1).await,
    }
    .await;
    assert_eq!(
        log.started(),
        [("a", 0), ("b", 0), ("c", 1), ("d", 3), ("e", 4)]
    );
}

#[tokio::test(start_paused = true)]
async fn ready_tasks_start_in_declaration_order() {
    let log = Log::new();
    auto! {
        #![limit(1)]
        last: [first as _] => log.work("last", 1).await,
        second => log.work("second", 1).await,
        first => log.work("first", 1).await,
        third => log.work("third", 1).await,
    }
    .await;
    assert_eq!(
        log.started(),
        [("second", 0), ("first", 1), ("last", 2), ("third", 3)]
    );
}

#[tokio::test(start_paused = true)]
async fn n_and_crossing_chains_are_limited() {
    let log = Log::new();
    auto! {
        #![limit(1)]
        user => log.work("user", 2).await,
        settings => log.work("settings", 5).await,
        posts: [user as _] => log.work("posts", 4).await,
        page: [user as _, settings as _] => log.work("page", 1).await,
    }
    .await;
    assert_eq!(
        log.started(),
        [("user", 0), ("settings", 2), ("posts", 7), ("page", 11)]
    );

    let log = Log::new();
    auto! {
        #![limit(2)]
        north_1 => log.work("north_1", 1).await,
        north_2: [north_1 as _] => log.work("north_2", 3).await,
        north_3: [north_2 as _] => log.work("north_3", 1).await,
        south_1 => log.work("south_1", 2).await,
        south_2: [south_1 as _] => log.work("south_2", 3).await,
        south_3: [south_2 as _, north_1 as _] => log.work("south_3", 1).await,
        other => log.work("other", 2).await,
    }
    .await;
    // When `north_2` ends at 4, `north_3` is declared before `other`, which was ready from the beginning.
    let times = [
        ("north_1", 0),
        ("south_1", 0),
        ("north_2", 1),
        ("south_2", 2),
        ("north_3", 4),
        ("south_3", 5),
    ];
    assert_eq!(log.started(), [&times[..], &[("other", 5)]].concat());
}

#[tokio::test(start_paused = true)]
async fn parts_in_a_series_are_limited_each() {
    let log = Log::new();
    auto! {
        #![limit(2)]
        root => log.work("root", 1).await,
        a: [root as _] => log.work("a", 1).await,
        b: [root as _] => log.work("b", 1).await,
        c: [root as _] => log.work("c", 1).await,
        tip: [a as _, b as _, c as _] => log.work("tip", 1).await,
        x: [tip as _] => log.work("x", 1).await,
        y: [tip as _] => log.work("y", 1).await,
        z: [tip as _] => log.work("z", 1).await,
    }
    .await;
    let times = [
        ("root", 0),
        ("a", 1),
        ("b", 1),
        ("c", 2),
        ("tip", 3),
        ("x", 4),
        ("y", 4),
        ("z", 5),
    ];
    assert_eq!(log.started(), times);
}

#[tokio::test(start_paused = true)]
async fn limit_larger_than_the_graph_changes_nothing() {
    let log = Log::new();
    auto! {
        #![limit(usize::MAX)]
        a => log.work("a", 1).await,
        b => log.work("b", 2).await,
        c: [a as _] => log.work("c", 2).await,
        d: [a as _, b as _] => log.work("d", 2).await,
    }
    .await;
    assert_eq!(log.started(), [("a", 0), ("b", 0), ("c", 1), ("d", 2)]);
    let () = auto! { #![limit(3)] }.await.into_tuple();
    assert_eq!(auto! { #![limit(3)] only => 1 }.await.only, 1);
}

#[tokio::test]
async fn limit_is_evaluated_once() {
    let evaluated = Cell::new(0);
    let most = || {
        evaluated.set(evaluated.get() + 1);
        2
    };
    let gauge = Gauge::default();
    let graph = auto! {
        #![limit(most() + 1)]
        a => gauge.task("a", 3).await,
        b => gauge.task("b", 3).await,
        c => gauge.task("c", 3).await,
        d => gauge.task("d", 3).await,
        tip: [a as _, b as _, c as _, d as _] => (),
        e: [tip as _] => gauge.task("e", 3).await,
        f: [tip as _] => gauge.task("f", 3).await,
    };
    assert_eq!(evaluated.get(), 0, "nothing runs before the first poll");
    graph.await;
    assert_eq!((evaluated.get(), gauge.most.get()), (1, 3));
}

#[tokio::test]
async fn limit_may_have_the_name_of_a_task() {
    let (a, gauge) = (1_usize, Gauge::default());
    auto! { #![limit(a)] a => gauge.task("a", 1).await, b => gauge.task("b", 1).await }.await;
    assert_eq!(gauge.most.get(), 1);
}

#[test]
fn computed_zero_panics_at_the_graph_when_polled() {
    thread_local! {
        static PLACE: Cell<Option<(String, u32)>> = const { Cell::new(None) };
        static IS_THIS: Cell<bool> = const { Cell::new(false) };
    }
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if IS_THIS.get() {
            PLACE.set(
                info.location()
                    .map(|place| (place.file().to_owned(), place.line())),
            );
        } else {
            hook(info);
        }
    }));
    let none = Cell::new(0);
    let graph = auto! {
        #![limit(none.get())]
        a => (),
        b => (),
    };
    let line = line!() - 5;
    IS_THIS.set(true);
    let panicked = AssertUnwindSafe(graph)
        .catch_unwind()
        .now_or_never()
        .expect("nothing waits");
    IS_THIS.set(false);
    let message = panicked
        .map(drop)
        .expect_err("it panics")
        .downcast::<String>()
        .expect("a message");
    assert_eq!(
        *message,
        "`#![limit(none.get())]` of an `auto!` graph is 0, so no task can run"
    );
    assert_eq!(PLACE.take(), Some((file!().to_owned(), line)));
}

#[test]
fn a_task_that_ends_frees_its_place_in_the_same_poll() {
    let started = RefCell::new(Vec::new());
    let start = |name: &'static str| started.borrow_mut().push(name);
    let flag = Flag::new();
    let mut graph = pin!(auto! {
        #![limit(1)]
        a => start("a"),
        b => start("b"),
        c => { start("c"); yield_now().await },
        d => start("d"),
    });
    assert!(poll(graph.as_mut(), &flag).is_pending());
    assert_eq!(*started.borrow(), ["a", "b", "c"]);
    assert!(poll(graph.as_mut(), &flag).is_ready());
    assert_eq!(*started.borrow(), ["a", "b", "c", "d"]);
}

#[test]
fn a_poll_polls_each_running_task_once() {
    let polls = [const { Cell::new(0) }; 4];
    let yields = async |task: usize, times| {
        std::future::poll_fn(|cx| {
            polls[task].set(polls[task].get() + 1);
            if polls[task].get() > times {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    };
    let flag = Flag::new();
    let mut graph = pin!(auto! {
        #![limit(2)]
        a => yields(0, 2).await,
        b => yields(1, 1).await,
        c => yields(2, 1).await,
        d: [a as _] => yields(3, 1).await,
    });
    // `b` ends in the second poll, `a` and `c` in the third.
    for expected in [[1, 1, 0, 0], [2, 2, 1, 0], [3, 2, 2, 1]] {
        assert!(poll(graph.as_mut(), &flag).is_pending());
        assert_eq!(polls.each_ref().map(Cell::get), expected);
    }
    assert!(poll(graph.as_mut(), &flag).is_ready());
    assert_eq!(polls.each_ref().map(Cell::get), [3, 2, 2, 2]);
}

#[test]
fn tasks_that_never_wait_need_one_poll() {
    let graph = auto! {
        #![limit(1)]
        a => 1,
        b: [a] => a + 1,
        c => 3,
        d: [a, c] => a + c,
        => b + d
    };
    assert_eq!(graph.now_or_never(), Some(6));
}

#[tokio::test(start_paused = true)]
async fn a_conditional_task_frees_its_place_at_once() {
    let log = Log::new();
    auto! {
        #![limit(1)]
        never if false => log.work("never", 9).await,
        asks if log.work("asks", 1).await.is_empty() => log.work("never", 9).await,
        next => log.work("next", 1).await,
    }
    .await;
    assert_eq!(log.started(), [("asks", 0), ("next", 1)]);
}

#[tokio::test(start_paused = true)]
async fn nested_graph_counts_as_one_with_its_own_limit() {
    let log = Log::new();
    auto! {
        #![limit(1)]
        outer => auto! {
            a => log.work("a", 1).await,
            b => log.work("b", 2).await,
            c => log.work("c", 3).await,
        }.await.into_tuple(),
        limited => auto! {
            #![limit(2)]
            d => log.work("d", 1).await,
            e => log.work("e", 1).await,
            f => log.work("f", 1).await,
        }.await.into_tuple(),
        last => log.work("last", 1).await,
    }
    .await;
    let times = [
        ("a", 0),
        ("b", 0),
        ("c", 0),
        ("d", 3),
        ("e", 3),
        ("f", 4),
        ("last", 5),
    ];
    assert_eq!(log.started(), times);
}

#[tokio::test(start_paused = true)]
async fn dropped_graph_never_starts_waiting_tasks() {
    let log = Log::new();
    let graph = auto! {
        #![limit(2)]
        a => log.work("a", 9).await,
        b => log.work("b", 2).await,
        c => log.work("c", 9).await,
        d => log.work("d", 9).await,
    };
    timeout(Duration::from_millis(5), graph)
        .await
        .map(drop)
        .expect_err("it takes longer");
    assert_eq!(log.started(), [("a", 0), ("b", 0), ("c", 2)]);
    assert_eq!(sorted(log.dropped()), [("a", 5), ("c", 5)]);
}

#[tokio::test(start_paused = true)]
async fn error_never_starts_waiting_tasks() {
    let log = Log::new();
    let graph = auto! {
        #![limit(2)]
        a => log.work("a", 9).await,
        b => log.fail("b", 2).await?,
        c => log.work("c", 9).await,
    };
    assert_eq!(graph.await.map(drop), Err("b"));
    assert_eq!(
        (names(&log.started()), log.dropped()),
        (vec!["a", "b"], vec![("a", 2)])
    );
}

#[tokio::test]
async fn limited_busy_task_starves_no_sibling() {
    let ended = Cell::new(false);
    let busy = async || {
        for _ in 0..500_000 {
            if ended.get() {
                return true;
            }
            consume_budget().await;
        }
        false
    };
    let graph = auto! {
        #![limit(2)]
        busy => busy().await,
        modest => { for _ in 0..300 { consume_budget().await; } },
        next: [modest as _] => { for _ in 0..300 { consume_budget().await; } ended.set(true) },
    };
    assert!(graph.await.busy);
}

#[tokio::test]
async fn limited_tasks_pass_values_on() {
    let done = auto! {
        #![limit(1)]
        list => vec![1],
        other => yield_now().await,
        grown: [mut list] => { yield_now().await; list.push(2) },
        read: [list, grown as _] => { yield_now().await; list.len() },
        taken: [move list, read, other as _] => (list, *read),
    }
    .await;
    assert_eq!(done.taken, (vec![1, 2], 2));
}

/// More tasks than a word has bits.
#[tokio::test]
async fn seventy_tasks_are_limited() {
    macro_rules! wide {
        ($gauge:ident: $($name:ident)*) => {
            auto! { #![limit(5)] $($name => $gauge.task(stringify!($name), 2).await,)* => () }.await
        };
    }
    let gauge = Gauge::default();
    wide!(gauge:
        a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 c0 c1 c2 c3 c4 c5 c6 c7 c8 c9
        d0 d1 d2 d3 d4 d5 d6 d7 d8 d9 e0 e1 e2 e3 e4 e5 e6 e7 e8 e9 f0 f1 f2 f3 f4 f5 f6 f7 f8 f9
        g0 g1 g2 g3 g4 g5 g6 g7 g8 g9
    );
    let started = gauge.started.borrow();
    assert_eq!(
        (gauge.most.get(), gauge.now.get(), started.len()),
        (5, 0, 70)
    );
    assert!(started.is_sorted());
}
