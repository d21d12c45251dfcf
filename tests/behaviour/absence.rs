//! A `?` on an `Option` makes the graph resolve to an `Option`.

use std::future::{pending, ready};
use std::pin::pin;

use conjoin::auto;
use conjoin_tests::{Flag, Log, poll};

async fn find<T>(value: Option<T>) -> Option<T> {
    ready(value).await
}

#[tokio::test]
async fn question_at_the_end_of_a_body() {
    let graph = |given: Option<u32>| async move {
        auto! {
            user => find(given).await?,
            posts: [user] => find(user.checked_sub(1)).await?,
        }
        .await
        .map(|page| (page.user, page.posts))
    };
    assert_eq!(graph(Some(3)).await, Some((3, 2)));
    assert_eq!(graph(Some(0)).await, None);
    assert_eq!(graph(None).await, None);
}

#[tokio::test]
async fn question_inside_a_body() {
    let graph = |text: &'static str| async move {
        auto! {
            first => { let first = text.chars().next()?; first.to_ascii_uppercase() },
            last => { let last = text.chars().nth(2)?; last.to_ascii_uppercase() },
            both: [first, last] => { let digits = [first.to_digit(36)?, last.to_digit(36)?]; digits[0] + digits[1] },
            => (first, last, both)
        }
        .await
    };
    assert_eq!(graph("abc").await, Some(('A', 'C', 22)));
    assert_eq!(graph("ab").await, None);
    assert_eq!(graph("a-c").await, Some(('A', 'C', 22)));
    assert_eq!(graph("a--").await, None);
}

#[tokio::test]
async fn question_in_a_condition_and_in_the_final_arm() {
    let graph = |n: Option<i32>| async move {
        auto! {
            positive if n? > 0 => 1,
            large: [positive] if let Some(one) = positive => { let n = n?; find(n.checked_mul(*one)).await? },
            => { let large = large?; if large > 9 { find(None).await? } else { large } }
        }
        .await
    };
    assert_eq!(graph(None).await, None);
    assert_eq!(graph(Some(-1)).await, None);
    assert_eq!(graph(Some(10)).await, None);
    assert_eq!(graph(Some(9)).await, Some(9));
}

#[tokio::test(start_paused = true)]
async fn first_none_ends_the_graph_at_once() {
    let log = Log::new();
    let graph = auto! {
        early => { log.work("early", 2).await; find(None::<u8>).await? },
        late => log.work("late", 9).await,
        after_late: [late as _] => log.work("after_late", 1).await,
        => (early, late, after_late)
    };
    assert_eq!(graph.await, None);
    assert_eq!(log.started(), [("early", 0), ("late", 0)]);
    assert_eq!(log.dropped(), [("late", 2)]);
}

#[tokio::test]
async fn works_in_every_plan() {
    for missing in 0..9 {
        let get = |n: u32| find((n != missing).then_some(n));
        let n = auto! {
            a => get(1).await?,
            b => get(2).await?,
            c: [a] => get(*a + 2).await?,
            d: [a, b] => get(a + b + 1).await?,
            => c + d
        };
        assert_eq!(n.await, (!(1..5).contains(&missing)).then_some(7));
        let gated = auto! {
            #![limit(2)]
            a => get(1).await?,
            b => { let n = get(2).await?; n.max(1) },
            c: [a] => get(*a + 2).await?,
            d: [b] => get(b + 2).await?,
            e: [c, b] => { let n = get(c + b).await?; n.max(1) },
            f: [d, a] => get(d + a + 1).await?,
            => e + f
        };
        assert_eq!(gated.await, (!(1..7).contains(&missing)).then_some(11));
        let wide = auto! {
            a => get(0).await?, b => get(1).await?, c => get(2).await?, d => get(3).await?,
            e => { let e = get(4).await?; ready(e).await }, f => get(5).await?, g => get(6).await?,
            h => get(7).await?, i => get(8).await?,
            => a + b + c + d + e + f + g + h + i
        };
        assert_eq!(wide.await, None);
    }
}

#[tokio::test]
async fn break_gives_some_value() {
    let graph = |given: Option<u32>| async move {
        auto! {
            found => find(given).await?,
            small: [found] => { let n = found.checked_sub(1)?; if n == 0 { break 100 } n },
            next: [small] => if *small == 1 { break 200 } else { find(small.checked_sub(2)).await? },
            => next + 1
        }
        .await
    };
    let ends = [None, Some(0), Some(1), Some(2), Some(3), Some(4)].map(graph);
    let ends = futures::future::join_all(ends).await;
    assert_eq!(ends, [None, None, Some(100), Some(200), Some(1), Some(2)]);
}

#[tokio::test]
async fn result_stays_a_value() {
    let graph = auto! {
        parsed => "x".parse::<u32>(),
        found => find(Some(2)).await?,
        => parsed.unwrap_or(found)
    };
    assert_eq!(graph.await, Some(2));
}

#[tokio::test]
async fn question_mark_hidden_in_a_macro_ends_the_task() {
    let graph = |given: Option<u8>| async move {
        auto! {
            raced => tokio::select! {
                found = find(given) => { let found = found?; found + 1 }
                () = pending() => 9,
            },
            other => find(Some(1)).await?,
            => raced + other
        }
        .await
    };
    assert_eq!(graph(Some(1)).await, Some(3));
    assert_eq!(graph(None).await, None);
}

#[tokio::test]
async fn nested_graphs_of_either_kind() {
    let graph = auto! {
        inner => auto! { a => find(Some(1)).await?, b => find(Some(2)).await?, => a + b }.await?,
        parsed => auto! { a => "1".parse::<u32>()?, => a }.await,
        => inner + parsed.unwrap_or(0)
    };
    assert_eq!(graph.await, Some(4));
}

#[test]
fn option_graph_is_send_and_wakes() {
    fn send<F: Future + Send>(future: F) -> F {
        future
    }
    let (done, later) = tokio::sync::oneshot::channel::<u8>();
    let flag = Flag::new();
    let mut graph = pin!(send(auto! {
        a => later.await.ok()?,
        b: [a] => { let b = a.checked_add(1)?; ready(b).await },
    }));
    assert!(poll(graph.as_mut(), &flag).is_pending());
    done.send(4).expect("the graph waits");
    assert!(flag.take());
    let page = poll(graph.as_mut(), &flag).map(|page| page.map(|page| page.b));
    assert_eq!(page, std::task::Poll::Ready(Some(5)));
}
