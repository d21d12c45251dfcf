//! Tasks may be named as an expansion names its own variables, and as the methods that it calls.

use conjoin::auto;
use futures::FutureExt;

macro_rules! chain_of {
    ($first:ident $($name:ident)*) => { chain_of!(@ [$first => 1,] $first $($name)*) };
    (@ [$($task:tt)*] $last:ident $next:ident $($name:ident)*) => {
        chain_of!(@ [$($task)* $next: [$last] => $last + 1,] $next $($name)*)
    };
    (@ [$($task:tt)*] $last:ident) => { auto! { $($task)* => $last } };
}

#[test]
fn a_chain_with_such_names_runs() {
    let graph = chain_of! {
        cx done value poll output result slot turn at error joined graph task auto conjoin core std pin take lend failed fallible
        __cx __first __start __at __value __values __result __error __joined __graph __tasks __slot_0 __child_0 __output_0
        as_mut into_tuple into_result is_some is_none start index width some none ok err
    };
    assert_eq!(graph.now_or_never(), Some(48));
}

#[test]
fn each_plan_runs_with_such_names() {
    let graph = auto! {
        cx => 1,
        output => 2,
        poll: [cx] => cx + 1,
        value: [cx, output] => cx + output,
        __child_0 => 1,
        __output_0: [__child_0] => __child_0 + 1,
        __slot_0: [__output_0] => __output_0 + 1,
        __value => 1,
        __result: [__value] => __value + 1,
        __tasks: [__result, __child_0] => __result + __child_0,
        => [poll, value, __slot_0, __tasks]
    };
    assert_eq!(graph.now_or_never(), Some([2, 3, 3, 3]));
}

#[test]
fn a_field_may_have_the_name_of_the_method() {
    let graph = auto! { into_tuple => 1, next: [into_tuple] => into_tuple + 1 };
    let graph = graph.now_or_never().expect("all is ready");
    assert_eq!((graph.into_tuple, graph.next), (1, 2));
    assert_eq!(graph.into_tuple(), (1, 2));
}
