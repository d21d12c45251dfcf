//! Cost against width, both logarithmic, with a line for each peer.

use std::fmt::{self, Write};

use super::{Color, WIDTH, document, line, text};
use crate::peers::Peer;

pub(super) struct Line {
    pub(super) peer: Peer,
    /// Widths and figures, in order.
    pub(super) points: Vec<(u32, f64)>,
}

const HEIGHT: f64 = 560.0;
const LEFT: f64 = 74.0;
const TOP: f64 = 104.0;
const BOTTOM: f64 = HEIGHT - 62.0;
/// The width of the names at the right.
const NAMES: f64 = 172.0;
/// The smallest distance between two names.
const APART: f64 = 19.0;

pub(super) fn svg(unit: &str, lines: &[Line]) -> String {
    let title = format!("{unit} to run concurrent tasks, each woken by an event of its own");
    let colors: Vec<_> = lines
        .iter()
        .map(|line| (class(line.peer), color(line.peer)))
        .collect();
    document(&title, HEIGHT, &colors, |svg| plot(svg, unit, lines))
}

fn plot(svg: &mut String, unit: &str, lines: &[Line]) -> fmt::Result {
    let points = || lines.iter().flat_map(|line| &line.points);
    let widths = points().map(|(width, _)| f64::from(*width).log2());
    let figures = points().map(|(_, figure)| figure.log10());
    let (x, y) = (
        Axis::over(widths, LEFT, WIDTH - NAMES),
        Axis::over(figures, BOTTOM, TOP),
    );

    for power in 0..=9 {
        let Some(at) = y.inside(f64::from(power)) else {
            continue;
        };
        line(svg, "grid", (LEFT, at), (WIDTH - NAMES, at))?;
        text(
            svg,
            "ink",
            "end",
            (LEFT - 8.0, at + 5.0),
            &power_of_ten(power),
        )?;
    }
    for power in 0..=12 {
        let Some(at) = x.inside(f64::from(power)) else {
            continue;
        };
        line(svg, "grid", (at, TOP), (at, BOTTOM))?;
        text(
            svg,
            "ink",
            "middle",
            (at, BOTTOM + 22.0),
            &format!("{}", 1_u32 << power),
        )?;
    }
    text(
        svg,
        "ink",
        "middle",
        ((LEFT + WIDTH - NAMES) / 2.0, HEIGHT - 14.0),
        "tasks",
    )?;
    text(svg, "ink", "start", (16.0, TOP - 14.0), unit)?;

    // `auto!` is drawn last, above the others.
    let (auto, others): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line.peer == Peer::Auto);
    let mut names = Vec::new();
    for Line { peer, points } in others.into_iter().chain(auto) {
        let at =
            |(width, figure): &(u32, f64)| (x.at(f64::from(*width).log2()), y.at(figure.log10()));
        let Some(last) = points.last() else { continue };
        let path: Vec<_> = points
            .iter()
            .map(|point| format!("{:.1},{:.1}", at(point).0, at(point).1))
            .collect();
        let stroke = if *peer == Peer::Auto { 5 } else { 2 };
        let class = class(*peer);
        writeln!(
            svg,
            r#"<polyline class="{class} line" stroke-width="{stroke}" points="{}"/>"#,
            path.join(" ")
        )?;
        for point in points {
            let (x, y) = at(point);
            writeln!(
                svg,
                r#"<circle class="{class} fill" cx="{x:.1}" cy="{y:.1}" r="{}"/>"#,
                stroke.max(3)
            )?;
        }
        names.push((*peer, at(last)));
    }
    // The name of a line that ends early is at its end, where no other line is.
    let end = WIDTH - NAMES - 1.0;
    let (late, early): (Vec<_>, Vec<_>) = names.into_iter().partition(|(_, (x, _))| *x >= end);
    for (peer, (x, y)) in apart(late) {
        text(svg, &class(peer), "start", (x + 12.0, y + 5.0), peer.name())?;
    }
    for (peer, (x, y)) in early {
        text(svg, &class(peer), "end", (x - 10.0, y - 8.0), peer.name())?;
    }
    Ok(())
}

/// From values to places on the plot.
struct Axis {
    least: f64,
    most: f64,
    from: f64,
    to: f64,
}

impl Axis {
    fn over(values: impl Iterator<Item = f64> + Clone, from: f64, to: f64) -> Self {
        Axis {
            least: values.clone().fold(f64::MAX, f64::min),
            most: values.fold(f64::MIN, f64::max),
            from,
            to,
        }
    }

    fn at(&self, value: f64) -> f64 {
        self.from + (value - self.least) / (self.most - self.least) * (self.to - self.from)
    }

    fn inside(&self, value: f64) -> Option<f64> {
        (self.least..=self.most)
            .contains(&value)
            .then(|| self.at(value))
    }
}

/// `10,000` for 4.
fn power_of_ten(power: u32) -> String {
    match power {
        0..3 => format!("{}", 10_u32.pow(power)),
        3..6 => format!("{},000", 10_u32.pow(power - 3)),
        _ => format!("{} M", 10_u32.pow(power - 6)),
    }
}

/// The names from top to bottom, moved up where two would overlap.
fn apart(mut names: Vec<(Peer, (f64, f64))>) -> Vec<(Peer, (f64, f64))> {
    names.sort_by(|(_, (_, one)), (_, (_, other))| one.total_cmp(other));
    for index in (1..names.len()).rev() {
        let below = names[index].1.1;
        names[index - 1].1.1 = names[index - 1].1.1.min(below - APART);
    }
    names
}

fn class(peer: Peer) -> String {
    format!("{peer:?}")
}

fn color(peer: Peer) -> Color {
    match peer {
        Peer::Auto => ("#c81e3c", "#ff6b81"),
        Peer::ByHand => ("#141419", "#f4f4f6"),
        Peer::Tokio => ("#5a5ac8", "#a5a5ff"),
        Peer::FuturesConcurrency => ("#007a6c", "#3fd0bd"),
        Peer::Enjoin => ("#8a6500", "#e0b84a"),
        Peer::JoinMeMaybe => ("#a23a99", "#f08be6"),
        Peer::FuturesUnordered => ("#1c70b0", "#6cb8f5"),
        Peer::JoinSet => ("#5a3c8c", "#bb9bf0"),
        Peer::AsyncDag => ("#686d72", "#b0b5ba"),
        Peer::Dagx => ("#6e5546", "#cfae99"),
    }
}
