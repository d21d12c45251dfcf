// Mistakes are found after each `#[cfg]` has been decided, once.

use conjoin::explain;

fn main() {
    let _ = explain! {
        #[cfg(any())]
        gone => 1,
        #[cfg(all())]
        here => 2,
        after: [here, gone] => 3,
    };
}
