//! When lines start.

use conjoin::concurrent;
use conjoin_tests::Log;

type Result<T> = core::result::Result<T, &'static str>;

async fn ok(log: &Log, name: &'static str, millis: u64) -> Result<&'static str> {
    Ok(log.work(name, millis).await)
}

#[tokio::test(start_paused = true)]
async fn independent_lines_start_together() {
    let log = Log::new();
    let total = concurrent!({
        let quick = log.work("quick", 1).await;
        let slow = log.work("slow", 9).await;
        quick.len() + slow.len()
    })
    .await;
    assert_eq!(total, 9);
    assert_eq!(log.started(), [("quick", 0), ("slow", 0)]);
    assert_eq!(log.ended(), [("quick", 1), ("slow", 9)]);
}

async fn page(log: &Log) -> Result<(&'static str, &'static str, &'static str)> {
    concurrent!({
        let user = ok(log, "user", 2).await?;
        let posts = ok(log, [user, "posts"][1], 3).await?;
        let comments = ok(log, [user, "comments"][1], 5).await?;
        Ok((user, posts, comments))
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn page_takes_two_latencies() {
    let log = Log::new();
    assert_eq!(page(&log).await, Ok(("user", "posts", "comments")));
    assert_eq!(log.started(), [("user", 0), ("posts", 2), ("comments", 2)]);
}

#[tokio::test(start_paused = true)]
async fn chains_run_side_by_side() {
    let log = Log::new();
    let all: Result<_> = concurrent!({
        let user = ok(&log, "user", 2).await?;
        let settings = ok(&log, "settings", 5).await?;
        let posts = ok(&log, [user, "posts"][1], 4).await?;
        let theme = ok(&log, [settings, "theme"][1], 1).await?;
        let tags = ok(&log, [posts, theme, "tags"][2], 1).await?;
        Ok([user, settings, posts, theme, tags].len())
    })
    .await;
    assert_eq!(all, Ok(5));
    assert_eq!(
        log.started(),
        [
            ("user", 0),
            ("settings", 0),
            ("posts", 2),
            ("theme", 5),
            ("tags", 6)
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn n_shape_starts_each_line_at_once() {
    let log = Log::new();
    let all = concurrent!({
        let a = log.work("a", 2).await;
        let b = log.work("b", 5).await;
        let c = log.work([a, "c"][1], 4).await;
        let d = log.work([a, b, "d"][2], 1).await;
        [a, b, c, d]
    })
    .await;
    assert_eq!(all, ["a", "b", "c", "d"]);
    assert_eq!(log.started(), [("a", 0), ("b", 0), ("c", 2), ("d", 5)]);
}

#[tokio::test(start_paused = true)]
async fn crossing_chains_start_each_line_at_once() {
    let log = Log::new();
    let all: Result<_> = concurrent!({
        let a = ok(&log, "a", 2).await?;
        let b = ok(&log, "b", 5).await?;
        let c = ok(&log, [a, "c"][1], 4).await?;
        let d = ok(&log, [b, "d"][1], 1).await?;
        let e = ok(&log, [c, d, "e"][2], 1).await?;
        let f = ok(&log, [d, "f"][1], 1).await?;
        Ok([a, b, c, d, e, f])
    })
    .await;
    assert_eq!(all, Ok(["a", "b", "c", "d", "e", "f"]));
    assert_eq!(
        log.started(),
        [("a", 0), ("b", 0), ("c", 2), ("d", 5), ("e", 6), ("f", 6)]
    );
}

#[tokio::test(start_paused = true)]
async fn barrier_waits_for_all_and_holds_back_all() {
    let log = Log::new();
    concurrent!({
        let a = log.work("a", 2).await;
        let b = log.work("b", 5).await;
        assert_eq!(log.ended().len(), 2, "{a}{b}");
        let c = log.work("c", 1).await;
        let d = log.work("d", 1).await;
        (c, d)
    })
    .await;
    assert_eq!(log.started(), [("a", 0), ("b", 0), ("c", 5), ("d", 5)]);
}

#[tokio::test(start_paused = true)]
async fn wide_group_starts_together() {
    let log = Log::new();
    let last: Result<_> = concurrent!({
        let a = ok(&log, "a", 1).await?;
        let b = ok(&log, "b", 2).await?;
        let c = ok(&log, "c", 3).await?;
        let d = ok(&log, "d", 4).await?;
        let e = ok(&log, "e", 5).await?;
        let f = ok(&log, "f", 6).await?;
        let g = ok(&log, "g", 7).await?;
        let h = ok(&log, "h", 8).await?;
        let i = ok(&log, "i", 9).await?;
        Ok([a, b, c, d, e, f, g, h, i].concat())
    })
    .await;
    assert_eq!(last.as_deref(), Ok("abcdefghi"));
    assert!(log.started().iter().all(|(_, at)| *at == 0));
}
