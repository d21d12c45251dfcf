//! A closure or a future that is meant as a value is one in parentheses.

use conjoin::auto;

fn main() {
    let _ = auto! {
        add => (|a: u32, b: u32| a + b),
        later => (async { 1 }),
        sum: [add] => add(1, 2),
    };
}
