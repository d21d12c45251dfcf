//! Build script: random graphs as tests, for the macro takes source code.
//!
//! `CONJOIN_SEED=7 cargo test -p conjoin-tests --test graphs` tries others.

mod random;
mod shapes;
mod source;

use std::path::Path;
use std::{env, fs};

use random::Random;
use shapes::{SHAPES, chain, ladder, layers};
use source::Graph;

const SEED: u64 = 20_140;
const GRAPHS_OF_EACH_SHAPE: usize = 6;
const MOST_TASKS: usize = 24;

fn main() {
    println!("cargo::rerun-if-changed=graphs/generate");
    println!("cargo::rerun-if-env-changed=CONJOIN_SEED");
    let seed = env::var("CONJOIN_SEED").map_or(SEED, |seed| seed.parse().expect("CONJOIN_SEED is a number"));

    let mut random = Random::new(seed);
    let mut tests = format!("pub(crate) const SEED: u64 = {seed};\n\n");
    for (name, needs) in [
        ("chain_of_200", chain(200)),
        ("layers_8_by_8", layers(64, 8)),
        // Two words of the mask that a gated part waits with.
        ("ladder_of_90", ladder(90)),
    ] {
        tests += &Graph::new(&needs, &mut random).without_failures().to_test(name);
    }
    for (name, shape) in SHAPES {
        for number in 0..GRAPHS_OF_EACH_SHAPE {
            let size = 1 + random.below(MOST_TASKS);
            let graph = Graph::new(&shape(size, &mut random), &mut random);
            let graph = match number % 3 {
                0 => graph.without_questions(),
                1 => graph.without_failures(),
                _ => graph,
            };
            tests += &graph.to_test(&format!("{name}_{number}"));
        }
    }
    let folder = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&folder).join("graphs.rs"), tests).expect("OUT_DIR can be written to");
}
