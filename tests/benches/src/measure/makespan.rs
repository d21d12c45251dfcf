//! How long each peer takes for graphs whose tasks sleep, as a multiple of the critical path, on a paused clock.

use super::Figures;
use crate::rows::Timed;

pub(crate) fn measure(timed: &Timed) -> Figures {
    let runs = timed
        .runs
        .iter()
        .filter_map(|(peer, run)| run.as_ref().map(|run| (*peer, run)));
    runs.map(|(peer, run)| {
        (
            peer,
            run(1).as_secs_f64() / timed.critical_path.as_secs_f64(),
        )
    })
    .collect()
}
