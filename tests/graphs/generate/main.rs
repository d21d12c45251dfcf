//! Build script: random graphs as tests, for the macro takes source code.
//!
//! `CONJOIN_SEED=7 cargo test -p conjoin-tests --test graphs` tries others.

#[path = "../../concurrent/generate/mod.rs"]
mod blocks;
mod kinds;
mod loads;
mod owners;
mod random;
mod shapes;
mod source;
mod trial;

use std::path::Path;
use std::{env, fs};

use kinds::KINDS;
use random::Random;
use shapes::{SHAPES, chain, framed, ladder, layers, zigzag};
use source::Graph;

const SEED: u64 = 20_140;
const GRAPHS_OF_EACH_SHAPE: usize = 6;
const MOST_TASKS: usize = 24;
/// Of those that are run many times over.
const MOST_TRIAL_TASKS: usize = 14;
const FRAMED_OF_EACH_KIND: usize = 5;
const BLOCKS: usize = 40;

fn main() {
    println!("cargo::rerun-if-changed=concurrent/generate");
    println!("cargo::rerun-if-changed=graphs/generate");
    println!("cargo::rerun-if-env-changed=CONJOIN_SEED");
    println!("cargo::rerun-if-env-changed=CONJOIN_BLOCKS");
    let seed = env::var("CONJOIN_SEED")
        .map_or(SEED, |seed| seed.parse().expect("CONJOIN_SEED is a number"));

    let mut random = Random::new(seed);
    let mut tests = format!("pub(crate) const SEED: u64 = {seed};\n\n");
    for (name, needs) in [
        ("chain_of_200", chain(200)),
        ("layers_8_by_8", layers(64, 8)),
        // Two words of the mask that a gated part waits with.
        ("ladder_of_90", ladder(90)),
    ] {
        tests += &Graph::new(&needs, &mut random)
            .without_failures()
            .to_test(name);
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
    write("graphs.rs", &tests);
    write("trials.rs", &trials(&mut Random::new(seed)));
    write("loads.rs", &loads(&mut Random::new(seed)));
    let blocks = env::var("CONJOIN_BLOCKS").map_or(BLOCKS, |it| it.parse().expect("a number"));
    write(
        "blocks.rs",
        &blocks::tests(blocks, seed, &mut Random::new(seed)),
    );
}

/// Graphs that are run many times over.
fn trials(random: &mut Random) -> String {
    let mut tests = String::new();
    for kind in &KINDS {
        for (name, shape) in SHAPES {
            let size = 2 + random.below(MOST_TRIAL_TASKS - 1);
            let needs = shape(size, random);
            tests += &kind
                .trial(&needs, random)
                .to_test(&format!("{name}_{}", kind.name));
        }
        for number in 0..if kind.owns { FRAMED_OF_EACH_KIND } else { 1 } {
            let needs = framed(4 + random.below(6), random);
            tests += &kind
                .trial(&needs, random)
                .to_test(&format!("framed_{}_{number}", kind.name));
        }
    }
    // Two words of the mask of those that are ready.
    tests += &KINDS[0]
        .trial(&zigzag(80), random)
        .to_test("zigzag_of_80_limited");
    tests
}

/// Graphs whose calls of a batch's loader are counted.
fn loads(random: &mut Random) -> String {
    let mut tests = String::new();
    for (name, shape) in SHAPES {
        for number in 0..GRAPHS_OF_EACH_SHAPE {
            let needs = shape(2 + random.below(MOST_TASKS), random);
            let limit = (number % 3 == 2).then(|| 1 + random.below(5));
            tests += &loads::to_test(&format!("{name}_{number}"), &needs, limit, random);
        }
    }
    tests + &loads::to_test("layers_8_by_5", &layers(40, 8), None, random)
}

fn write(name: &str, tests: &str) {
    let folder = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&folder).join(name), tests).expect("OUT_DIR can be written to");
}
