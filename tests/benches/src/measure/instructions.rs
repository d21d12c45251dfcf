//! Instructions for a run of each row with each peer, counted by callgrind: for most the same number on every run.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Figures;
use crate::rows::Row;

/// What this program is called with to run what is counted.
pub(crate) const ARGUMENT: &str = "--count";

const RUNS: u32 = 20;

/// The figures of each row that runs on one thread, in order, or why there are none.
pub(crate) fn measure(rows: &[Row], folder: &Path) -> Result<Vec<Figures>, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let parts = folder.join("callgrind.out");
    let status = Command::new("valgrind")
        .args([
            "--tool=callgrind",
            "--combine-dumps=yes",
            "--dump-before=*callgrind_dumps_here*",
        ])
        .arg(format!("--callgrind-out-file={}", parts.display()))
        .arg(program)
        .arg(ARGUMENT)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|error| {
            format!("`valgrind` cannot be run ({error}); on Debian, `apt install valgrind`")
        })?;
    if !status.success() {
        return Err(format!("`valgrind` ended with {status}"));
    }
    // Each call of the function ends a part; every other part, from the second on, is a run.
    let parts =
        fs::read_to_string(parts).map_err(|error| format!("what callgrind wrote: {error}"))?;
    let mut totals = parts
        .lines()
        .filter_map(|line| line.strip_prefix("totals: "))
        .skip(1)
        .step_by(2);
    let mut next = || match totals
        .next()
        .map(|total| (total, total.trim().parse::<f64>()))
    {
        Some((_, Ok(total))) => Ok(total / f64::from(RUNS)),
        Some((total, Err(_))) => Err(format!("callgrind counted `{total}`")),
        None => Err("callgrind counted too few runs".to_owned()),
    };
    let counted = rows.iter().filter(|row| !row.has_threads);
    let figures = counted.map(|row| {
        let peers = row.runs.iter().filter(|(_, run)| run.is_some());
        peers.map(|&(peer, _)| Ok((peer, next()?))).collect()
    });
    figures.collect()
}

/// The same rows and peers, in the same order.
pub(crate) fn run(rows: &[Row]) {
    for row in rows.iter().filter(|row| !row.has_threads) {
        for run in row.runs.iter().filter_map(|(_, run)| run.as_ref()) {
            run(2);
            callgrind_dumps_here();
            black_box(run(RUNS.into()));
            callgrind_dumps_here();
        }
    }
}

/// Callgrind knows it by its name. (It can also count within one function alone, but then it does not dump.)
#[inline(never)]
fn callgrind_dumps_here() {
    black_box(());
}
