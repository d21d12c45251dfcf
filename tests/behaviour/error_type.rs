//! A `?` in tail position passes its error on unchanged, which fixes the error type; `#![error(T)]` converts every one.

use std::fmt;
use std::num::{ParseFloatError, ParseIntError};

use conjoin::auto;

#[derive(Debug, PartialEq)]
enum AppError {
    Int(ParseIntError),
    Float(ParseFloatError),
}

impl From<ParseIntError> for AppError {
    fn from(error: ParseIntError) -> Self {
        AppError::Int(error)
    }
}

impl From<ParseFloatError> for AppError {
    fn from(error: ParseFloatError) -> Self {
        AppError::Float(error)
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no number: {self:?}")
    }
}

fn int(text: &str) -> Result<u8, ParseIntError> {
    text.parse()
}

fn float(text: &str) -> Result<f64, ParseFloatError> {
    text.parse()
}

fn app(text: &str) -> Result<u8, AppError> {
    Ok(int(text)?)
}

#[tokio::test]
async fn tail_fixes_the_error_type() {
    let graph = auto! { number => int("x")?, => number };
    assert_eq!(
        graph.await.map_err(|error| error.to_string()),
        Err("invalid digit found in string".into())
    );
}

#[tokio::test]
async fn tail_in_a_block_fixes_the_error_type() {
    let graph = auto! { number => { let text = "x"; int(text)? }, => number };
    assert!(
        graph
            .await
            .is_err_and(|error| error.to_string().contains("digit"))
    );
}

#[tokio::test]
async fn tails_in_branches_of_an_if_fix_the_error_type() {
    let graph = async |low: bool, text: &str| {
        auto! {
            number => if low { int(text)? } else if text == "y" { 9 } else { int(text)? + 1 },
            => number
        }
        .await
    };
    assert_eq!(
        graph(true, "1").await.map_err(|error| error.to_string()),
        Ok(1)
    );
    assert!(graph(false, "x").await.is_err());
    assert_eq!(graph(false, "y").await, Ok(9));
}

#[tokio::test]
async fn tails_in_arms_of_a_match_fix_the_error_type() {
    let graph = async |choice: u8| {
        auto! {
            number => match choice {
                0 => int("0")?,
                1 => { let text = "x"; int(text)? }
                2 | 3 if choice == 3 => 3,
                _ => int("9")?,
            },
            => number
        }
        .await
    };
    assert_eq!(graph(0).await.map_err(|error| error.to_string()), Ok(0));
    assert!(graph(1).await.is_err());
    assert_eq!((graph(2).await, graph(3).await), (Ok(9), Ok(3)));
}

#[tokio::test]
async fn nested_tails_fix_the_error_type() {
    let graph = async |text: Option<&str>| {
        auto! {
            number => {
                let given = text;
                if let Some(text) = given {
                    match text {
                        "one" => 1,
                        text => { (int(text)?) }
                    }
                } else {
                    0
                }
            },
            => number
        }
        .await
    };
    assert_eq!(
        graph(Some("2")).await.map_err(|error| error.to_string()),
        Ok(2)
    );
    assert!(graph(Some("x")).await.is_err());
    assert_eq!(
        (graph(Some("one")).await, graph(None).await),
        (Ok(1), Ok(0))
    );
}

#[tokio::test]
async fn one_tail_fixes_the_error_type_for_all_tasks() {
    let graph = async |text| {
        auto! { sum => int(text)? + int("1")?, fixes => app("2")?, => sum + fixes }.await
    };
    assert_eq!(graph("1").await, Ok(4));
    assert!(matches!(graph("x").await, Err(AppError::Int(_))));
}

#[tokio::test]
async fn question_mark_unwraps_one_of_two_results() {
    let graph = auto! { inner => Ok::<_, ParseIntError>(int("x"))?, => inner.is_err() };
    assert_eq!(graph.await, Ok(true));
}

#[tokio::test]
async fn two_question_marks_unwrap_two_results() {
    let graph = auto! { number => Ok::<_, ParseIntError>(int("x"))??, => number };
    assert!(graph.await.is_err());
}

#[tokio::test]
async fn the_error_option_converts_in_tail_position() {
    let graph = async |whole, broken| {
        auto! { #![error(AppError)] whole => int(whole)?, broken => float(broken)?, => f64::from(whole) + broken }.await
    };
    assert_eq!(graph("1", "0.5").await, Ok(1.5));
    assert!(matches!(graph("x", "0.5").await, Err(AppError::Int(_))));
    assert!(matches!(graph("1", "x").await, Err(AppError::Float(_))));
}

#[tokio::test]
async fn the_error_option_converts_everywhere_else() {
    let graph = auto! {
        #![error(AppError)]
        sum => { let whole = int("1")?; f64::from(whole) + float("x")? + 1.0 },
        => sum
    };
    assert!(matches!(graph.await, Err(AppError::Float(_))));
}

#[tokio::test]
async fn the_error_option_converts_in_the_final_arm() {
    let graph = auto! { #![error(AppError)] text => "x", => float(text)? };
    assert!(matches!(graph.await, Err(AppError::Float(_))));
}

#[tokio::test]
async fn error_option_takes_generics_and_lifetimes() {
    let text = String::from("outer");
    let fail = |text| Err::<u8, &str>(text);
    let named = auto! { #![error(&str)] never => fail(&text)?, => never };
    assert_eq!(named.await, Err("outer"));
    let boxed = auto! { #![error(Box<dyn std::error::Error + Send + Sync>)] number => int("x")?, => number };
    assert!(boxed.await.is_err_and(|error| error.is::<ParseIntError>()));
}

#[tokio::test]
async fn error_option_keeps_an_error_of_its_type() {
    let graph = auto! { #![error(AppError)] number => app("x")?, => number };
    assert!(matches!(graph.await, Err(AppError::Int(_))));
}

#[tokio::test]
async fn error_option_leaves_infallible_graph_plain() {
    let value: u8 = auto! { #![error(AppError)] one => 1, => one }.await;
    assert_eq!(value, 1);
}
