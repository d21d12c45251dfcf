//! What is measured: a graph, what its tasks do, and what polls it.

use std::time::Duration;

use crate::drive::{Alone, Paused, Threads};
use crate::graphs::{
    chain, crossing, diamond, layers, mesh, n, page, wide_8, wide_16, wide_64, wide_256,
};
use crate::peers::Runs;
use crate::tasks::{Needs, Ready, Sleeps, Waits, Yields, critical_path, expected};

pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) runs: Runs,
    /// On more than one thread, where a count of instructions says nothing: those that wait count, too.
    pub(crate) has_threads: bool,
    /// The graph in Node, where each promise's value comes in a turn of its own, and the value of its last task.
    pub(crate) in_node: Option<(&'static str, u64)>,
    /// For the plot of cost against width.
    pub(crate) width: Option<u32>,
}

impl Row {
    fn new(name: &'static str, runs: Runs) -> Self {
        Row {
            name,
            runs,
            has_threads: false,
            in_node: None,
            width: None,
        }
    }

    fn in_node<const N: usize>(self, graph: &'static str, needs: &Needs<N>) -> Self {
        Row {
            in_node: Some((graph, expected(needs)[N - 1])),
            ..self
        }
    }

    fn width(self, width: u32) -> Self {
        Row {
            width: Some(width),
            ..self
        }
    }

    fn threads(name: &'static str, runs: Runs) -> Self {
        Row {
            has_threads: true,
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
        Row::new("page", page::runs::<Yields<1>, _>(polls)).in_node("page", &page::NEEDS),
        Row::new("diamond, ready", diamond::runs::<Ready, _>(polls)),
        Row::new("diamond", diamond::runs::<Yields<1>, _>(polls))
            .in_node("diamond", &diamond::NEEDS),
        Row::new("N, ready", n::runs::<Ready, _>(polls)),
        Row::new("N", n::runs::<Yields<1>, _>(polls)).in_node("n", &n::NEEDS),
        Row::new("layers, ready", layers::runs::<Ready, _>(polls)),
        Row::new("layers", layers::runs::<Yields<1>, _>(polls)).in_node("layers", &layers::NEEDS),
        Row::new("mesh", mesh::runs::<Yields<1>, _>(polls)).in_node("mesh", &mesh::NEEDS),
        Row::new("chain, ready", chain::runs::<Ready, _>(polls)),
        Row::new("chain", chain::runs::<Yields<1>, _>(polls)).in_node("chain", &chain::NEEDS),
        Row::new("wide 8, ready", wide_8::runs::<Ready, _>(polls)),
        Row::new("wide 8", wide_8::runs::<Waits, _>(one_event))
            .in_node("wide_8", &wide_8::NEEDS)
            .width(8),
        Row::new("wide 16", wide_16::runs::<Waits, _>(one_event))
            .in_node("wide_16", &wide_16::NEEDS)
            .width(16),
        Row::new("wide 64", wide_64::runs::<Waits, _>(one_event))
            .in_node("wide_64", &wide_64::NEEDS)
            .width(64),
        Row::new("wide 256", wide_256::runs::<Waits, _>(one_event))
            .in_node("wide_256", &wide_256::NEEDS)
            .width(256),
        Row::new(
            "wide 64, 8 at a time",
            wide_64::runs::<Waits, _>(eight_events),
        ),
        Row::new(
            "wide 16, 8 self-wakes",
            wide_16::runs::<Yields<8>, _>(polls),
        ),
        Row::threads(
            "diamond, 2 threads",
            diamond::runs::<Yields<1>, _>(Threads { has_events: false }),
        ),
        Row::threads(
            "layers, 2 threads",
            layers::runs::<Yields<1>, _>(Threads { has_events: false }),
        ),
        Row::threads(
            "wide 64, 2 threads",
            wide_64::runs::<Waits, _>(Threads { has_events: true }),
        ),
    ]
}

/// A graph whose tasks sleep, for different times.
pub(crate) struct Timed {
    pub(crate) name: &'static str,
    pub(crate) in_node: &'static str,
    pub(crate) critical_path: Duration,
    pub(crate) runs: Runs,
}

pub(crate) fn timed() -> Vec<Timed> {
    vec![
        Timed {
            name: "N",
            in_node: "n",
            critical_path: critical_path(&n::NEEDS),
            runs: n::runs::<Sleeps, _>(Paused),
        },
        Timed {
            name: "crossing chains",
            in_node: "crossing",
            critical_path: critical_path(&crossing::NEEDS),
            runs: crossing::runs::<Sleeps, _>(Paused),
        },
        Timed {
            name: "mesh",
            in_node: "mesh",
            critical_path: critical_path(&mesh::NEEDS),
            runs: mesh::runs::<Sleeps, _>(Paused),
        },
    ]
}
