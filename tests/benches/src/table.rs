//! The one table, in Markdown.

use std::io::{self, Write};

use crate::measure::Figures;
use crate::measure::node;
use crate::peers::Peer;
use crate::report::Report;

const LEGEND: &str = "\
By hand is `futures::try_join!`, and in Node `await` with `Promise.all`. Its cells are absolute, all others a multiple
of the cell by hand in the same language. A dash: this graph cannot be written so, or has nothing to join, or cannot be
run so.

- page: `a`, then `b` and `c`; diamond: and `d` after both; N: `a`, `b`, `c: [a]`, `d: [a, b]`; layers: 8 by 8 tasks,
  each of which needs all 8 of the layer before; mesh: the same, each needs 2; chain: 64 in a row; wide: so many side
  by side; crossing chains: two of 3, and an edge between them.
- A task adds up what it needs. Where it is not *ready* at its first poll, it wakes itself and is ready at the second.
  In *wide* each waits for an event of its own, after each of which the whole is polled; *8 at a time*: after eight of
  them; *8 self-wakes*: each wakes itself eight times. On *2 threads* another task brings the events. In Node each is
  a promise that is resolved already, whose value comes in a turn of its own.
- `futures::try_join!`, `tokio::try_join!`, `futures-concurrency`, `enjoin` and `join_me_maybe` have no word for an
  edge, so the graph is written in layers, where tasks wait for more than they need; `dagx` itself runs a graph in
  layers.
- `FuturesUnordered` and `JoinSet` start a task when what it needs has ended, by the thirty lines of bookkeeping that
  they leave to their user. `JoinSet` and `dagx` spawn, so tokio's runtime is in their cells; the others need none.
- `join_me_maybe::join!` with 256 arms compiles for minutes; the future of `async_dag` cannot go to another thread.
";

pub(crate) fn write(report: &Report<'_>, out: &mut impl Write) -> io::Result<()> {
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
    let no_node = || vec![DASH.to_owned(); node_peers.len()];
    if report.instructions.is_ok() {
        section(out, "instructions")?;
        for (row, figures) in report.counted_rows() {
            writeln!(
                out,
                "|{}|{}|",
                row.name,
                cells(&[ratios(figures), no_node()].concat())
            )?;
        }
    }
    section(out, "nanoseconds")?;
    for (row, figures) in report.rows.iter().zip(&report.nanoseconds) {
        let in_node = row
            .in_node
            .map_or_else(no_node, |(graph, _)| node_ratios(node_peers, graph));
        writeln!(
            out,
            "|{}|{}|",
            row.name,
            cells(&[ratios(figures), in_node].concat())
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
    for (what, missing) in [
        ("instructions", report.instructions.as_ref().err()),
        ("Node", report.node.as_ref().err()),
    ] {
        if let Some(missing) = missing {
            writeln!(out, "- Left out, {what}: {missing}.")?;
        }
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

/// The first absolute, the others as multiples of it.
fn ratios(figures: &Figures) -> Vec<String> {
    let by_hand = figures[&Peer::ByHand];
    let cells = Peer::ALL.iter().map(|peer| match peer {
        Peer::ByHand => absolute(by_hand),
        _ => cell(figures.get(peer).copied(), |figure| ratio(figure / by_hand)),
    });
    cells.collect()
}

fn node_ratios(peers: &[node::Peer], graph: &str) -> Vec<String> {
    let figure = |peer: &node::Peer| peer.nanoseconds.get(graph).copied();
    let by_hand = peers.first().and_then(figure);
    let others = peers.iter().skip(1).map(|peer| {
        cell(figure(peer).zip(by_hand), |(figure, by_hand)| {
            ratio(figure / by_hand)
        })
    });
    [cell(by_hand, absolute)]
        .into_iter()
        .chain(others)
        .collect()
}

fn absolute(figure: f64) -> String {
    format!("{figure:.0}")
}

/// With two digits that say something, and no more.
fn ratio(ratio: f64) -> String {
    match ratio {
        ..0.1 => format!("{ratio:.3}"),
        ..10.0 => format!("{ratio:.2}"),
        ..100.0 => format!("{ratio:.1}"),
        _ => format!("{ratio:.0}"),
    }
}
