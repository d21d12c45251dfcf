//! All figures, what they are of, and where they were measured.

use std::collections::BTreeMap;
use std::process::Command;
use std::thread::available_parallelism;
use std::time::SystemTime;
use std::{fs, io};

use serde::Deserialize;

use crate::measure::{Figures, instructions, makespans};
use crate::node::{self, Node};
use crate::peers::Peer;
use crate::rows::{self, Row, Timed};

pub(crate) struct Report {
    pub(crate) rows: Vec<Row>,
    /// The instructions of each row.
    pub(crate) instructions: Vec<Figures>,
    pub(crate) timed: Vec<Timed>,
    pub(crate) makespans: Vec<Figures>,
    /// Or why Node is left out.
    pub(crate) node: Result<Node, String>,
    /// The versions of the packages that are compared, by name.
    pub(crate) versions: BTreeMap<String, String>,
    /// The compiler, the processor, and the day.
    pub(crate) circumstances: String,
}

impl Report {
    pub(crate) fn measure() -> Result<Self, String> {
        let mut rows = rows::rows();
        let instructions = instructions(&mut rows);
        let timed = rows::timed();
        let makespans: Vec<_> = timed.iter().map(makespans).collect();
        for (timed, figures) in timed.iter().zip(&makespans) {
            let makespan = figures[&Peer::Auto];
            if makespan.to_bits() != 1_f64.to_bits() {
                return Err(format!(
                    "the makespan of `{}` with `auto!` is {makespan} of its critical path",
                    timed.name
                ));
            }
        }
        let node = node::measure();
        match &node {
            Ok(node) => check(&timed, node)?,
            Err(error) => eprintln!("left out: {error}"),
        }
        Ok(Report {
            rows,
            instructions,
            timed,
            makespans,
            node,
            versions: versions()?,
            circumstances: circumstances(),
        })
    }
}

/// Both languages must have the same graphs.
fn check(timed: &[Timed], node: &Node) -> Result<(), String> {
    for Timed { in_node, last, .. } in timed {
        let found = node.checks.get(*in_node);
        if found != Some(last) {
            return Err(format!(
                "the last task of `{in_node}` is {last} in Rust, and {found:?} in Node"
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

/// Its name, from Linux.
fn processor() -> io::Result<String> {
    let text = fs::read_to_string("/proc/cpuinfo")?;
    let model = text
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    model
        .map(|(_, model)| model.trim().to_owned())
        .ok_or_else(|| io::ErrorKind::NotFound.into())
}
