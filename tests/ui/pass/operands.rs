//! A body that is the operand of a `?` is printed without parentheses or `allow`s of ours.

#![deny(warnings)]

use conjoin::auto;

async fn fetch(number: u32) -> Result<u32, String> {
    number.checked_add(1).ok_or_else(|| "too many".into())
}

async fn graph() -> Result<u32, String> {
    let sum = auto! {
        a => fetch(1).await?,
        b => (fetch(2).await)?,
        c => (fetch(3)).await?,
        d: [a] => { fetch(*a) }.await?,
        e: [a, b, c] => (fetch(a + b + c).await)?,
        f: [b, d] => fetch(d + b).await?,
        => d + e + f
    };
    sum.await
}

fn main() {
    drop(graph());
}
