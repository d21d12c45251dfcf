//! Tests fakes, as a reader of the first page uses them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use conjoin::auto;
use conjoin_adapters::around::{Around, Fakes};
use futures::FutureExt;
use futures::executor::block_on;

#[derive(Debug, PartialEq)]
struct DbError;

#[derive(Debug, PartialEq)]
struct Post(u32);

async fn query(what: &str) -> Result<Vec<Post>, DbError> {
    tokio::task::yield_now().await;
    panic!("the test runs the query for {what}")
}

/// The code under test.
async fn page<A>(around: &A) -> Result<usize, DbError>
where
    A: Around<Result<u32, conjoin::Never>> + Around<Result<Vec<Post>, DbError>>,
{
    auto! {
        #![around(around)]
        user => 7_u32,
        posts: [user] => query(&format!("posts of {user}")).await?,
        drafts: [user] if *user == 8 => query("drafts").await?,
        => posts.len() + drafts.map_or(0, |drafts| drafts.len()),
    }
    .await
}

fn panic_of<T>(code: impl FnOnce() -> T) -> String {
    let payload = catch_unwind(AssertUnwindSafe(code))
        .err()
        .expect("it panics");
    let text = payload.downcast_ref::<String>().cloned();
    text.or_else(|| {
        payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
    })
    .unwrap()
}

#[test]
fn fake_is_the_value_of_its_task() {
    let fakes = Fakes::new();
    fakes.set("posts", || vec![Post(1), Post(2)]);
    assert_eq!(block_on(page(&fakes)), Ok(2));
}

#[test]
fn fake_of_a_task_that_cannot_fail_is_its_value() {
    let fakes = Fakes::new();
    fakes
        .set("user", || 8_u32)
        .set("posts", || vec![Post(1)])
        .set("drafts", || vec![Post(3), Post(4)]);
    assert_eq!(block_on(page(&fakes)), Ok(3));
}

#[test]
fn fake_may_fail() {
    let fakes = Fakes::new();
    fakes.set("posts", || Err::<Vec<Post>, _>(DbError));
    assert_eq!(block_on(page(&fakes)), Err(DbError));
    fakes.set("posts", || Ok::<_, DbError>(vec![Post(1)]));
    assert_eq!(block_on(page(&fakes)), Ok(1));
}

#[test]
fn fake_is_made_anew_for_each_run() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let fakes = Fakes::new();
    fakes.set("posts", || {
        (0..=RUNS.fetch_add(1, Ordering::Relaxed))
            .map(|_| Post(0))
            .collect::<Vec<_>>()
    });
    assert_eq!(
        (block_on(page(&fakes)), block_on(page(&fakes))),
        (Ok(1), Ok(2))
    );
}

#[test]
fn fake_of_another_type_names_both() {
    let fakes = Fakes::new();
    fakes.set("posts", || vec![1, 2]);
    let message = panic_of(|| block_on(page(&fakes)));
    assert!(message.starts_with("the fake of task `posts` returns `alloc::vec::Vec<i32>`, but the task has `alloc::vec::Vec<"), "{message}");
    assert!(
        message.contains("Post>`\n\nhelp: return that, or a `core::result::Result<"),
        "{message}"
    );
}

#[test]
fn fake_of_no_task_fails_the_test() {
    let message = panic_of(|| {
        let fakes = Fakes::new();
        fakes.set("posts", || vec![Post(1)]);
        fakes.set("post", || vec![Post(1)]);
        block_on(page(&fakes)).unwrap();
    });
    assert_eq!(
        message,
        "no task named `post` ran, but it has a fake\n\nhelp: the tasks that ran are `posts`, `user`"
    );
    let message = panic_of(|| {
        let fakes = Fakes::new();
        fakes.set("posts", || vec![Post(1)]);
        fakes.finish();
    });
    assert!(
        message.ends_with("write `#![around(fakes)]` at the top of the graph"),
        "{message}"
    );
}

#[test]
fn failed_test_needs_no_other_reason() {
    let message = panic_of(|| {
        let fakes = Fakes::new();
        fakes.set("nothing", || 1);
        panic!("the reason");
    });
    assert_eq!(message, "the reason");
}

#[test]
fn fakes_and_others_work_in_pairs() {
    let fakes = Fakes::new();
    fakes.set("posts", || vec![Post(1)]);
    assert_eq!(page(&(&fakes, &fakes)).now_or_never(), Some(Ok(1)));
}
