//! Conditions of every form, by hand and from a `macro_rules!` of the caller's.

use conjoin::auto;
use futures::FutureExt;

#[derive(Debug, PartialEq)]
struct Point {
    x: u8,
    y: u8,
}

fn is<A: PartialEq<B>, B>(left: &A, right: &B) -> bool {
    left == right
}

struct Holds<const N: usize>;

impl<const N: usize> Holds<N> {
    const LARGE: bool = N > 2;

    fn all<A, B>(_: A, _: B) -> bool {
        Self::LARGE
    }
}

#[test]
fn a_condition_may_be_any_expression_of_an_if() {
    let (one, two, three, four, size) = (1_u8, 2_u8, 3_u8, 4_u8, 10_usize);
    let list = [3, 1, 2];
    let text = Some("5");
    let graph = auto! {
        #![error(std::num::ParseIntError)]
        point => Point { x: 1, y: 2 },
        a_literal if true => 1,
        a_struct_in_parentheses: [point] if (*point == Point { x: 1, y: 2 }) => 2,
        a_struct_behind_a_call: [point] if is(point, &Point { x: 1, y: 2 }) => 3,
        a_closure_with_a_comma if list.iter().is_sorted_by(|a, b| a > b) => 4,
        a_block_in_a_closure if list.iter().any(|item| { let item = *item; item == 2 }) => 5,
        a_turbofish if is::<u8, u8>(&one, &1) => 6,
        a_path_with_generics if Holds::<3>::all::<u8, u16>(one, 5) => 7,
        a_qualified_path if <Holds<3>>::LARGE && <u8 as PartialOrd<u8>>::lt(&one, &two) => 8,
        comparisons if one < two && three < four => 9,
        shifts if one << two > three && four >> one == 2 => 10,
        a_match if match one { 1 => two > one, _ => false, } => 11,
        a_match_with_a_guard if match (one, two) { (x, y) if x > y => x > 5, (_, y) => y > 1 } => 12,
        a_block if { let sum = one + two; sum == three } => 13,
        a_labelled_block if 'found: { for item in list { if item == 2 { break 'found true; } } false } => 14,
        an_if if if one > two { three < two } else { three > two } => 15,
        a_cast if (one as usize) < size => 16,
        a_cast_in_between if one as usize == size => 17,
        a_let if let Some(text) = text => text.len(),
        a_let_chain if let Some(text) = text && let Ok(number) = text.parse::<u8>() && number > 3 => number,
        alternatives if let 1 | 2 = one => 20,
        a_range_pattern if let 0..=9 = one && (0..3).contains(&two) => 21,
        a_negation if !is(&one, &two) => 22,
        an_or if one > two || three < four => 23,
        a_macro if matches!(text, Some(text) if text.len() == 1) => 24,
        a_reference: [point as Point { x, y }] if x < y && *y > 1 => x + y,
        an_await if std::future::ready(one).await == 1 => 26,
        a_question_mark if "3".parse::<u8>()? == three => 27,
        a_condition_on_a_condition: [an_or] if an_or.is_some_and(|an_or| an_or == 23) => 28,
        a_tuple_field: [a_let_chain] if (one, two).1 == 2 && a_let_chain.is_some() => 29,
        an_index if list[0] == 3 => 30,
        an_array if [one, two] == [1, 2] => 31,
        a_return_type if list.iter().all(|item| -> bool { *item > 0 }) => 32,
        a_type_ascription if Vec::<(u8, u8)>::new().is_empty() => 33,
        r#if if true => 34,
        r#move: [r#if] if r#if.is_some() => 35,
    };
    let graph = graph
        .now_or_never()
        .expect("all is ready")
        .expect("all are numbers");
    assert_eq!(graph.a_closure_with_a_comma, None);
    assert_eq!(
        (graph.a_let, graph.a_let_chain, graph.a_reference),
        (Some(1), Some(5), Some(3))
    );
    assert_eq!(
        (graph.a_cast, graph.a_cast_in_between, graph.an_if),
        (Some(16), None, Some(15))
    );
    assert_eq!(
        (graph.comparisons, graph.shifts, graph.an_or),
        (Some(9), Some(10), Some(23))
    );
    assert_eq!(
        (graph.a_struct_in_parentheses, graph.a_struct_behind_a_call),
        (Some(2), Some(3))
    );
    assert_eq!(
        (
            graph.a_turbofish,
            graph.a_path_with_generics,
            graph.a_qualified_path
        ),
        (Some(6), Some(7), Some(8))
    );
    assert_eq!(
        (graph.a_match, graph.a_match_with_a_guard, graph.a_block),
        (Some(11), Some(12), Some(13))
    );
    assert_eq!(
        (graph.a_labelled_block, graph.a_block_in_a_closure),
        (Some(14), Some(5))
    );
    assert_eq!((graph.r#if, graph.r#move), (Some(34), Some(35)));
}

#[test]
fn fragment_keeps_its_precedence_in_a_condition() {
    macro_rules! both {
        ($left:expr, $right:expr) => {
            auto! { both if $left && $right => (), not if !$left => (), => (both.is_some(), not.is_some()) }
        };
    }
    let (yes, no) = (true, false);
    // Without the groups: `yes || no && no`.
    assert_eq!(both!(yes || no, no).now_or_never(), Some((false, false)));
    assert_eq!(both!(no, no || yes).now_or_never(), Some((false, true)));
    assert_eq!(both!(1 < 2, 2 < 1).now_or_never(), Some((false, false)));
    macro_rules! alone {
        ($condition:expr) => {
            auto! { alone if $condition => 1, => alone }
        };
    }
    assert_eq!(alone!(yes || no).now_or_never(), Some(Some(1)));
    assert_eq!(
        alone!(Point { x: 1, y: 2 } == Point { x: 1, y: 2 }).now_or_never(),
        Some(Some(1))
    );
}

#[test]
fn condition_names_may_come_from_a_macro() {
    macro_rules! chain {
        ($name:ident: $pattern:pat = $value:expr, $condition:expr => $body:expr) => {
            auto! {
                found => $value,
                $name: [found] if let $pattern = *found && $condition => $body,
                next: [$name] if $name.is_some() => 1,
                => ($name, next)
            }
        };
    }
    assert_eq!(
        chain!(user: Some(n) = Some(3), n > 2 || n == 0 => n + 1).now_or_never(),
        Some((Some(4), Some(1)))
    );
    assert_eq!(
        chain!(user: Ok(n) | Err(n) = Err::<u8, u8>(3), n > 3 => n).now_or_never(),
        Some((None, None))
    );
}

#[test]
fn a_macro_may_hold_the_keywords() {
    macro_rules! transaction {
        ($tx:ident = $begin:expr; $($step:ident => $code:expr),+; $last:ident if $condition:expr => $end:expr) => {
            transaction!(@ [$tx => $begin,] $tx [] $($step => $code,)+; $last if $condition => $end)
        };
        (@ [$($task:tt)*] $tx:ident [$($before:ident)*] $step:ident => $code:expr, $($rest:tt)*) => {
            transaction!(@ [$($task)* $step: [mut $tx $(, $before as _)*] => $code,] $tx [$($before)* $step] $($rest)*)
        };
        (@ [$($task:tt)*] $tx:ident [$($before:ident)*]; $last:ident if $condition:expr => $end:expr) => {
            auto! { $($task)* $last: [move $tx $(, $before as _)*] if $condition => $end, => $last }
        };
    }
    let graph = transaction! {
        tx = vec![1];
        one => tx.push(2),
        two => tx.push(3);
        commit if tx.len() == 3 => tx
    };
    assert_eq!(graph.now_or_never(), Some(Some(vec![1, 2, 3])));
}

#[test]
fn a_condition_sees_what_the_body_sees_and_no_more() {
    let user = 10;
    macro_rules! seen {
        ($name:ident) => {
            auto! { $name => 1, seen: [$name] if user == 10 && *$name == 1 => user + $name, => seen }
        };
    }
    assert_eq!(seen!(user).now_or_never(), Some(Some(11)));
}

#[test]
fn a_condition_is_evaluated_once() {
    let mut asked = 0;
    let graph = auto! {
        first if { asked += 1; asked > 0 } => 1,
        => first
    };
    assert_eq!(graph.now_or_never(), Some(Some(1)));
    assert_eq!(asked, 1);
}
