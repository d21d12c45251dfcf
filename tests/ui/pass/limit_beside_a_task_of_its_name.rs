//! A limit is the number in the option, whatever tasks are called.

use std::cell::Cell;
use std::future::pending;

use conjoin::auto;
use futures::FutureExt;

fn main() {
    let started = Cell::new(0);
    let start = async || {
        started.set(started.get() + 1);
        pending::<()>().await;
    };
    let graph = auto! {
        #![limit(1)]
        __limit => 3,
        one: [__limit as _] => start().await,
        two: [__limit as _] => start().await,
        three: [__limit as _] => start().await,
    };
    assert!(graph.now_or_never().is_none());
    assert_eq!(started.get(), 1);
}
