//! Graphs of each plan, and how long they take.

use conjoin::{auto, concurrent, explain};

use crate::timer::{after, now};

/// Panics if one of them yields another value, or takes longer than its critical path.
pub(crate) async fn all() {
    takes(2, page(), 33).await;
    takes(2, block(), 33).await;
    takes(4, in_an_n(), 6).await;
    takes(3, with_gates(), 5).await;
    takes(3, wide(), 36).await;
    takes(1, settled(), true).await;
    takes(1, failed(), Err("no posts")).await;
    #[cfg(feature = "alloc")]
    takes(2, items(), 14).await;
    let graph = explain! { a => 1, b: [a] => a + 1 };
    assert!(graph.longest_chain() == ["a", "b"]);
}

async fn takes<T: PartialEq>(ticks: usize, graph: impl Future<Output = T>, expected: T) {
    let start = now();
    assert!(graph.await == expected);
    assert!(now() - start == ticks);
}

async fn get(value: u32, ticks: usize) -> u32 {
    after(ticks).await;
    value
}

async fn page() -> u32 {
    auto! {
        user => get(3, 1).await,
        posts: [user] => get(user * 10, 1).await,
        comments: [user] => get(*user, 1).await,
        => posts + comments,
    }
    .await
}

async fn block() -> u32 {
    concurrent!({
        let user = get(3, 1).await;
        let posts = get(user * 10, 1).await;
        let comments = get(user, 1).await;
        posts + comments
    })
    .await
}

async fn in_an_n() -> u32 {
    auto! {
        a => get(1, 1).await,
        b => get(2, 3).await,
        c: [a] => get(*a, 3).await,
        d: [a, b] => get(a + b, 1).await,
        => c + d + 2,
    }
    .await
}

async fn with_gates() -> u32 {
    auto! {
        a => get(1, 1).await,
        b => get(2, 1).await,
        c: [a] => get(*a, 1).await,
        d: [b] => get(*b, 1).await,
        e: [c, d] => get(c + d, 1).await,
        f: [d] => get(*d, 1).await,
        => e + f,
    }
    .await
}

async fn wide() -> u32 {
    auto! {
        a => get(1, 1).await,
        b => get(2, 2).await,
        c => get(3, 3).await,
        d => get(4, 1).await,
        e => get(5, 2).await,
        f => get(6, 3).await,
        g => get(7, 1).await,
        h => get(8, 2).await,
        => a + b + c + d + e + f + g + h,
    }
    .await
}

async fn settled() -> bool {
    let result = auto! {
        #![settle]
        fine => { after(1).await; Ok::<_, &str>(1)? },
        wrong => Err::<u32, _>("wrong")?,
        skipped: [wrong] => *wrong,
    }
    .await;
    result.fine.is_done() && result.wrong.is_failed() && result.skipped.is_skipped()
}

async fn failed() -> Result<u32, &'static str> {
    auto! {
        user => get(3, 1).await,
        posts: [user] => if *user == 3 { Err("no posts")? } else { 1 },
        comments: [user] => get(*user, 5).await,
        => posts + comments,
    }
    .await
}

/// The items take one allocation, and so do the wakers that outlive a poll.
#[cfg(feature = "alloc")]
async fn items() -> u32 {
    auto! {
        ids => get(4, 1).await,
        names: [ids] for id in 2..=*ids + 1 => get(id, 1).await,
        => names.iter().sum(),
    }
    .await
}
