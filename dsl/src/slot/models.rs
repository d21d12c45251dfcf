//! What two threads can do to a slot by hand, explored by loom: whatever the order, nothing races.

use loom::thread;

use super::{Passed, Setters, Slot};

/// Runs both on threads. They borrow what lives until both have ended.
fn both(one: impl FnOnce() + Send + 'static, other: impl FnOnce() + Send + 'static) {
    let one = thread::spawn(one);
    other();
    one.join().expect("the thread ends");
}

#[test]
fn reader_sees_all_or_nothing() {
    loom::model(|| {
        let (setter, slot) = Box::leak(Box::new(Slot::new())).split();
        both(
            move || setter.set([1, 1]),
            move || assert!(slot.value().is_none_or(|value| *value == [1, 1])),
        );
        assert_eq!(slot.get(), &[1, 1]);
    });
}

#[test]
fn slots_of_a_row_are_filled_one_by_one() {
    loom::model(|| {
        let row = Box::leak(Box::new((Slot::new(), (Slot::new(), ()))));
        let (setters, slots) = Setters::of(row);
        both(
            move || _ = setters.set([1, 1]).set([2, 2]),
            move || {
                if let Some(second) = slots.1.0.value() {
                    assert_eq!((slots.0.get(), second), (&[1, 1], &[2, 2]));
                }
            },
        );
    });
}

#[test]
fn taker_comes_after_who_gives() {
    loom::model(|| {
        let (giver, mut uses) = Box::leak(Box::new(Passed::new())).empty();
        let taker = uses.take();
        both(
            move || giver.give(1),
            move || assert!(taker.try_take().is_none_or(|value| value == 1)),
        );
    });
}

#[test]
fn taker_comes_after_all_readers() {
    loom::model(|| {
        let mut uses = Box::leak(Box::new(Passed::new())).holding(1);
        let (one, other, taker) = (uses.read(), uses.read(), uses.take());
        let third = thread::spawn(move || {
            if let Some(value) = taker.try_take() {
                assert_eq!(value, 1);
            }
        });
        both(
            move || assert_eq!(*one.read(), 1),
            move || assert_eq!(*other.read(), 1),
        );
        third.join().expect("the thread ends");
    });
}

#[test]
fn reader_comes_after_who_gives_back() {
    loom::model(|| {
        let mut uses = Box::leak(Box::new(Passed::new())).holding(1);
        let (taker, reader) = (uses.take(), uses.read());
        both(
            move || {
                let (value, giver) = taker.take();
                giver.give(value + 1);
            },
            move || {
                if let Some(value) = reader.try_read() {
                    assert_eq!(*value, 2);
                }
            },
        );
    });
}
