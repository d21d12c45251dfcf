//! The table, in Markdown.

use std::io::{self, Write};

use crate::measure::Figures;
use crate::node;
use crate::peers::Peer;
use crate::report::Report;

const LEGEND: &str = "\
*By hand* is `futures::try_join!`, and in Node `await` with `Promise.all`. Its instructions are absolute, all others a
multiple of them. A dash means that the graph cannot be written so, or has nothing to join. Node's instructions are not
counted.

- **page**: `a`, then `b` and `c`. **diamond**: then `d` after both. **N**: `a`, `b`, `c: [a]`, `d: [a, b]`.
  **layers**: 8 by 8 tasks, where each needs all 8 of the previous layer. **mesh**: the same, but each needs 2.
  **chain**: 64 in sequence. **wide**: that many concurrent tasks. **crossing chains**: two chains of 3, with an edge
  between them.
- A task adds up what it needs. It is *ready* at its first poll, or wakes itself and is ready at the second. In *wide*,
  each task waits for an event of its own, and the graph is polled after each event; in *8 at a time*, after eight of
  them; in *8 self-wakes*, each wakes itself eight times. For the makespan, tasks sleep for different times on a paused
  clock.
- `futures::try_join!`, `tokio::try_join!`, `futures-concurrency`, `enjoin` and `join_me_maybe` cannot express an edge.
  So the graph is written in layers, where tasks wait for more than they need. `dagx` runs any graph in layers.
- `FuturesUnordered` and `JoinSet` start a task once its dependencies complete, with thirty lines of bookkeeping by
  hand. `JoinSet` and `dagx` spawn, so their cells include tokio's runtime.
- `join_me_maybe::join!` with 256 arms compiles for minutes. The future of `async_dag` is not `Send`.
";

pub(crate) fn write(report: &Report, out: &mut impl Write) -> io::Result<()> {
    let node = report.node.as_ref().ok();
    let node_peers = node.map_or(&[][..], |node| &node.peers);
    let rust = Peer::ALL.iter().map(|peer| peer.name().to_owned());
    let names: Vec<_> = rust
        .chain(node_peers.iter().map(|peer| format!("Node, {}", peer.name)))
        .collect();
    writeln!(out, "| |{}|", cells(&names))?;
    writeln!(out, "|---|{}", "---:|".repeat(names.len()))?;

    let rust = Peer::ALL.iter().map(|peer| {
        report
            .versions
            .get(peer.package())
            .cloned()
            .unwrap_or_default()
    });
    let version = |peer: &node::Peer| {
        peer.version
            .clone()
            .or(node.map(|node| node.version.clone()))
    };
    let versions: Vec<_> = rust
        .chain(
            node_peers
                .iter()
                .map(|peer| version(peer).unwrap_or_default()),
        )
        .collect();
    writeln!(out, "|version|{}|", cells(&versions))?;

    let section = |out: &mut dyn Write, name| {
        writeln!(
            out,
            "|**{name}**|{}|",
            cells(&vec![String::new(); names.len()])
        )
    };
    section(out, "instructions")?;
    for (row, figures) in report.rows.iter().zip(&report.instructions) {
        let no_node = vec![DASH.to_owned(); node_peers.len()];
        writeln!(
            out,
            "|{}|{}|",
            row.name,
            cells(&[ratios(figures), no_node].concat())
        )?;
    }
    section(out, "makespan / critical path")?;
    for (timed, figures) in report.timed.iter().zip(&report.makespans) {
        let rust = Peer::ALL.iter().map(|peer| figures.get(peer).copied());
        let node = node_peers
            .iter()
            .map(|peer| peer.makespans.get(timed.in_node).copied());
        let makespans: Vec<_> = rust
            .chain(node)
            .map(|figure| cell(figure, |figure| format!("{figure:.2}")))
            .collect();
        writeln!(out, "|{}|{}|", timed.name, cells(&makespans))?;
    }

    writeln!(out, "\n{}.\n\n{LEGEND}", report.circumstances)?;
    if let Err(missing) = &report.node {
        writeln!(out, "- Node is left out: {missing}.")?;
    }
    Ok(())
}

const DASH: &str = "–";

fn cells(cells: &[String]) -> String {
    cells.join("|")
}

fn cell<T>(figure: Option<T>, form: impl FnOnce(T) -> String) -> String {
    figure.map_or_else(|| DASH.to_owned(), form)
}

/// The first figure, and the others as multiples of it.
fn ratios(figures: &Figures) -> Vec<String> {
    let by_hand = figures[&Peer::ByHand];
    let cells = Peer::ALL.iter().map(|peer| match peer {
        Peer::ByHand => absolute(by_hand),
        _ => cell(figures.get(peer).copied(), |figure| ratio(figure / by_hand)),
    });
    cells.collect()
}

fn absolute(figure: f64) -> String {
    format!("{figure:.0}")
}

/// With two significant digits after the first.
fn ratio(ratio: f64) -> String {
    match ratio {
        ..0.1 => format!("{ratio:.3}"),
        ..10.0 => format!("{ratio:.2}"),
        ..100.0 => format!("{ratio:.1}"),
        _ => format!("{ratio:.0}"),
    }
}
