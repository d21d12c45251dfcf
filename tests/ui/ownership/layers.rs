//! Tasks that read several values of a join.

use conjoin::auto;

async fn tick() {}

fn main() {
    let _ = auto! {
        a => { tick().await; vec![1] },
        b => { tick().await; 2 },
        c => { tick().await; 3 },
        d: [a, b, c] => { tick().await; a.push(b + c) },
        e: [a, b, c] => { tick().await; drop(*a); b + c },
        => { a.push(1); a }
    };
}
