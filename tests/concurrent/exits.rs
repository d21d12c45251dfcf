//! Exits leave in source order.

use conjoin::concurrent;
use conjoin_tests::Log;

type Result<T> = core::result::Result<T, String>;

async fn ok(log: &Log, name: &'static str, millis: u64) -> Result<&'static str> {
    Ok(log.work(name, millis).await)
}

async fn fails(
    log: &Log,
    name: &'static str,
    millis: u64,
) -> core::result::Result<&'static str, &'static str> {
    Err(log.work(name, millis).await)
}

#[tokio::test(start_paused = true)]
async fn failure_drops_later_lines_at_once() {
    let log = Log::new();
    let failed: Result<()> = concurrent!({
        let a = fails(&log, "a", 2).await?;
        let b = ok(&log, "b", 5).await?;
        let _ = (a, b);
        Ok(())
    })
    .await;
    assert_eq!(failed, Err("a".to_owned()));
    assert_eq!(log.dropped(), [("b", 2)]);
}

#[tokio::test(start_paused = true)]
async fn earlier_lines_complete_after_a_failure() {
    let log = Log::new();
    let failed: Result<()> = concurrent!({
        let a = ok(&log, "a", 5).await?;
        let b = fails(&log, "b", 2).await?;
        let c = ok(&log, "c", 9).await?;
        let _ = (a, b, c);
        Ok(())
    })
    .await;
    assert_eq!(failed, Err("b".to_owned()));
    assert_eq!(log.ended(), [("b", 2), ("a", 5)]);
    assert_eq!(log.dropped(), [("c", 2)]);
}

#[tokio::test(start_paused = true)]
async fn earliest_failure_in_the_source_wins() {
    let log = Log::new();
    let failed: Result<()> = concurrent!({
        let a = fails(&log, "a", 5).await?;
        let b = fails(&log, "b", 2).await?;
        let _ = (a, b);
        Ok(())
    })
    .await;
    assert_eq!(failed, Err("a".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn line_before_the_failure_may_still_start() {
    let log = Log::new();
    let failed: Result<()> = concurrent!({
        let a = ok(&log, "a", 3).await?;
        let b = ok(&log, [a, "b"][1], 3).await?;
        let c = fails(&log, "c", 2).await?;
        let d = ok(&log, [c, "d"][1], 1).await?;
        let _ = (b, d);
        Ok(())
    })
    .await;
    assert_eq!(failed, Err("c".to_owned()));
    assert_eq!(log.started(), [("a", 0), ("c", 0), ("b", 3)]);
    assert_eq!(log.ended(), [("c", 2), ("a", 3), ("b", 6)]);
}

#[tokio::test(start_paused = true)]
async fn failure_between_chains_stops_only_later_lines() {
    for (slow, expected) in [("settings", 3), ("user", 3)] {
        let log = Log::new();
        let millis = |name| if name == slow { 3 } else { 1 };
        let failed: Result<()> = concurrent!({
            let user = ok(&log, "user", millis("user")).await?;
            let settings = ok(&log, "settings", millis("settings")).await?;
            let posts = fails(&log, [user, "posts"][1], 1).await?;
            let theme = ok(&log, [settings, "theme"][1], 9).await?;
            let _ = (posts, theme);
            Ok(())
        })
        .await;
        assert_eq!(failed, Err("posts".to_owned()));
        let last = log.ended().last().map(|it| it.1);
        assert!(last >= Some(expected), "{last:?}");
        assert!(last <= Some(4));
    }
}

#[tokio::test(start_paused = true)]
async fn line_returns_from_the_block() {
    let log = Log::new();
    let value: Result<&'static str> = concurrent!({
        let a = ok(&log, "a", 4).await?;
        let b = match ok(&log, "b", 2).await {
            Ok(_) => return Ok("early"),
            Err(error) => error,
        };
        let c = ok(&log, "c", 9).await?;
        let _ = (a, b, c);
        Ok("late")
    })
    .await;
    assert_eq!(value, Ok("early"));
    assert_eq!(log.ended(), [("b", 2), ("a", 4)]);
    assert_eq!(log.dropped(), [("c", 2)]);
}

#[tokio::test(start_paused = true)]
async fn question_mark_within_a_line_leaves_the_block() {
    let log = Log::new();
    let value: Result<usize> = concurrent!({
        let a = ok(&log, fails(&log, "a", 4).await?, 3).await?;
        let b = ok(&log, "b", 2).await?.len();
        let c = vec![ok(&log, "c", 3).await?];
        Ok(a.len() + b + c.len())
    })
    .await;
    assert_eq!(value, Err("a".to_owned()));
    assert_eq!(log.dropped(), []);
}

async fn maybe(log: &Log, name: &'static str, millis: u64) -> Option<&'static str> {
    let name = log.work(name, millis).await;
    (name != "none").then_some(name)
}

#[tokio::test(start_paused = true)]
async fn option_leaves_the_block() {
    let log = Log::new();
    let value = concurrent!({
        let a = maybe(&log, "a", 1).await?;
        let b = maybe(&log, "none", 2).await?;
        let c = maybe(&log, "c", 2).await?.len();
        Some((a, b, c))
    })
    .await;
    assert_eq!(value, None);
}

macro_rules! bail {
    ($error:expr) => {
        return Err($error.into())
    };
}

#[tokio::test(start_paused = true)]
async fn macro_that_returns_leaves_the_block() {
    let log = Log::new();
    let value: Result<()> = concurrent!({
        let a = log.work("a", 2).await;
        let b = match log.work("b", 1).await {
            "b" => bail!("bailed"),
            other => other,
        };
        let _ = (a, b);
        Ok(())
    })
    .await;
    assert_eq!(value, Err("bailed".to_owned()));
    assert_eq!(log.ended(), [("b", 1), ("a", 2)]);
}

#[tokio::test(start_paused = true)]
async fn wide_group_leaves_in_source_order() {
    let log = Log::new();
    let value: Result<()> = concurrent!({
        let a = ok(&log, "a", 9).await?;
        let b = ok(&log, "b", 2).await?;
        let c = ok(&log, "c", 3).await?;
        let d = ok(&log, "d", 8).await?;
        let e = fails(&log, "e", 5).await?;
        let f = ok(&log, "f", 6).await?;
        let g = fails(&log, "g", 4).await?;
        let h = ok(&log, "h", 8).await?;
        let i = ok(&log, "i", 1).await?;
        let _ = [a, b, c, d, e, f, g, h, i];
        Ok(())
    })
    .await;
    assert_eq!(value, Err("e".to_owned()));
    assert_eq!(log.dropped(), [("h", 4), ("f", 5)]);
    assert_eq!(log.ended().last(), Some(&("a", 9)));
}

#[tokio::test(start_paused = true)]
async fn crossing_chains_leave_in_source_order() {
    let log = Log::new();
    let all: Result<()> = concurrent!({
        let a = ok(&log, "a", 2).await?;
        let b = ok(&log, "b", 5).await?;
        let c = fails(&log, [a, "c"][1], 1).await?;
        let d = ok(&log, [b, "d"][1], 1).await?;
        let e = ok(&log, [c, d, "e"][2], 1).await?;
        let f = ok(&log, [d, "f"][1], 1).await?;
        let _ = (e, f);
        Ok(())
    })
    .await;
    assert_eq!(all, Err("c".to_owned()));
    assert_eq!(log.started(), [("a", 0), ("b", 0), ("c", 2)]);
    assert_eq!(log.ended(), [("a", 2), ("c", 3), ("b", 5)]);
}

#[tokio::test(start_paused = true)]
async fn stages_leave_in_source_order() {
    let log = Log::new();
    let all: Result<()> = concurrent!({
        let a = ok(&log, "a", 2).await?;
        let b = ok(&log, "b", 5).await?;
        let c = fails(&log, [a, "c"][1], 1).await?;
        let d = ok(&log, [a, b, "d"][2], 1).await?;
        let _ = (c, d);
        Ok(())
    })
    .await;
    assert_eq!(all, Err("c".to_owned()));
    assert_eq!(log.ended(), [("a", 2), ("c", 3), ("b", 5)]);
}
