//! Exits of a body, and code that only looks like an exit.

use conjoin::{NotDone, auto};
use futures::executor::block_on;

use super::{no, ok};

async fn load(value: u8) -> Result<u8, String> {
    if value < 9 { ok(value) } else { no() }
}

#[test]
fn variable_may_be_named_like_a_macro() {
    let (bail, ensure) = (1, 1);
    assert!(same!(bail != 0));
    assert_eq!(same!({ if ensure != 0 { 1 } else { 2 } }), 1);
    struct Socket {
        stream: u32,
    }
    let (stream, old, socket) = (1, 2, Socket { stream: 1 });
    let by_hand = same_result!(if stream != old { load(1).await? } else { 2 });
    assert_eq!(by_hand, Ok(1));
    let by_hand = same_result!({
        if socket.stream != old {
            load(9).await?;
        }
        load(3).await?
    });
    assert_eq!(by_hand, Err("no".into()));
}

#[test]
fn error_of_an_early_question_mark_is_not_lost() {
    let (stream, old) = (1, 2);
    let result: Result<_, String> = block_on(auto! {
        first => load(1).await?,
        second => { if stream != old { load(9).await?; } load(2).await },
        => (first, second.is_ok())
    });
    assert_eq!(result, Err("no".into()));
}

#[test]
fn question_mark_follows_a_leading_bar() {
    let n = Some(1);
    let by_hand = same_result!(match n {
        None => no()?,
        Some(x) => x | 1,
    });
    assert_eq!(by_hand, Ok(1));
    let n = None::<u8>;
    let by_hand = same_result!(match n {
        None => no()?,
        Some(x) => x | 1,
    });
    assert_eq!(by_hand, Err("no".into()));
    let by_hand = same_result!(if let Ok::<u8, u8>(1) | Err(_) = Ok(no()?) {
        1
    } else {
        2
    });
    assert_eq!(by_hand, Err("no".into()));
    let by_hand = same_result!(match 5 {
        10.. | 0 => no()?,
        1 => 5 | 2,
        _ => 3,
    });
    assert_eq!(by_hand, Ok(3));
}

#[test]
fn question_mark_stays_in_a_closure() {
    let list = [Some(1), None];
    assert_eq!(
        same!(
            list.iter()
                .map(
                    #[inline]
                    |x| Some((*x)? + 1)
                )
                .count()
        ),
        2
    );
    assert_eq!(
        same!(
            list.iter()
                .map(|x| -> Option<u8> { Some((*x)? | 1) })
                .count()
        ),
        2
    );
    assert_eq!(
        same!(
            list.iter()
                .map(|x| ok(x.ok_or("none")?).map(|x| x + 1))
                .filter(|it: &Result<u8, String>| it.is_ok())
                .count()
        ),
        1
    );
}

/// A type whose arguments hold braces.
struct Sized<const N: usize>(u8);

#[test]
fn question_mark_stays_in_a_body_after_braces() {
    let closure = same!({
        let f = |x: Option<u8>| -> Option<Sized<{ 3 }>> { Some(Sized(x?)) };
        f(Some(1)).map(|it| it.0)
    });
    let function = same!({
        fn f(x: Option<u8>) -> Option<Sized<{ 3 }>> {
            Some(Sized(x?))
        }
        f(Some(1)).map(|it| it.0)
    });
    let returned = same!({
        fn f(x: u8) -> Sized<{ 3 }> {
            return Sized(x);
        }
        f(1).0
    });
    assert_eq!((closure, function, returned), (Some(1), Some(1), 1));
}

#[test]
fn exits_in_macro_tokens_do_not_count() {
    assert_eq!(same!(stringify!(return 5)), "return 5");
    assert_eq!(same!(stringify!(x?)), "x?");
    macro_rules! keep { ($($token:tt)*) => { stringify!($($token)*) } }
    assert_eq!(
        same!({
            macro_rules! later {
                () => {
                    ok(1)?
                };
            }
            keep!(x).len()
        }),
        1
    );
}
