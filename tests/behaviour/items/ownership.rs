//! What items borrow and move.

use std::cell::Cell;
use std::rc::Rc;

use conjoin::auto;
use tokio::task::yield_now;

use crate::send::{Otherwise as _, Probe};

#[tokio::test]
async fn items_borrow_from_a_temporary() {
    let page = auto! {
        lengths for word in String::from("one three").split(' ') => { yield_now().await; word.len() },
    }
    .await;
    assert_eq!(page.lengths, [3, 5]);
}

#[tokio::test]
async fn items_borrow_from_dependencies_and_surroundings() {
    let names = vec!["ann".to_owned(), "bo".to_owned()];
    let page = auto! {
        suffix => "!".to_owned(),
        shouts: [suffix] for name in &names => { yield_now().await; format!("{name}{suffix}") },
        list => vec!["x".to_owned()],
        copies: [list] for text in list.iter().map(String::as_str) => { yield_now().await; text.to_owned() },
    }
    .await;
    assert_eq!(page.shouts, ["ann!", "bo!"]);
    assert_eq!(page.copies, page.list);
    assert_eq!(names.len(), 2);
}

#[tokio::test]
async fn move_gives_a_value_to_the_iterable() {
    struct Unclonable(u32);

    let page = auto! {
        list => vec![Unclonable(1), Unclonable(2)],
        factor => 3,
        items: [move list, factor] for item in list => { yield_now().await; Unclonable(item.0 * factor) },
        owned => vec![4, 5],
        // It lives as long as the items.
        borrowed: [move owned] for item in owned.iter() => { yield_now().await; *item },
    }
    .await;
    assert_eq!(
        page.items.iter().map(|item| item.0).collect::<Vec<_>>(),
        [3, 6]
    );
    assert_eq!(page.borrowed, [4, 5]);
}

#[tokio::test]
async fn a_later_task_takes_or_changes_the_list() {
    let page = auto! {
        list => vec![1, 2],
        items: [list] for item in list => { yield_now().await; item + 1 },
        pushed: [mut items] => items.push(9),
        taken: [move items, pushed as _] => items.into_iter().sum::<i32>(),
        dropped: [move list, items as _] => list.len(),
    }
    .await;
    assert_eq!((page.taken, page.dropped), (14, 2));
}

#[tokio::test]
async fn items_share_what_they_borrow() {
    let total = Cell::new(0);
    auto! {
        items for item in 1..=3 => { yield_now().await; total.set(total.get() + item) },
    }
    .await;
    assert_eq!(total.get(), 6);
}

fn bodies_that_are() -> impl Future {
    auto! {
        list => vec![String::from("a")],
        items: [list] for text in list => { yield_now().await; text.len() },
        pairs for (left, right) in [(1, 2)] => { yield_now().await; left + right },
        => (items, pairs)
    }
}

fn fallible_bodies_that_are() -> impl Future {
    auto! {
        #![limit(2)]
        #[limit(3)]
        items for number in 0..3_u8 => { yield_now().await; u8::try_from(u16::from(number))? },
        more for number in 0..3_u8 => { yield_now().await; number },
        => (items, more)
    }
}

fn a_body_that_is_not() -> impl Future {
    auto! {
        items for number in 0..3 => { let local = Rc::new(number); yield_now().await; *local },
    }
}

fn items_that_are_not() -> impl Future {
    auto! {
        items for local in [Rc::new(1)] => { yield_now().await; *local },
    }
}

/// It is gone when the first item is polled.
fn an_iterator_that_is_not() -> impl Future {
    auto! {
        items for number in { let local = Rc::new(2); (0..2).map(move |number| number * *local) } => {
            yield_now().await;
            number
        },
    }
}

#[test]
fn a_graph_is_send_exactly_when_its_items_are() {
    assert!(Probe(bodies_that_are()).is_send());
    assert!(Probe(fallible_bodies_that_are()).is_send());
    assert!(!(&Probe(a_body_that_is_not())).is_send());
    assert!(!(&Probe(items_that_are_not())).is_send());
    assert!(Probe(an_iterator_that_is_not()).is_send());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn items_move_between_threads() {
    let graph = tokio::spawn(async {
        auto! {
            items for number in 0..200 => {
                for _ in 0..number % 7 { yield_now().await; }
                tokio::spawn(async move { number }).await.expect("no panic")
            },
            => items
        }
        .await
    });
    assert_eq!(graph.await.expect("no panic"), (0..200).collect::<Vec<_>>());
}
