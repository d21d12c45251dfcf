//! `=> EXPRESSION` at the end: the graph resolves to it, with every value in scope by value.

use std::future::ready;
use std::num::ParseIntError;

use conjoin::auto;

struct Page {
    user: String,
    posts: Vec<String>,
}

async fn parse(text: &str) -> Result<u32, ParseIntError> {
    ready(text.parse()).await
}

#[tokio::test]
async fn final_arm_takes_every_value_by_value() {
    let page = auto! {
        user => String::from("ann"),
        posts: [user] => vec![format!("{user}'s post")],
        => Page { user, posts }
    }
    .await;
    assert_eq!(
        (page.user, page.posts),
        ("ann".into(), vec!["ann's post".into()])
    );
}

#[tokio::test]
async fn final_arm_may_ignore_values() {
    assert_eq!(auto! { used => 1, unused => 2, => used }.await, 1);
}

#[tokio::test]
async fn final_arm_may_be_a_block() {
    let joined = auto! {
        left => String::from("a"),
        right => String::from("b"),
        => {
            let mut joined = left;
            joined += &right;
            joined
        }
    };
    assert_eq!(joined.await, "ab");
}

#[tokio::test]
async fn final_arm_may_await() {
    assert_eq!(auto! { text => "4", => parse(text).await }.await, Ok(4));
}

#[tokio::test]
async fn question_mark_in_final_arm_makes_graph_fallible() {
    let sum = async |right| auto! { left => 1, => left + parse(right).await? }.await;
    let right: Result<u32, ParseIntError> = sum("2").await;
    assert_eq!(right, Ok(3));
    assert!(sum("two").await.is_err());
}

#[tokio::test]
async fn final_arm_of_a_fallible_graph_is_ok() {
    let graph = async |text| auto! { number => parse(text).await?, => number + 1 }.await;
    assert_eq!(graph("1").await, Ok(2));
    assert!(graph("one").await.is_err());
}

#[tokio::test]
async fn final_arm_values_shadow_outer_variables() {
    let user = "outer";
    assert_eq!(auto! { user => user.len(), => user }.await, 5);
}
