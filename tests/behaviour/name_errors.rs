//! `#![name_errors]`: the error knows the task that it comes from.

#![allow(
    clippy::many_single_char_names,
    reason = "the shapes matter, not the names"
)]

use std::error::Error;
use std::fmt;
use std::num::{ParseFloatError, ParseIntError};

use conjoin::{TaskError, auto};
use conjoin_tests::Log;
use tokio::task::yield_now;

async fn number(text: &str) -> Result<i32, ParseIntError> {
    yield_now().await;
    text.parse()
}

#[tokio::test]
async fn named_error_holds_the_body_error() {
    let graph = auto! { #![name_errors] good => number("1").await?, bad => number("x").await? };
    let error: TaskError<ParseIntError> = graph.await.map(drop).expect_err("one fails");
    assert_eq!(error.task(), "bad");
    assert_eq!(error.get_ref().to_string(), "invalid digit found in string");
    assert_eq!(
        error.into_inner(),
        "x".parse::<i32>().expect_err("no number")
    );
}

#[tokio::test]
async fn naming_leaves_a_successful_graph_unchanged() {
    let done = auto! { #![name_errors] one => number("1").await?, two: [one] => one + 1, => two };
    assert_eq!(done.await, Ok(2));
    assert_eq!(auto! { #![name_errors] one => 1 }.await.one, 1);
}

#[tokio::test]
async fn each_task_of_each_shape_is_named() {
    for bad in ["a", "b", "c", "d", "e", "f"] {
        let run = async |name: &'static str| {
            if name == bad {
                Err(name.len())
            } else {
                number("1").await.map_err(|_| 0)
            }
        };
        let series = auto! {
            #![name_errors]
            a => run("a").await?,
            b: [a as _] => run("b").await?,
            c: [b as _] => { run("c").await? },
            d: [c as _] => 1 + run("d").await?,
            e: [d as _] => if bad == "x" { 1 } else { run("e").await? },
            f: [e as _] => match run("f").await { Ok(value) => value, error => error? },
        };
        assert_eq!(
            series.await.map(drop).map_err(|error| error.task()),
            Err(bad)
        );
        let parallel = auto! {
            #![name_errors]
            a => run("a").await?,
            b: [a as _] => run("b").await?,
            c: [a as _] => 1 + run("c").await?,
            d: [b as _] => run("d").await?,
            e: [c as _, d as _] => run("e").await?,
            f => run("f").await?,
        };
        assert_eq!(
            parallel.await.map(drop).map_err(|error| error.task()),
            Err(bad)
        );
        let n = auto! {
            #![name_errors]
            a => run("a").await?,
            b => 1 + run("b").await?,
            c: [a as _] => run("c").await?,
            d: [a as _, b as _] => 1 + run("d").await?,
            e: [c as _, d as _] => run("e").await?,
            f: [c as _, d as _] => run("f").await?,
        };
        assert_eq!(n.await.map(drop).map_err(|error| error.task()), Err(bad));
        let gated = auto! {
            #![name_errors]
            a => run("a").await?,
            b => run("b").await?,
            c: [mut a as _] => run("c").await?,
            d: [b] => b + run("d").await?,
            e: [move c, d as _, a as _] => run("e").await? + c,
            f: [d as _] => run("f").await?,
        };
        assert_eq!(
            gated.await.map(drop).map_err(|error| error.task()),
            Err(bad)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn the_first_error_wins_and_has_its_name() {
    let log = Log::new();
    let graph = auto! {
        #![name_errors]
        late => log.fail("late", 9).await?,
        early => log.fail("early", 2).await?,
    };
    let error = graph.await.map(drop).expect_err("both fail");
    assert_eq!((error.task(), error.into_inner()), ("early", "early"));
    assert_eq!(log.dropped(), [("late", 2)]);
}

#[tokio::test]
async fn raw_names_have_no_prefix() {
    let graph = auto! { #![name_errors] r#type => number("x").await? };
    assert_eq!(graph.await.map(drop).expect_err("it fails").task(), "type");
}

#[tokio::test]
async fn error_of_the_final_arm_is_named_with_an_arrow() {
    let graph = auto! { #![name_errors] text => "x", => number(text).await? };
    let error = graph.await.expect_err("it fails");
    assert_eq!(
        (error.task(), error.to_string().as_str()),
        ("=>", "final arm: invalid digit found in string")
    );

    let graph = auto! { #![name_errors] text => number("y").await?, => text + number("x").await? };
    assert_eq!(graph.await.expect_err("it fails").task(), "text");

    let graph = auto! {
        #![name_errors]
        #![error(Box<dyn Error>)]
        one => number("1").await?,
        => { let two = number("x").await?; one + two }
    };
    assert_eq!(graph.await.expect_err("it fails").task(), "=>");
}

#[tokio::test]
async fn error_of_a_condition_names_its_task() {
    let graph = auto! {
        #![name_errors]
        #![error(ParseIntError)]
        first if number("1").await? == 1 => (),
        second if number("x").await? == 1 => (),
    };
    assert_eq!(
        graph.await.map(drop).expect_err("it fails").task(),
        "second"
    );
}

#[derive(Debug)]
enum AppError {
    Int(ParseIntError),
    Float(ParseFloatError),
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken config")
    }
}

impl Error for AppError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            AppError::Int(error) => Some(error),
            AppError::Float(error) => Some(error),
        }
    }
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

#[tokio::test]
async fn errors_convert_into_the_inner_type() {
    let graph = async |int: &'static str, float: &'static str| {
        auto! {
            #![name_errors]
            #![error(AppError)]
            int => int.parse::<i32>()?,
            float => 1.0 * float.parse::<f32>()?,
            own: [int] => if *int == 7 { Err(AppError::Int("".parse::<i32>().expect_err("empty")))? },
            => (int, float, own)
        }
        .await
    };
    assert_eq!(
        graph("1", "2").await.map_err(|error| error.task()),
        Ok((1, 2.0, ()))
    );
    let error: TaskError<AppError> = graph("1", "x").await.expect_err("float fails");
    assert!(error.task() == "float" && matches!(error.get_ref(), AppError::Float(_)));
    assert_eq!(graph("7", "1").await.expect_err("own fails").task(), "own");
}

#[tokio::test]
async fn error_chain_says_each_thing_once() {
    let graph = auto! { #![name_errors] #![error(AppError)] port => "x".parse::<i32>()? };
    let error = graph.await.map(drop).expect_err("it fails");
    let mut chain = vec![error.to_string()];
    let mut source = error.source();
    while let Some(error) = source {
        chain.push(error.to_string());
        source = error.source();
    }
    assert_eq!(
        chain,
        [
            "task `port`: broken config",
            "invalid digit found in string"
        ]
    );
    assert_eq!(
        format!("{error:?}"),
        r#"TaskError { task: "port", error: Int(ParseIntError { kind: InvalidDigit }) }"#
    );
}

#[tokio::test]
async fn named_error_compares_copies_and_boxes() {
    let graph = auto! { #![name_errors] port => Err::<(), _>(7)? };
    let error = graph.await.map(drop).expect_err("it fails");
    let copy = error;
    assert_eq!(copy, error);
    let graph = auto! { #![name_errors] port => number("x").await? };
    let boxed: Box<dyn Error + Send + Sync> = graph.await.map(drop).expect_err("it fails").into();
    assert_eq!(
        boxed
            .downcast_ref::<TaskError<ParseIntError>>()
            .map(TaskError::task),
        Some("port")
    );
}

#[tokio::test]
async fn named_error_converts_outside_the_graph() {
    async fn config() -> Result<i32, Box<dyn Error + Send + Sync>> {
        Ok(auto! { #![name_errors] port => number("x").await?, => port }.await?)
    }
    assert_eq!(
        config().await.expect_err("it fails").to_string(),
        "task `port`: invalid digit found in string"
    );
}

#[tokio::test]
async fn a_boxed_error_can_be_inside() {
    let graph = auto! {
        #![name_errors]
        #![error(Box<dyn Error + Send + Sync>)]
        int => number("1").await?,
        text: [int] => if *int == 1 { Err("no text")? },
    };
    let error = graph.await.map(drop).expect_err("it fails");
    assert_eq!(
        (error.task(), error.to_string().as_str()),
        ("text", "task `text`: no text")
    );
    assert_eq!(error.into_inner().to_string(), "no text");
}

macro_rules! bail {
    ($message:literal) => {
        return Err(From::from($message))
    };
}

#[tokio::test]
async fn error_from_bail_names_its_task() {
    let graph = auto! {
        #![name_errors]
        #![error(String)]
        one => 1,
        two: [one] => { if *one == 1 { bail!("no two"); } 2 },
    };
    let error = graph.await.map(drop).expect_err("it fails");
    assert_eq!(
        (error.task(), error.into_inner().as_str()),
        ("two", "no two")
    );
}

#[tokio::test]
async fn nested_graph_names_its_own_tasks() {
    let graph = auto! {
        #![name_errors]
        outer => auto! { #![name_errors] inner => number("x").await? , => inner }.await?,
    };
    let error = graph.await.map(drop).expect_err("it fails");
    assert_eq!((error.task(), error.get_ref().task()), ("outer", "inner"));
    assert_eq!(
        error.to_string(),
        "task `outer`: task `inner`: invalid digit found in string"
    );
}
