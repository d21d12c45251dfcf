//! Called from a `macro_rules!` of the caller's.

use std::num::ParseIntError;

use conjoin::{auto, concurrent};
use futures::FutureExt;

fn parse(text: &str) -> Result<u8, ParseIntError> {
    text.parse()
}

#[test]
fn names_and_dependencies_may_come_from_the_caller() {
    macro_rules! pair {
        ($first:ident = $value:expr, $second:ident = $body:expr) => {
            auto! { $first => $value, $second: [$first] => $body }
        };
    }
    let graph = pair!(user = 3, posts = user + 1)
        .now_or_never()
        .expect("all is ready");
    assert_eq!((graph.user, graph.posts), (3, 4));
}

#[test]
fn names_and_dependencies_may_come_from_the_macro() {
    macro_rules! from_start {
        ($value:expr) => {
            auto! { start => $value, next: [start] => start + 1, => (start, next) }
        };
    }
    assert_eq!(from_start!(1).now_or_never(), Some((1, 2)));
}

#[test]
fn caller_body_does_not_see_macro_task() {
    macro_rules! beside {
        ($body:expr) => {
            auto! { user => 1, sum: [user] => $body + user, => sum + $body }
        };
    }
    let user = 10;
    assert_eq!(beside!(user).now_or_never(), Some(21));
}

#[test]
fn macro_body_does_not_see_caller_task() {
    let user = 10;
    macro_rules! seen {
        ($name:ident) => {
            auto! { $name => 1, seen: [$name] => user + $name, => seen }
        };
    }
    assert_eq!(seen!(user).now_or_never(), Some(11));
}

#[test]
fn a_whole_graph_may_be_passed_through() {
    macro_rules! through {
        ($($token:tt)*) => { auto! { $($token)* } };
    }
    let graph = through! { user => 1, posts: [user as &user] => user + 1, => (user, posts) };
    assert_eq!(graph.now_or_never(), Some((1, 2)));
}

#[test]
fn a_repetition_makes_tasks() {
    macro_rules! each {
        ($($name:ident = $text:literal),*) => { auto! { $($name => parse($text)?,)* => [$($name),*] } };
    }
    assert_eq!(each!(one = "1", two = "2").now_or_never(), Some(Ok([1, 2])));
    assert!(
        each!(one = "1", two = "x")
            .now_or_never()
            .expect("all is ready")
            .is_err()
    );
}

#[test]
fn an_attribute_of_the_caller_takes_a_task_out() {
    macro_rules! with {
        ($(#[$attribute:meta])* $name:ident) => {
            auto! { kept => 1, $(#[$attribute])* $name => compile_error!("this must not be expanded") }
        };
    }
    let graph = with!(
        #[cfg(not(test))]
        gone
    )
    .now_or_never()
    .expect("all is ready");
    assert_eq!(graph.into_tuple(), (1,));
}

#[test]
fn fragment_ending_in_question_mark_fixes_the_error() {
    macro_rules! fallible {
        ($body:expr) => {
            auto! { number => $body, => number }
        };
    }
    let bad = fallible!(parse("x")?).now_or_never().expect("all is ready");
    assert!(bad.is_err_and(|error| error.to_string().contains("digit")));
}

#[test]
fn fragment_with_question_mark_makes_task_fallible() {
    macro_rules! fallible {
        ($body:expr) => {
            auto! { sum => $body, fixes => parse("2")?, => sum + fixes }
        };
    }
    assert_eq!(fallible!(parse("1")? + 1).now_or_never(), Some(Ok(4)));
    assert_eq!(
        fallible!(if true { parse("1")? } else { 1 }).now_or_never(),
        Some(Ok(3))
    );
}

#[test]
#[expect(clippy::cast_lossless, reason = "it is to be a cast")]
fn an_expression_keeps_its_precedence() {
    macro_rules! twice {
        ($body:expr) => {
            auto! { twice => $body * 2, => twice }
        };
    }
    assert_eq!(twice!(1 + 2).now_or_never(), Some(6));
    macro_rules! around {
        ($body:expr, $type:ty) => {
            auto! {
                before => -$body,
                method: [before] => $body.pow(2) - before,
                cast => $body as $type,
                alone: [cast] => { let list: [$type; 2] = [$body, *cast]; list.len() },
                => (before, method, cast, alone)
            }
        };
    }
    assert_eq!(around!(1_i32 + 2, i32).now_or_never(), Some((-3, 12, 3, 2)));
    macro_rules! not {
        ($body:expr) => {
            auto! { not => !$body, => not }
        };
    }
    assert_eq!(not!(1 < 2).now_or_never(), Some(false));
    macro_rules! loosely_bound {
        ($cast:expr, $range:expr, $comparison:expr) => {
            auto! {
                negative => -$cast,
                last => $range.rev().next(),
                is_false: [last] => $comparison == last.is_none(),
                => (negative, last, is_false)
            }
        };
    }
    assert_eq!(
        loosely_bound!(200_u8 as i32, 0..3, 2 < 1).now_or_never(),
        Some((-200, Some(2), true))
    );
}

#[test]
fn other_fragments_are_bodies_patterns_and_attributes() {
    macro_rules! graph {
        ($(#[$attribute:meta])* $name:ident: $body:block, $pattern:pat => $next:expr, $error:ty) => {
            auto! {
                #![error($error)]
                $(#[$attribute])*
                $name => $body,
                next: [$name as $pattern] => $next,
            }
        };
    }
    let graph = graph!(#[allow(unused_variables)] pair: { let unused = 1; (parse("1")?, 2) }, (left, _) => left + 1, ParseIntError);
    let graph = graph
        .now_or_never()
        .expect("all is ready")
        .expect("it is a number");
    assert_eq!((graph.pair, graph.next), ((1, 2), 2));
}

#[test]
fn macro_block_may_use_caller_values() {
    macro_rules! pair {
        ($name:ident = $first:expr, $second:expr) => {
            concurrent!({
                let $name = ::core::future::ready($first).await;
                let other = ::core::future::ready($second * 2).await;
                $name + other
            })
        };
    }
    assert_eq!(pair!(user = 1 + 2, 3 + 4).now_or_never(), Some(17));
}

#[test]
fn whole_block_may_be_passed_through() {
    macro_rules! through {
        ($block:block) => {
            concurrent!($block)
        };
    }
    let block = through!({
        let user = ::core::future::ready(1).await;
        let other = ::core::future::ready(2).await;
        user + other
    });
    assert_eq!(block.now_or_never(), Some(3));
}
