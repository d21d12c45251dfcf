//! Tests that memory is bounded, and that pictures mention what is left out.

use std::mem;
use std::time::Duration;

use conjoin::auto;
use conjoin_adapters::Waterfalls;
use conjoin_adapters::waterfall::Outcome;

use super::{ms, only, page, sleep, span, task, watch};

#[tokio::test(start_paused = true)]
async fn a_hundred_thousand_polls_are_merged_and_counted() {
    let waterfalls = Waterfalls::builder().polls(100).build();
    let _guard = watch(&waterfalls);
    let graph = span!(1);
    let busy = span!(&graph, "busy", "");
    for poll in 0..100_000_u64 {
        let entered = busy.enter();
        if poll % 10_000 == 0 {
            tokio::time::advance(ms(1)).await;
        }
        drop(entered);
        tracing::trace!(target: "conjoin", parent: &busy, "woken");
    }
    drop((busy, graph));
    let run = only(&waterfalls);
    let busy = task(&run, "busy");
    assert_eq!(
        (busy.poll_count(), busy.wake_count(), busy.busy()),
        (100_000, 100_000, ms(10))
    );
    assert!(
        (50..=100).contains(&busy.polls.len()),
        "{}",
        busy.polls.len()
    );
    assert!(
        (50..=100).contains(&busy.wakes.len()),
        "{}",
        busy.wakes.len()
    );
    // All but the last stand for the same number of polls, in order, without a gap.
    let (last, others) = busy.polls.split_last().unwrap();
    assert!(
        others.iter().all(|poll| poll.count == others[0].count) && last.count <= others[0].count
    );
    assert!(
        busy.polls
            .is_sorted_by(|a, b| a.start <= a.end && a.end <= b.start)
    );
    assert_eq!((busy.polls[0].start, last.end), (ms(0), ms(10)));
    assert!(
        run.to_string()
            .contains("Some polls are drawn as one, paler"),
        "{run}"
    );
}

#[tokio::test(start_paused = true)]
async fn polls_are_kept_one_by_one_up_to_the_limit() {
    let waterfalls = Waterfalls::builder().polls(4).build();
    let _guard = watch(&waterfalls);
    let graph = span!(2);
    let (four, five) = (span!(&graph, "four", ""), span!(&graph, "five", ""));
    for _ in 0..4 {
        drop(four.enter());
    }
    for _ in 0..5 {
        drop(five.enter());
        sleep(1).await;
    }
    drop((four, five, graph));
    let run = only(&waterfalls);
    let counts = |name| {
        task(&run, name)
            .polls
            .iter()
            .map(|poll| poll.count)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (counts("four"), counts("five")),
        (vec![1, 1, 1, 1], vec![2, 2, 1])
    );
    // Merged polls do not look as if the thread had been busy all the time.
    let rows: Vec<_> = run
        .to_string()
        .lines()
        .skip(2)
        .take(2)
        .map(|row| row.contains('▒'))
        .collect();
    assert_eq!(
        (rows, run.svg().matches(r#"<rect class="merged""#).count()),
        (vec![false, true], 2)
    );
}

#[tokio::test(start_paused = true)]
async fn a_single_poll_may_stand_for_all() {
    let waterfalls = Waterfalls::builder().polls(1).build();
    let _guard = watch(&waterfalls);
    page().await;
    let run = only(&waterfalls);
    let posts = task(&run, "posts");
    assert_eq!(
        (posts.polls.len(), posts.polls[0].start, posts.polls[0].end),
        (1, ms(20), ms(40))
    );
    assert_eq!(posts.polls[0].count, posts.poll_count());
}

#[tokio::test(start_paused = true)]
async fn tasks_beyond_the_limit_are_counted() {
    let waterfalls = Waterfalls::builder().tasks(2).build();
    let _guard = watch(&waterfalls);
    auto! {
        a => sleep(1).await,
        b: [a as _] => sleep(1).await,
        c: [b as _] => page().await,
        d: [c as _] => sleep(1).await,
    }
    .await;
    let run = only(&waterfalls);
    assert_eq!(
        (
            run.tasks.len(),
            run.omitted,
            run.not_started(),
            run.declared
        ),
        (2, 2, 0, 4)
    );
    assert!(
        run.to_string()
            .contains("2 tasks are left out: there were too many."),
        "{run}"
    );
    // Its length is unchanged.
    assert_eq!(run.duration, ms(43));
}

#[tokio::test(start_paused = true)]
async fn the_newest_runs_are_kept() {
    let waterfalls = Waterfalls::builder().runs(2).build();
    let _guard = watch(&waterfalls);
    for _ in 0..5 {
        page().await;
    }
    let starts: Vec<_> = waterfalls.runs().iter().map(|run| run.start).collect();
    assert_eq!(
        (starts, waterfalls.stats().recorded),
        (vec![ms(120), ms(160)], 5)
    );
}

#[tokio::test(start_paused = true)]
async fn runs_beyond_the_limit_are_missed() {
    let waterfalls = Waterfalls::builder().open(2).build();
    let _guard = watch(&waterfalls);
    tokio::join!(page(), page(), page());
    assert_eq!((waterfalls.runs().len(), waterfalls.stats().missed), (2, 1));
    page().await;
    assert_eq!(
        (
            waterfalls.runs().len(),
            waterfalls.stats().missed,
            waterfalls.stats().open
        ),
        (3, 1, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn leaked_spans_give_way_to_new_runs() {
    let waterfalls = Waterfalls::builder()
        .open(1)
        .give_up_after(Duration::from_secs(60))
        .build();
    let _guard = watch(&waterfalls);
    let leaked = span!(1);
    let task = span!(&leaked, "leaked", "");
    sleep(59_999).await;
    page().await;
    assert_eq!((waterfalls.runs().len(), waterfalls.stats().missed), (0, 1));
    page().await;
    let runs = waterfalls.runs();
    assert_eq!(
        (runs[0].outcome, runs[0].tasks[0].outcome),
        (Outcome::Unfinished, Outcome::Unfinished)
    );
    assert_eq!(
        (runs[1].outcome, runs.len(), waterfalls.stats().open),
        (Outcome::Done, 2, 0)
    );
    // Nothing that the task does later changes it.
    drop(task);
    mem::forget(leaked);
    assert_eq!(waterfalls.runs().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_that_goes_takes_its_open_runs_along() {
    let waterfalls = Waterfalls::new();
    let guard = watch(&waterfalls);
    let graph = span!(0);
    assert_eq!(waterfalls.stats().open, 1);
    drop(guard);
    drop(graph);
    assert_eq!(waterfalls.stats().open, 0);
}

#[test]
fn limits_of_nothing_are_refused() {
    let refused = |limit: fn()| {
        *std::panic::catch_unwind(limit)
            .unwrap_err()
            .downcast::<&str>()
            .unwrap()
    };
    assert!(
        refused(|| _ = Waterfalls::builder().runs(0)).starts_with("`runs` of a waterfall is 0")
    );
    assert!(
        refused(|| _ = Waterfalls::builder().open(0)).starts_with("`open` of a waterfall is 0")
    );
    assert!(
        refused(|| _ = Waterfalls::builder().polls(0)).starts_with("`polls` of a waterfall is 0")
    );
    assert!(
        refused(|| _ = Waterfalls::builder().sample(0)).starts_with("`sample` of a waterfall is 0")
    );
}
