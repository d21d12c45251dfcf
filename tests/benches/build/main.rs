//! Build script: each graph as the users of each peer write it. Most peers are macros, so they need source code.
//!
//! `graphs.rs` has the graphs, `by_layers.rs` and `by_name.rs` the code for macros. `src/peers` has the peers whose graphs
//! are built at run time.

mod by_layers;
mod by_name;
mod graphs;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use graphs::{Graph, SIDE, chain, layers, mesh, small, wide};

fn main() {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rustc-env=RUSTC_VERSION={}", compiler());
    let folder = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    let mut graphs = small();
    graphs.extend([layers(SIDE), mesh(SIDE), chain(64)]);
    graphs.extend([8, 16, 64, 256].map(wide));
    let source: String = graphs.iter().map(module).collect();
    fs::write(Path::new(&folder).join("graphs.rs"), source).expect("OUT_DIR can be written to");
}

/// A module for a graph: a function for each peer that makes its future, and `runs`, which drives them all. Next to the
/// name of a peer is the method of `Drive` for its future.
fn module(graph: &Graph) -> String {
    let count = graph.needs.len();
    let mut functions = String::new();
    let mut runs = String::new();
    let mut add = |peer: &str, drive: &str, body: &str| {
        let name = snake_case(peer);
        let signature = format!("fn {name}<T: Tasks>() -> impl Future<Output = Outcome<{count}>>");
        let _ = write!(functions, "{signature} {{\n{body}\n}}\n\n");
        let _ = writeln!(runs, "(Peer::{peer}, drive.{drive}(&NEEDS, {name}::<T>)),");
    };
    for (peer, body) in by_layers::bodies(graph) {
        add(peer, "polled", &body);
    }
    add("Auto", "polled", &by_name::auto(graph));
    for (peer, drive, arguments) in [
        ("FuturesUnordered", "polled", "&NEEDS, &DEPENDENTS"),
        ("JoinSet", "spawned", "&NEEDS, &DEPENDENTS"),
        ("AsyncDag", "polled", "&NEEDS"),
        ("Dagx", "spawned", "&NEEDS"),
    ] {
        add(
            peer,
            drive,
            &format!(
                "crate::peers::{}::run::<T, {count}>({arguments})",
                snake_case(peer)
            ),
        );
    }

    let mut module = format!("pub(crate) mod {} {{\nuse super::*;\n\n", graph.name);
    let _ = writeln!(
        module,
        "pub(crate) static NEEDS: Needs<{count}> = {};",
        slices(&graph.needs)
    );
    let _ = writeln!(
        module,
        "static DEPENDENTS: Needs<{count}> = {};\n",
        slices(&dependents(graph))
    );
    module += &functions;
    module += "pub(crate) fn runs<T: Tasks, D: Drive>(drive: D) -> Runs<D::Run> {\nvec![\n";
    module + &runs + "]\n}\n}\n\n"
}

/// The dependents of each task.
fn dependents(graph: &Graph) -> Vec<Vec<usize>> {
    let of = |task| {
        (0..graph.needs.len())
            .filter(|&other| graph.needs[other].contains(&task))
            .collect()
    };
    (0..graph.needs.len()).map(of).collect()
}

fn slices(needs: &[Vec<usize>]) -> String {
    let needs: Vec<_> = needs.iter().map(|needs| format!("&{needs:?}")).collect();
    format!("[{}]", needs.join(", "))
}

fn snake_case(peer: &str) -> String {
    let mut name = String::new();
    for letter in peer.chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

fn compiler() -> String {
    let rustc = env::var_os("RUSTC").expect("cargo sets RUSTC");
    let output = Command::new(rustc)
        .arg("--version")
        .output()
        .expect("the compiler starts");
    String::from_utf8(output.stdout)
        .expect("its version is text")
        .trim()
        .to_owned()
}
