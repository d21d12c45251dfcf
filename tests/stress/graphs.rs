//! The shapes.
#![allow(clippy::many_single_char_names, reason = "tasks are many here")]

use conjoin::auto;
use futures::stream::{FuturesUnordered, StreamExt};

use crate::events::Steps;
use crate::random::Random;
use crate::runners::Boxed;

/// A graph of parallel tasks.
macro_rules! side_by_side {
    ($steps:ident, $(#![$($option:tt)*])* $($task:ident)*) => {
        auto! { $(#![$($option)*])* $($task => $steps.step().await,)* => () }
    };
}

type Shape = (&'static str, fn(Steps) -> Boxed);

/// One of the shapes, with its name.
pub(crate) fn draw(steps: &Steps, random: &mut Random) -> (&'static str, Boxed) {
    let shapes: [Shape; 12] = [
        ("narrow", |steps| Box::pin(narrow(steps))),
        ("wide", |steps| Box::pin(wide(steps))),
        ("two words wide", |steps| Box::pin(two_words_wide(steps))),
        ("gated", |steps| Box::pin(gated(steps))),
        ("limited", |steps| Box::pin(limited(steps))),
        ("items", |steps| Box::pin(items(steps))),
        ("limited items", |steps| Box::pin(limited_items(steps))),
        ("items in nodes", |steps| Box::pin(items_in_nodes(steps))),
        ("nested", |steps| Box::pin(nested(steps))),
        ("one after the other", |steps| {
            Box::pin(one_after_the_other(steps))
        }),
        ("in another's node", |steps| {
            Box::pin(in_anothers_node(steps))
        }),
        ("moved between nodes", |steps| {
            Box::pin(moved_between_nodes(steps))
        }),
    ];
    let (name, make) = shapes[random.below(shapes.len())];
    (name, make(steps.clone()))
}

async fn narrow(steps: Steps) {
    side_by_side!(steps, a b c).await;
}

async fn wide(steps: Steps) {
    side_by_side!(steps, a b c d e f g h i j).await;
}

async fn two_words_wide(steps: Steps) {
    let graph = side_by_side!(steps,
        a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 b0 b1 b2 b3 b4 b5 b6 b7 b8 b9 c0 c1 c2 c3 c4 c5 c6 c7 c8 c9 d0 d1 d2 d3 d4 d5 d6
        d7 d8 d9 e0 e1 e2 e3 e4 e5 e6 e7 e8 e9 f0 f1 f2 f3 f4 f5 f6 f7 f8 f9 g0 g1 g2 g3 g4 g5 g6 g7 g8 g9);
    Box::pin(graph).await;
}

async fn items(steps: Steps) {
    auto! { items for _ in 0..100 => steps.step().await, => drop(items) }.await;
}

async fn limited_items(steps: Steps) {
    auto! {
        #![limit(9)]
        a for _ in 0..20 => steps.step().await,
        b => steps.step().await,
        #[limit(3)]
        c: [b as _] for _ in 0..20 => steps.step().await,
        d => steps.step().await,
        => drop((a, c, d))
    }
    .await;
}

async fn items_in_nodes(steps: Steps) {
    let graph = auto! {
        a for _ in 0..10 => steps.step().await,
        b for _ in 0..3 => steps.step().await,
        c => steps.step().await,
        d => steps.step().await,
        e => steps.step().await,
        f => steps.step().await,
        g for _ in 0..5 => {
            auto! { inner for _ in 0..4 => steps.step().await, => inner.len() }.await
        },
        h => steps.step().await,
        i: [a as _] for _ in 0..10 => steps.step().await,
        => drop((b, c, d, e, f, g, h, i))
    };
    Box::pin(graph).await;
}

async fn limited(steps: Steps) {
    side_by_side!(steps, #![limit(9)] a b c d e f g h i j k l m n o p q r s t).await;
}

/// Neither a series nor parallel: `k` waits for `a` alone, `l` for `b` alone.
async fn gated(steps: Steps) {
    let graph = auto! {
        a => steps.step().await,
        b => steps.step().await,
        c => steps.step().await,
        d => steps.step().await,
        e => steps.step().await,
        f => steps.step().await,
        g => steps.step().await,
        h => steps.step().await,
        k: [a as _] => steps.step().await,
        l: [b as _] => steps.step().await,
        m: [a as _, b as _, c as _] => steps.step().await,
        n: [k as _, d as _, e as _] => steps.step().await,
        o: [m as _, l as _, f as _, g as _, h as _] => steps.step().await,
        p: [n as _, c as _, h as _] => steps.step().await,
        => ()
    };
    graph.await;
}

async fn nested(steps: Steps) {
    let graph = auto! {
        a => wide(steps.clone()).await,
        b => gated(steps.clone()).await,
        c => steps.step().await,
        d => narrow(steps.clone()).await,
        e => limited(steps.clone()).await,
        f => steps.step().await,
        g => wide(steps.clone()).await,
        h => one_after_the_other(steps.clone()).await,
        => ()
    };
    Box::pin(graph).await;
}

async fn one_after_the_other(steps: Steps) {
    let graph = auto! {
        a => wide(steps.clone()).await,
        b: [a as _] => narrow(steps.clone()).await,
        c: [b as _] => wide(steps.clone()).await,
        => ()
    };
    graph.await;
}

/// Each has a waker of its own, which is not the graph's.
async fn in_anothers_node(steps: Steps) {
    let mut node: FuturesUnordered<_> = (0..4).map(|_| wide(steps.clone())).collect();
    while node.next().await.is_some() {}
}

/// When one has ended, the others get new wakers; what their old ones wake is gone.
async fn moved_between_nodes(steps: Steps) {
    let mut node: FuturesUnordered<_> = (0..4).map(|_| Box::pin(wide(steps.clone()))).collect();
    while node.next().await.is_some() {
        node = node.into_iter().collect();
    }
}
