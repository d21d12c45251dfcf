//! A scope in which the whole prelude is shadowed.
#![allow(
    dead_code,
    unused_macros,
    reason = "most of it is here to be left alone"
)]

use core::prelude::v1::{Err as Bad, Ok as Good, Option as Maybe, Result as Outcome, test};

use conjoin::{auto, concurrent};
use futures::FutureExt;

/// A unit struct, which a pattern of this name would match instead of binding.
pub(crate) struct Output;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Result {
    Fine,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Option {
    Nothing,
}

pub(crate) trait Future {}
pub(crate) trait FnMut {}
pub(crate) trait FnOnce {}
pub(crate) trait Send {}
pub(crate) trait Sized {}
pub(crate) struct Poll;
pub(crate) struct Pin;
pub(crate) struct OnceLock;
pub(crate) struct Fallible;
pub(crate) struct Box;
pub(crate) struct Arc;
pub(crate) struct Mutex;
pub(crate) struct Slot;
pub(crate) struct Settled;
pub(crate) struct TaskError;
pub(crate) struct Never;
pub(crate) struct Outcomes;
pub(crate) trait From {}
pub(crate) trait Into {}
pub(crate) trait Drop {}

macro_rules! matches {
    ($($token:tt)*) => {
        compile_error!("this is the caller's `matches`, not the expansion's")
    };
}

#[allow(non_snake_case, reason = "the name is what is tested")]
pub(crate) fn Done() -> &'static str {
    "the caller's Done"
}

#[allow(non_snake_case, reason = "the name is what is tested")]
pub(crate) fn Ok() -> &'static str {
    "the caller's Ok"
}

#[allow(non_snake_case, reason = "the name is what is tested")]
pub(crate) fn Err() -> &'static str {
    "the caller's Err"
}

#[allow(non_upper_case_globals, reason = "the name is what is tested")]
pub(crate) const Some: &str = "the caller's Some";

#[allow(non_upper_case_globals, reason = "the name is what is tested")]
pub(crate) static None: &str = "the caller's None";

macro_rules! pin {
    ($($token:tt)*) => {
        compile_error!("this is the caller's `pin`, not the expansion's")
    };
}

fn parse(text: &str) -> Outcome<u8, core::num::ParseIntError> {
    text.parse()
}

#[test]
fn a_fallible_graph_of_every_plan_runs() {
    let graph = auto! {
        plain => parse("1")?,
        chained: [plain] => parse("2")? + plain,
        user => 1,
        settings => parse("2")?,
        posts: [user] => user + 1,
        page: [user, settings] => parse("3")? + user + settings,
        north_1 => 1,
        north_2: [north_1] => north_1 + 1,
        north_3: [north_2] => parse("2")? + north_2,
        south_1 => 1,
        south_2: [south_1] => south_1 + 1,
        south_3: [south_2, north_1] => south_2 + north_1,
        => [chained, posts, page, north_3, south_3]
    };
    assert_eq!(graph.now_or_never(), Maybe::Some(Good([3, 2, 6, 4, 3])));
}

#[test]
fn bodies_see_the_callers_prelude() {
    let graph = auto! {
        functions => (Ok(), Err()),
        values: [functions as _] => (Some, None, Result::Fine, Option::Nothing),
        units => { let Output = Output; let (Poll, Pin, OnceLock, Fallible) = (Poll, Pin, OnceLock, Fallible); },
    };
    let graph = graph.now_or_never().expect("all is ready");
    assert_eq!(graph.functions, ("the caller's Ok", "the caller's Err"));
    assert_eq!(
        graph.values,
        (
            "the caller's Some",
            "the caller's None",
            Result::Fine,
            Option::Nothing
        )
    );
    let () = graph.units;
}

#[test]
fn result_struct_with_derives_needs_no_prelude() {
    let graph =
        auto! { #![derive(Clone, Debug, PartialEq)] one => parse("1")?, two: [one] => one + 1 };
    match graph.now_or_never().expect("all is ready") {
        Good(graph) => assert_eq!(graph.clone(), graph),
        Bad(error) => panic!("{error}"),
    }
}

#[test]
fn error_option_needs_no_prelude() {
    let graph = auto! { #![error(core::num::ParseIntError)] one => parse("x")?, => one };
    assert!(graph.now_or_never().expect("all is ready").is_err());
}

fn north_1_is_there(n: u8) -> bool {
    n == 2
}

#[test]
fn every_option_needs_no_prelude() {
    let graph = every_use!()
        .now_or_never()
        .expect("all is ready")
        .expect("all are numbers");
    assert_eq!((graph.north_4, graph.dropped), ((2, 2), Maybe::Some(3)));
    let graph = every_use!(#![limit(2)] #![name_errors] #![error(crate::NotANumber)]);
    assert_eq!(
        graph
            .now_or_never()
            .expect("all is ready")
            .expect("all are numbers")
            .shared,
        crate::Tx(18)
    );
    let graph = every_use!(#![settle] #![error(crate::NotANumber)] #![derive(Debug)]);
    assert_eq!(
        graph.now_or_never().expect("all is ready").north_4.ok(),
        Maybe::Some((2, 2))
    );
    let graph = every_use!(#![settle] #![limit(1)] #![name_errors] #![error(crate::NotANumber)]);
    assert_eq!(
        graph.now_or_never().expect("all is ready").north_4.ok(),
        Maybe::Some((2, 2))
    );
}

/// Its `task` is the future itself.
struct Itself;

impl Itself {
    #[allow(clippy::unused_self)]
    fn task<T, F: ::core::future::Future<Output = T>>(&self, _: &'static str, body: F) -> F {
        body
    }
}

#[test]
fn object_around_tasks_beside_shadowed_names() {
    let graph =
        every_use!(#![around(Itself)] #![limit(2)] #![name_errors] #![error(crate::NotANumber)]);
    let graph = graph.now_or_never();
    ::core::assert!(graph.is_some());
}

macro_rules! fails {
    ($error:expr) => {
        return Bad($error)
    };
}

#[test]
fn blocks_of_every_plan_need_no_prelude() {
    let block = concurrent!({
        let plain = core::future::ready(parse("1")).await?;
        let user = core::future::ready(1).await;
        let settings = core::future::ready(parse("2")).await? + 1;
        let posts = core::future::ready(user + 1).await;
        let page = core::future::ready(parse("3")).await? + user + settings;
        let north = core::future::ready(page + plain).await;
        let south = match core::future::ready(parse("4")).await {
            Good(south) => south + posts,
            Bad(error) => fails!(error),
        };
        let mut west = core::future::ready((north, south)).await;
        let east = core::future::ready((west.0, user)).await;
        west.1 += 1;
        Good::<_, core::num::ParseIntError>((west, east))
    });
    assert_eq!(block.now_or_never(), Maybe::Some(Good(((8, 7), (8, 1)))));
    let block = concurrent!(
        {
            #![limit(2)]
            let one = core::future::ready(parse("1")).await?;
            let two = core::future::ready(parse("2")).await?;
            let three = core::future::ready(parse("x")).await? + one;
            let four = core::future::ready(two + one).await;
            Good::<_, core::num::ParseIntError>([three, four])
        }
    );
    assert!(block.now_or_never().expect("all is ready").is_err());
}
