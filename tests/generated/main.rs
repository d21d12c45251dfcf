//! Random bodies. Each must do the same in every plan as in an `async` block: the same value or error, and the same
//! calls and drops in the same order. And real code, which the macro must parse as syn does.
//!
//! `CONJOIN_SEED=7 CONJOIN_CASES=500 cargo test -p conjoin-tests-generated` tries other bodies, and more of them;
//! `tests/generated/run.sh` does so again and again.

#[allow(
    warnings,
    clippy::all,
    clippy::pedantic,
    reason = "no one wrote or reads it"
)]
mod generated {
    use conjoin::{Settled, TaskError, auto};
    use conjoin_tests_generated::{
        Check, Done, FIXED, Fail, Fixed, Point, Small, Turn, World, attempt, fixed, look, peek,
    };
    use std::future::ready;

    /// Gives its argument back.
    macro_rules! pass {
        ($value:expr) => {
            $value
        };
    }

    /// The first of two.
    macro_rules! first {
        ($first:expr, $second:expr $(,)?) => {{
            let first = $first;
            let _ = $second;
            first
        }};
    }

    /// Hides a `return`.
    macro_rules! or_return {
        ($option:expr, $default:expr) => {
            match $option {
                Some(value) => value,
                None => return $default,
            }
        };
    }

    /// Hides a `?`.
    macro_rules! or_fail {
        ($result:expr) => {
            $result?
        };
    }

    include!(concat!(env!("OUT_DIR"), "/bodies.rs"));
}

#[allow(clippy::all, clippy::pedantic, reason = "no one wrote or reads it")]
mod readings {
    use conjoin::explain;
    use conjoin_tests_generated::Reading;

    include!(concat!(env!("OUT_DIR"), "/readings.rs"));
}
