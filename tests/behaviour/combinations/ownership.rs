//! `move` and `mut` with everything else.

use conjoin::Settled::{Done, Failed, Skipped};
use conjoin::{Settled, auto};
use tokio::task::yield_now;

use super::Feature;

pairs! {
    Move + Mut: a_value_is_changed_before_it_is_taken {
        let done = auto! {
            x => vec![1],
            other => yield_now().await,
            changed: [mut x] => { yield_now().await; x.push(2) },
            taken: [move x, changed as _, other as _] => x,
        };
        assert_eq!(done.await.into_tuple(), ((), (), vec![1, 2]));
    }

    Move + If: a_conditional_value_is_taken_under_a_condition {
        let done = auto! {
            x if true => vec![1],
            y if false => vec![1],
            x_taken: [move x] if let Some(mut x) = x => { x.push(2); x },
            y_taken: [move y] if let Some(mut y) = y => { y.push(2); y },
        };
        assert_eq!(done.await.into_tuple(), (Some(vec![1, 2]), None));
    }

    Move + Limit: a_taker_is_held_back {
        let done = auto! {
            #![limit(1)]
            x => { yield_now().await; vec![1] },
            other => yield_now().await,
            taken: [move x] => { yield_now().await; x },
        };
        assert_eq!(done.await.into_tuple(), ((), vec![1]));
    }

    Move + Settle: the_field_of_a_taken_value_says_that_it_was_there {
        let done = auto! {
            #![settle]
            x => Ok::<_, &str>(vec![1])?,
            y => Err::<Vec<i32>, _>("no")?,
            x_taken: [move x] => x,
            y_taken: [move y] => y,
        };
        assert_eq!(done.await.into_tuple(), (Done(()), Failed("no"), Done(vec![1]), Skipped("y")));
    }

    Move + NameErrors: a_taker_that_fails_has_a_name {
        let graph = auto! {
            #![name_errors]
            x => String::from("x"),
            taken: [move x] => Err::<(), _>(x)?,
        };
        let error = graph.await.map(drop).expect_err("it fails");
        assert_eq!((error.task(), error.into_inner().as_str()), ("taken", "x"));
    }

    Move + ErrorType: a_taken_value_becomes_the_error {
        let graph = auto! {
            #![error(String)]
            x => Box::<str>::from("x"),
            taken: [move x] => Err::<(), _>(x)?,
        };
        assert_eq!(graph.await.map(drop), Err("x".to_owned()));
    }

    Move + Derive: a_taken_value_needs_nothing_that_is_derived {
        struct Opaque;
        let done = auto! {
            #![derive(Debug, Clone, PartialEq)]
            x => Opaque,
            taken: [move x] => { let Opaque = x; 1 },
        };
        assert_eq!(format!("{:?}", done.await.clone()), "Output { taken: 1 }");
    }

    Move + Cfg: a_value_whose_taker_is_not_compiled_stays {
        let done = auto! {
            x => vec![1],
            #[cfg(any())]
            taken: [move x] => x,
            #[cfg(test)]
            y => vec![2],
            #[cfg(all())]
            y_taken: [move y, x] => (y, x.len()),
        };
        assert_eq!(done.await.into_tuple(), (vec![1], (vec![2], 1)));
    }

    Move + FinalArm: a_taken_value_is_not_in_the_final_arm {
        let x = "around";
        let done = auto! {
            x => String::from("inside"),
            taken: [move x] => x,
            => (x, taken)
        };
        assert_eq!(done.await, ("around", "inside".to_owned()));
    }

    Mut + If: a_condition_changes_a_value {
        let done = auto! {
            x if true => vec![1, 2],
            changed: [mut x] if let Some(x) = x && let Some(last) = x.pop() => { yield_now().await; x.push(last * 10) },
            again: [mut x, changed as _] if let None = x => (),
        };
        assert_eq!(done.await.into_tuple(), (Some(vec![1, 20]), Some(()), None));
    }

    Mut + Limit: those_that_change_a_value_are_held_back {
        let done = auto! {
            #![limit(1)]
            x => vec![1],
            other => yield_now().await,
            one: [mut x] => { yield_now().await; x.push(2) },
            two: [mut x, one as _] => { yield_now().await; x.push(3) },
        };
        assert_eq!(done.await.x, [1, 2, 3]);
    }

    Mut + Settle: a_value_stays_as_the_last_one_left_it {
        let done = auto! {
            #![settle]
            x => vec![1],
            one: [mut x] => { x.push(2); yield_now().await; Err::<(), _>("no")? },
            two: [mut x, one as _] => x.push(3),
        };
        assert_eq!(done.await.into_tuple(), (Done(vec![1, 2]), Failed("no"), Skipped("one")));
    }

    Mut + NameErrors: one_that_fails_to_change_a_value_has_a_name {
        let graph = auto! {
            #![name_errors]
            x => vec![1],
            other => yield_now().await,
            one: [mut x] => x.pop().ok_or("empty")?,
            two: [mut x, one as _, other as _] => x.pop().ok_or("empty")?,
        };
        let error = graph.await.map(drop).expect_err("it fails");
        assert_eq!((error.task(), error.into_inner()), ("two", "empty"));
    }

    Mut + ErrorType: one_that_fails_to_change_a_value_converts {
        let graph = auto! {
            #![error(String)]
            x => vec![1],
            one: [mut x] => { x.clear(); x.pop().ok_or("empty")? },
        };
        assert_eq!(graph.await.map(drop), Err("empty".to_owned()));
    }

    Mut + Derive: a_changed_value_is_a_field_like_any_other {
        let done = auto! {
            #![derive(Debug, Clone, PartialEq, serde::Serialize)]
            x => vec![1],
            changed: [mut x] => x.push(2),
        };
        assert_eq!(serde_json::to_string(&done.await).expect("it is JSON"), r#"{"x":[1,2],"changed":null}"#);
    }

    Mut + Cfg: one_that_is_not_compiled_is_in_nobody_s_way {
        let done = auto! {
            x => vec![1],
            one: [mut x] => { yield_now().await; x.push(2) },
            #[cfg(any())]
            two: [mut x] => x.push(3),
            #[cfg(test)]
            three: [mut x, one as _] => x.push(4),
        };
        assert_eq!(done.await.x, [1, 2, 4]);
    }

    Mut + FinalArm: the_final_arm_has_the_changed_value {
        let graph = auto! { x => vec![1], one: [mut x] => x.push(2), => { let () = one; x } };
        assert_eq!(graph.await, [1, 2]);
    }

    Mut + TakenAttribute: a_value_with_documentation_is_changed_and_taken {
        let done = auto! {
            /// It is changed and taken.
            #[allow(unused_mut)]
            x => { let mut list = vec![1]; list },
            one: [mut x] => x.push(2),
            two: [move x, one as _] => x,
        };
        assert_eq!(done.await.two, [1, 2]);
    }

    If + TakenAttribute: a_conditional_value_with_a_lint_level_is_taken {
        let done = auto! {
            #[allow(unused_variables)]
            x if { let unused = 1; true } => { let unused = 2; vec![1] },
            taken: [move x] if x.is_some() => x,
        };
        assert_eq!(done.await.taken, Some(Some(vec![1])));
    }

    Limit + TakenAttribute: a_value_with_documentation_is_taken_by_one_that_is_held_back {
        let done = auto! {
            #![limit(1)]
            /// It is taken.
            x => vec![1],
            other => yield_now().await,
            taken: [move x] => x,
        };
        assert_eq!(done.await.taken, [1]);
    }

    Settle + TakenAttribute: what_is_left_of_a_taken_value_has_a_field {
        let done = auto! {
            #![settle]
            #![derive(serde::Serialize)]
            #[serde(rename = "list")]
            x => Ok::<_, String>(vec![1])?,
            #[serde(skip)]
            taken: [move x] => x,
        }
        .await;
        assert_eq!(serde_json::to_string(&done).expect("it is JSON"), r#"{"list":{"done":null}}"#);
        let x: Settled<(), String> = done.x;
        assert_eq!((x, done.taken), (Done(()), Done(vec![1])));
    }

    NameErrors + TakenAttribute: a_value_with_a_lint_level_fails_by_name {
        let graph = auto! {
            #![name_errors]
            #[allow(unused_variables)]
            x => { let unused = 1; Err::<Vec<i32>, _>("no")? },
            taken: [move x] => x,
        };
        assert_eq!(graph.await.map(drop).expect_err("it fails").task(), "x");
    }

    ErrorType + TakenAttribute: a_value_with_a_lint_level_converts_its_error {
        let graph = auto! {
            #![error(String)]
            #[allow(unused_variables)]
            x => { let unused = 1; Err::<Vec<i32>, _>("no")? },
            taken: [move x] => x,
        };
        assert_eq!(graph.await.map(drop), Err("no".to_owned()));
    }

    Derive + TakenAttribute: documentation_of_a_taken_value_is_not_in_the_struct {
        let done = auto! {
            #![derive(Debug)]
            /// It is taken.
            x => vec![1],
            taken: [move x] => x,
        };
        assert_eq!(format!("{:?}", done.await), "Output { taken: [1] }");
    }

    Cfg + TakenAttribute: a_cfg_on_a_value_that_is_taken_is_none_of_its_field {
        let done = auto! {
            #[cfg(test)]
            /// It is taken.
            x => vec![1],
            #[cfg(not(test))]
            x => vec![2],
            taken: [move x] => x,
        };
        assert_eq!(done.await.into_tuple(), (vec![1],));
    }
}
