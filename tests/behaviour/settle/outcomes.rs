//! The outcome of each task.

use std::cell::{Cell, RefCell};
use std::future::pending;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use conjoin::Settled::{Done, Failed, Skipped};
use conjoin::auto;
use conjoin_tests::{Log, sorted};
use futures::FutureExt;
use tokio::task::yield_now;
use tokio::time::timeout;

#[tokio::test(start_paused = true)]
async fn first_error_cancels_no_task() {
    let log = Log::new();
    let done = auto! {
        #![settle]
        early => log.fail("early", 1).await?,
        late => log.fail("late", 5).await?,
        good => log.work("good", 9).await,
        after: [good as _] => log.work("after", 1).await,
    }
    .await;
    assert_eq!((done.early, done.late), (Failed("early"), Failed("late")));
    assert_eq!((done.good, done.after), (Done("good"), Done("after")));
    assert_eq!(
        log.ended(),
        [("early", 1), ("late", 5), ("good", 9), ("after", 10)]
    );
}

#[tokio::test(start_paused = true)]
async fn dependents_of_a_failed_task_never_start() {
    let log = Log::new();
    let done = auto! {
        #![settle]
        bad => log.fail("bad", 1).await?,
        next: [bad as _] => log.work("next", 1).await,
        far: [next] => log.work(next, 1).await,
        half: [good, bad as _] => log.work(good, 1).await,
        good => log.work("good", 3).await,
    }
    .await;
    assert_eq!(
        (done.next, done.far, done.half),
        (Skipped("bad"), Skipped("bad"), Skipped("bad"))
    );
    assert_eq!(sorted(log.started()), [("bad", 0), ("good", 0)]);
}

#[tokio::test]
async fn skipped_names_the_first_failed_dependency() {
    let done = auto! {
        #![settle]
        a => 1,
        b => { yield_now().await; Err::<(), _>("b")? },
        c => Err::<(), _>("c")?,
        d: [b as _] => (),
        first_b: [a as _, b as _, c as _] => (),
        first_c: [a as _, c as _, b as _] => (),
        behind_d: [d as _, c as _] => (),
        before_d: [c as _, d as _] => (),
    }
    .await;
    let skipped = (
        done.d,
        done.first_b,
        done.first_c,
        done.behind_d,
        done.before_d,
    );
    assert_eq!(
        skipped,
        (
            Skipped("b"),
            Skipped("b"),
            Skipped("c"),
            Skipped("b"),
            Skipped("c")
        )
    );
}

#[tokio::test]
async fn every_shape_settles() {
    let series = auto! {
        #![settle]
        one => 1,
        two: [one] => Err::<i32, _>(*one)?,
        three: [two] => *two,
        four: [three] => *three,
    };
    assert_eq!(
        series.await.into_tuple(),
        (Done(1), Failed(1), Skipped("two"), Skipped("two"))
    );

    let parallel = auto! {
        #![settle]
        root => { yield_now().await; 1 },
        left: [root] => { yield_now().await; Err::<i32, _>(*root)? },
        right: [root] => { yield_now().await; root + 1 },
        tip: [left, right] => left + right,
    };
    assert_eq!(
        parallel.await.into_tuple(),
        (Done(1), Failed(1), Done(2), Skipped("left"))
    );

    let n = auto! {
        #![settle]
        user => { yield_now().await; 1 },
        settings => { yield_now().await; yield_now().await; Err::<i32, _>("no")? },
        posts: [user] => { yield_now().await; user + 1 },
        page: [user, settings] => user + settings,
    };
    assert_eq!(
        n.await.into_tuple(),
        (Done(1), Failed("no"), Done(2), Skipped("settings"))
    );

    let gated = auto! {
        #![settle]
        north_1 => { yield_now().await; 1 },
        south_1 => { yield_now().await; Err::<i32, _>("no")? },
        north_2: [north_1] => { yield_now().await; north_1 + 1 },
        south_2: [south_1] => { yield_now().await; south_1 + 1 },
        both: [north_2, south_2] => north_2 + south_2,
        north_3: [north_2] => { yield_now().await; north_2 + 1 },
    };
    let gated = gated.await.into_tuple();
    assert_eq!(
        gated,
        (
            Done(1),
            Failed("no"),
            Done(2),
            Skipped("south_1"),
            Skipped("south_1"),
            Done(3)
        )
    );
}

#[tokio::test]
async fn the_graph_itself_does_not_fail() {
    let done = auto! { #![settle] bad => Err::<(), _>("no")? };
    let (bad,) = done.await.into_tuple();
    assert_eq!(bad.err(), Some("no"));
}

#[tokio::test]
async fn an_empty_graph_settles() {
    let () = auto! { #![settle] }.await.into_tuple();
    assert_eq!(auto! { #![settle] => 1 }.await, 1);
}

#[tokio::test]
async fn a_value_that_is_a_result_is_done() {
    let done = auto! {
        #![settle]
        value => Err::<(), _>("kept"),
        sees: [value] => value.is_err(),
    }
    .await;
    assert_eq!(done.into_tuple(), (Done(Err("kept")), Done(true)));
}

#[tokio::test]
async fn skipped_names_raw_names_without_their_prefix() {
    let done = auto! { #![settle] r#type => Err::<(), _>(1)?, r#fn: [r#type as _] => () }.await;
    assert_eq!(done.r#fn, Skipped("type"));
}

#[tokio::test]
async fn failed_condition_fails_its_task() {
    let asked = Cell::new(false);
    let done = auto! {
        #![settle]
        #![error(std::num::ParseIntError)]
        number => "7".parse::<u32>()?,
        fails: [number] if "x".parse::<u32>()? == *number => unreachable!("the condition failed"),
        false_one: [number] if "8".parse::<u32>()? == *number => 1,
        true_one: [number] if let Ok(7) = Ok::<_, ()>(*number) => 2,
        after_false: [false_one] if let Some(one) = false_one => *one,
        after_fails: [fails as _] if { asked.set(true); true } => 3,
    }
    .await;
    assert!(done.fails.is_failed() && !asked.get());
    assert_eq!((done.false_one, done.true_one), (Done(None), Done(Some(2))));
    assert_eq!(
        (done.after_false.ok(), done.after_fails),
        (Some(None), Skipped("fails"))
    );
}

#[tokio::test(start_paused = true)]
async fn running_tasks_are_dropped_with_the_graph() {
    let log = Log::new();
    let graph = auto! {
        #![settle]
        bad => log.fail("bad", 1).await?,
        skipped: [bad as _] => log.work("skipped", 1).await,
        slow => log.work("slow", 9).await,
        after: [slow as _] => log.work("after", 9).await,
    };
    timeout(Duration::from_millis(5), graph)
        .await
        .map(drop)
        .expect_err("it takes longer");
    assert_eq!((log.started().len(), log.dropped()), (2, vec![("slow", 5)]));
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_no_failure() {
    let log = Log::new();
    let graph = auto! {
        #![settle]
        slow => log.work("slow", 9).await,
        bad => { log.work("bad", 1).await; std::panic::resume_unwind(Box::new("panic")) },
        never: [bad as _] => pending::<()>().await,
    };
    let panic = AssertUnwindSafe(graph)
        .catch_unwind()
        .await
        .map(drop)
        .expect_err("it panics");
    assert_eq!(panic.downcast_ref(), Some(&"panic"));
    assert_eq!(log.dropped(), [("slow", 1)]);
}

#[tokio::test]
async fn skipped_tasks_free_their_places_at_once() {
    let started = RefCell::new(Vec::new());
    let start = |name: &'static str| started.borrow_mut().push(name);
    let done = auto! {
        #![settle]
        #![limit(1)]
        bad => { start("bad"); Err::<(), _>("no")? },
        skipped: [bad as _] => start("skipped"),
        next => { start("next"); yield_now().await },
        skipped_too: [skipped as _, next as _] => start("skipped_too"),
        last: [next as _] => start("last"),
    };
    assert_eq!(done.await.skipped_too, Skipped("bad"));
    assert_eq!(*started.borrow(), ["bad", "next", "last"]);
}

#[tokio::test]
async fn a_graph_in_a_body_settles_on_its_own() {
    let done = auto! {
        #![settle]
        inner => auto! { #![settle] bad => Err::<(), _>("no")?, after: [bad as _] => () }.await.into_tuple(),
        fails => auto! { bad => Err::<(), _>("no")? , => bad }.await?,
        after: [inner] => inner.1.is_skipped(),
    }
    .await;
    assert_eq!(
        done.into_tuple(),
        (
            Done((Failed("no"), Skipped("bad"))),
            Failed("no"),
            Done(true)
        )
    );
}
