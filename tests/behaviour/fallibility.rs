//! A task is fallible when its body has a `?` of its own; a graph is when one of its tasks is.

use std::convert::Infallible;
use std::num::ParseIntError;

use conjoin::auto;

fn parse(text: &str) -> Result<u8, ParseIntError> {
    text.parse()
}

#[tokio::test]
async fn graph_without_question_marks_is_infallible() {
    let value: u8 = auto! { one => 1_u8, => one }.await;
    assert_eq!(value, 1);
}

#[tokio::test]
async fn one_question_mark_makes_the_graph_a_result() {
    let result: Result<u8, ParseIntError> =
        auto! { one => parse("1")?, two => 2, => one + two }.await;
    assert_eq!(result, Ok(3));
}

#[tokio::test]
async fn a_result_without_a_question_mark_is_a_value() {
    let graph = auto! { bad => parse("x"), worse: [bad] => bad.is_err() }.await;
    assert!(graph.bad.is_err());
    assert!(graph.worse);
}

#[tokio::test]
async fn without_question_mark_a_failure_is_a_value() {
    let graph = auto! { good => parse("1")?, bad => parse("x") }
        .await
        .expect("only `good` can fail");
    assert_eq!(graph.good, 1);
    assert!(graph.bad.is_err());
}

#[tokio::test]
async fn question_mark_in_a_closure_is_not_the_tasks() {
    let graph = auto! {
        sums => {
            let add = |left, right| Ok::<_, ParseIntError>(parse(left)? + parse(right)?);
            [add("1", "2").ok(), add("1", "x").ok()]
        },
    };
    assert_eq!(graph.await.sums, [Some(3), None]);
}

#[tokio::test]
async fn question_mark_in_typed_closure_is_not_the_tasks() {
    let graph = auto! {
        block => (|| { let one = parse("1")?; Ok::<_, ParseIntError>(one) })(),
        typed => ["1", "2"].iter().map(|text| -> Result<u8, ParseIntError> { Ok(parse(text)? + 1) }).collect::<Vec<_>>(),
        moved => { let text = String::from("3"); (move || Some(text.chars().next()? == '3'))() },
    }
    .await;
    assert_eq!(
        (graph.block, graph.typed.len(), graph.moved),
        (Ok(1), 2, Some(true))
    );
}

#[tokio::test]
async fn question_mark_in_async_block_is_not_the_tasks() {
    let graph = auto! {
        kept => async { Ok::<_, ParseIntError>(parse("x")? + 1) }.await,
        moved => { let text = "2"; async move { Ok::<_, ParseIntError>(parse(text)? + 1) }.await },
        closure => { let run = async |text| Ok::<_, ParseIntError>(parse(text)? + 1); run("3").await },
    }
    .await;
    assert!(graph.kept.is_err());
    assert_eq!((graph.moved, graph.closure), (Ok(3), Ok(4)));
}

#[tokio::test]
async fn question_mark_in_an_item_is_not_the_tasks() {
    let graph = auto! {
        of_function => {
            fn double(text: &str) -> Result<u8, ParseIntError> {
                Ok(parse(text)? * 2)
            }
            double("2")
        },
        of_method => {
            struct Multiplier(u8);
            impl Multiplier {
                fn multiply(&self, text: &str) -> Result<u8, ParseIntError> {
                    Ok(parse(text)? * self.0)
                }
            }
            Multiplier(2).multiply("3")
        },
    }
    .await;
    assert_eq!((graph.of_function, graph.of_method), (Ok(4), Ok(6)));
}

#[tokio::test]
async fn question_mark_in_nested_graph_is_not_the_tasks() {
    let graph = auto! {
        nested => auto! { one => parse("1")?, => one }.await,
        failed => conjoin::auto!(one => parse("x")?, => one).await,
    }
    .await;
    assert_eq!(graph.nested, Ok(1));
    assert!(graph.failed.is_err());
}

#[tokio::test]
async fn question_mark_after_nested_graph_is_the_tasks() {
    let result = auto! { nested => auto! { one => parse("x")?, => one }.await?, => nested }.await;
    assert!(result.is_err());
}

#[tokio::test]
async fn question_mark_in_a_macro_call_is_the_tasks() {
    let result =
        auto! { list => vec![parse("1")?, parse("x")?], fixes => parse("2")?, => (list, fixes) }
            .await;
    assert!(result.is_err());
}

#[tokio::test]
async fn question_mark_in_if_or_loop_is_the_tasks() {
    let result = auto! {
        sum => {
            let mut sum = 0;
            for text in ["1", "2"] {
                sum += parse(text)?;
            }
            while sum < parse("9")? {
                sum += 1;
            }
            if sum == parse("9")? { sum } else { 0 }
        },
        fixes => parse("1")?,
        => sum + fixes
    };
    assert_eq!(result.await, Ok(10));
}

#[tokio::test]
async fn question_mark_in_a_bound_makes_nothing_fallible() {
    let size: usize = auto! {
        size => {
            fn size<T: ?Sized>(of: &T) -> usize {
                size_of_val(of)
            }
            size("four")
        },
        => size
    }
    .await;
    assert_eq!(size, 4);
}

#[tokio::test]
async fn uninhabited_error_type_works() {
    let result: Result<u8, Infallible> = auto! { one => Ok::<u8, Infallible>(1)?, => one }.await;
    assert_eq!(result, Ok(1));
}
