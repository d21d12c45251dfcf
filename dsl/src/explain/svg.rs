//! The graph as an SVG picture. dagre decides the positions. This module computes the sizes and draws.

use core::fmt::Write;

use dugong::graphlib::{Graph, GraphOptions};
use dugong::{EdgeLabel, GraphLabel, LabelPos, NodeLabel, Point};

use super::text::columns;
use super::{Access, Dependency, Explanation, Task};

/// The width of a letter in any font, so that texts fit their boxes.
const LETTER: f64 = 8.4;
const PADDING: f64 = 14.0;
const BOX_HEIGHT: f64 = 34.0;
const MARGIN: f64 = 4.0;
/// The offset of each box in the stack of a `for` task.
const STACK: f64 = 4.0;
const LABEL_LETTER: f64 = 6.6;
/// The gap between an arrow and its label.
const LABEL_GAP: f64 = 5.0;
const LABEL_HEIGHT: f64 = 14.0;
const ARROW: f64 = 8.0;

/// `:root` matches a picture that is its own file. In a page, the picture has the color of the text around it.
const STYLE: &str = "\
.conjoin{color:inherit;max-width:100%;height:auto}\
:root.conjoin{color:#1f2328;background:#fff}\
@media(prefers-color-scheme:dark){:root.conjoin{color:#e6edf3;background:#0d1117}}\
.conjoin text{font:14px ui-monospace,monospace;fill:currentColor;text-anchor:middle;dominant-baseline:central}\
.conjoin .l{font-size:11px}\
.conjoin rect{fill:currentColor;fill-opacity:.06;stroke:currentColor;stroke-opacity:.6;stroke-width:1.2}\
.conjoin .if{stroke-dasharray:5 3}\
.conjoin .e{fill:none;stroke:currentColor;stroke-opacity:.75;stroke-width:1.2}\
.conjoin .x{stroke-width:2.4}\
.conjoin .o{stroke-dasharray:1.5 4;stroke-linecap:round}\
.conjoin .a{fill:currentColor;fill-opacity:.75}";

pub(super) fn svg(graph: &Explanation) -> String {
    let layout = layout(graph);
    let [left, top, width, height] = view(graph, &layout);
    let mut svg = String::new();
    line(
        &mut svg,
        format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"conjoin\" role=\"img\" width=\"{width}\" \
             height=\"{height}\" viewBox=\"{left} {top} {width} {height}\">",
        ),
    );
    line(&mut svg, format_args!("<title>{}</title>", title(graph)));
    line(&mut svg, format_args!("<style>{STYLE}</style>"));
    for (dependency, task) in graph.edges() {
        let edge = layout
            .edge(&id(dependency.index), &id(task), None)
            .expect("each dependency was laid out");
        draw_edge(&mut svg, dependency, &graph.tasks[task], edge);
    }
    for (index, task) in graph.tasks.iter().enumerate() {
        draw_task(
            &mut svg,
            task,
            layout.node(&id(index)).expect("each task was laid out"),
        );
    }
    svg.push_str("</svg>\n");
    svg
}

fn layout(graph: &Explanation) -> Graph<NodeLabel, EdgeLabel, GraphLabel> {
    let options = GraphOptions {
        directed: true,
        compound: true,
        multigraph: true,
    };
    let mut layout = Graph::<NodeLabel, EdgeLabel, GraphLabel>::new(options);
    layout.set_graph(GraphLabel {
        nodesep: 28.0,
        ranksep: 44.0,
        edgesep: 14.0,
        ..GraphLabel::default()
    });
    for (index, task) in graph.tasks.iter().enumerate() {
        let stack = stack(task);
        let width = text_width(task.name, LETTER) + 2.0 * PADDING + stack;
        layout.set_node(
            id(index),
            NodeLabel {
                width,
                height: BOX_HEIGHT + stack,
                ..NodeLabel::default()
            },
        );
    }
    for (dependency, task) in graph.edges() {
        let label = dependency.label();
        let edge = EdgeLabel {
            // Reserves room on both sides of the arrow, because the label may be on either.
            width: label.map_or(0.0, |label| {
                2.0 * (LABEL_GAP + text_width(label, LABEL_LETTER))
            }),
            height: label.map_or(0.0, |_| LABEL_HEIGHT),
            labelpos: LabelPos::C,
            weight: 1.0,
            ..EdgeLabel::default()
        };
        layout.set_edge_with_label(id(dependency.index), id(task), edge);
    }
    for (index, group) in groups(graph).into_iter().enumerate() {
        if let Some(group) = group {
            layout.set_parent(id(index), format!("group {group}"));
        }
    }
    dugong::layout(&mut layout).expect("boxes that have a size can be laid out");
    layout
}

/// Left, top, width and height of the whole drawing. (dagre's numbers leave out arrows.)
fn view(graph: &Explanation, layout: &Graph<NodeLabel, EdgeLabel, GraphLabel>) -> [f64; 4] {
    let nodes = (0..graph.tasks.len()).filter_map(|task| {
        let node = layout.node(&id(task))?;
        Some((node.x?, node.y?, node.width / 2.0, node.height / 2.0))
    });
    let edges = layout.edge_keys();
    let edges = || edges.iter().filter_map(|key| layout.edge_by_key(key));
    let labels =
        edges().filter_map(|edge| Some((edge.x?, edge.y?, edge.width / 2.0, edge.height / 2.0)));
    let points =
        edges().flat_map(|edge| edge.points.iter().map(|point| (point.x, point.y, 0.0, 0.0)));
    let ends = nodes
        .chain(labels)
        .chain(points)
        .map(|(x, y, half_width, half_height)| {
            [
                x - half_width,
                y - half_height,
                x + half_width,
                y + half_height,
            ]
        });
    let [left, top, right, bottom] = ends
        .reduce(|one, other| {
            [
                one[0].min(other[0]),
                one[1].min(other[1]),
                one[2].max(other[2]),
                one[3].max(other[3]),
            ]
        })
        .unwrap_or_default();
    let (left, top) = ((left - MARGIN).floor(), (top - MARGIN).floor());
    [
        left,
        top,
        (right + MARGIN - left).ceil(),
        (bottom + MARGIN - top).ceil(),
    ]
}

/// For each task, the first task of its connected part, so that the layout keeps the part together. `None` for a single
/// task, or if there is only one part.
fn groups(graph: &Explanation) -> Vec<Option<usize>> {
    let count = graph.tasks.len();
    let mut neighbours = vec![Vec::new(); count];
    for (dependency, task) in graph.edges() {
        neighbours[task].push(dependency.index);
        neighbours[dependency.index].push(task);
    }
    let mut groups = vec![None; count];
    let mut found = 0;
    for first in 0..count {
        if groups[first].is_some() || neighbours[first].is_empty() {
            continue;
        }
        found += 1;
        let mut open = vec![first];
        while let Some(task) = open.pop() {
            if groups[task].replace(first).is_none() {
                open.extend(&neighbours[task]);
            }
        }
    }
    if found > 1 { groups } else { vec![None; count] }
}

/// The text for screen readers.
fn title(graph: &Explanation) -> String {
    let tasks = graph.tasks.iter().map(|task| {
        let needs: Vec<_> = task.dependencies.iter().map(Dependency::name).collect();
        if needs.is_empty() {
            task.name.to_owned()
        } else {
            format!("{} after {}", task.name, needs.join(", "))
        }
    });
    let tasks: Vec<_> = tasks.collect();
    if tasks.is_empty() {
        "A graph of no tasks".to_owned()
    } else {
        format!("A graph of tasks: {}", tasks.join("; "))
    }
}

/// The extra room of a stack of boxes.
fn stack(task: &Task) -> f64 {
    if task.is_for { 2.0 * STACK } else { 0.0 }
}

fn draw_task(svg: &mut String, task: &Task, node: &NodeLabel) {
    let (x, y) = (node.x.unwrap_or_default(), node.y.unwrap_or_default());
    let stack = stack(task);
    // The other boxes extend to the right and above.
    let (left, top, width, length) = (
        x - node.width / 2.0,
        y - node.height / 2.0 + stack,
        node.width - stack,
        text_width(task.name, LETTER),
    );
    let (x, y) = (x - stack / 2.0, y + stack / 2.0);
    if task.is_for {
        for behind in [2.0 * STACK, STACK] {
            let (right, bottom) = (left + width + behind, top - behind + BOX_HEIGHT);
            line(
                svg,
                format_args!(
                    "<path fill=\"none\" stroke=\"currentColor\" stroke-opacity=\".6\" d=\"M{:.1} {:.1}V{:.1}H{right:.1}V{bottom:.1}H{:.1}\"/>",
                    left + behind,
                    top - behind + STACK,
                    top - behind,
                    right - STACK,
                ),
            );
        }
    }
    let class = if task.is_conditional {
        " class=\"if\""
    } else {
        ""
    };
    line(
        svg,
        format_args!(
            "<rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{BOX_HEIGHT}\" rx=\"6\"{class}/>\
             <text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{length:.1}\" lengthAdjust=\"spacingAndGlyphs\">{}</text>",
            task.name
        ),
    );
}

fn draw_edge(svg: &mut String, dependency: &Dependency, task: &Task, edge: &EdgeLabel) {
    let points = &edge.points[..];
    let (Some(tip), Some(before)) = (points.last().copied(), points.iter().rev().nth(1).copied())
    else {
        return;
    };
    let length = (tip.x - before.x).hypot(tip.y - before.y).max(f64::EPSILON);
    let (along, across) = ((tip.x - before.x) / length, (tip.y - before.y) / length);
    let back = Point {
        x: tip.x - along * ARROW,
        y: tip.y - across * ARROW,
    };
    let class = match dependency.access {
        Access::Read => "e",
        Access::Change | Access::Take => "e x",
        Access::Order => "e o",
    };
    let half = ARROW * 0.4;
    let access = dependency.to_string().replace('&', "&amp;");
    line(
        svg,
        format_args!(
            "<path class=\"{class}\" d=\"{}\"><title>{}: {access}</title></path>\
             <path class=\"a\" d=\"M{:.1} {:.1}L{:.1} {:.1}L{:.1} {:.1}Z\"/>",
            curve(points, back),
            task.name,
            tip.x,
            tip.y,
            back.x - across * half,
            back.y + along * half,
            back.x + across * half,
            back.y - along * half,
        ),
    );
    if let (Some(label), Some(x), Some(y)) = (dependency.label(), edge.x, edge.y) {
        draw_label(svg, label, Point { x, y }, points);
    }
}

/// Draws the label of an arrow through the point `at`, on the side away from its bend.
fn draw_label(svg: &mut String, label: &str, at: Point, points: &[Point]) {
    let before = points
        .iter()
        .rev()
        .find(|point| point.y < at.y)
        .map_or(at.x, |point| point.x);
    let after = points
        .iter()
        .find(|point| point.y > at.y)
        .map_or(at.x, |point| point.x);
    let side = if before + after > 2.0 * at.x {
        -1.0
    } else {
        1.0
    };
    let length = text_width(label, LABEL_LETTER);
    let (x, y) = (at.x + side * (LABEL_GAP + length / 2.0), at.y);
    line(
        svg,
        format_args!(
            "<text class=\"l\" x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{length:.1}\" \
             lengthAdjust=\"spacingAndGlyphs\">{label}</text>"
        ),
    );
}

/// A line from the first point to `end`, rounded at the points between. It goes through the middle of each segment.
fn curve(points: &[Point], end: Point) -> String {
    let mut path = format!("M{:.1} {:.1}", points[0].x, points[0].y);
    for stretch in points[1..].windows(2) {
        let [corner, next] = stretch else { continue };
        let (x, y) = (
            f64::midpoint(corner.x, next.x),
            f64::midpoint(corner.y, next.y),
        );
        write!(path, "Q{:.1} {:.1} {x:.1} {y:.1}", corner.x, corner.y).expect("a string takes all");
    }
    write!(path, "L{:.1} {:.1}", end.x, end.y).expect("a string takes all");
    path
}

/// The name of a task in the layout.
fn id(index: usize) -> String {
    index.to_string()
}

fn text_width(text: &str, letter: f64) -> f64 {
    let columns = u32::try_from(columns(text)).unwrap_or(u32::MAX);
    f64::from(columns) * letter
}

fn line(svg: &mut String, line: core::fmt::Arguments<'_>) {
    writeln!(svg, "{line}").expect("a string takes all that is written to it");
}
