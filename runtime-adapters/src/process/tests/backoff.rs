use super::*;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);
const HEALTHY: Duration = Duration::from_secs(60);

fn restarts() -> RestartSchedule {
    RestartSchedule::new(
        Backoff::new()
            .first(FIRST)
            .longest(LONGEST)
            .healthy_after(HEALTHY)
            .give_up_after(8),
    )
}

#[tokio::test(start_paused = true)]
async fn waits_double_up_to_the_longest() {
    let mut restarts = restarts();
    for seconds in [1, 2, 4, 8, 16, 30, 30] {
        let wait = restarts.ended().expect("another start");
        let longest = Duration::from_secs(seconds);
        assert!(
            wait >= longest / 2 && wait <= longest,
            "{wait:?} of {longest:?}"
        );
        // A short healthy time changes nothing.
        restarts.ready();
        tokio::time::advance(HEALTHY / 2).await;
    }
    assert_eq!(restarts.ended(), None);
    assert_eq!(restarts.ended(), None);
}

#[tokio::test(start_paused = true)]
async fn healthy_time_resets_the_backoff() {
    let mut restarts = restarts();
    while restarts.ended().is_some() {}
    restarts.ready();
    tokio::time::advance(HEALTHY).await;
    assert!(restarts.ended().expect("another start") <= FIRST);
    // That end counts.
    assert_eq!(std::iter::from_fn(|| restarts.ended()).count(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_never_ready_is_never_healthy() {
    let mut restarts = restarts();
    for _ in 0..7 {
        tokio::time::advance(2 * HEALTHY).await;
        assert!(restarts.ended().is_some());
    }
    assert_eq!(restarts.ended(), None);
}

#[test]
fn one_quick_end_can_be_enough() {
    for most in [0, 1] {
        assert_eq!(
            RestartSchedule::new(Backoff::new().give_up_after(most)).ended(),
            None
        );
    }
}

#[test]
fn chance_keeps_workers_apart() {
    let waits = [(); 20].map(|()| restarts().ended());
    assert!(waits.iter().any(|wait| wait != &waits[0]), "{waits:?}");
}
