//! For all input tokens, the macro never panics, always ends, and takes linear time.
//!
//! An input is either text, or a list of edits to the valid inputs in the workspace. `fuzz/run.sh` runs this, and so
//! does `cargo +nightly fuzz run front_end`.
#![no_main]

mod corpus;
mod edits;

use std::time::Duration;

use conjoin_macros::expansions;
use libfuzzer_sys::fuzz_target;
use proc_macro2::{TokenStream, TokenTree};
use rustix::time::{ClockId, clock_gettime};

/// The most tokens that the expansion may have for each token of the input.
const MOST_TOKENS: usize = 300;

/// The most processor time for a token. It takes about 30 µs here. The bound allows for slow machines, but not for
/// quadratic work.
const LONGEST: Duration = Duration::from_micros(500);

/// The time that any input may take, however small.
const START: Duration = Duration::from_secs(2);

fuzz_target!(|data: &[u8]| {
    let Some(input) = input(data) else { return };
    let size = count(&input);
    let began = processor_time();
    let expansions = expansions(input.clone());
    let elapsed = processor_time() - began;
    for expansion in &expansions {
        let expanded = count(expansion);
        assert!(
            expanded <= MOST_TOKENS * (size + 1),
            "{size} tokens became {expanded}: {input}"
        );
    }
    let most = START + LONGEST * u32::try_from(size).expect("inputs are small");
    assert!(elapsed < most, "{size} tokens took {elapsed:?}: {input}");
});

/// The processor time of this thread.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::try_from(time).expect("it has not run backwards")
}

/// The first byte says which kind of input the others are.
fn input(data: &[u8]) -> Option<TokenStream> {
    let (kind, rest) = data.split_first()?;
    if kind % 8 == 0 {
        std::str::from_utf8(rest).ok()?.parse().ok()
    } else {
        edits::input(rest)
    }
}

/// All tokens, at any depth; a pair of delimiters counts as one.
fn count(stream: &TokenStream) -> usize {
    let size = |token| match token {
        TokenTree::Group(group) => 1 + count(&group.stream()),
        _ => 1,
    };
    stream.clone().into_iter().map(size).sum()
}
