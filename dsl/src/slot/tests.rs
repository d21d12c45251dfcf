//! What slots do for tasks, and what they refuse to everybody else.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use super::{Passed, Row, Setters, Slot};

/// Whether a call panics.
fn panics<T>(call: impl FnOnce() -> T) -> bool {
    catch_unwind(AssertUnwindSafe(call)).is_err()
}

/// Counts its drops.
struct Counted<'d>(&'d Cell<usize>);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[test]
fn slot_lends_what_it_was_filled_with() {
    let mut slot = Slot::new();
    let (setter, reader) = slot.split();
    setter.set(String::from("value"));
    let (one, other) = (reader.get(), reader.get());
    assert_eq!((one, other), (&"value".to_owned(), &"value".to_owned()));
    assert_eq!(slot.into_value(), "value");
}

#[test]
fn empty_slot_lends_nothing() {
    let mut slot = Slot::<u8>::new();
    let (setter, reader) = slot.split();
    assert!(panics(|| *reader.get()));
    drop(setter);
    assert!(panics(|| slot.into_value()));
}

#[test]
fn splitting_again_empties_a_slot() {
    let drops = Cell::new(0);
    let mut slot = Slot::new();
    slot.split().0.set(Counted(&drops));
    let (setter, reader) = slot.split();
    assert_eq!(drops.get(), 1);
    assert!(panics(|| _ = reader.get()));
    setter.set(Counted(&drops));
    drop(slot);
    assert_eq!(drops.get(), 2);
}

#[test]
fn row_is_filled_in_order() {
    let mut row = (Slot::new(), (Slot::new(), ()));
    let (setters, slots) = Setters::of(&mut row);
    let setters = setters.set(1);
    assert_eq!(*slots.0.get(), 1);
    assert!(panics(|| _ = slots.1.0.get()));
    let setters = setters.set("value");
    assert_eq!((*slots.0.get(), *slots.1.0.get()), (1, "value"));
    drop(setters);
    assert_eq!(row.into_values(), (1, ("value", ())));
}

#[test]
fn row_is_emptied_before_it_is_filled_again() {
    let drops = Cell::new(0);
    let mut row = (Slot::new(), ());
    _ = Setters::of(&mut row).0.set(Counted(&drops));
    let (setters, slots) = Setters::of(&mut row);
    assert_eq!(drops.get(), 1);
    assert!(panics(|| _ = slots.0.get()));
    _ = setters.set(Counted(&drops));
    drop(row);
    assert_eq!(drops.get(), 2);
}

#[test]
fn value_goes_from_task_to_task() {
    let mut passed = Passed::new();
    let (giver, mut uses) = passed.empty();
    let (first, one, other, last) = (uses.take(), uses.read(), uses.read(), uses.take());
    giver.give(1);
    let (value, giver) = first.take();
    giver.give(value + 1);
    let (one, other) = (one.read(), other.read());
    assert_eq!((*one, *other), (2, 2));
    drop((one, other));
    let (value, giver) = last.take();
    giver.give(value + 1);
    assert_eq!(passed.into_value(), 3);
}

#[test]
fn value_from_before_is_passed_on() {
    let mut value = 1;
    let mut passed = Passed::new();
    let mut uses = passed.holding(&mut value);
    let (first, second) = (uses.take(), uses.take());
    let (held, giver) = first.take();
    *held += 1;
    giver.give(held);
    *second.take().0 += 1;
    assert_eq!(value, 3);
}

#[test]
fn use_out_of_turn_is_refused() {
    let mut passed = Passed::new();
    let (giver, mut uses) = passed.empty();
    let (early, first, _second) = (uses.read(), uses.take(), uses.take());
    assert!(panics(|| early.read()), "nothing is given yet");
    giver.give(1);
    // A step of the reader is missing.
    assert!(panics(|| first.take()));
}

#[test]
fn taker_waits_for_each_reader() {
    let mut passed = Passed::new();
    let mut uses = passed.holding(1);
    let (one, other, taker) = (uses.read(), uses.read(), uses.take());
    let one = one.read();
    drop(other.read());
    assert_eq!(taker.try_take(), None);
    drop(one);
    assert_eq!(taker.try_take(), Some(1));
}

#[test]
fn reader_waits_for_who_gives_back() {
    let mut passed = Passed::new();
    let mut uses = passed.holding(1);
    let (taker, reader) = (uses.take(), uses.read());
    let (value, giver) = taker.take();
    assert!(panics(|| reader.read()));
    giver.give(value);
}

#[test]
fn leaked_reading_keeps_the_value() {
    let mut passed = Passed::new();
    let mut uses = passed.holding(1);
    let (reader, taker) = (uses.read(), uses.take());
    std::mem::forget(reader.read());
    assert!(panics(|| taker.take()));
}

#[test]
fn value_is_dropped_once_wherever_it_is() {
    let drops = Cell::new(0);
    let value = || Counted(&drops);
    let mut slot = Slot::new();
    slot.split().0.set(value());
    drop(slot);
    assert_eq!(drops.take(), 1);

    drop(Slot::<Counted<'_>>::new().split());
    assert_eq!(drops.take(), 0);

    let mut passed = Passed::new();
    passed.empty().0.give(value());
    drop(passed);
    assert_eq!(drops.take(), 1);

    let mut passed = Passed::new();
    let (held, _) = passed.holding(value()).take().take();
    drop(passed);
    assert_eq!(drops.take(), 0);
    drop(held);
    assert_eq!(drops.take(), 1);

    let mut passed = Passed::new();
    _ = passed.holding(value());
    _ = passed.holding(value());
    assert_eq!(drops.take(), 1);
    drop(passed);
    assert_eq!(drops.take(), 1);
}

/// Whether a type has a trait, as a constant.
macro_rules! has {
    ($type:ty: $bound:ident) => {{
        struct Type<T>(std::marker::PhantomData<T>);
        #[allow(dead_code)]
        trait Otherwise {
            const HAS: bool = false;
        }
        impl<T> Otherwise for Type<T> {}
        #[allow(dead_code)]
        impl<T: $bound> Type<T> {
            const HAS: bool = true;
        }
        Type::<$type>::HAS
    }};
}

#[test]
fn value_decides_what_threads_share() {
    use super::{Giver, Reader, Reading, Setter, Taker, Uses};

    /// `Send` and not `Sync`.
    type Moved = Cell<u8>;
    /// Neither.
    type Stays = Rc<u8>;

    assert!(has!(Slot<u8>: Sync) && has!(Setter<'_, u8>: Send));
    assert!(!has!(Slot<Moved>: Sync) && !has!(Setter<'_, Moved>: Send));
    assert!(has!(Setters<'_, (Slot<u8>, ())>: Send));
    assert!(!has!(Setters<'_, (Slot<Moved>, ())>: Send));
    assert!(has!(Slot<Moved>: Send) && !has!(Slot<Stays>: Send));

    assert!(has!(Passed<Moved>: Sync) && !has!(Passed<Stays>: Sync));
    assert!(has!(Taker<'_, Moved>: Send) && has!(Giver<'_, Moved>: Send));
    assert!(has!(Reader<'_, u8>: Send) && !has!(Reader<'_, Moved>: Send));
    assert!(has!(Reading<'_, u8>: Sync) && !has!(Reading<'_, Moved>: Sync));
    assert!(!has!(Uses<'_, u8>: Send));
}
