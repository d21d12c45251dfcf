//! Places for a graph, and what its bodies may use there.

use std::fmt::Display;
use std::future::ready;

use conjoin::auto;

#[tokio::test]
async fn graph_works_in_another_graph() {
    let outer = auto! {
        base => 1,
        inner: [base] => auto! {
            left => base + 1,
            right => base + 2,
            => left * right
        }.await,
        sum: [base, inner] => base + inner,
    }
    .await;
    assert_eq!((outer.inner, outer.sum), (6, 7));
}

#[tokio::test]
async fn graph_may_change_the_state_of_a_loop() {
    let mut total = 0;
    for round in 1..=3 {
        total += auto! { double => round * 2, next: [double] => double + 1 }
            .await
            .next;
    }
    assert_eq!(total, 15);
}

#[tokio::test]
async fn body_may_hold_a_loop_with_continue() {
    let graph = auto! {
        first_even => {
            let mut number = 1;
            loop {
                if number % 2 == 1 {
                    number += 1;
                    continue;
                }
                break number;
            }
        },
    };
    assert_eq!(graph.await.first_even, 2);
}

#[tokio::test]
async fn graph_works_in_a_closure() {
    let name = "ann";
    let greet = || auto! { length => name.len(), => format!("{name} {length}") };
    assert_eq!(greet().await, "ann 3");
}

#[tokio::test]
async fn graph_works_in_an_async_closure() {
    let greet =
        async |name: &str| auto! { length => name.len(), => format!("{name} {length}") }.await;
    assert_eq!(greet("ann").await, "ann 3");
}

#[tokio::test]
async fn graph_works_in_a_generic_function() {
    async fn show<T: Display, const TIMES: usize>(
        value: &T,
        next: impl Future<Output = T>,
    ) -> String {
        let graph = auto! {
            first => value.to_string().repeat(TIMES),
            second => next.await,
            both: [first, second] => format!("{first} {second}"),
        };
        graph.await.both
    }
    assert_eq!(show::<_, 2>(&1, ready(3)).await, "11 3");
}

trait Repository {
    async fn user(&self, id: u32) -> String;

    async fn pair(&self) -> (String, String) {
        auto! { first => self.user(1).await, second => self.user(2).await, => (first, second) }
            .await
    }
}

struct Names(&'static str);

impl Repository for Names {
    async fn user(&self, id: u32) -> String {
        auto! { name => self.0, => format!("{name} {id}") }.await
    }
}

#[tokio::test]
async fn graph_works_in_an_async_fn_of_a_trait() {
    assert_eq!(Names("ann").pair().await, ("ann 1".into(), "ann 2".into()));
}

#[derive(Default)]
struct Counters {
    hits: u32,
    misses: u32,
}

impl Counters {
    async fn hit(&mut self) -> u32 {
        auto! {
            hits => { self.hits += 1; self.hits },
            twice: [hits] => hits * 2,
            => twice
        }
        .await
    }

    async fn both(&mut self) -> (u32, u32) {
        let graph = auto! {
            hits => { self.hits += ready(1).await; self.hits },
            misses => { self.misses += ready(2).await; self.misses },
        };
        graph.await.into_tuple()
    }
}

#[tokio::test]
async fn one_body_may_borrow_self_mutably() {
    let mut counters = Counters::default();
    assert_eq!(counters.hit().await, 2);
    assert_eq!(counters.hit().await, 4);
}

#[tokio::test]
async fn bodies_may_borrow_different_fields_mutably() {
    assert_eq!(Counters::default().both().await, (1, 2));
}

#[tokio::test]
async fn graph_may_be_a_statement() {
    let mut log = Vec::new();
    auto! { only => log.push(1) }.await;
    auto! { only => log.push(2), }.await;
    assert_eq!(log, [1, 2]);
}

#[tokio::test]
async fn question_mark_may_follow_the_graph() -> Result<(), std::num::ParseIntError> {
    let sum =
        auto! { left => "1".parse::<u8>()?, right => "2".parse::<u8>()?, => left + right }.await?;
    assert_eq!(sum, 3);
    Ok(())
}

#[tokio::test]
async fn bodies_borrow_from_the_function_around() {
    let text = String::from("a b c");
    let mut longest = 0;
    let graph = auto! {
        words => text.split(' '),
        count: [words] => { longest = text.len(); words.clone().count() },
    };
    assert_eq!(graph.await.count, 3);
    assert_eq!(longest, text.len());
}

#[tokio::test]
async fn a_body_consumes_an_outer_variable() {
    let (text, list) = (String::from("text"), vec![1]);
    let graph = auto! {
        kept => text,
        taken: [kept] => { let mut list = list; list.push(kept.len()); list },
    }
    .await;
    assert_eq!((graph.kept, graph.taken), ("text".into(), vec![1, 4]));
}

#[tokio::test]
async fn a_future_made_outside_is_awaited_inside() {
    let (early, late) = (ready(1), ready(2));
    assert_eq!(
        auto! { one => early.await, two: [one] => one + late.await }
            .await
            .two,
        3
    );
}
