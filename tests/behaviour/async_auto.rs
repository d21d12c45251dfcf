//! What the tests of `auto` in JavaScript's `async` assert (`test/auto.js`, and two in `test/es2017`), test by test. The
//! names are theirs, or a comment quotes theirs. What Rust's types exclude:
//!
//! | there | here |
//! | --- | --- |
//! | auto prevent dead-locks due to inexistant dependencies | a compile error: `ui/names` |
//! | auto prevent dead-locks due to cyclic dependencies | a compile error: `ui/cycles` |
//! | extended cycle detection | a compile error: `ui/cycles` |
//! | does not allow calling callbacks twice | a body ends once |

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::future::pending;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use conjoin::auto;
use conjoin_tests::{Log, Times};
use futures::FutureExt;
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

fn names(times: Times) -> Vec<&'static str> {
    times.into_iter().map(|(name, _)| name).collect()
}

#[tokio::test(start_paused = true)]
async fn basics() {
    let log = Log::new();
    auto! {
        task1: [task2 as _] => log.work("task1", 25).await,
        task2 => log.work("task2", 50).await,
        task3: [task2 as _] => log.start("task3").end(),
        task4: [task1 as _, task2 as _] => log.start("task4").end(),
        task5: [task2 as _] => log.work("task5", 1).await,
        task6: [task2 as _] => log.start("task6").end(),
    }
    .await;
    assert_eq!(
        names(log.ended()),
        ["task2", "task3", "task6", "task5", "task1", "task4"]
    );
}

#[tokio::test]
async fn auto_concurrency() {
    let running = RefCell::new(Vec::new());
    let work = async |name| {
        running.borrow_mut().push(name);
        yield_now().await;
        let beside = running.borrow().clone();
        running.borrow_mut().retain(|other| *other != name);
        beside
    };
    let results = auto! {
        #![limit(2)]
        task1: [task2 as _] => work("task1").await,
        task2 => work("task2").await,
        task3: [task2 as _] => work("task3").await,
        task4: [task1 as _, task2 as _] => work("task4").await,
        task5: [task2 as _] => work("task5").await,
        task6: [task2 as _] => work("task6").await,
        => [task1, task2, task3, task4, task5, task6]
    };
    for (result, name) in results
        .await
        .iter()
        .zip(["task1", "task2", "task3", "task4", "task5", "task6"])
    {
        assert!(result.len() <= 2 && result.contains(&name), "{result:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn auto_petrify() {
    let log = Log::new();
    auto! {
        task1: [task2 as _] => log.work("task1", 100).await,
        task2 => log.work("task2", 200).await,
        task3: [task2 as _] => log.start("task3").end(),
        task4: [task1 as _, task2 as _] => log.start("task4").end(),
    }
    .await;
    assert_eq!(names(log.ended()), ["task2", "task3", "task1", "task4"]);
}

#[tokio::test(start_paused = true)]
async fn auto_results() {
    let log = Log::new();
    let results = auto! {
        #![derive(Debug, PartialEq)]
        task1: [task2] => {
            assert_eq!(*task2, "task2");
            log.work("task1", 25).await;
            ["task1a", "task1b"]
        },
        task2 => log.work("task2", 50).await,
        task3: [task2] => {
            assert_eq!(*task2, "task2");
            log.start("task3").end();
        },
        task4: [task1, task2] => {
            assert_eq!((*task1, *task2), (["task1a", "task1b"], "task2"));
            log.work("task4", 0).await
        },
    };
    assert_eq!(
        results.await.into_tuple(),
        (["task1a", "task1b"], "task2", (), "task4")
    );
    assert_eq!(names(log.ended()), ["task2", "task3", "task1", "task4"]);
}

#[tokio::test]
async fn auto_empty_object() {
    let () = auto!().await.into_tuple();
}

#[tokio::test]
async fn auto_error() {
    let result = auto! {
        task1 => Err::<(), _>("testerror")?,
        task2: [task1 as _] => unreachable!("task2 should not be called"),
        task3 => Err::<(), _>("testerror2")?,
    };
    assert_eq!(result.await.map(drop), Err("testerror"));
}

/// There, `callback(false)` cancels. Here, dropping the graph does.
#[tokio::test(start_paused = true)]
async fn auto_canceled() {
    let log = Log::new();
    let graph = auto! {
        task1 => log.work("task1", 5).await,
        task2: [task1 as _] => unreachable!("task2 should not be called"),
        task3 => log.work("task3", 5).await,
    };
    assert!(graph.now_or_never().is_none());
    sleep(Duration::from_millis(10)).await;
    assert_eq!(names(log.started()), ["task1", "task3"]);
    assert_eq!(names(log.ended()), [""; 0]);
}

/// There: "does not start other tasks when it has been canceled".
#[tokio::test]
async fn does_not_start_tasks_when_canceled() {
    let order = RefCell::new(Vec::new());
    let graph = auto! {
        task1 => { order.borrow_mut().push(1); yield_now().await },
        task2: [task1 as _] => unreachable!("task2 should not be called"),
        task3 => { order.borrow_mut().push(3); Err::<(), _>("canceled")? },
        task4: [task3 as _] => unreachable!("task4 should not be called"),
    };
    assert_eq!(graph.await.map(drop), Err("canceled"));
    assert_eq!(*order.borrow(), [1, 3]);
}

#[tokio::test]
async fn auto_no_callback() {
    let done = Cell::new(false);
    auto! { task1 => (), task2: [task1 as _] => done.set(true) }.await;
    assert!(done.get());
}

#[tokio::test]
async fn auto_concurrency_no_callback() {
    let done = Cell::new(false);
    auto! { #![limit(1)] task1 => (), task2: [task1 as _] => done.set(true) }.await;
    assert!(done.get());
}

/// A failed graph has no results, but its bodies may write to outer variables.
#[tokio::test]
async fn auto_error_should_pass_partial_results() {
    let (result1, result2) = (Cell::new(None), Cell::new(None));
    let graph = auto! {
        task1 => result1.set(Some("result1")),
        task2: [task1 as _] => { result2.set(Some("result2")); Err::<(), _>("testerror")? },
        task3: [task2 as _] => unreachable!("task3 should not be called"),
    };
    assert_eq!(graph.await.map(drop), Err("testerror"));
    assert_eq!(
        (result1.get(), result2.get()),
        (Some("result1"), Some("result2"))
    );
}

/// There: "auto removeListener has side effect on loop iteratee".
#[tokio::test(start_paused = true)]
async fn auto_removes_listeners_without_side_effects() {
    let done = Cell::new(false);
    let graph = auto! {
        task1: [task3 as _] => done.set(true),
        task2: [task3 as _] => pending::<Infallible>().await,
        task3 => (),
    };
    timeout(Duration::from_secs(1), graph)
        .await
        .map(drop)
        .expect_err("task2 never ends");
    assert!(done.get());
}

#[tokio::test]
async fn auto_calls_callback_multiple_times() {
    let calls = Cell::new(0);
    let graph = auto! {
        task1 => (),
        task2: [task1 as _] => (),
        => { calls.set(calls.get() + 1); panic!("An error {task1:?} {task2:?}") }
    };
    AssertUnwindSafe(graph)
        .catch_unwind()
        .await
        .map(drop)
        .expect_err("it panics");
    assert_eq!(calls.get(), 1);
}

/// There: "auto calls callback multiple times with parallel functions".
#[tokio::test]
async fn auto_calls_callback_once_with_parallel_functions() {
    let graph = auto! {
        task1 => { yield_now().await; Err::<(), _>("err")? },
        task2 => { yield_now().await; Err::<(), _>("err")? },
    };
    assert_eq!(graph.await.map(drop), Err("err"));
}

/// Here, bodies cannot insert into the results. They may change an outer variable, which does not end the graph. There:
/// "auto modifying results causes final callback to run early".
#[tokio::test(start_paused = true)]
async fn auto_modified_results_do_not_end_it_early() {
    let (log, inserted) = (Log::new(), Cell::new(false));
    let results = auto! {
        task1 => "task1",
        task2: [task1 as _] => { inserted.set(true); log.work("task2", 50).await },
        task3 => log.work("task3", 100).await,
    };
    assert_eq!(results.await.into_tuple(), ("task1", "task2", "task3"));
    assert!(inserted.get());
}

#[tokio::test]
async fn auto_stops_running_tasks_on_error() {
    let graph = auto! {
        #![limit(1)]
        task1 => Err::<(), _>("error")?,
        task2 => unreachable!("task2 should not be called"),
    };
    assert_eq!(graph.await.map(drop), Err("error"));
}

#[tokio::test(start_paused = true)]
async fn ignores_results_after_an_error() {
    let log = Log::new();
    let graph = auto! {
        task1 => log.fail("error", 25).await?,
        task2 => log.work("task2", 30).await,
        task3: [task2 as _] => unreachable!("task should not have been called"),
    };
    assert_eq!(graph.await.map(drop), Err("error"));
    sleep(Duration::from_millis(25)).await;
    assert_eq!(names(log.ended()), ["error"]);
}

#[tokio::test]
async fn should_handle_array_tasks_with_just_a_function() {
    let graph = auto! { one: [] => 1, two: [one] => assert_eq!(*one, 1) };
    graph.await;
}

#[test]
fn should_avoid_unnecessary_deferrals() {
    assert!(
        auto! { step1 => 1, step2: [step1 as _] => () }
            .now_or_never()
            .is_some()
    );
}

/// There: "should report errors when a task name is an array method".
#[tokio::test(start_paused = true)]
async fn array_method_may_name_a_failing_task() {
    let log = Log::new();
    let graph = auto! {
        one => log.fail("Something bad happened here", 0).await?,
        filter => log.work("All fine here though", 25).await,
        finally: [one as _, filter as _] => yield_now().await,
    };
    assert_eq!(graph.await.map(drop), Err("Something bad happened here"));
}

/// There: "should report errors when a task name is an obj prototype method".
#[tokio::test(start_paused = true)]
async fn prototype_method_may_name_a_failing_task() {
    let log = Log::new();
    let graph = auto! {
        one => log.fail("Something bad happened here", 0).await?,
        into_tuple => log.work("All fine here though", 25).await,
        clone: [one as _, into_tuple as _] => yield_now().await,
    };
    assert_eq!(graph.await.map(drop), Err("Something bad happened here"));
}

#[tokio::test]
async fn should_handle_async_functions_in_auto() {
    let soon = async |value: u8| {
        yield_now().await;
        value
    };
    let result = auto! {
        left => soon(1).await,
        right => soon(2).await,
        sum: [left, right] => soon(left + right).await,
    };
    assert_eq!(result.await.into_tuple(), (1, 2, 3));
}

#[tokio::test]
async fn should_return_a_promise_auto() {
    let calls = RefCell::new(Vec::new());
    auto! {
        first => calls.borrow_mut().push("a"),
        last: [first as _, middle as _] => calls.borrow_mut().push("b"),
        middle => { yield_now().await; calls.borrow_mut().push("c") },
    }
    .await;
    assert_eq!(*calls.borrow(), ["a", "c", "b"]);
}
