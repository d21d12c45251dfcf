//! Deeply nested code.

use conjoin::auto;
use futures::executor::block_on;

macro_rules! nested_match {
    ($body:tt) => { $body };
    ($body:tt $first:tt $($rest:tt)*) => {
        nested_match!({
            match 1 { 1 => $body, _ => 2 };
            match 1 { 1 => 3, _ => 4 }
        } $($rest)*)
    };
}

#[test]
fn nested_blocks_are_read_in_linear_time() {
    macro_rules! body {
        ($($token:tt)*) => { auto! { body => { $($token)* }, last: [body] => body + 1, => last } };
    }
    // Exponential time would not end.
    let graph = body! {
        { match 1 { 1 => { match 1 { 1 => { match 1 { 1 => { match 1 { 1 => { match 1 { 1 => {
        { match 1 { 1 => { match 1 { 1 => { match 1 { 1 => { match 1 { 1 => { match 1 { 1 => {
        { match 1 { 1 => { match 1 { 1 => { match 1 { 1 => { match 1 { 1 => { match 1 { 1 => {
            nested_match!(1 x x x x x x x)
        } _ => 2 } } _ => 2 } } _ => 2 } } _ => 2 } } _ => 2 } }
        } _ => 2 } } _ => 2 } } _ => 2 } } _ => 2 } } _ => 2 } }
        } _ => 2 } } _ => 2 } } _ => 2 } } _ => 2 } } _ => 2 } }
    };
    assert_eq!(block_on(graph), 4);
}

/// Nested graphs from the inside out. One of the two tasks of each graph is the next graph.
macro_rules! layers {
    ([$($inner:tt)*]) => { $($inner)* };
    ([$($inner:tt)*] $first:tt $($rest:tt)*) => {
        layers!([auto! { left => 1, right => $($inner)*, => left + right }.await] $($rest)*)
    };
}

#[test]
fn twenty_graphs_in_graphs_compile() {
    let sum =
        block_on(async { layers!([async { 1 }.await] x x x x x x x x x x x x x x x x x x x x) });
    assert_eq!(sum, 21);
}
