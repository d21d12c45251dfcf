//! Makespans in Node, which the program in `tests/peers` prints.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;

#[derive(Deserialize)]
pub(crate) struct Node {
    #[serde(rename = "node")]
    pub(crate) version: String,
    /// By hand first.
    pub(crate) peers: Vec<Peer>,
    /// The value of each graph's last task.
    pub(crate) checks: BTreeMap<String, u64>,
}

#[derive(Deserialize)]
pub(crate) struct Peer {
    pub(crate) name: String,
    /// None for what comes with Node.
    pub(crate) version: Option<String>,
    /// By the name of the graph, as a multiple of the critical path.
    pub(crate) makespans: BTreeMap<String, f64>,
}

pub(crate) fn measure() -> Result<Node, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../peers");
    if !folder.join("node_modules").exists() {
        run(Command::new("npm")
            .args(["ci", "--no-fund", "--no-audit"])
            .current_dir(&folder))?;
    }
    let report = run(Command::new("node").arg("run.mjs").current_dir(&folder))?;
    let node: Node =
        serde_json::from_slice(&report).map_err(|error| format!("what Node printed: {error}"))?;
    Ok(node)
}

fn run(command: &mut Command) -> Result<Vec<u8>, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| format!("`{name}` cannot be run ({error})"))?;
    if !output.status.success() {
        return Err(format!("`{name}` ended with {}", output.status));
    }
    Ok(output.stdout)
}
