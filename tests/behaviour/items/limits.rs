//! Limits on concurrent items.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use conjoin::auto;
use futures::executor::block_on;
use tokio::time::{Instant, sleep};

use super::double_after;

/// Counts concurrent items.
#[derive(Default)]
struct Counter {
    running: Cell<usize>,
    most: Cell<usize>,
}

impl Counter {
    async fn run(&self, milliseconds: u64) {
        self.running.set(self.running.get() + 1);
        self.most.set(self.most.get().max(self.running.get()));
        double_after(milliseconds).await;
        self.running.set(self.running.get() - 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_on_the_task_bounds_its_items() {
    let (start, counter) = (Instant::now(), Counter::default());
    let page = auto! {
        #[limit(2)]
        doubles for delay in [30, 10, 20, 10] => { counter.run(delay).await; delay },
        beside => double_after(5).await,
    }
    .await;
    assert_eq!(page.doubles, [30, 10, 20, 10]);
    assert_eq!(counter.most.get(), 2);
    // 30 and 10, then 20 at 10, then 10 at 30.
    assert_eq!(start.elapsed(), Duration::from_millis(40));
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_the_graph_counts_each_item() {
    for (limit, takes) in [(1, 70), (2, 40), (3, 30), (4, 30)] {
        let (start, counter) = (Instant::now(), Counter::default());
        auto! {
            #![limit(limit)]
            first => counter.run(10).await,
            items for delay in [10, 30, 10] => counter.run(delay).await,
            last => counter.run(10).await,
        }
        .await;
        assert_eq!(counter.most.get(), limit, "{limit}");
        assert_eq!(start.elapsed(), Duration::from_millis(takes), "{limit}");
    }
}

#[tokio::test(start_paused = true)]
async fn tasks_and_items_start_in_declaration_order() {
    let order = RefCell::new(Vec::new());
    let step = async |name: String| {
        order.borrow_mut().push(name);
        sleep(Duration::from_millis(10)).await;
    };
    auto! {
        #![limit(1)]
        list => step("list".to_owned()).await,
        early: [gate as _] => step("early".to_owned()).await,
        items: [list as _] for item in 0..3 => step(format!("item {item}")).await,
        gate: [list as _] => step("gate".to_owned()).await,
        late => step("late".to_owned()).await,
    }
    .await;
    assert_eq!(
        order.take(),
        [
            "list", "item 0", "item 1", "item 2", "gate", "early", "late"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn earlier_task_starts_before_waiting_items() {
    let order = RefCell::new(Vec::new());
    let step = async |name: &'static str, milliseconds: u64| {
        order.borrow_mut().push(name);
        sleep(Duration::from_millis(milliseconds)).await;
    };
    auto! {
        #![limit(2)]
        head => step("head", 15).await,
        early: [head as _] => step("early", 10).await,
        items for _ in 0..3 => step("item", 10).await,
    }
    .await;
    // At 10, the first item completes. Only the third item is ready: `early` is not.
    assert_eq!(order.take(), ["head", "item", "item", "early", "item"]);
}

#[tokio::test(start_paused = true)]
async fn both_limits_hold() {
    let (start, items) = (Instant::now(), Counter::default());
    let [others, last] = [(); 2].map(|()| Counter::default());
    auto! {
        #![limit(3)]
        #[limit(2)]
        items for _ in 0..4 => items.run(10).await,
        others for _ in 0..2 => others.run(10).await,
        last => last.run(10).await,
    }
    .await;
    assert_eq!((items.most.get(), others.most.get()), (2, 1));
    assert_eq!(start.elapsed(), Duration::from_millis(30));
}

#[tokio::test(start_paused = true)]
async fn lone_for_task_keeps_the_graph_limit() {
    let (start, counter) = (Instant::now(), Counter::default());
    auto! {
        #![limit(2)]
        list => vec![10; 5],
        items: [list] for delay in list => counter.run(*delay).await,
        #[limit(7)]
        more: [items as _] for delay in [10, 10] => counter.run(delay).await,
    }
    .await;
    assert_eq!(counter.most.get(), 2);
    assert_eq!(start.elapsed(), Duration::from_millis(40));
}

#[tokio::test(start_paused = true)]
async fn slow_iterable_keeps_its_place_for_its_items() {
    let (start, counter) = (Instant::now(), Counter::default());
    auto! {
        #![limit(1)]
        items for _ in { counter.run(10).await; 0..2 } => counter.run(10).await,
        empty for _ in { counter.run(10).await; 0..0 } => counter.run(10).await,
        last => counter.run(10).await,
    }
    .await;
    assert_eq!(counter.most.get(), 1);
    assert_eq!(start.elapsed(), Duration::from_millis(50));
}

#[tokio::test(start_paused = true)]
async fn many_for_tasks_share_a_limit_with_own_wakers() {
    let (start, counter) = (Instant::now(), Counter::default());
    auto! {
        #![limit(10)]
        a for _ in 0..10 => counter.run(10).await,
        b for _ in 0..10 => counter.run(10).await,
        c => counter.run(10).await,
        d => counter.run(10).await,
        e: [c as _] for _ in 0..10 => counter.run(10).await,
        f: [d as _] => counter.run(10).await,
        g => counter.run(10).await,
        h => counter.run(10).await,
        i => counter.run(10).await,
        j => counter.run(10).await,
    }
    .await;
    assert_eq!(counter.most.get(), 10);
    // `a`, `b`, then all but `e` and `f`, then `e`, then `f`.
    assert_eq!(start.elapsed(), Duration::from_millis(50));
}

#[tokio::test(start_paused = true)]
async fn a_failed_for_task_frees_its_places_under_settle() {
    let (start, counter) = (Instant::now(), Counter::default());
    let page = auto! {
        #![limit(3)]
        #![settle]
        items for item in 0..5 => {
            counter.run(10 + item).await;
            Err::<(), _>(item)?
        },
        a => counter.run(10).await,
        b => counter.run(10).await,
        c => counter.run(10).await,
    }
    .await;
    assert!(page.items.is_failed() && page.c.is_done());
    // The places of the items that were dropped are taken at once.
    assert_eq!(start.elapsed(), Duration::from_millis(20));
}

#[tokio::test(start_paused = true)]
async fn a_limit_sees_the_dependencies() {
    let (start, counter) = (Instant::now(), Counter::default());
    auto! {
        #![infer]
        width => 2,
        #[limit(*width)]
        items for delay in [10, 10, 10] => counter.run(delay).await,
        #[limit(*width + 1)]
        others: [width, items as _] for delay in [10, 10, 10] => counter.run(delay).await,
    }
    .await;
    assert_eq!(counter.most.get(), 3);
    assert_eq!(start.elapsed(), Duration::from_millis(30));
}

#[test]
fn a_computed_limit_of_zero_panics_with_its_text() {
    let none = 0;
    let graph = auto! {
        #[limit(none * 2)]
        items for item in 0..3 => item,
    };
    let panic = catch_unwind(AssertUnwindSafe(|| block_on(graph)))
        .map(drop)
        .expect_err("a panic");
    let text = panic.downcast_ref::<String>().expect("a text");
    assert!(
        text.starts_with("`#[limit(none * 2)]` on a `for` task"),
        "{text}"
    );
}
