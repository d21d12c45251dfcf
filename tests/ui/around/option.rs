//! What can be wrong with the option, and with its object.

use conjoin::auto;

struct Nothing;

fn main() {
    let object = Nothing;
    // The option.
    let _ = auto! { #![around] a => 1 };
    let _ = auto! { #![around()] a => 1 };
    let _ = auto! { #![around = object] a => 1 };
    let _ = auto! { #![arround(object)] a => 1 };
    let _ = auto! { #![around(object)] #![around(object)] a => 1 };
    let _ = auto! { #[around(object)] a => 1 };
}
