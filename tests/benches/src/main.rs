//! What conjoin and its peers cost: one table, and two plots. `run.sh [FOLDER]` runs it.
//!
//! In order: `rows` says what is measured, `measure` measures it, `table` and `plots` show it. A row is a graph, from
//! `build/graphs.rs`, whose tasks do something, from `tasks`, on something that polls it, from `drive`; it is run as
//! each of `peers` has it, and each must come to the same values.

// For `tokio::try_join!`, which goes through its futures one by one.
#![recursion_limit = "512"]

mod drive;
mod graphs;
mod measure;
mod peers;
mod plots;
mod report;
mod rows;
mod table;
mod tasks;

use std::path::PathBuf;
use std::process::ExitCode;

use measure::{instructions, time};
use report::Report;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let rows = rows::rows();
    match arguments[..] {
        [instructions::ARGUMENT] => instructions::run(&rows),
        [time::ARGUMENT, folder] => time::run(&rows, folder.as_ref()),
        [] | [_] if !arguments.iter().any(|argument| argument.starts_with('-')) => {
            let folder = arguments
                .first()
                .map_or_else(|| PathBuf::from("target/benches"), PathBuf::from);
            let shown = Report::measure(&rows).and_then(|report| {
                plots::draw(&report, &folder)?;
                table::write(&report, &mut std::io::stdout().lock())
                    .map_err(|error| error.to_string())
            });
            if let Err(error) = shown {
                eprintln!("{error}");
                return ExitCode::FAILURE;
            }
            eprintln!("plots: {}", folder.display());
        }
        _ => {
            eprintln!(
                "usage: run.sh [FOLDER]\n\nPrints a table, and draws two plots in the folder (target/benches)."
            );
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
