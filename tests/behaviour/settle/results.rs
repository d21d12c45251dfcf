//! The result: its types, what can be derived for it, and the final arm.

use std::num::{ParseFloatError, ParseIntError};

use conjoin::{Never, NotDone, Settled, TaskError, auto};
use serde::Serialize;

#[tokio::test]
async fn errors_differ_from_task_to_task() {
    let done = auto! {
        #![settle]
        int => "x".parse::<i32>()?,
        float => "x".parse::<f32>()?,
        text => Err::<(), _>("text")?,
        sure => 1,
    }
    .await;
    let (int, float): (Settled<i32, ParseIntError>, Settled<f32, ParseFloatError>) =
        (done.int, done.float);
    let (text, sure): (Settled<(), &str>, Settled<i32, Never>) = (done.text, done.sure);
    assert!(int.is_failed() && float.is_failed());
    assert_eq!(text, Settled::Failed("text"));
    let Settled::Done(sure) = sure else {
        unreachable!("it does nothing that can fail")
    };
    assert_eq!(sure, 1);
}

#[derive(Debug, PartialEq)]
struct AppError(String);

impl From<ParseIntError> for AppError {
    fn from(error: ParseIntError) -> Self {
        AppError(error.to_string())
    }
}

impl From<ParseFloatError> for AppError {
    fn from(error: ParseFloatError) -> Self {
        AppError(error.to_string())
    }
}

#[tokio::test]
async fn one_type_can_be_named_for_all_that_fail() {
    let done = auto! {
        #![settle]
        #![error(AppError)]
        int => "x".parse::<i32>()?,
        float => "x".parse::<f32>()? / 2.0,
        sure => 1,
    }
    .await;
    let (int, float): (Settled<i32, AppError>, Settled<f32, AppError>) = (done.int, done.float);
    let sure: Settled<i32, Never> = done.sure;
    assert_eq!(
        int.err(),
        Some(AppError("invalid digit found in string".to_owned()))
    );
    assert_eq!(
        float.err(),
        Some(AppError("invalid float literal".to_owned()))
    );
    assert_eq!(sure.ok(), Some(1));
}

#[tokio::test]
async fn errors_can_have_names() {
    let done = auto! {
        #![settle]
        #![name_errors]
        r#type => "x".parse::<i32>()?,
        float => "x".parse::<f32>()?,
        skipped: [float] => *float,
    }
    .await;
    let float: TaskError<ParseFloatError> = done.float.err().expect("it failed");
    assert_eq!(float.task(), "float");
    assert_eq!(done.r#type.err().map(|error| error.task()), Some("type"));
    assert_eq!(done.skipped, Settled::Skipped("float"));
}

#[tokio::test]
async fn traits_can_be_derived() {
    let graph = async |text: &str| {
        auto! {
            #![settle]
            #![derive(Debug, Clone, PartialEq)]
            number => text.parse::<u8>()?,
            after: [number] => number + 1,
        }
        .await
    };
    let (done, failed) = (graph("7").await, graph("x").await);
    assert!(done.clone() == done && failed.clone() == failed);
    assert_eq!(
        format!("{done:?}"),
        "Output { number: Done(7), after: Done(8) }"
    );
    let skipped = r#"Output { number: Failed(ParseIntError { kind: InvalidDigit }), after: Skipped("number") }"#;
    assert_eq!(format!("{failed:?}"), skipped);
}

#[tokio::test]
async fn settled_serializes() {
    let done = auto! {
        #![settle]
        #![derive(Serialize)]
        #![serde(rename_all = "camelCase")]
        has_number => 7,
        bad => Err::<(), _>("no".to_owned())?,
        #[serde(rename = "after")]
        after_bad: [bad as _] => Ok::<_, String>(vec![1])?,
        taken => vec![1],
        taker: [move taken] if false => Ok::<_, String>(taken)?,
    }
    .await;
    let json = r#"{"hasNumber":{"done":7},"bad":{"failed":"no"},"after":{"skipped":"bad"},"#
        .to_owned()
        + r#""taken":{"done":null},"taker":{"done":null}}"#;
    assert_eq!(serde_json::to_string(&done).expect("it is JSON"), json);
}

#[tokio::test]
async fn a_final_arm_sees_how_each_task_ended() {
    let sum = auto! {
        #![settle]
        seven => "7".parse::<i32>()?,
        bad => "x".parse::<i32>()?,
        after: [bad] => *bad,
        => [seven.ok(), bad.ok(), after.ok()].into_iter().flatten().sum::<i32>()
    };
    assert_eq!(sum.await, 7);
}

#[tokio::test]
async fn a_final_arm_can_fail() {
    let graph = async |text: &'static str| {
        auto! {
            #![settle]
            number => text.parse::<i32>()?,
            after: [number] => number + 1,
            optional => "x".parse::<f32>()?,
            => (after.into_result().map_err(|error| error.to_string())?, optional.ok())
        }
        .await
    };
    assert_eq!(graph("7").await, Ok((8, None)));
    assert_eq!(
        graph("x").await,
        Err("skipped because task `number` failed".to_owned())
    );
}

#[tokio::test]
async fn a_final_arm_that_fails_has_a_name() {
    let graph = auto! {
        #![settle]
        #![name_errors]
        number => "x".parse::<i32>()?,
        => number.into_result()?
    };
    let error: TaskError<NotDone<TaskError<ParseIntError>>> = graph.await.expect_err("it fails");
    assert_eq!(error.task(), "=>");
    assert_eq!(
        error.to_string(),
        "final arm: task `number`: invalid digit found in string"
    );
}

#[test]
fn settled_has_accessors() {
    let done = Settled::<_, &str>::Done(vec![1]);
    let failed = Settled::<Vec<i32>, _>::Failed("no");
    let skipped = Settled::<Vec<i32>, &str>::Skipped("user");
    assert_eq!(
        [&done, &failed, &skipped].map(Settled::is_done),
        [true, false, false]
    );
    assert_eq!(
        [&done, &failed, &skipped].map(Settled::is_failed),
        [false, true, false]
    );
    assert_eq!(
        [&done, &failed, &skipped].map(Settled::is_skipped),
        [false, false, true]
    );
    assert_eq!(
        [&done, &failed, &skipped].map(|settled| settled.as_ref().ok()),
        [Some(&vec![1]), None, None]
    );
    assert_eq!(
        [&done, &failed, &skipped].map(|settled| settled.as_ref().err()),
        [None, Some(&"no"), None]
    );
    assert_eq!(done.clone().map(|list| list.len()), Settled::Done(1));
    assert_eq!(failed.clone().map(|list| list.len()), Settled::Failed("no"));
    assert_eq!(
        skipped.clone().map(|list| list.len()),
        Settled::Skipped("user")
    );
    assert_eq!(done.clone().map_err(str::len), Settled::Done(vec![1]));
    assert_eq!(failed.clone().map_err(str::len), Settled::Failed(2));
    assert_eq!(skipped.clone().map_err(str::len), Settled::Skipped("user"));
    assert_eq!(done.into_result(), Ok(vec![1]));
    assert_eq!(failed.into_result(), Err(NotDone::Failed("no")));
    assert_eq!(skipped.into_result(), Err(NotDone::Skipped("user")));
}

#[test]
fn reason_of_an_unfinished_task_is_an_error() {
    let failed = Settled::<(), _>::Failed("x".parse::<i32>().expect_err("no number")).into_result();
    let failed: Box<dyn std::error::Error + Send + Sync> = failed.expect_err("it failed").into();
    assert_eq!(failed.to_string(), "invalid digit found in string");
    let skipped = Settled::<(), ParseIntError>::Skipped("user")
        .into_result()
        .expect_err("it was skipped");
    assert_eq!(skipped.to_string(), "skipped because task `user` failed");
    assert!(std::error::Error::source(&skipped).is_none());
}
