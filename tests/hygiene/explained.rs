//! Graphs that are explained where none of their names exist, and where the prelude is shadowed.
#![allow(
    dead_code,
    unused_macros,
    reason = "most of it is here to be left alone"
)]

use core::prelude::v1::{Option as Maybe, test};

use conjoin::explain;

struct Option;
struct Result;
struct Plan;
struct Task;
struct Explanation;
struct Access;
struct Reason;
struct __EXPLANATION;
#[expect(non_camel_case_types, reason = "the name is what is tested")]
struct bool;
#[expect(non_camel_case_types, reason = "the name is what is tested")]
struct usize;

mod std {}
mod core_ {}

#[allow(non_upper_case_globals, reason = "the name is what is tested")]
const Some: &str = "the caller's Some";
#[allow(non_upper_case_globals, reason = "the name is what is tested")]
const None: &str = "the caller's None";

macro_rules! line {
    ($($token:tt)*) => {
        compile_error!("this is the caller's `line`, not the expansion's")
    };
}

/// A graph of every plan, under options.
macro_rules! explained {
    ($($option:tt)*) => {
        explain! {
            $($option)*
            plain => unknown("1")?,
            Chained: [plain] if unknown => { return_nothing(plain); plain },
            r#move => 1,
            __explanation => 2,
            posts: [r#move] => user + 1,
            page: [r#move, __explanation] => Nothing { known },
            north_1 => 1,
            north_2: [mut north_1] => 2,
            north_3: [move north_2 as _, north_1 as Unknown::Pattern(x)] => 3,
            south_1 => 1,
            south_2: [south_1] => 2,
            south_3: [south_2, north_1 as _] => 3,
            => whatever(Chained)
        }
    };
}

#[test]
fn a_graph_of_every_plan_is_explained() {
    let graph = explained!();
    assert!(matches!(
        graph.plan(),
        Maybe::Some(conjoin::explain::Plan::Parallel(_))
    ));
    assert_eq!(graph.tasks()[1].name(), "Chained");
    let limited = explained!(#![limit(unknown())] #![error(Unknown)] #![settle] #![name_errors]);
    assert_eq!(
        (limited.limit(), limited.error()),
        (Maybe::Some("unknown()"), Maybe::Some("Unknown"))
    );
}

#[test]
fn explain_works_in_a_constant_of_a_generic_fn() {
    fn tasks<T, const N: ::core::primitive::usize>(_: [T; N]) -> ::core::primitive::usize {
        const GRAPH: conjoin::explain::Explanation = explain! { T => T::default(), N: [T] => N, };
        explain!(a => 1, b => N).tasks().len() + explain![].tasks().len() + GRAPH.tasks().len()
    }
    assert_eq!(tasks([1]), 4);
}
