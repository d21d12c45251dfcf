//! `conjoin` without std: a program with no allocator, no threads and no `main` of Rust's, whose executor polls tasks in
//! static storage and sleeps until an interrupt, like embassy's.
//!
//! It has a panic handler of its own, so rustc refuses to build it if anything links std. It returns 0 when all is well:
//!
//! `cd tests/no-std && cargo run && cargo run --features alloc`

#![no_std]
#![no_main]

#[cfg(feature = "alloc")]
extern crate alloc;

#[cfg(feature = "alloc")]
mod allocator;
mod executor;
mod graphs;
mod timer;

use core::ffi::c_int;
use core::panic::PanicInfo;

use crate::executor::{Executor, Storage};

static STORAGE: [Storage<4096>; 2] = [Storage::new(), Storage::new()];

/// What C calls.
#[unsafe(no_mangle)]
extern "C" fn main() -> c_int {
    let mut executor = Executor::new();
    executor.spawn(&STORAGE[0], graphs::all());
    // Next to it, another task of the same executor.
    executor.spawn(&STORAGE[1], timer::after(1));
    executor.run();
    0
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    abort()
}

#[link(name = "c")]
unsafe extern "C" {
    safe fn abort() -> !;
}

/// What `core`, which was built to unwind, refers to. Nothing calls it.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}
