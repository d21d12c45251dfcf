//! The time and memory in which rustc checks the sources of the build script.

use std::path::Path;

use counted::compile::Libraries;

use crate::{Column, Ratio, Row};

/// How often each source is checked. The least counts.
const CHECKS: usize = 5;

pub(crate) fn columns(rows: &[Row]) -> [Column; 2] {
    let libraries = Libraries::build();
    let folder = Path::new(env!("OUT_DIR"));
    let mut milliseconds = Vec::new();
    let mut mebibytes = Vec::new();
    for row in rows {
        let taken = row.source.map(|source| {
            let files = ["hand", "auto"].map(|kind| folder.join(format!("{source}_{kind}.rs")));
            let check = || files.each_ref().map(|file| libraries.check(file));
            // Alternating, so that other load on the machine disturbs both.
            (1..CHECKS).fold(check(), |[hand, auto], _| {
                let [next_hand, next_auto] = check();
                [hand.min(next_hand), auto.min(next_auto)]
            })
        });
        milliseconds.push(taken.map(|[hand, auto]| Ratio {
            figure: auto.seconds * 1e3,
            base: hand.seconds * 1e3,
        }));
        mebibytes.push(taken.map(|[hand, auto]| Ratio {
            figure: auto.mebibytes,
            base: hand.mebibytes,
        }));
    }
    [
        Column {
            name: "`cargo check`, ms",
            cells: milliseconds,
        },
        Column {
            name: "memory, MiB",
            cells: mebibytes,
        },
    ]
}
