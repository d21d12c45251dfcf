//! Tasks with the names of the expansion's own variables, and of the methods that it calls.

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
        __limit __outcomes __held_0 __failed limit outcomes settle settled record first_failed put share exclusive unshared
        kept kept_mut done_mut handed_over identity lock empty holding arc r#if r#move r#mut r#as
    };
    assert_eq!(graph.now_or_never(), Some(75));
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

/// Values that are changed and taken, named as the variables are that hold them.
macro_rules! uses {
    ($($option:tt)*) => {
        auto! {
            $($option)*
            #![error(std::num::ParseIntError)]
            __slot_0 => vec![1],
            __held_0: [mut __slot_0] => __slot_0.push(2),
            __held_1: [__held_0 as _, move __slot_0] if __slot_0.len() == 2 => __slot_0,
            __limit => vec![1],
            __joined: [mut __limit] => __limit.push(2),
            __failed: [__joined as _, __limit, __held_0 as _] => "3".parse::<usize>()? + __limit.len(),
            __value: [__failed, mut __limit as __result] => { __result.push(3); *__failed },
            value: [move __held_1, __value] => __held_1.is_some_and(|__value| __value.len() == 2).then_some(*__value),
            __error: [mut value] if let Some(__value) = value && *__value > 4 => *__value += 1,
            r#move: [__error as _, move value as __value] => __value,
            r#mut: [mut r#move] => if let Some(__error) = r#move { *__error += 1; },
        }
    };
}

#[test]
fn values_with_such_names_are_changed_and_taken() {
    let graph = uses!()
        .now_or_never()
        .expect("all is ready")
        .expect("all are numbers");
    assert_eq!((graph.r#move, graph.__limit), (Some(7), vec![1, 2, 3]));
    let graph = uses!(#![limit(1)] #![name_errors])
        .now_or_never()
        .expect("all is ready")
        .expect("all are numbers");
    assert_eq!((graph.r#move, graph.__limit), (Some(7), vec![1, 2, 3]));
    let graph = uses!(#![settle] #![limit(2)])
        .now_or_never()
        .expect("all is ready");
    assert_eq!(
        (graph.r#move.ok(), graph.__limit.ok()),
        (Some(Some(7)), Some(vec![1, 2, 3]))
    );
}
