//! Build script: the source of each graph as `auto!` and by hand, for `distinct` to run and for rustc to check.
//!
//! Each task has a type of its own, like real tasks. By hand, a graph is written in layers.

#[path = "../../build/graphs.rs"]
mod graphs;

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use graphs::{Graph, SIDE, chain, layers, mesh, names, small, wide};

fn main() {
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=../build/graphs.rs");
    let folder = env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    let folder = Path::new(&folder);
    let write = |name: &str, source: &str| {
        fs::write(folder.join(name), source).expect("OUT_DIR can be written to");
    };
    write("traced.rs", &module(&small()[1], query));
    let methods = run().into_iter().map(|graph| module(&graph, query));
    let functions = small().into_iter().take(2).map(|graph| {
        let name = format!("{}_functions", graph.name);
        module(&Graph { name, ..graph }, function)
    });
    write("distinct.rs", &methods.chain(functions).collect::<String>());
    for (graph, copies) in checked() {
        for (kind, body) in [("hand", by_hand(&graph)), ("auto", by_auto(&graph))] {
            let mut source = STEP.to_owned();
            for copy in 0..copies {
                let _ = writeln!(
                    source,
                    "pub async fn graph_{copy}() -> Result<u64, Error> {{\n{body}}}\n"
                );
            }
            write(&format!("{}_{kind}.rs", graph.name), &source);
        }
    }
}

/// The graphs that run.
fn run() -> Vec<Graph> {
    let mut graphs = small();
    graphs.extend([layers(SIDE), mesh(SIDE), chain(16)]);
    graphs.extend([8, 64, 256].map(wide));
    graphs
}

/// The graphs that rustc checks, and how many of each in one source.
fn checked() -> Vec<(Graph, usize)> {
    let named = |name: &str, graph: Graph| Graph {
        name: name.into(),
        ..graph
    };
    let mut graphs: Vec<_> = run()
        .into_iter()
        .map(|graph| {
            let copies = (300 / graph.needs.len()).max(1);
            (graph, copies)
        })
        .collect();
    graphs.push((named("mesh_32", mesh(32)), 1));
    graphs
}

/// The task of the checked graphs. One type for all is the best case for the code by hand: with many types, rustc takes
/// four times as long for `futures::try_join!` of 256 tasks.
const STEP: &str = "#![allow(unused)]
pub struct Error;

pub async fn step(input: u64) -> Result<u64, Error> {
    std::future::ready(()).await;
    input.checked_add(1).ok_or(Error)
}

";

/// A module with the two functions, which return the values that no task needs.
fn module(graph: &Graph, call: Call) -> String {
    let sinks: Vec<_> = sinks(graph).collect();
    let values = match &sinks[..] {
        [sink] => format!("t{sink}"),
        _ => format!("({})", names(sinks)),
    };
    let hand = format!("{}Ok({values})", in_layers(graph, call));
    let auto = format!(
        "conjoin::auto! {{\n{}=> {values}\n}}.await",
        tasks(graph, call)
    );
    let mut module = format!(
        "pub(crate) mod {} {{\nuse super::{{Error, Tasks}};\n\n",
        graph.name
    );
    for (kind, body) in [("hand", hand), ("auto", auto)] {
        let _ = writeln!(
            module,
            "pub(crate) async fn {kind}<T: Tasks>(db: &T) -> Result<impl Sized, Error> {{\n{body}\n}}\n"
        );
    }
    module + "}\n\n"
}

/// The body of an `async fn` that returns the last value.
fn by_hand(graph: &Graph) -> String {
    let last = graph.needs.len() - 1;
    format!("{}Ok(t{last})\n", in_layers(graph, step))
}

fn by_auto(graph: &Graph) -> String {
    let last = graph.needs.len() - 1;
    format!(
        "let graph = conjoin::auto! {{\n{}}}.await?;\nOk(graph.t{last})\n",
        tasks(graph, step)
    )
}

/// The call for a task.
type Call = fn(&Graph, usize) -> String;

fn in_layers(graph: &Graph, call: Call) -> String {
    let mut lines = String::new();
    for layer in graph.layers() {
        let calls: Vec<_> = layer.iter().map(|&task| call(graph, task)).collect();
        let names = names(layer);
        let _ = match &calls[..] {
            [call] => writeln!(lines, "let {names} = {call}.await?;"),
            calls => writeln!(
                lines,
                "let ({names}) = futures::try_join!({})?;",
                calls.join(",\n")
            ),
        };
    }
    lines
}

/// The tasks without dependents.
fn sinks(graph: &Graph) -> impl Iterator<Item = usize> {
    (0..graph.needs.len()).filter(|task| !graph.needs.iter().flatten().any(|need| need == task))
}

fn tasks(graph: &Graph, call: Call) -> String {
    let mut lines = String::new();
    for (task, needs) in graph.needs.iter().enumerate() {
        let _ = match &needs[..] {
            [] => write!(lines, "t{task}"),
            needs => write!(lines, "t{task}: [{}]", names(needs.iter().copied())),
        };
        let _ = writeln!(lines, " => {}.await?,", call(graph, task));
    }
    lines
}

fn query(graph: &Graph, task: usize) -> String {
    let input = graph.input(task, |need| format!("t{need}.0"));
    format!("db.run::<{task}>({input})")
}

fn function(graph: &Graph, task: usize) -> String {
    let input = graph.input(task, |need| format!("t{need}.0"));
    format!("crate::tasks::run::<{task}, _>(db, {input})")
}

fn step(graph: &Graph, task: usize) -> String {
    let input = graph.input(task, |need| format!("t{need}"));
    format!("step({task} + {input})")
}
