//! `for` tasks and their items.

mod errors;
mod limits;
mod ownership;
mod plans;
mod polls;
#[path = "../graphs/generate/random.rs"]
mod random;
mod schedule;

use std::future::ready;
use std::time::Duration;

use conjoin::auto;
use tokio::time::{Instant, sleep};

/// Takes a number of milliseconds, and doubles it.
async fn double_after(milliseconds: u64) -> u64 {
    sleep(Duration::from_millis(milliseconds)).await;
    2 * milliseconds
}

/// The same, but fails for an odd number.
async fn even_after(milliseconds: u64) -> Result<u64, String> {
    let doubled = double_after(milliseconds).await;
    if milliseconds % 2 == 0 {
        Ok(doubled)
    } else {
        Err(format!("{milliseconds} is odd"))
    }
}

#[tokio::test(start_paused = true)]
async fn results_come_in_item_order_after_the_longest() {
    let start = Instant::now();
    let page = auto! {
        delays => vec![30, 10, 20],
        doubles: [delays] for &delay in delays => double_after(delay).await,
    }
    .await;
    assert_eq!(page.doubles, [60, 20, 40]);
    assert_eq!(page.delays, [30, 10, 20]);
    assert_eq!(start.elapsed(), Duration::from_millis(30));
}

#[tokio::test]
async fn no_items_give_an_empty_list() {
    let page = auto! {
        none for item in Vec::<u32>::new() => ready(item).await,
    }
    .await;
    assert!(page.none.is_empty());
}

#[tokio::test]
async fn an_iterator_may_not_know_its_length() {
    let page = auto! {
        even for item in (0..100).filter(|item| item % 2 == 0) => ready(item).await,
    }
    .await;
    assert_eq!(page.even, (0..100).step_by(2).collect::<Vec<_>>());
}

#[tokio::test]
async fn patterns_bind_parts_of_items() {
    let page = auto! {
        pairs => vec![(1, "one"), (2, "two")],
        #[allow(unused_mut)]
        texts: [pairs] for (number, name) in pairs => format!("{number} is {name}"),
        sums for (mut left, [right, ..]) in [(1, [2, 3]), (4, [5, 6])] => { left += right; left },
    }
    .await;
    assert_eq!(page.texts, ["1 is one", "2 is two"]);
    assert_eq!(page.sums, [3, 9]);
}

#[tokio::test]
async fn the_iterable_is_evaluated_once_and_may_await() {
    let mut evaluations = 0;
    let page = auto! {
        count => 3,
        items: [count] for item in { evaluations += 1; ready(0..*count).await } => item * count,
    }
    .await;
    assert_eq!(page.items, [0, 3, 6]);
    assert_eq!(evaluations, 1);
}

#[tokio::test]
async fn iterable_sees_inferred_dependencies() {
    let page = auto! {
        #![infer]
        list => vec![1, 2],
        factor => 10,
        products for item in list => item * factor,
        // The pattern shadows the task.
        shadowed for factor in [1, 2] => factor + 1,
        => (products, shadowed)
    }
    .await;
    assert_eq!(page, (vec![10, 20], vec![2, 3]));
}

#[tokio::test]
async fn a_body_may_hold_loops_closures_and_graphs() {
    let page = auto! {
        list => vec![3, 4],
        items: [list] for count in list => {
            let mut sum = 0;
            for number in 0..=*count {
                if number == 1 { continue; }
                sum += number;
            }
            let inner = auto! { doubled for number in [sum, 1] => ready(2 * number).await, => doubled };
            inner.await
        },
    }
    .await;
    assert_eq!(page.items, [vec![10, 2], vec![18, 2]]);
}

#[tokio::test]
async fn a_hidden_exit_ends_its_item() {
    macro_rules! give_up {
        ($value:expr) => {
            return $value
        };
    }

    let page = auto! {
        items for item in 0..4 => {
            if item == 2 { give_up!(-1); }
            item
        },
    }
    .await;
    assert_eq!(page.items, [0, 1, -1, 3]);
}

#[tokio::test]
async fn attributes_of_the_task_reach_field_and_body() {
    let page = auto! {
        #![derive(Debug)]
        #[allow(non_snake_case)]
        items for Item in [1, 2] => Item,
        #[cfg(any())]
        none for item in NOTHING => item,
    }
    .await;
    assert_eq!(format!("{page:?}"), "Output { items: [1, 2] }");
}
