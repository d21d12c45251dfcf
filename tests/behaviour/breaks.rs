//! `break VALUE` ends the whole graph with that value: at once, and in every plan.

use std::future::{pending, ready};
use std::num::ParseIntError;

use conjoin::{TaskError, auto};
use conjoin_tests::{Log, sorted};
use tokio::time::Instant;

/// Never completes.
macro_rules! forever {
    () => {
        pending::<()>().await
    };
}

#[tokio::test(start_paused = true)]
async fn break_ends_the_graph_and_drops_the_rest() {
    let (log, start) = (Log::new(), Instant::now());
    let found = auto! {
        cached => { log.work("cached", 2).await; break "cached" },
        slow => log.work("slow", 9).await,
        after_slow: [slow as _] => log.work("after_slow", 1).await,
        => "fetched"
    };
    assert_eq!(found.await, "cached");
    assert_eq!(start.elapsed().as_millis(), 2);
    assert_eq!(log.started(), [("cached", 0), ("slow", 0)]);
    assert_eq!(log.dropped(), [("slow", 2)]);
}

#[tokio::test(start_paused = true)]
async fn nothing_starts_after_a_break() {
    let log = Log::new();
    let found = auto! {
        first => if log.started().is_empty() { break 1 },
        second => log.work("second", 1).await,
        => 2
    };
    assert_eq!(found.await, 1);
    assert_eq!(log.started(), []);
}

#[tokio::test]
async fn without_break_the_final_arm_has_the_value() {
    let graph = |cached: Option<u32>| async move {
        auto! {
            cache => if let Some(value) = cached { break value },
            fetched: [cache as _] => ready(2).await,
            => fetched + 1
        }
        .await
    };
    assert_eq!(graph(Some(7)).await, 7);
    assert_eq!(graph(None).await, 3);
}

#[tokio::test]
async fn bare_break_yields_unit() {
    let mut reached = false;
    let (): () = auto! {
        first => if !reached { break },
        second: [first as _] => reached = true,
        => { second }
    }
    .await;
    assert!(!reached);
}

#[tokio::test]
async fn fallible_graph_resolves_to_ok() {
    let parse = |text: &'static str| async move {
        auto! {
            empty => if text.is_empty() { break 0 },
            number: [empty as _] => text.parse::<u32>()?,
            => number * 2
        }
        .await
    };
    assert_eq!(parse("").await, Ok(0));
    assert_eq!(parse("4").await, Ok(8));
    assert!(parse("x").await.is_err());
}

#[tokio::test]
async fn body_may_break_and_fail() {
    let parse = |text: &'static str| async move {
        let parsed: Result<u32, ParseIntError> = auto! {
            number => {
                let number: u32 = text.parse()?;
                if number > 9 {
                    break number;
                }
                ready(()).await;
                number
            },
            last => "1".parse::<u32>()?,
            => number + last
        }
        .await;
        parsed
    };
    assert_eq!(parse("10").await, Ok(10));
    assert_eq!(parse("5").await, Ok(6));
    assert!(parse("").await.is_err());
}

#[derive(Debug, PartialEq)]
struct Wrapped(String);

impl From<ParseIntError> for Wrapped {
    fn from(error: ParseIntError) -> Self {
        Wrapped(error.to_string())
    }
}

#[tokio::test]
async fn named_error_type_converts() {
    async fn number(text: &str) -> Result<u32, ParseIntError> {
        ready(text.parse()).await
    }
    let parse = |text: &'static str| async move {
        auto! {
            #![error(Wrapped)]
            first => number(text).await?,
            second => { if number("3").await? > 3 { break 1 } 4 },
            third: [first] => if *first == 5 { break 55 },
            => { let () = third; first + second }
        }
        .await
    };
    assert_eq!(parse("5").await, Ok(55));
    assert_eq!(parse("6").await, Ok(10));
    assert_eq!(
        parse("").await,
        Err(Wrapped("cannot parse integer from empty string".into()))
    );
}

#[tokio::test]
async fn errors_keep_the_names_of_their_tasks() {
    let parse = |text: &'static str| async move {
        let parsed: Result<u32, TaskError<ParseIntError>> = auto! {
            #![name_errors]
            first => text.parse::<u32>()?,
            second: [first] => if *first == 5 { break 55 },
            => { let () = second; first }
        }
        .await;
        parsed.map_err(|error| error.task())
    };
    assert_eq!(parse("5").await, Ok(55));
    assert_eq!(parse("6").await, Ok(6));
    assert_eq!(parse("x").await, Err("first"));
}

#[tokio::test(start_paused = true)]
async fn break_works_in_an_n() {
    let log = Log::new();
    let graph = auto! {
        a => log.work("a", 2).await,
        b => log.work("b", 5).await,
        c: [a as _] => { log.work("c", 1).await; break 3 },
        d: [a as _, b as _] => log.work("d", 1).await,
        => { let _ = (c, d); 4 }
    };
    assert_eq!(graph.await, 3);
    assert_eq!(log.dropped(), [("b", 3)]);
}

#[tokio::test(start_paused = true)]
async fn break_works_behind_gates_and_under_a_limit() {
    for limit in [1, 2, 9] {
        let log = Log::new();
        let graph = auto! {
            #![limit(limit)]
            a => log.work("a", 1).await,
            b => log.work("b", 1).await,
            c: [a as _] => { log.work("c", 1).await; break "c" },
            d: [a as _, b as _] => log.work("d", 1).await,
            e: [d as _] => log.work("e", 1).await,
            => { let () = c; e }
        };
        assert_eq!(graph.await, "c", "{limit}");
    }
    let log = Log::new();
    let graph = auto! {
        a => log.work("a", 2).await,
        b => log.work("b", 4).await,
        c: [a] => { log.work("c", 3).await; a.len() },
        d: [b] => { log.work("d", 3).await; b.len() },
        e: [c, b] => { if c + b.len() == 2 { break "e".to_owned() } c + b.len() },
        f: [d, a] => d + a.len(),
        => format!("{e} {f}")
    };
    assert_eq!(graph.await, "e");
    assert_eq!(log.dropped(), [("d", 5)]);
}

#[tokio::test]
async fn break_works_among_many_children() {
    let which = |last: bool| async move {
        auto! {
            a => forever!(), b => forever!(), c => forever!(), d => forever!(), e => forever!(),
            f => forever!(), g => forever!(), h => forever!(),
            i => if last { forever!() } else { break 'i' },
            j => { tokio::task::yield_now().await; break 'j' },
            => { let _ = (a, b, c, d, e, f, g, h, i, j); 'z' }
        }
        .await
    };
    assert_eq!(which(false).await, 'i');
    assert_eq!(which(true).await, 'j');
}

#[tokio::test]
async fn break_works_in_a_condition() {
    let graph = |given: Option<u32>, next: Option<u32>| async move {
        auto! {
            first if given.is_some() || { break 0 } => 1,
            second if let Some(number) = given && number > 1 && (next.is_some() || { break 9 }) => {
                if number == 3 {
                    break 33;
                }
                number
            },
            third: [second] if let Some(number) = second && *number > 1 => {
                tokio::pin! { let later = ready(()); }
                later.await;
                if *number == 4 {
                    break 44;
                }
                number + "1".parse::<u32>()?
            },
            => { assert!(first.is_some()); third.map_or(1, |third| third * 100) }
        }
        .await
        .map_err(|error: ParseIntError| error.to_string())
    };
    assert_eq!(graph(None, None).await, Ok(0));
    assert_eq!(graph(Some(1), None).await, Ok(1));
    assert_eq!(graph(Some(2), None).await, Ok(9));
    assert_eq!(graph(Some(3), Some(1)).await, Ok(33));
    assert_eq!(graph(Some(4), Some(1)).await, Ok(44));
    assert_eq!(graph(Some(5), Some(1)).await, Ok(600));
}

#[tokio::test]
async fn break_works_in_select() {
    let race = auto! {
        winner => tokio::select! {
            biased;
            () = ready(()) => break "ready",
            () = pending() => "pending",
        },
        other => forever!(),
        => { let () = other; winner }
    };
    assert_eq!(race.await, "ready");
}

#[tokio::test]
async fn break_of_an_inner_loop_ends_that_loop() {
    let graph = auto! {
        looped => { let mut n = 0; loop { n += 1; if n == 3 { break n } } },
        labelled => 'found: { if looped_twice(3) { break 'found 2 } 3 },
        while_true => { let mut n = 0; while true_until(n) { n += 1; if n == 4 { break } } n },
        iterated => { let mut last = 0; for n in 0..9 { if n == 5 { break; } last = n; } last },
        closure => [6].map(|six| { let mut n = 0; loop { n += 1; if n == six { break n } } })[0],
        future => async { let mut n = 0; loop { n += 1; if n == 7 { break n } } }.await,
        => [looped, labelled, while_true, iterated, closure, future]
    };
    assert_eq!(graph.await, [3, 2, 4, 4, 6, 7]);
}

fn looped_twice(n: i32) -> bool {
    (0..n).count() > 2
}

fn true_until(n: i32) -> bool {
    n < 9
}

#[tokio::test]
async fn break_drops_moved_and_changed_values() {
    let log = Log::new();
    let graph = auto! {
        list => vec![log.start("list")],
        more: [mut list] => list.push(log.start("more")),
        all: [move list, more as _] => { if list.len() == 2 { break list.len() } list.len() },
        => all + 1
    };
    assert_eq!(graph.await, 2);
    assert_eq!(log.dropped(), [("list", 0), ("more", 0)]);
}

#[tokio::test]
async fn nested_graph_breaks_alone() {
    let graph = auto! {
        inner => auto! { a => break 1, b => 2, => { let () = a; b } }.await,
        outer: [inner] => if *inner == 2 { break 10 },
        => { let () = outer; inner + 20 }
    };
    assert_eq!(graph.await, 21);
}

#[tokio::test(start_paused = true)]
async fn final_arm_fails_after_no_break() {
    let graph = |stop: bool| async move {
        auto! {
            stopped => if stop { break "stopped" },
            text: [stopped as _] => "x",
            => { let number: u32 = text.parse()?; if number > 0 { "more" } else { "less" } }
        }
        .await
        .map_err(|error: ParseIntError| error.to_string())
    };
    assert_eq!(graph(true).await, Ok("stopped"));
    assert!(graph(false).await.is_err());
}

#[test]
fn graph_with_break_is_send() {
    fn send<F: Future + Send>(future: F) -> F {
        future
    }
    let text = String::from("text");
    let graph = send(auto! {
        a => text.as_str(),
        b: [a] => { ready(()).await; if a.len() == 4 { break a.len() } 1 },
        c => forever!(),
        => { let () = c; b }
    });
    assert_eq!(futures::executor::block_on(graph), 4);
}

#[tokio::test]
async fn first_break_in_time_wins() {
    let log = Log::new();
    let graph = auto! {
        late => { tokio::task::yield_now().await; break "late" },
        early => { ready(()).await; break "early" },
        error => { tokio::task::yield_now().await; Err::<(), _>("error")? },
        => { let _: ((), (), ()) = (late, early, error); "none" }
    };
    assert_eq!(graph.await, Ok("early"));
    assert_eq!(sorted(log.dropped()), []);
}

#[tokio::test(start_paused = true)]
async fn break_works_in_a_for_task() {
    let graph = |stop: u64, at_once: bool| async move {
        let log = Log::new();
        let ended = auto! {
            ids => [3_u64, 1, 2],
            found: [ids] for id in if at_once { break 99 } else { ids } => {
                log.work("item", *id).await;
                if *id == stop {
                    break *id;
                }
                *id * 10
            },
            more: [found] for text in found.iter().map(u64::to_string) => {
                let number: u64 = text.parse()?;
                if number == stop {
                    break number + 1;
                }
                number
            },
            => more.iter().sum::<u64>()
        }
        .await
        .map_err(|error: ParseIntError| error.to_string());
        (ended, log.dropped().len())
    };
    assert_eq!(graph(0, true).await, (Ok(99), 0));
    assert_eq!(graph(1, false).await, (Ok(1), 2));
    assert_eq!(graph(2, false).await, (Ok(2), 1));
    assert_eq!(graph(20, false).await, (Ok(21), 0));
    assert_eq!(graph(0, false).await, (Ok(60), 0));
}

#[tokio::test]
async fn items_of_options_end_the_graph() {
    let graph = |limit: u32| async move {
        auto! {
            numbers for n in 0..limit => ready(n.checked_sub(1).or(Some(9))).await?,
            halves: [numbers] for n in numbers => { let half = n.checked_div(2)?; (half < 5).then_some(half)? },
            => { let last = halves.last()?; *last }
        }
        .await
    };
    assert_eq!(graph(0).await, None);
    assert_eq!(graph(1).await, Some(4));
    assert_eq!(graph(9).await, Some(3));
    assert_eq!(graph(12).await, None);
}
