//! The words are rustc's.

use conjoin::auto;

fn main() {
    let _ = auto! {
        a => 1,
        b if 1 => 2,
        c: [a] if a => 3,
        d: [a] if a = 1 => 4,
        e: [a] if *a > 0 => 5,
        f: [e] => e + 1,
        g: [e] if let Some(e) = e => *e + unknown,
        h if user => 8,
    };
    let _: (u32,) = futures::executor::block_on(auto! {
        a if true => 1,
        => (a,)
    });
}
