//! The two plots, each on a background of its own, so that they can be read on a light page and on a dark one.

use std::fs;
use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::peers::Peer;
use crate::report::Report;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

const PAPER: RGBColor = RGBColor(251, 250, 247);
const INK: RGBColor = RGBColor(45, 45, 50);
const FAINT: RGBColor = RGBColor(214, 212, 206);
const FONT: &str = "sans-serif";

/// `cost.svg` and `makespan.svg`.
pub(crate) fn draw(report: &Report<'_>, folder: &Path) -> Result<(), String> {
    let draw = || {
        fs::create_dir_all(folder)?;
        cost(report, &folder.join("cost.svg"))?;
        makespan(report, &folder.join("makespan.svg"))
    };
    draw().map_err(|error| format!("the plots in {}: {error}", folder.display()))
}

fn color(peer: Peer) -> RGBColor {
    match peer {
        Peer::Auto => RGBColor(200, 30, 60),
        Peer::ByHand => RGBColor(20, 20, 25),
        Peer::Tokio => RGBColor(90, 90, 200),
        Peer::FuturesConcurrency => RGBColor(0, 135, 120),
        Peer::Enjoin => RGBColor(150, 110, 0),
        Peer::JoinMeMaybe => RGBColor(170, 60, 160),
        Peer::FuturesUnordered => RGBColor(30, 120, 190),
        Peer::JoinSet => RGBColor(90, 60, 140),
        Peer::AsyncDag => RGBColor(120, 125, 130),
        Peer::Dagx => RGBColor(110, 85, 70),
    }
}

/// Cost against width, both logarithmic, a line for each peer, whose name stands at its end.
fn cost(report: &Report<'_>, path: &Path) -> Drawn {
    let unit = if report.instructions.is_ok() {
        "instructions"
    } else {
        "nanoseconds"
    };
    let rows: Vec<_> = match report.instructions {
        Ok(_) => report.counted_rows().collect(),
        Err(_) => report.rows.iter().zip(&report.nanoseconds).collect(),
    };
    let lines: Vec<(Peer, Vec<(f64, f64)>)> = Peer::ALL
        .iter()
        .map(|peer| {
            let point = |(row, figures): &(&crate::rows::Row, &crate::measure::Figures)| {
                Some((f64::from(row.width?).log2(), *figures.get(peer)?))
            };
            (*peer, rows.iter().filter_map(point).collect())
        })
        .collect();
    let figures = || {
        lines
            .iter()
            .flat_map(|(_, points)| points.iter().map(|point| point.1))
    };
    let (least, most) = (
        figures().fold(f64::MAX, f64::min),
        figures().fold(0.0, f64::max),
    );

    let root = SVGBackend::new(path, (760, 480)).into_drawing_area();
    let title =
        format!("{unit} for a run of tasks side by side, each woken by an event of its own");
    let area = titled(&root, &title)?;
    let mut chart = ChartBuilder::on(&area)
        .margin_right(150)
        .margin_left(10)
        .margin_bottom(10)
        .x_label_area_size(40)
        .y_label_area_size(70)
        .build_cartesian_2d(2.8..8.1, (least / 1.5..most * 1.5).log_scale())?;
    chart
        .configure_mesh()
        .bold_line_style(FAINT)
        .light_line_style(TRANSPARENT)
        .axis_style(INK)
        .label_style((FONT, 13).into_font().color(&INK))
        .x_desc("tasks (log)")
        .y_desc(format!("{unit} (log)"))
        .x_labels(6)
        .x_label_formatter(&|width: &f64| format!("{:.0}", width.exp2()))
        .y_label_formatter(&|figure| format!("{figure:.0}"))
        .draw()?;
    let mut ends = Vec::new();
    for (peer, points) in &lines {
        let style = color(*peer).stroke_width(if *peer == Peer::Auto { 4 } else { 2 });
        chart.draw_series(LineSeries::new(points.iter().copied(), style))?;
        let dot = |point: &(f64, f64)| Circle::new(*point, 3, color(*peer).filled());
        chart.draw_series(points.iter().map(dot))?;
        ends.extend(points.last().map(|end| (*peer, chart.backend_coord(end))));
    }
    // A line that ends early has others to its right, which all rise: its name stands below them.
    let rightmost = ends.iter().map(|(_, (x, _))| *x).max();
    let (late, early): (Vec<_>, Vec<_>) = ends
        .into_iter()
        .partition(|(_, (x, _))| Some(*x) == rightmost);
    let early = early.into_iter().map(|(peer, (x, y))| (peer, (x, y + 20)));
    for (peer, (x, y)) in apart(late, 15).into_iter().chain(early) {
        let style = (FONT, 13)
            .into_font()
            .color(&color(peer))
            .pos(Pos::new(HPos::Left, VPos::Center));
        root.draw(&Text::new(peer.name(), (x + 8, y), style))?;
    }
    root.present()?;
    Ok(())
}

/// The same from top to bottom, no two nearer to each other than `distance`.
fn apart(mut ends: Vec<(Peer, (i32, i32))>, distance: i32) -> Vec<(Peer, (i32, i32))> {
    ends.sort_by_key(|(_, (_, y))| *y);
    for index in (1..ends.len()).rev() {
        let below = ends[index].1.1;
        ends[index - 1].1.1 = ends[index - 1].1.1.min(below - distance);
    }
    ends
}

/// A row for each peer, a bar for each graph.
fn makespan(report: &Report<'_>, path: &Path) -> Drawn {
    const BAR: i32 = 9;
    const GRAPHS: [RGBColor; 3] = [
        RGBColor(200, 30, 60),
        RGBColor(30, 120, 190),
        RGBColor(110, 115, 125),
    ];
    let names: Vec<_> = report.timed.iter().map(|timed| timed.in_node).collect();
    let rust = Peer::ALL.iter().map(|peer| {
        let figures: Vec<_> = report
            .makespans
            .iter()
            .map(|figures| figures.get(peer).copied())
            .collect();
        (peer.name().to_owned(), figures)
    });
    let node = report.node.iter().flat_map(|node| &node.peers).map(|peer| {
        let figures: Vec<_> = names
            .iter()
            .map(|name| peer.makespans.get(*name).copied())
            .collect();
        (format!("Node, {}", peer.name), figures)
    });
    let peers: Vec<_> = rust.chain(node).collect();
    let peer_height = BAR * i32::try_from(names.len())? + 10;
    let height = peer_height * i32::try_from(peers.len())? + 120;

    let root = SVGBackend::new(path, (760, u32::try_from(height)?)).into_drawing_area();
    titled(
        &root,
        "makespan of tasks that sleep, as a multiple of the critical path",
    )?;
    let (left, top, unit) = (170, 84, 330.0);
    let label = |x, y| (FONT, 13).into_font().color(&INK).pos(Pos::new(x, y));
    for (index, timed) in report.timed.iter().enumerate() {
        let x = left + 150 * i32::try_from(index)?;
        root.draw(&Rectangle::new(
            [(x, 50), (x + 12, 62)],
            GRAPHS[index % GRAPHS.len()].filled(),
        ))?;
        root.draw(&Text::new(
            timed.name,
            (x + 18, 56),
            label(HPos::Left, VPos::Center),
        ))?;
    }
    for (tenths, text) in [(0, "0"), (5, "0.5"), (10, "1"), (15, "1.5")] {
        let x = left + pixels(f64::from(tenths) / 10.0 * unit);
        let style = if tenths == 10 { INK } else { FAINT };
        root.draw(&PathElement::new([(x, top - 6), (x, height - 32)], style))?;
        root.draw(&Text::new(
            text,
            (x, height - 28),
            label(HPos::Center, VPos::Top),
        ))?;
    }
    for (row, (name, figures)) in (0..).zip(&peers) {
        let y = top + row * peer_height;
        let middle = y + (peer_height - 10) / 2;
        root.draw(&Text::new(
            name.as_str(),
            (left - 10, middle),
            label(HPos::Right, VPos::Center),
        ))?;
        for (bar, figure) in (0..).zip(figures) {
            let (Some(figure), top) = (figure, y + bar * BAR) else {
                continue;
            };
            let right = left + pixels(figure * unit);
            let color = GRAPHS[usize::try_from(bar)? % GRAPHS.len()];
            root.draw(&Rectangle::new(
                [(left, top), (right, top + BAR - 2)],
                color.filled(),
            ))?;
            let style = (FONT, 9)
                .into_font()
                .color(&INK)
                .pos(Pos::new(HPos::Left, VPos::Center));
            root.draw(&Text::new(
                format!("{figure:.2}"),
                (right + 4, top + BAR / 2),
                style,
            ))?;
        }
    }
    root.present()?;
    Ok(())
}

#[allow(clippy::cast_possible_truncation, reason = "a place on the plot")]
fn pixels(length: f64) -> i32 {
    length.round() as i32
}

fn titled<'a>(root: &Area<'a>, title: &str) -> Result<Area<'a>, Box<dyn std::error::Error>> {
    root.fill(&PAPER)?;
    let style = (FONT, 16).into_font().color(&INK);
    root.draw(&Text::new(title.to_owned(), (20, 18), style))?;
    let (_, below) = root.split_vertically(44);
    Ok(below)
}
