//! Tests computations within computations.

use std::thread;

use conjoin_adapters::compute::cpu_on;
use conjoin_adapters::cpu;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::{finish, narrow_pool};

#[test]
fn closure_waits_for_its_parts_on_one_thread() {
    let pool = narrow_pool();
    let sum = cpu_on(
        |job| pool.spawn(job),
        || {
            let (sum, count) =
                rayon::join(|| (0..1_000_u64).into_par_iter().sum::<u64>(), || 1_000);
            sum * 2 / count
        },
    );
    assert_eq!(finish(sum), Ok(999));
}

#[test]
fn a_call_on_a_thread_of_a_pool_goes_to_that_pool() {
    let pool = narrow_pool();
    let outer = cpu_on(
        |job| pool.spawn(job),
        || (thread::current().id(), cpu(|| thread::current().id())),
    );
    let (outer, inner) = finish(outer).unwrap();
    assert_eq!(finish(inner), Ok(outer));
}
