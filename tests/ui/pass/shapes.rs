//! Every shape that a plan can have, and every delimiter.

#![forbid(unsafe_code)]
#![deny(warnings)]

use conjoin::auto;

fn main() {
    let _empty = auto! {};
    let _leaf = auto!(one => 1);
    let _series = auto![one => 1, two: [one] => one + 1];
    let _parallel = auto! { one => 1, two => 2 };
    let _n = auto! { a => 1, b => 2, c: [a] => a + 1, d: [a, b] => a + b };
    let _gated = auto! { a => 1, b => 2, c: [a] => a + 1, d: [b] => b + 1, e: [c, d] => c + d, f: [d] => d + 1 };
}
