//! Tests that items of `for` tasks are rows below their task.

use conjoin::auto;
use conjoin_adapters::Waterfalls;
use conjoin_adapters::waterfall::Outcome;

use super::{ms, names, only, sleep, task, watch};

#[tokio::test(start_paused = true)]
async fn each_item_is_a_row() {
    let waterfalls = Waterfalls::new();
    let _watch = watch(&waterfalls);
    auto! {
        #[limit(2)]
        items for delay in [30, 10, 20] => sleep(delay).await,
        none for delay in Vec::new() => sleep(delay).await,
    }
    .await;
    let run = only(&waterfalls);
    assert_eq!(names(&run), ["items", "none"]);
    assert!(task(&run, "none").graphs.is_empty());
    let [items] = &task(&run, "items").graphs[..] else {
        panic!("the items are one graph")
    };
    assert_eq!(names(items), ["items[0]", "items[1]", "items[2]"]);
    let times = items.tasks.iter().map(|item| (item.waited, item.end));
    let times: Vec<_> = times.collect();
    assert_eq!(times, [(ms(0), ms(30)), (ms(0), ms(10)), (ms(10), ms(30))]);
    assert_eq!((items.declared, items.omitted), (3, 0));
    assert_eq!((items.outcome, items.duration), (Outcome::Done, ms(30)));
    let picture = run.to_string();
    assert!(picture.contains("items[2]"), "{picture}");
}

#[tokio::test(start_paused = true)]
async fn items_that_failed_or_were_dropped_say_so() {
    let waterfalls = Waterfalls::new();
    let _watch = watch(&waterfalls);
    let graph = auto! {
        items for delay in [30, 10, 20] => {
            sleep(delay).await;
            if delay == 20 { Err("twenty")? }
        },
    };
    assert_eq!(graph.await.err(), Some("twenty"));
    let run = only(&waterfalls);
    let items = &task(&run, "items").graphs[0];
    let outcomes: Vec<_> = items.tasks.iter().map(|item| item.outcome).collect();
    assert_eq!(
        outcomes,
        [Outcome::Cancelled, Outcome::Done, Outcome::Failed]
    );
    assert_eq!(items.outcome, Outcome::Failed);
}

#[tokio::test(start_paused = true)]
async fn items_beyond_the_bounds_are_counted() {
    let waterfalls = Waterfalls::builder().tasks(10).build();
    let _watch = watch(&waterfalls);
    auto! { items for _ in 0..2_000 => sleep(1).await }.await;
    let run = only(&waterfalls);
    let items = &task(&run, "items").graphs[0];
    assert_eq!(items.tasks.len(), 9);
    assert_eq!((items.declared, items.omitted), (2_000, 1_991));
    let picture = run.to_string();
    assert!(picture.contains("1991 tasks are left out"), "{picture}");
}
