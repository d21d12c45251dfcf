//! The diamond of `distinct` with the feature `tracing`. Prints instructions (ready, yields) and bytes. `distinct` runs it, as
//! a build has the feature for all its graphs or for none.

#![allow(missing_docs)]

#[allow(dead_code, reason = "some are only in `distinct`")]
#[path = "distinct/tasks.rs"]
mod tasks;

use std::hint::black_box;

use counted::{Counts, looped, run};

use tasks::{Holds, Yields};

#[allow(dead_code, reason = "the graph by hand")]
mod graphs {
    use crate::tasks::{Error, Tasks};

    include!(concat!(env!("OUT_DIR"), "/traced.rs"));
}

use graphs::diamond::auto;

fn main() {
    let mut counts = Counts::default();
    let ready = || assert!(black_box(run(auto(&Yields::<false>))).is_ok());
    let yields = || assert!(black_box(run(auto(&Yields::<true>))).is_ok());
    counts.add("ready", looped(ready));
    counts.add("yields", looped(yields));
    let counts = counts.count();
    let bytes = size_of_val(&auto(&Holds));
    println!("{} {} {bytes}", counts["ready"], counts["yields"]);
}
