//! What is measured: a graph, what its tasks do, and what runs it.

use std::time::Duration;

use counted::Case;

use crate::drive::{Alone, Paused};
use crate::graphs::{
    chain, crossing, diamond, layers, mesh, n, page, wide_8, wide_16, wide_64, wide_256,
};
use crate::peers::Runs;
use crate::tasks::{Needs, Ready, Sleeps, Waits, Yields, critical_path, expected};

pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) runs: Runs<Case>,
    /// For the plot of cost against width.
    pub(crate) width: Option<u32>,
}

impl Row {
    fn new(name: &'static str, runs: Runs<Case>) -> Self {
        Row {
            name,
            runs,
            width: None,
        }
    }

    fn wide(name: &'static str, width: u32, runs: Runs<Case>) -> Self {
        Row {
            width: Some(width),
            ..Row::new(name, runs)
        }
    }
}

pub(crate) fn rows() -> Vec<Row> {
    let polls = Alone { events: 0 };
    let one_event = Alone { events: 1 };
    let eight_events = Alone { events: 8 };
    vec![
        Row::new("page, ready", page::runs::<Ready, _>(polls)),
        Row::new("page", page::runs::<Yields<1>, _>(polls)),
        Row::new("diamond, ready", diamond::runs::<Ready, _>(polls)),
        Row::new("diamond", diamond::runs::<Yields<1>, _>(polls)),
        Row::new("N, ready", n::runs::<Ready, _>(polls)),
        Row::new("N", n::runs::<Yields<1>, _>(polls)),
        Row::new("layers, ready", layers::runs::<Ready, _>(polls)),
        Row::new("layers", layers::runs::<Yields<1>, _>(polls)),
        Row::new("mesh", mesh::runs::<Yields<1>, _>(polls)),
        Row::new("chain, ready", chain::runs::<Ready, _>(polls)),
        Row::new("chain", chain::runs::<Yields<1>, _>(polls)),
        Row::new("wide 8, ready", wide_8::runs::<Ready, _>(polls)),
        Row::wide("wide 8", 8, wide_8::runs::<Waits, _>(one_event)),
        Row::wide("wide 16", 16, wide_16::runs::<Waits, _>(one_event)),
        Row::wide("wide 64", 64, wide_64::runs::<Waits, _>(one_event)),
        Row::wide("wide 256", 256, wide_256::runs::<Waits, _>(one_event)),
        Row::new(
            "wide 64, 8 at a time",
            wide_64::runs::<Waits, _>(eight_events),
        ),
        Row::new(
            "wide 16, 8 self-wakes",
            wide_16::runs::<Yields<8>, _>(polls),
        ),
    ]
}

/// A graph whose tasks sleep, for different times.
pub(crate) struct Timed {
    pub(crate) name: &'static str,
    pub(crate) in_node: &'static str,
    pub(crate) critical_path: Duration,
    /// The value of the last task.
    pub(crate) last: u64,
    pub(crate) makespans: Runs<Duration>,
}

impl Timed {
    fn new<const N: usize>(
        name: &'static str,
        in_node: &'static str,
        needs: &Needs<N>,
        makespans: Runs<Duration>,
    ) -> Self {
        Timed {
            name,
            in_node,
            critical_path: critical_path(needs),
            last: expected(needs)[N - 1],
            makespans,
        }
    }
}

pub(crate) fn timed() -> Vec<Timed> {
    vec![
        Timed::new("N", "n", &n::NEEDS, n::runs::<Sleeps, _>(Paused)),
        Timed::new(
            "crossing chains",
            "crossing",
            &crossing::NEEDS,
            crossing::runs::<Sleeps, _>(Paused),
        ),
        Timed::new(
            "mesh",
            "mesh",
            &mesh::NEEDS,
            mesh::runs::<Sleeps, _>(Paused),
        ),
    ]
}
