//! Build script: random bodies as tests, for the macro takes source code.

mod blocks;
mod bodies;
mod calls;
mod code;
mod expressions;
mod plans;
#[path = "../../graphs/generate/random.rs"]
mod random;
mod readings;
mod writer;

use std::path::Path;
use std::{env, fs};

use random::Random;
use writer::Body;

const SEED: usize = 1_729;
const CASES: usize = 40;

fn main() {
    println!("cargo::rerun-if-changed=generate");
    println!("cargo::rerun-if-env-changed=CONJOIN_SEED");
    println!("cargo::rerun-if-env-changed=CONJOIN_CASES");
    let number = |name: &str, default: usize| {
        env::var(name).map_or(default, |text| {
            text.parse()
                .unwrap_or_else(|_| panic!("{name} is not a number"))
        })
    };
    let (seed, cases) = (number("CONJOIN_SEED", SEED), number("CONJOIN_CASES", CASES));
    let mut random = Random::new(seed as u64);
    let bodies: String = (0..cases)
        .map(|case| plans::test(case, seed, &Body::new(&mut random), &mut random))
        .collect();
    write("bodies.rs", &bodies);
    write(
        "readings.rs",
        &readings::tests(cases * 4, seed, &mut random),
    );
}

fn write(name: &str, tests: &str) {
    let folder = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&folder).join(name), tests).expect("OUT_DIR can be written to");
}
