//! All that was measured, of what, and where.

use std::collections::BTreeMap;
use std::process::Command;
use std::thread::available_parallelism;
use std::time::SystemTime;
use std::{fs, io};

use serde::Deserialize;

use crate::measure::node::Node;
use crate::measure::{Figures, instructions, makespan, node, time};
use crate::peers::Peer;
use crate::rows::{self, Row, Timed};

pub(crate) struct Report<'a> {
    pub(crate) rows: &'a [Row],
    /// Of the rows on one thread, or why there are none.
    pub(crate) instructions: Result<Vec<Figures>, String>,
    pub(crate) nanoseconds: Vec<Figures>,
    pub(crate) timed: Vec<Timed>,
    pub(crate) makespans: Vec<Figures>,
    pub(crate) node: Result<Node, String>,
    /// Of the packages that are compared, by name.
    pub(crate) versions: BTreeMap<String, String>,
    /// The compiler, the processor, and the day.
    pub(crate) circumstances: String,
}

impl<'a> Report<'a> {
    /// What cannot be measured here is said, and left out.
    pub(crate) fn measure(rows: &'a [Row]) -> Result<Self, String> {
        let folder = tempfile::tempdir()
            .map_err(|error| format!("a folder for what is measured: {error}"))?;
        let timed = rows::timed();
        let makespans: Vec<_> = timed.iter().map(makespan::measure).collect();
        for (timed, figures) in timed.iter().zip(&makespans) {
            let makespan = figures[&Peer::Auto];
            if makespan.to_bits() != 1_f64.to_bits() {
                return Err(format!(
                    "`auto!` takes {makespan} of the critical path of {}",
                    timed.name
                ));
            }
        }
        eprintln!("instructions, by callgrind");
        let instructions = instructions::measure(rows, folder.path());
        let _ = instructions
            .as_ref()
            .inspect_err(|error| eprintln!("left out: {error}"));
        eprintln!("time, by criterion");
        let nanoseconds = time::measure(rows, folder.path())?;
        eprintln!("time in Node");
        let node = node::measure();
        match &node {
            Ok(node) => check(rows, node)?,
            Err(error) => eprintln!("left out: {error}"),
        }
        let (versions, circumstances) = (versions()?, circumstances());
        Ok(Report {
            rows,
            instructions,
            nanoseconds,
            timed,
            makespans,
            node,
            versions,
            circumstances,
        })
    }

    pub(crate) fn counted_rows(&self) -> impl Iterator<Item = (&Row, &Figures)> {
        let counted = self.rows.iter().filter(|row| !row.has_threads);
        counted.zip(self.instructions.iter().flatten())
    }
}

/// Both languages must have the same graphs.
fn check(rows: &[Row], node: &Node) -> Result<(), String> {
    for (graph, value) in rows.iter().filter_map(|row| row.in_node) {
        let in_node = node.checks.get(graph);
        if in_node != Some(&value) {
            return Err(format!(
                "the last task of `{graph}` is {value} in Rust, and {in_node:?} in Node"
            ));
        }
    }
    Ok(())
}

fn versions() -> Result<BTreeMap<String, String>, String> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
        version: String,
    }

    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["metadata", "--format-version=1", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command
        .output()
        .map_err(|error| format!("`cargo metadata` cannot be run: {error}"))?;
    let metadata: Metadata = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("what `cargo metadata` printed: {error}"))?;
    Ok(metadata
        .packages
        .into_iter()
        .map(|package| (package.name, package.version))
        .collect())
}

fn circumstances() -> String {
    let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let (day, _) = now.split_once('T').unwrap_or((&now, ""));
    let cores = available_parallelism().map_or_else(|_| "?".into(), |cores| cores.to_string());
    let (compiler, architecture) = (env!("RUSTC_VERSION"), std::env::consts::ARCH);
    let processor = processor().unwrap_or_else(|_| "unknown processor".into());
    format!(
        "{day}; {compiler}; {processor}, {architecture}, {cores} cores, {}",
        std::env::consts::OS
    )
}

/// As Linux has it.
fn processor() -> io::Result<String> {
    let text = fs::read_to_string("/proc/cpuinfo")?;
    let model = text
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    model
        .map(|(_, model)| model.trim().to_owned())
        .ok_or_else(|| io::ErrorKind::NotFound.into())
}
