//! Of each task that fails the type of the error must be known.

use std::num::ParseIntError;

use conjoin::auto;

fn parse(text: &str) -> Result<u32, ParseIntError> {
    text.parse()
}

fn alone() {
    let _ = auto! {
        #![settle]
        user => parse("7")? + 1,
    };
}

fn with_a_dependent() {
    let _ = auto! {
        #![settle]
        user => parse("7")? + 1,
        posts: [user] => user + 1,
    };
}

fn behind_a_gate() {
    let _ = auto! {
        #![settle]
        #![limit(2)]
        user => parse("7")? + 1,
        posts: [user] => user + 1,
        more => 1,
    };
}

fn main() {}
