//! Tasks that read several values of a join.

use std::rc::Rc;

use conjoin::auto;

fn spawn<F: Future + Send>(_: F) {}

async fn tick() {}

fn not_send() {
    spawn(auto! {
        a => { tick().await; Rc::new(1) },
        b => { tick().await; 2 },
        c => { tick().await; 3 },
        d: [a, b, c] => { tick().await; **a + b + c },
        e: [a, b, c] => { tick().await; **a + b + c },
    });
}

fn main() {
    let _ = auto! {
        a => { tick().await; String::new() },
        b => { tick().await; 2 },
        c => { tick().await; 3 },
        d: [a, b, c] => { tick().await; a + b + c },
        e: [a, b, c] => { tick().await; a.nothing(b, c) },
    };
}
