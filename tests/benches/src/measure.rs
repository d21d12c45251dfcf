//! Measures instructions, and makespans on a paused clock.

use std::collections::BTreeMap;

use counted::Counts;

use crate::peers::Peer;
use crate::rows::{Row, Timed};

/// A figure for each peer that has one.
pub(crate) type Figures = BTreeMap<Peer, f64>;

/// How often each peer runs a row.
const RUNS: u32 = 20;

/// The instructions for a run of each row. The process that callgrind observes ends here.
pub(crate) fn instructions(rows: &mut [Row]) -> Vec<Figures> {
    let mut counts = Counts::default();
    for (place, row) in rows.iter_mut().enumerate() {
        for (peer, case) in std::mem::take(&mut row.runs) {
            counts.add_long((place, peer), RUNS, case);
        }
    }
    let mut figures = vec![Figures::new(); rows.len()];
    for ((place, peer), count) in counts.count() {
        figures[place].insert(peer, count);
    }
    figures
}

/// The makespans, as a multiple of the critical path.
pub(crate) fn makespans(timed: &Timed) -> Figures {
    let of =
        |makespan: std::time::Duration| makespan.as_secs_f64() / timed.critical_path.as_secs_f64();
    timed
        .makespans
        .iter()
        .map(|&(peer, makespan)| (peer, of(makespan)))
        .collect()
}
