//! Bodies of fragments: what a caller passes as `$x:expr` stays together.

use std::collections::HashMap;

use conjoin::{NotDone, auto};
use futures::executor::block_on;

use super::{no, ok};

#[test]
fn operand_keeps_its_operators() {
    macro_rules! pairs {
        ($($operator:tt)*) => {{
            macro_rules! pair { ($a:expr, $b:expr) => { same!($a $($operator)* $b) } }
            let (yes, no) = (true, false);
            [pair!(no, no || yes), pair!(yes, yes && no), pair!(yes || no, no), pair!(no, yes == no)]
        }};
    }
    assert_eq!(pairs!(==), [false, false, false, true]);
    assert_eq!(pairs!(!=), [true, true, true, false]);
    assert_eq!(pairs!(<=), [true, false, false, true]);
    assert_eq!(pairs!(>=), [false, true, true, true]);
    assert_eq!(pairs!(<), [true, false, false, false]);
    assert_eq!(pairs!(>), [false, true, true, false]);
    macro_rules! shifts {
        ($a:expr, $b:expr) => {
            [same!($a << $b), same!($a >> $b)]
        };
    }
    assert_eq!(shifts!(8 | 1, 1 + 1), [36, 2]);
}

#[test]
fn cfg_on_any_task_keeps_fragments_together() {
    macro_rules! twice {
        ($x:expr) => {
            auto! { twice => $x * 2, #[cfg(all())] other => 1, #[cfg(any())] gone => 2, => (twice, other).0 }
        };
    }
    assert_eq!(block_on(twice!(1 + 2)), 6);
}

#[test]
fn reference_is_to_the_whole_fragment() {
    fn change(x: &mut u64) -> u64 {
        *x += 1;
        *x
    }
    let (x, y) = (1_u64, 2_u8);
    macro_rules! changed {
        ($x:expr) => {
            same!(change(&mut $x))
        };
    }
    assert_eq!((changed!(x + 2), changed!(y as u64)), (4, 3));
    macro_rules! pointer {
        ($x:expr) => {
            same!(!(&raw const $x).is_null())
        };
    }
    let pair = (1, 2);
    assert!(pointer!(pair.0));
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Point {
    x: u8,
}

#[test]
fn struct_literal_stands_before_a_block() {
    let point = Point { x: 1 };
    macro_rules! choices {
        ($point:expr, $range:expr) => {
            (
                same!(match $point {
                    Point { x } => x,
                }),
                same!(if point == $point { 1 } else { 2 }),
                same!(if let Point { x: 2.. } = $point { 1 } else { 2 }),
                same!({
                    let mut sum = 0;
                    for i in $range {
                        sum += i;
                    }
                    sum
                }),
                same!({
                    let mut sum = 0;
                    while point != $point && sum < 3 {
                        sum += 1;
                    }
                    sum
                }),
            )
        };
    }
    assert_eq!(
        choices!(Point { x: 1 }, std::ops::Range { start: 1, end: 4 }),
        (1, 1, 2, 6, 0)
    );
}

#[test]
fn fragment_is_called() {
    struct Holder {
        plain: fn(u8) -> u8,
        boxed: Box<dyn Fn(u8) -> std::future::Ready<u8>>,
    }
    async fn load(x: u8) -> u8 {
        x + 3
    }
    let holder = Holder {
        plain: |x| x + 1,
        boxed: Box::new(|x| std::future::ready(x + 2)),
    };
    macro_rules! called {
        ($f:expr) => {
            same!($f(1))
        };
    }
    macro_rules! awaited {
        ($f:expr) => {
            same!($f(1).await)
        };
    }
    macro_rules! path {
        ($f:path, $g:ident) => {
            [same!($f(1).await), same!($g(1).await)]
        };
    }
    assert_eq!(called!(holder.plain), 2);
    assert_eq!(awaited!(holder.boxed), 3);
    assert_eq!(awaited!(async |x: u8| x + 4), 5);
    assert_eq!(awaited!(load), 4);
    assert_eq!(path!(load, load), [4, 4]);
}

#[test]
fn type_is_a_fragment() {
    macro_rules! cast { ($x:expr, $t:ty) => { (same!($x as $t < 10), same!($x as $t << 2), same!($x as $t + 1)) } }
    assert_eq!(cast!(3_u8, u64), (true, 12, 4));
    macro_rules! path {
        ($t:ty) => {
            (
                same!(<$t>::new().len()),
                same!(Vec::<$t>::new().len()),
                same!(size_of::<$t>() > 0),
            )
        };
    }
    assert_eq!(path!(HashMap<u8, u16>), (0, 0, true));
    macro_rules! object {
        ($t:ty) => {{
            let x = 1_u8;
            (
                same!({
                    let y: &$t = &x;
                    format!("{y:?}")
                }),
                same!(format!("{:?}", &x as &$t)),
            )
        }};
    }
    assert_eq!(
        object!(dyn std::fmt::Debug + Send),
        ("1".into(), "1".into())
    );
    #[derive(Debug)]
    struct Mixed<A, B>(A, B);
    impl From<std::num::ParseIntError> for Mixed<u8, u16> {
        fn from(_: std::num::ParseIntError) -> Self {
            Mixed(1, 2)
        }
    }
    macro_rules! error {
        ($t:ty) => {
            auto! { #![error($t)] number => "x".parse::<u8>()?, other => 2 }
        };
    }
    let error = block_on(error!(Mixed<u8, u16>))
        .map(|_| ())
        .expect_err("it is no number");
    assert_eq!((error.0, error.1), (1, 2));
}

#[test]
fn every_kind_of_fragment_has_its_place() {
    async fn load(n: u8) -> Result<u8, String> {
        Ok(n)
    }
    macro_rules! graph {
        ($name:ident, $dep:ident, $e:expr, $t:ty, $b:block, $p:pat, $l:literal, $tt:tt, $life:lifetime, $path:path,
         $statement:stmt, $meta:meta, $single:pat_param) => {
            auto! {
                #[$meta] $dep => $e,
                $name: [$dep] => *$dep as $t + $l,
                block: [$dep as $p] => $b,
                tuple => $tt,
                labelled: [$name as $single, $dep] => $life: { if true { break $life 3 } 4 },
                path => $path($l).await?,
                statement => { $statement; 5 },
                => ($dep, $name, block, tuple, labelled, path, statement)
            }
        };
    }
    let result: Result<_, String> = block_on(graph!(
        name, dep, 1 + 2, u16, { 7 }, _q, 9, (1, 2), 'a, load, let _k = 3, allow(unused), _r
    ));
    assert_eq!(result, Ok((3, 12, 7, (1, 2), 3, 9, 5)));
}

#[test]
fn question_mark_is_in_a_fragment_or_after_it() {
    macro_rules! forms {
        ($e:expr, $question:expr) => {
            (
                same!($e),
                same_result!($e?),
                same_result!($question),
                same_result!({
                    let x = $question;
                    x
                }),
            )
        };
    }
    assert_eq!(forms!(ok(1), ok(2)?), (Ok(1), Ok(1), Ok(2), Ok(2)));
    assert_eq!(forms!(no(), no()?).3, Err("no".into()));
    macro_rules! tokens { ($($t:tt)*) => { same_result!($($t)*) } }
    assert_eq!(tokens!(no()?), Err("no".into()));
    // These stay in the closure.
    macro_rules! count {
        ($f:expr) => {
            same!([1].iter().map($f).count())
        };
    }
    assert_eq!(
        count!(|x| {
            ok(1)?;
            Ok::<u8, String>(*x)
        }),
        1
    );
    assert_eq!(count!(move |x| no().map(|y| y + x)), 1);
    macro_rules! mapped {
        ($p:pat, $b:expr) => {
            same!([1].iter().map(|$p| $b).collect::<Vec<Result<u8, String>>>())
        };
    }
    assert_eq!(
        mapped!(_x, {
            no()?;
            Ok::<u8, String>(1)
        }),
        [no()]
    );
}

#[test]
fn block_fragment_follows_a_keyword() {
    macro_rules! blocks {
        ($b:block) => {
            (same!($b), same!(async $b.await), same!(async move $b.await))
        };
    }
    assert_eq!(blocks!({ 1 }), (1, 1, 1));
    macro_rules! inside { ($b:block) => { (same!(async $b.await), block_on(auto! { f => (|| -> Result<u8, String> $b)(), => f })) } }
    assert_eq!(
        inside!({
            no()?;
            Ok::<u8, String>(1)
        }),
        (no(), no())
    );
}

#[test]
fn pattern_fragment_holds_alternatives() {
    macro_rules! patterns {
        ($p:pat, $q:pat_param) => {
            (
                same!(match 3 { $p => 1, _ => 2 }),
                same!(if let $p = 5 { 1 } else { 2 }),
                same!(matches!(3, $p | $q)),
                same!(matches!(3, $q if true)),
                same_result!(match 3 { $p => no()?, _ => 2 }),
                same_result!(match 4 { $p | 4 => no()?, _ => 2 }),
            )
        };
    }
    let error = Err("no".to_owned());
    assert_eq!(
        patterns!(1 | 3, 4),
        (1, 2, true, false, error.clone(), error.clone())
    );
    macro_rules! repeated { ($($p:pat_param)|+) => { same_result!(match 3 { | $($p)|+ => no()?, _ => 2 | 1 }) } }
    assert_eq!(repeated!(1 | 3), error);
}

#[test]
fn literal_range_and_place_are_fragments() {
    macro_rules! literal {
        ($l:literal) => {
            [same!($l.abs()), same!($l - 1), same!(1 - $l), same!(-$l)]
        };
    }
    assert_eq!(literal!(-5_i32), [5, -6, 6, 5]);
    macro_rules! range {
        ($a:expr, $b:expr) => {
            (same!(($a..$b).len()), same!((0..=$b).count()))
        };
    }
    assert_eq!(range!(1 + 1, 3 * 2), (4, 7));
    assert_eq!(range!(1 << 1, 3 | 4), (5, 8));
    macro_rules! assign {
        ($place:expr, $value:expr) => {
            block_on(auto! { a => $place = $value, b => 1 })
        };
    }
    macro_rules! add {
        ($place:expr, $value:expr) => {
            block_on(auto! { a => $place += $value, b => 1 })
        };
    }
    let (mut pair, mut list) = ((1, 2), vec![1]);
    assign!(pair.0, 3 + 4);
    assign!(*&mut pair.1, 1 << 3);
    assign!(list[0], if true { 2 } else { 3 });
    assert_eq!((pair, &list[..]), ((7, 8), &[2][..]));
    add!(pair.0, 3 + 4);
    let place = &mut pair.1;
    add!(*place, 5);
    assert_eq!(pair, (14, 13));
}

#[test]
fn fragment_follows_let_in_a_condition() {
    macro_rules! binds {
        ($e:expr) => {
            block_on(auto! { a if let true = $e => 4, b => 1 }).a
        };
    }
    assert_eq!(binds!(true || false), Some(4));
    assert_eq!(binds!(false && true), None);
}

#[test]
fn condition_is_a_fragment() {
    macro_rules! conditions {
        ($c:expr) => {{
            let graph = block_on(
                auto! { a if $c => 1, b if $c && true => 2, c if !$c => 3, d if true && $c => 4 },
            );
            [
                graph.a.is_some(),
                graph.b.is_some(),
                graph.c.is_some(),
                graph.d.is_some(),
            ]
        }};
    }
    assert_eq!(conditions!(true || false), [true, true, false, true]);
    assert_eq!(conditions!(false || false), [false, false, true, false]);
    assert_eq!(conditions!(1 == 1), [true, true, false, true]);
    assert_eq!(conditions!({ true }), [true, true, false, true]);
    macro_rules! equal {
        ($a:expr, $b:expr) => {
            block_on(auto! { a if $a == $b => 1, => a.is_some() })
        };
    }
    assert!(!equal!(false, false || true));
    macro_rules! binds {
        ($p:pat, $e:expr, $b:expr) => {
            block_on(auto! { a if let $p = $e => $b, => a })
        };
    }
    assert_eq!(binds!(Some(_) | None, Some(1), 3 + 4), Some(7));
    assert_eq!(binds!(Some(true), Some(true || false), 4), Some(4));
    macro_rules! chain {
        ($e:expr) => {
            block_on(auto! { a if let Some(x) = $e && x > 1 => x, => a })
        };
    }
    assert_eq!(chain!(Some(3)), Some(3));
}
