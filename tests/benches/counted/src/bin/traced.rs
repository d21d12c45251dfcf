//! The diamond of `distinct` with the feature `tracing`, which has to be there for the whole build: prints instructions, ready
//! and yields, and bytes. `distinct` runs it.

#![allow(missing_docs)]

#[allow(dead_code, reason = "some are only in `distinct`")]
#[path = "distinct/tasks.rs"]
mod tasks;

use std::hint::black_box;
use std::process::ExitCode;

use counted::{instructions, run};

use tasks::{Holds, Yields};

#[allow(dead_code, reason = "the graph by hand")]
mod graphs {
    use crate::tasks::{Error, Tasks};

    include!(concat!(env!("OUT_DIR"), "/traced.rs"));
}

use graphs::diamond::auto;

fn main() -> ExitCode {
    let ready = || assert!(black_box(run(auto(&Yields::<false>))).is_ok());
    let yields = || assert!(black_box(run(auto(&Yields::<true>))).is_ok());
    match instructions(&[&ready, &yields]) {
        Ok(counts) => {
            println!("{} {} {}", counts[0], counts[1], size_of_val(&auto(&Holds)));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
