//! `[..]` and `#![infer]`: the dependencies are the names that the body uses.

use std::cell::RefCell;
use std::time::Duration;

use conjoin::auto;
use tokio::time::{Instant, sleep};

async fn after(ms: u64) -> u64 {
    sleep(Duration::from_millis(ms)).await;
    ms
}

#[tokio::test(start_paused = true)]
async fn task_waits_for_names_its_body_uses() {
    let start = Instant::now();
    let graph = auto! {
        user => after(20).await,
        slow => after(90).await,
        posts: [..] => after(user + 10).await,
        => (user, posts, slow, start.elapsed())
    };
    assert_eq!(graph.await, (20, 30, 90, Duration::from_millis(90)));
}

#[tokio::test]
async fn infer_covers_all_tasks_without_brackets() {
    let order = RefCell::new(Vec::new());
    let run = |name| order.borrow_mut().push(name);
    let graph = auto! {
        #![infer]
        c => { run("c"); a + b },
        b => { run("b"); a + 1 },
        a => { run("a"); 1 },
        alone: [] => 4,
        => (a, b, c, alone)
    };
    assert_eq!(graph.await, (1, 2, 3, 4));
    assert_eq!(*order.borrow(), ["a", "b", "c"]);
}

#[tokio::test]
async fn entries_may_precede_the_dots() {
    let graph = auto! {
        log => Vec::new(),
        a => 1,
        b: [mut log, ..] => log.push(*a),
        c: [a as &n, b as _, ..] => log.len() + n,
        d: [move log, c, ..] => (log, *c, *a),
        => d
    };
    assert_eq!(graph.await, (vec![1], 2, 1));
}

#[tokio::test]
async fn shadowed_names_are_no_dependencies() {
    // Each would close a cycle.
    let graph = auto! {
        #![infer]
        a => {
            let b = 1;
            let f = |c: u8| c + b;
            if let Some(d) = Some(2) { f(d) } else { 0 }
        },
        b => a + 1,
        c => { match b { 0 => 0, c => c + 1 } },
        d => { struct S { a: u8 } let s = S { a: *c }; s.a },
        => [a, b, c, d]
    };
    assert_eq!(graph.await, [3, 4, 5, 5]);
}

#[tokio::test]
async fn names_in_macros_and_formats_are_used() {
    let graph = auto! {
        #![infer]
        a => 1,
        b => format!("{a:02}"),
        c => vec![b.clone(), b.clone()],
        d => serde_json::json!({ "a": a, "c": c }),
        e => auto! { x => *a, y: [x] => x + 1, => y }.await,
        => (c, d, e)
    };
    let (c, d, e) = graph.await;
    assert_eq!(c, ["01", "01"]);
    assert_eq!(d.to_string(), r#"{"a":1,"c":["01","01"]}"#);
    assert_eq!(e, 2);
}

#[tokio::test]
async fn condition_counts_as_part_of_the_body() {
    let graph = auto! {
        #![infer]
        a => Some(1),
        b if let Some(a) = a && *a > 0 => a + 1,
        c if b.is_some() => 7,
        => (b, c)
    };
    assert_eq!(graph.await, (Some(2), Some(7)));
}

#[tokio::test]
async fn own_name_is_the_variable_outside() {
    let id = 6;
    let graph = auto! {
        #![infer]
        id => id + 1,
        next => id + 1,
        => next
    };
    assert_eq!(graph.await, 8);
}

#[tokio::test]
async fn function_may_have_the_name_of_a_task() {
    use std::future::{Ready, ready};
    fn user(id: u8) -> Ready<u8> {
        ready(id)
    }
    fn posts(user: u8) -> Ready<u8> {
        ready(user + 1)
    }
    let graph = auto! {
        user => user(1).await,
        posts: [user] => posts(*user).await,
        again: [user, posts as _] => posts(*user).await,
        => (posts, again)
    };
    assert_eq!(graph.await, (2, 2));
}
