use core::future::poll_fn;
use core::pin::pin;
use core::task::{Poll, Waker};

use super::Running;
use crate::wake::{CHUNK, Lending, Wakers};

/// The places that are polled. `ends` says which children end.
fn polled<const GROUPS: usize, const WORDS: usize, const WIDTH: usize, const PACE: usize>(
    running: &mut Running<WORDS, WIDTH, PACE>,
    lending: &Lending<'_, GROUPS, WORDS>,
    ends: impl Fn(usize) -> bool,
) -> Vec<usize> {
    let mut polled = Vec::new();
    let mut woken = running.begin_poll(lending);
    while let Some(chunk) = woken.next_chunk() {
        for place in (chunk * CHUNK..).take(CHUNK) {
            let child = pin!(poll_fn(|_| {
                polled.push(place);
                if ends(place) {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            }));
            let _ = woken.turns.poll(place, child);
        }
    }
    polled
}

#[test]
fn round_starts_at_its_place_and_polls_each_once() {
    let mut wakers = Wakers::<2, 5>::new();
    let mut running = Running::<5, 300, 1>::new();
    (0..70).for_each(|_| running.turn.advance());
    let lending = wakers.begin_poll(Waker::noop());
    let all = polled(&mut running, &lending, |_| false);
    assert_eq!(all[..2], [70, 71]);
    assert_eq!(all.len(), 300);
    let mut sorted = all.clone();
    sorted.sort_unstable();
    assert!(sorted.into_iter().eq(0..300));
    assert!(polled(&mut running, &lending, |_| false).is_empty());
}

#[test]
fn each_child_comes_first_in_its_turn() {
    let mut wakers = Wakers::<1, 2>::new();
    let mut running = Running::<2, 66, 2>::new();
    for first in (0..66).chain([0]) {
        for _ in 0..2 {
            let lending = wakers.begin_poll(Waker::noop());
            let all = polled(&mut running, &lending, |_| false);
            assert_eq!(all[0], first);
            assert_eq!(all.len(), 66);
            for place in 0..66 {
                lending.waker(place).wake_by_ref();
            }
        }
    }
}

#[test]
fn chunk_rotates_within_itself() {
    let mut wakers = Wakers::<1, 1>::new();
    let mut running = Running::<1, 12, 1>::new();
    (0..3).for_each(|_| running.turn.advance());
    let lending = wakers.begin_poll(Waker::noop());
    let all = polled(&mut running, &lending, |_| false);
    assert_eq!(all, [3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2]);
}

#[test]
fn lone_child_takes_no_turn() {
    let mut wakers = Wakers::<1, 1>::new();
    let mut running = Running::<1, 9, 1>::new();
    let mut poll_after = |woken: &[usize]| {
        let mut lending = wakers.begin_poll(Waker::noop());
        polled(&mut running, &lending, |_| false);
        for &place in woken {
            lending.waker(place).wake_by_ref();
        }
        drop(lending);
        lending = wakers.begin_poll(Waker::noop());
        polled(&mut running, &lending, |_| false)
    };
    assert_eq!(poll_after(&[8]), [8]);
    assert_eq!(poll_after(&[0, 1, 7, 8]), [1, 7, 8, 0]);
    assert_eq!(poll_after(&[0, 2]), [2, 0]);
}

#[test]
fn ended_children_are_not_polled_again() {
    let mut wakers = Wakers::<1, 1>::new();
    let mut running = Running::<1, 9, 1>::new();
    let lending = wakers.begin_poll(Waker::noop());
    polled(&mut running, &lending, |place| place != 4);
    assert!(!running.is_none());
    drop(lending);
    let lending = wakers.begin_poll(Waker::noop());
    (0..9).for_each(|place| lending.waker(place).wake_by_ref());
    drop(lending);
    let lending = wakers.begin_poll(Waker::noop());
    assert_eq!(polled(&mut running, &lending, |_| true), [4]);
    assert!(running.is_none());
}
