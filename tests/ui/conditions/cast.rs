//! As in Rust, a `<` after a cast starts the arguments of its type.

use conjoin::auto;

fn main() {
    let (few, many) = (1_u8, 10);
    let _ = auto! {
        a if few as usize < many => 1,
        b => 2,
        c: [b] if *b > 1 => 3,
    };
}
