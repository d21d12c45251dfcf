//! Bodies that are hard to parse. Each does the same in a graph as in an `async` block.
#![allow(
    irrefutable_let_patterns,
    unused,
    clippy::all,
    clippy::pedantic,
    reason = "the forms of the bodies are at stake, the ones that nobody should write as well"
)]

/// A value from code that cannot fail: the same in an `async` block, alone, between other tasks, before an attribute, as the
/// final arm and under `#[cfg]`, which reads the graph twice.
macro_rules! same {
    ($($body:tt)*) => {{
        let by_hand = block_on(async { $($body)* });
        assert_eq!(block_on(auto! { body => $($body)*, => body }), by_hand);
        assert_eq!(block_on(auto! { before => 1, body => $($body)*, after => 2, => (before, body, after).1 }), by_hand);
        assert_eq!(block_on(auto! { body => $($body)*, #[allow(unused)] after: [body] => 2, => (after, body).1 }), by_hand);
        assert_eq!(block_on(auto! { before => 1, => { let _ = before; $($body)* } }), by_hand);
        assert_eq!(block_on(auto! { before => 1, => ($($body)*, before).0 }), by_hand);
        assert_eq!(block_on(auto! { #[cfg(all())] body => $($body)*, => body }), by_hand);
        by_hand
    }};
}

/// The same for code with a `?` whose error is a `String`, also after another fallible task and under `#![settle]`.
macro_rules! same_result {
    ($($body:tt)*) => {{
        let by_hand: Result<_, String> = block_on(async { Ok({ $($body)* }) });
        let result: Result<_, String> = block_on(auto! { body => $($body)*, => body });
        assert_eq!(result, by_hand);
        let result: Result<_, String> = block_on(auto! {
            before => ok(1)?,
            body => $($body)*,
            after: [body] => 2,
            => (before, after, body).2
        });
        assert_eq!(result, by_hand);
        let result: Result<_, String> = block_on(auto! { before => 1, => ($($body)*, before).0 });
        assert_eq!(result, by_hand);
        let settled = block_on(auto! { #![settle] #![error(String)] body => $($body)* });
        assert_eq!(settled.body.into_result(), by_hand.clone().map_err(NotDone::Failed));
        by_hand
    }};
}

mod calls;
mod depth;
mod ends;
mod exits;
mod fragments;
mod hidden;
mod tails;

fn ok(value: u8) -> Result<u8, String> {
    Ok(value)
}

fn no() -> Result<u8, String> {
    Err("no".to_owned())
}
