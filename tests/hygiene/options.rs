//! Options from the caller's `macro_rules!`, together with attributes on tasks.

use std::cell::Cell;
use std::future::pending;

use conjoin::{Settled, auto};
use futures::FutureExt;

use crate::NotANumber;

fn parse(text: &str) -> Result<u8, std::num::ParseIntError> {
    text.parse()
}

#[test]
fn an_expression_keeps_its_precedence_in_a_limit() {
    let started = Cell::new(0);
    let start = async || {
        started.set(started.get() + 1);
        pending::<()>().await;
    };
    macro_rules! limited {
        ($limit:expr) => {
            auto! {
                #![limit(2 * $limit)]
                one => start().await,
                two => start().await,
                three => start().await,
            }
        };
    }
    // Without the group: `2 * 0 + 1`.
    assert!(limited!(started.get() + 1).now_or_never().is_none());
    assert_eq!(started.get(), 2);
}

#[test]
fn a_limit_may_use_what_is_around_the_graph() {
    const fn most<const N: usize>() -> usize {
        N
    }
    let (__limit, limit) = (1, 2);
    let graph = auto! { #![limit(__limit + if limit > 1 { most::<2>() } else { 0 })] one => limit, => one + __limit };
    assert_eq!(graph.now_or_never(), Some(3));
}

#[test]
fn options_may_be_fragments() {
    macro_rules! with {
        ($(#![$option:meta])* $error:ty) => {
            auto! { $(#![$option])* #![error($error)] one => parse("x")?, two: [one] if *one > 1 => parse("2")? }
        };
    }
    let graph = with!(#![settle] #![limit(1 + 1)] #![name_errors] #![derive(Debug)] NotANumber);
    let graph = graph.now_or_never().expect("all is ready");
    assert!(format!("{graph:?}").contains("Skipped"));
    assert_eq!(graph.one.err().map(|error| error.task()), Some("one"));
    assert_eq!(graph.two.err().map(|error| error.task()), None);
}

#[test]
fn lint_levels_reach_task_code_under_each_option() {
    macro_rules! with {
        ($($option:tt)*) => {
            auto! {
                $($option)*
                #[expect(unused_variables, reason = "it is there to be unused")]
                fails => { let unused = 1; parse("1")? },
                #[expect(unused_variables, reason = "it is there to be unused")]
                conditional: [fails] if { let unused = 1; *fails == 1 } => parse("1")?,
                #[expect(unused_variables, reason = "it is there to be unused")]
                simple: [conditional] => if let Some(unused) = conditional { 1 } else { 2 },
                #[expect(unused_variables, reason = "it is there to be unused")]
                taker: [move fails, simple, conditional as _] => { let unused = fails; *simple },
            }
        };
    }
    let graph = with!()
        .now_or_never()
        .expect("all is ready")
        .expect("all are numbers");
    assert_eq!(
        (graph.conditional, graph.simple, graph.taker),
        (Some(1), 1, 1)
    );
    let graph = with!(#![name_errors])
        .now_or_never()
        .expect("all is ready")
        .expect("all are numbers");
    assert_eq!((graph.conditional, graph.taker), (Some(1), 1));
    let graph = with!(#![settle] #![limit(2)])
        .now_or_never()
        .expect("all is ready");
    assert_eq!(
        (graph.conditional, graph.taker),
        (Settled::Done(Some(1)), Settled::Done(1))
    );
}

#[test]
fn a_cfg_takes_tasks_out_under_each_option() {
    macro_rules! with {
        ($($option:tt)*) => {
            auto! {
                $($option)*
                list => vec![1],
                #[cfg(not(test))]
                gone: [move list] => list.len(),
                #[cfg(test)]
                kept: [move list] if list.len() == 1 => list.len(),
                #[cfg(not(test))]
                kept if true => 3,
                last: [kept] => kept.is_some(),
            }
        };
    }
    assert_eq!(
        with!().now_or_never().expect("all is ready").into_tuple(),
        (Some(1), true)
    );
    assert_eq!(
        with!(#![limit(1)])
            .now_or_never()
            .expect("all is ready")
            .into_tuple(),
        (Some(1), true)
    );
    let graph = with!(#![settle]).now_or_never().expect("all is ready");
    assert_eq!(
        graph.into_tuple(),
        (
            Settled::Done(()),
            Settled::Done(Some(1)),
            Settled::Done(true)
        )
    );
}
