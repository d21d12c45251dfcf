//! What is written on tasks, conditions and `#[cfg]`, with the options.

use conjoin::Settled::{Done, Failed, Skipped};
use conjoin::auto;
use serde::Serialize;
use tokio::task::yield_now;

use super::Feature;

pairs! {
    If + Limit: a_condition_counts_as_its_task {
        let running = std::cell::Cell::new(0);
        let alone = async || {
            running.set(running.get() + 1);
            yield_now().await;
            running.replace(running.get() - 1) == 1
        };
        let done = auto! {
            #![limit(1)]
            one if alone().await => alone().await,
            two if alone().await => alone().await,
            three: [one] if alone().await && one.is_some() => alone().await,
        };
        assert_eq!(done.await.into_tuple(), (Some(true), Some(true), Some(true)));
    }

    If + Settle: a_condition_that_is_false_is_done {
        let done = auto! {
            #![settle]
            yes if true => Ok::<_, &str>(1)?,
            no if false => Ok::<_, &str>(1)?,
            bad if true => Err::<i32, _>("no")?,
            skipped: [bad] if bad.is_some() => 1,
        };
        assert_eq!(done.await.into_tuple(), (Done(Some(1)), Done(None), Failed("no"), Skipped("bad")));
    }

    If + NameErrors: a_condition_fails_by_the_name_of_its_task {
        let graph = async |text: &'static str| {
            auto! {
                #![name_errors]
                number => text.parse::<i32>()?,
                asked: [number] if "x".parse::<i32>()? == *number => 1,
            }
            .await
            .map(drop)
            .map_err(|error| error.task())
        };
        assert_eq!((graph("y").await, graph("1").await), (Err("number"), Err("asked")));
    }

    If + ErrorType: a_condition_converts_its_error {
        let graph = auto! { #![error(String)] asked if Err::<bool, _>("no")? => 1 };
        assert_eq!(graph.await.map(drop), Err("no".to_owned()));
    }

    If + Derive: the_field_is_an_option {
        let done = auto! {
            #![derive(Debug, Clone, PartialEq, Default, Serialize)]
            yes if true => 1,
            no if false => 1,
        }
        .await;
        assert_eq!(serde_json::to_string(&done.clone()).expect("it is JSON"), r#"{"yes":1,"no":null}"#);
    }

    If + Cfg: one_twin_may_have_a_condition {
        let done = auto! {
            #[cfg(test)]
            task if false => 1,
            #[cfg(not(test))]
            task => 1,
            #[cfg(any())]
            never if compile_error!("this must not be expanded") => 1,
        };
        assert_eq!(done.await.into_tuple(), (None::<i32>,));
    }

    If + FinalArm: the_final_arm_has_the_option {
        let graph = auto! { yes if true => 1, no: [yes] if yes.is_none() => 2, => yes.or(no) };
        assert_eq!(graph.await, Some(1));
    }

    Limit + Cfg: what_is_not_compiled_takes_no_place {
        let done = auto! {
            #![limit(1)]
            #[cfg(any())]
            never => std::future::pending::<()>().await,
            one => yield_now().await,
            #[cfg(all())]
            two: [one as _] => 2,
        };
        assert_eq!(done.await.into_tuple(), ((), 2));
    }

    Settle + Cfg: what_is_not_compiled_neither_fails_nor_is_skipped {
        let done = auto! {
            #![settle]
            #[cfg(any())]
            bad => Err::<i32, _>("not compiled")?,
            #[cfg(test)]
            bad => Err::<i32, _>("compiled")?,
            after: [bad] => bad + 1,
        };
        assert_eq!(done.await.into_tuple(), (Failed("compiled"), Skipped("bad")));
    }

    NameErrors + Cfg: twins_have_one_name {
        let graph = auto! {
            #![name_errors]
            #[cfg(test)]
            source => Err::<i32, _>("a fixture")?,
            #[cfg(not(test))]
            source => Err::<i32, _>("the network")?,
        };
        let error = graph.await.map(drop).expect_err("it fails");
        assert_eq!((error.task(), error.into_inner()), ("source", "a fixture"));
    }

    ErrorType + Cfg: the_type_holds_when_nothing_that_fails_is_compiled {
        let graph = auto! {
            #![error(String)]
            sure => 1,
            #[cfg(any())]
            bad => Err::<(), _>("no")?,
        };
        assert_eq!(graph.await.into_tuple(), (1,));
        let graph = auto! {
            #![error(String)]
            #[cfg(test)]
            bad => Err::<(), _>("no")?,
        };
        assert_eq!(graph.await.map(drop), Err("no".to_owned()));
    }

    Derive + Cfg: the_struct_has_the_fields_that_are_compiled {
        let done = auto! {
            #![derive(Debug)]
            #[cfg(any())]
            gone => 1,
            #[cfg(test)]
            kept => 2,
        };
        assert_eq!(format!("{:?}", done.await), "Output { kept: 2 }");
    }

    Cfg + FinalArm: the_final_arm_has_what_is_compiled {
        let gone = "around";
        let graph = auto! {
            #[cfg(any())]
            gone => "inside",
            #[cfg(test)]
            kept => "kept",
            => (gone, kept)
        };
        assert_eq!(graph.await, ("around", "kept"));
    }
}
