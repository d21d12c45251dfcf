//! As in Rust, a struct literal in a condition goes in parentheses.

use conjoin::auto;

#[derive(PartialEq)]
struct Point {
    x: u32,
}

fn main() {
    let point = Point { x: 1 };
    let _ = auto! {
        a if point == Point { x: 1 } => 1,
    };
    let _ = auto! {
        b if let Point { x: 1 } = point { 1 } => 2,
    };
}
