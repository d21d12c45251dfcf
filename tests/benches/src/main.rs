//! What conjoin and its peers cost: a table and two plots. `run.sh [FOLDER]` runs it.
//!
//! `rows` says what is measured, `measure` and `node` measure it, `table` and `plots` show it. A row is a graph, from
//! `build/graphs.rs`. `tasks` says what its tasks do, and `drive` runs it. Each of `peers` runs the row, and all must
//! resolve to the same values.

// For `tokio::try_join!`, which expands one future at a time.
#![recursion_limit = "512"]

mod drive;
mod graphs;
mod measure;
mod node;
mod peers;
mod plots;
mod report;
mod rows;
mod table;
mod tasks;

use std::io::stdout;
use std::path::Path;
use std::process::ExitCode;

use report::Report;

const USAGE: &str = "usage: run.sh [FOLDER]

Prints a table, and draws two plots in the folder (target/benches).";

fn main() -> ExitCode {
    let folder = std::env::args().nth(1);
    let Some(folder) = folder.filter(|folder| !folder.starts_with('-')) else {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    };
    let shown = Report::measure().and_then(|report| {
        plots::draw(&report, Path::new(&folder))?;
        table::write(&report, &mut stdout().lock()).map_err(|error| error.to_string())
    });
    if let Err(error) = shown {
        eprintln!("{error}");
        return ExitCode::FAILURE;
    }
    eprintln!("plots: {folder}");
    ExitCode::SUCCESS
}
