//! Nanoseconds for a run of each row with each peer, measured by criterion.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use criterion::Criterion;
use serde::Deserialize;

use super::Figures;
use crate::rows::Row;

/// What this program is called with, and a folder, to run what is timed: what criterion prints is not for the table.
pub(crate) const ARGUMENT: &str = "--time";

pub(crate) fn measure(rows: &[Row], folder: &Path) -> Result<Vec<Figures>, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let child = Command::new(program)
        .arg(ARGUMENT)
        .arg(folder)
        .stdout(Stdio::null())
        .status();
    let status = child.map_err(|error| error.to_string())?;
    if !status.success() {
        return Err(format!("the program that is timed ended with {status}"));
    }
    let figures = |(index, row): (usize, &Row)| {
        let peers = row.runs.iter().filter(|(_, run)| run.is_some());
        let figures = peers.map(|&(peer, _)| {
            let path = folder.join(format!("{index}/{peer:?}/new/estimates.json"));
            let estimates =
                fs::read(&path).map_err(|error| format!("{}: {error}", path.display()))?;
            let estimates: Estimates =
                serde_json::from_slice(&estimates).map_err(|error| error.to_string())?;
            Ok((peer, estimates.median.point_estimate))
        });
        figures.collect()
    };
    rows.iter().enumerate().map(figures).collect()
}

/// What is read of criterion's file of the same name.
#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
}

pub(crate) fn run(rows: &[Row], folder: &Path) {
    let mut criterion = Criterion::default()
        .without_plots()
        .output_directory(folder)
        .sample_size(20)
        .nresamples(1_000)
        .warm_up_time(Duration::from_millis(50))
        .measurement_time(Duration::from_millis(200));
    for (index, row) in rows.iter().enumerate() {
        let mut group = criterion.benchmark_group(index.to_string());
        for (peer, run) in &row.runs {
            if let Some(run) = run {
                group.bench_function(format!("{peer:?}"), |bencher| bencher.iter_custom(run));
            }
        }
        group.finish();
    }
}
