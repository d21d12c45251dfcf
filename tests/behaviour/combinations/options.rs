//! The options with each other and with the final arm.

use std::num::{ParseFloatError, ParseIntError};

use conjoin::Settled::{Done, Failed, Skipped};
use conjoin::{Settled, TaskError, auto};
use tokio::task::yield_now;

use super::Feature;

/// What both of the parsers' errors convert into.
#[derive(Debug, PartialEq)]
struct Text(String);

impl From<ParseIntError> for Text {
    fn from(error: ParseIntError) -> Self {
        Text(error.to_string())
    }
}

impl From<ParseFloatError> for Text {
    fn from(error: ParseFloatError) -> Self {
        Text(error.to_string())
    }
}

pairs! {
    Limit + Settle: a_failed_task_frees_its_place {
        let done = auto! {
            #![limit(1)]
            #![settle]
            bad => { yield_now().await; Err::<i32, _>("no")? },
            good => { yield_now().await; 1 },
            after: [bad] => *bad,
        };
        assert_eq!(done.await.into_tuple(), (Failed("no"), Done(1), Skipped("bad")));
    }

    Limit + NameErrors: the_first_of_those_that_run_is_named {
        let graph = auto! {
            #![limit(1)]
            #![name_errors]
            good => yield_now().await,
            bad => { yield_now().await; Err::<(), _>("no")? },
            worse => Err::<(), _>("never started")?,
        };
        assert_eq!(graph.await.map(drop).expect_err("it fails").task(), "bad");
    }

    Limit + ErrorType: the_first_of_those_that_run_converts {
        let graph = auto! {
            #![limit(1)]
            #![error(String)]
            good => yield_now().await,
            bad => { yield_now().await; Err::<(), _>("no")? },
        };
        assert_eq!(graph.await.map(drop), Err("no".to_owned()));
    }

    Limit + Derive: the_order_of_the_fields_is_that_of_declaration {
        let done = auto! {
            #![limit(1)]
            #![derive(Debug)]
            last: [first] => first + 1,
            first => 1,
        };
        assert_eq!(format!("{:?}", done.await), "Output { last: 2, first: 1 }");
    }

    Limit + FinalArm: the_final_arm_comes_after_all {
        let graph = auto! {
            #![limit(1)]
            one => { yield_now().await; 1 },
            two => { yield_now().await; 2 },
            => { yield_now().await; one + two }
        };
        assert_eq!(graph.await, 3);
    }

    Settle + NameErrors: each_field_knows_its_task {
        let done = auto! {
            #![settle]
            #![name_errors]
            bad => "x".parse::<i32>()?,
            after: [bad] => *bad,
        }
        .await;
        let error: TaskError<ParseIntError> = done.bad.err().expect("it failed");
        assert_eq!((error.task(), done.after), ("bad", Skipped("bad")));
    }

    Settle + ErrorType: all_that_fail_have_the_type {
        let done = auto! {
            #![settle]
            #![error(Text)]
            int => "x".parse::<i32>()?,
            float => 1.0 * "1".parse::<f32>()?,
            sure => 1,
        }
        .await;
        let float: Settled<f32, Text> = done.float;
        assert_eq!((done.int, float), (Failed(Text("invalid digit found in string".to_owned())), Done(1.0)));
        assert_eq!(done.sure, Done(1));
    }

    Settle + Derive: how_tasks_ended_can_be_shown_and_sent {
        let done = auto! {
            #![settle]
            #![derive(Debug, Clone, PartialEq, serde::Serialize)]
            bad => Err::<i32, _>("no")?,
            after: [bad] => Ok::<_, u8>(*bad)?,
        }
        .await;
        assert_eq!(format!("{:?}", done.clone()), r#"Output { bad: Failed("no"), after: Skipped("bad") }"#);
        let json = serde_json::to_string(&done).expect("it is JSON");
        assert_eq!(json, r#"{"bad":{"failed":"no"},"after":{"skipped":"bad"}}"#);
    }

    Settle + FinalArm: the_final_arm_says_what_becomes_of_it {
        let graph = auto! {
            #![settle]
            int => "x".parse::<i32>()?,
            float => "1".parse::<f32>()?,
            => { int.is_failed().then_some(()).ok_or("it parsed")?; yield_now().await; float.ok() }
        };
        let result: Result<_, &str> = graph.await;
        assert_eq!(result, Ok(Some(1.0)));
    }

    NameErrors + ErrorType: the_type_is_inside {
        let graph = auto! {
            #![name_errors]
            #![error(Text)]
            int => "1".parse::<i32>()?,
            float => 1.0 * "x".parse::<f32>()?,
        };
        let error: TaskError<Text> = graph.await.map(drop).expect_err("it fails");
        assert_eq!((error.task(), error.into_inner().0.as_str()), ("float", "invalid float literal"));
    }

    NameErrors + Derive: the_struct_has_nothing_to_do_with_it {
        let graph = auto! { #![name_errors] #![derive(Debug)] one => "1".parse::<i32>()? };
        assert_eq!(format!("{:?}", graph.await), "Ok(Output { one: 1 })");
    }

    NameErrors + FinalArm: the_final_arm_is_named_as_it_is_written {
        let graph = auto! { #![name_errors] text => "x", => text.parse::<i32>()? };
        assert_eq!(graph.await.expect_err("it fails").task(), "=>");
    }

    ErrorType + Derive: the_struct_is_in_a_result_of_the_type {
        let graph = auto! { #![error(Text)] #![derive(Debug)] one => -"1".parse::<i32>()? };
        let result: Result<_, Text> = graph.await;
        assert_eq!(format!("{result:?}"), "Ok(Output { one: -1 })");
    }

    ErrorType + FinalArm: the_final_arm_converts_too {
        let graph = auto! { #![error(Text)] int => "1".parse::<i16>()?, => f32::from(int) + "x".parse::<f32>()? };
        assert_eq!(graph.await, Err(Text("invalid float literal".to_owned())));
    }
}
