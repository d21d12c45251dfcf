//! Graphs that a `break` ends, by hand and from a `macro_rules!` of the caller's.

use conjoin::auto;
use futures::FutureExt;

#[test]
fn breaks_in_series_parallel_and_gated_parts() {
    let graph = |given: u8| async move {
        auto! {
            a => ::std::future::ready(given).await,
            b => ::std::future::ready(2).await,
            c: [a] => if *a == 1 { break "c" } else { 1 },
            d: [a, b] => { let sum = a + b; if sum == 4 { break "d"; } sum },
            e: [c, b] if *c == 1 || { break "never" } => { if b + a_of(given) == 5 { break "e" } b + 1 },
            f: [d, a] => d + a,
            => if e.is_some() && f > 0 { "end" } else { "none" }
        }
        .await
    };
    let ends = [1, 2, 3, 4].map(|given| graph(given).now_or_never());
    assert_eq!(ends, [Some("c"), Some("d"), Some("e"), Some("end")]);
}

const fn a_of(given: u8) -> u8 {
    given
}

/// A break, and a value, as fragments.
macro_rules! found {
    ($condition:expr, $value:expr) => {
        auto! {
            #![error(crate::NotANumber)]
            first => if $condition { break $value },
            second: [first as _] => "12".parse::<u8>()?,
            third: [second] => { let n: u8 = "1".parse()?; if *second == 13 { break n } n },
            => second + third
        }
    };
}

#[test]
fn breaks_in_macros_of_the_user() {
    assert!(matches!(found!(1 > 0, 7).now_or_never(), Some(Ok(7))));
    assert!(matches!(found!(1 > 2, 7).now_or_never(), Some(Ok(13))));
}

#[test]
fn body_that_only_breaks() {
    let graph = auto! { a => break 1, b => todo!(), => { let () = a; let () = b; 2 } };
    assert_eq!(graph.now_or_never(), Some(1));
}
