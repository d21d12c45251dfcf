//! The two plots, as SVG that follows the reader's preference for light or dark.

mod cost;
mod makespan;

use std::fmt::{self, Display, Write};
use std::fs;
use std::path::Path;

use self::cost::Line;
use self::makespan::Bars;
use crate::peers::Peer;
use crate::report::Report;

/// Writes `cost.svg` and `makespan.svg`.
pub(crate) fn draw(report: &Report, folder: &Path) -> Result<(), String> {
    let write = || {
        fs::create_dir_all(folder)?;
        fs::write(folder.join("cost.svg"), cost_of(report))?;
        fs::write(folder.join("makespan.svg"), makespan_of(report))
    };
    write().map_err(|error| format!("the plots in {}: {error}", folder.display()))
}

/// The instructions of the rows that have a width, a line for each peer.
fn cost_of(report: &Report) -> String {
    let lines = Peer::ALL.map(|peer| {
        let points = report.rows.iter().zip(&report.instructions);
        let points = points.filter_map(|(row, figures)| Some((row.width?, *figures.get(&peer)?)));
        Line {
            peer,
            points: points.collect(),
        }
    });
    cost::svg("instructions", &lines)
}

/// The makespans of each peer, first in Rust.
fn makespan_of(report: &Report) -> String {
    let rust = Peer::ALL.iter().map(|peer| Bars {
        peer: peer.name().to_owned(),
        figures: report
            .makespans
            .iter()
            .map(|figures| figures.get(peer).copied())
            .collect(),
    });
    let node = report.node.iter().flat_map(|node| &node.peers);
    let node = node.map(|peer| Bars {
        peer: format!("Node: {}", peer.name),
        figures: report
            .timed
            .iter()
            .map(|timed| peer.makespans.get(timed.in_node).copied())
            .collect(),
    });
    let graphs: Vec<_> = report.timed.iter().map(|timed| timed.name).collect();
    let bars: Vec<_> = rust.chain(node).collect();
    makespan::svg(&graphs, &bars)
}

/// The width of a plot, in pixels.
const WIDTH: f64 = 760.0;

/// A colour on light paper, and one on dark paper.
type Color = (&'static str, &'static str);

const PAPER: Color = ("#ffffff", "#14181f");
const INK: Color = ("#1c2430", "#e8ecf2");
const GRID: Color = ("#d9dee6", "#323a46");

/// A plot with a title. `colors` are those of its classes, each of which sets `color`.
fn document(
    title: &str,
    height: f64,
    colors: &[(String, Color)],
    content: impl FnOnce(&mut String) -> fmt::Result,
) -> String {
    let mut svg = String::new();
    write_document(&mut svg, title, height, colors, content).expect("a string takes all text");
    svg
}

fn write_document(
    svg: &mut String,
    title: &str,
    height: f64,
    colors: &[(String, Color)],
    content: impl FnOnce(&mut String) -> fmt::Result,
) -> fmt::Result {
    let title = Escaped(title);
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">"#
    )?;
    // The book includes the plots in its pages, so the rules must not apply outside of them.
    writeln!(svg, "<title>{title}</title>\n<style>")?;
    writeln!(svg, ".plot {{ max-width: 100%; height: auto }}")?;
    writeln!(
        svg,
        ".plot text {{\n  font: 15px system-ui, sans-serif; fill: currentColor;\n  \
         paint-order: stroke; stroke: var(--paper); stroke-width: 4; stroke-linejoin: round;\n}}"
    )?;
    writeln!(svg, ".plot text.title {{ font-size: 17px }}")?;
    writeln!(
        svg,
        ".plot text.title, .plot text.Auto {{ font-weight: 600 }}"
    )?;
    writeln!(
        svg,
        ".plot .line {{ stroke: currentColor; fill: none }}\n.plot .fill {{ fill: currentColor }}"
    )?;
    let ours = [("paper", PAPER), ("ink", INK), ("grid", GRID)];
    let ours = ours.map(|(class, color)| (class.to_owned(), color));
    let colors = || ours.iter().chain(colors);
    let (light, dark) = PAPER;
    writeln!(svg, ".plot {{ --paper: {light} }}")?;
    for (class, (light, _)) in colors() {
        writeln!(svg, ".plot .{class} {{ color: {light} }}")?;
    }
    writeln!(svg, "@media (prefers-color-scheme: dark) {{")?;
    writeln!(svg, "  .plot {{ --paper: {dark} }}")?;
    for (class, (_, dark)) in colors() {
        writeln!(svg, "  .plot .{class} {{ color: {dark} }}")?;
    }
    writeln!(svg, "}}\n</style>")?;
    writeln!(
        svg,
        r#"<rect class="paper fill" width="{WIDTH}" height="{height}"/>"#
    )?;
    writeln!(
        svg,
        r#"<text class="ink title" x="16" y="30">{title}</text>"#
    )?;
    content(svg)?;
    writeln!(svg, "</svg>")
}

/// A text whose anchor is `start`, `middle` or `end`.
fn text(
    svg: &mut String,
    class: &str,
    anchor: &str,
    (x, y): (f64, f64),
    text: &str,
) -> fmt::Result {
    let text = Escaped(text);
    writeln!(
        svg,
        r#"<text class="{class}" x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{text}</text>"#
    )
}

fn line(svg: &mut String, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) -> fmt::Result {
    writeln!(
        svg,
        r#"<line class="{class} line" x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}"/>"#
    )
}

struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|char| match char {
            '<' => f.write_str("&lt;"),
            '&' => f.write_str("&amp;"),
            _ => f.write_char(char),
        })
    }
}
