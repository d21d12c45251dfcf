//! Conditions bring no warnings of their own.
#![deny(warnings)]

use conjoin::auto;

fn main() {
    let text = Some("5");
    let _ = auto! {
        a if let Some(text) = text => text.len(),
        b: [a] if let Some(text) = text && a.is_some() => text.len() + 1,
        c if text.is_some() => 1 + 2,
    };
}
