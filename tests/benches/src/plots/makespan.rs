//! Makespans as multiples of the critical path. Peers with the same figures share a row.

use std::fmt::{self, Write};

use super::{Color, WIDTH, document, line, text};

pub(super) struct Bars {
    pub(super) peer: String,
    /// One figure for each graph.
    pub(super) figures: Vec<Option<f64>>,
}

/// Peers whose figures look the same.
struct Row {
    peers: Vec<String>,
    figures: Vec<Option<f64>>,
}

const LEFT: f64 = 320.0;
const TOP: f64 = 92.0;
/// A bar with the space below it.
const BAR: f64 = 26.0;
/// A line of names.
const NAMES: f64 = 21.0;
/// How many letters fit in a line of names.
const LETTERS: usize = 36;
const COLORS: [Color; 3] = [
    ("#c81e3c", "#ff6b81"),
    ("#1c70b0", "#6cb8f5"),
    ("#686d72", "#b0b5ba"),
];

pub(super) fn svg(graphs: &[&str], bars: &[Bars]) -> String {
    let rows = rows(bars);
    let heights: Vec<_> = rows
        .iter()
        .map(|row| {
            let lines = count(lines(&row.peers).len()) * NAMES;
            lines.max(count(graphs.len()) * BAR) + 26.0
        })
        .collect();
    let height = TOP + heights.iter().sum::<f64>() + 30.0;
    let colors: Vec<_> = (0..graphs.len())
        .map(|graph| (class(graph), COLORS[graph % COLORS.len()]))
        .collect();
    let title = "makespan of sleeping tasks, as a multiple of the critical path";
    document(title, height, &colors, |svg| {
        legend(svg, graphs)?;
        let most = bars.iter().flat_map(|bars| &bars.figures).flatten();
        let unit = (WIDTH - LEFT - 60.0) / most.fold(1.0, |most: f64, figure| most.max(*figure));
        let bottom = height - 30.0;
        for (figure, label) in [(0.0, "0"), (0.5, "0.5"), (1.0, "1"), (1.5, "1.5")] {
            let x = LEFT + figure * unit;
            if x < WIDTH - 16.0 {
                let class = if label == "1" { "ink" } else { "grid" };
                line(svg, class, (x, TOP - 8.0), (x, bottom))?;
                text(svg, "ink", "middle", (x, bottom + 20.0), label)?;
            }
        }
        let mut y = TOP;
        for (row, height) in rows.iter().zip(heights) {
            draw_row(svg, row, y, unit)?;
            y += height;
        }
        Ok(())
    })
}

fn rows(bars: &[Bars]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for Bars { peer, figures } in bars {
        let shown = |figures: &[Option<f64>]| -> Vec<String> {
            figures.iter().copied().map(label).collect()
        };
        let same = rows
            .iter_mut()
            .find(|row| shown(&row.figures) == shown(figures));
        match same {
            Some(row) => row.peers.push(peer.clone()),
            None => rows.push(Row {
                peers: vec![peer.clone()],
                figures: figures.clone(),
            }),
        }
    }
    rows
}

fn label(figure: Option<f64>) -> String {
    figure.map_or_else(String::new, |figure| format!("{figure:.2}"))
}

/// Names in lines, with commas between them.
fn lines(names: &[String]) -> Vec<String> {
    let mut lines = vec![String::new()];
    for (index, name) in names.iter().enumerate() {
        let comma = if index + 1 < names.len() { "," } else { "" };
        let line = lines.last_mut().expect("there is a first line");
        if line.is_empty() {
            *line = format!("{name}{comma}");
        } else if line.len() + name.len() + 2 > LETTERS {
            lines.push(format!("{name}{comma}"));
        } else {
            let _ = write!(line, " {name}{comma}");
        }
    }
    lines
}

fn legend(svg: &mut String, graphs: &[&str]) -> fmt::Result {
    let mut x = LEFT;
    for (index, graph) in graphs.iter().enumerate() {
        let class = class(index);
        writeln!(
            svg,
            r#"<rect class="{class} fill" x="{x}" y="51" width="14" height="14"/>"#
        )?;
        text(svg, "ink", "start", (x + 20.0, 63.0), graph)?;
        x += 50.0 + 8.5 * count(graph.len());
    }
    Ok(())
}

fn draw_row(svg: &mut String, row: &Row, y: f64, unit: f64) -> fmt::Result {
    for (index, names) in (0_u32..).zip(lines(&row.peers)) {
        let y = y + 15.0 + f64::from(index) * NAMES;
        text(svg, "ink", "end", (LEFT - 14.0, y), &names)?;
    }
    for (index, figure) in row.figures.iter().enumerate() {
        let Some(length) = figure.map(|figure| figure * unit) else {
            continue;
        };
        let (class, y) = (class(index), y + count(index) * BAR);
        writeln!(
            svg,
            r#"<rect class="{class} fill" x="{LEFT}" y="{y:.1}" width="{length:.1}" height="{}"/>"#,
            BAR - 6.0
        )?;
        let label = label(*figure);
        text(svg, "ink", "start", (LEFT + length + 8.0, y + 15.0), &label)?;
    }
    Ok(())
}

fn class(graph: usize) -> String {
    format!("graph-{graph}")
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::MAX, f64::from)
}
