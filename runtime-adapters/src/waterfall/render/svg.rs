//! The picture as SVG.
//!
//! Positions on the time axis are percentages, everything else is in pixels, and there is no `viewBox`: so a narrower
//! picture does not have smaller text. Names are above their bars, so the bars have the whole width.

use std::fmt::{self, Write};
use std::time::Duration;

use unicode_width::UnicodeWidthStr;

use super::rows::{Row, not_started, rows};
use super::text::{
    Drawn, EscapedXml, critical_path, cut, duration, place_and_summary, summary, ticks,
};
use crate::waterfall::model::run::{Outcome, Run};

/// The style sheet, for pages that include it once for several pictures.
pub(super) const STYLE: &str = include_str!("picture.css");

/// The optional parts of a picture.
#[derive(Clone, Copy)]
pub(super) struct SvgOptions {
    pub(super) style: bool,
    pub(super) heading: bool,
    pub(super) legend: bool,
}

const ROW: usize = 38;
const AXIS: usize = 22;
const HEADING: usize = 44;
const LEGEND: usize = 78;
/// How many columns of a name are shown, so that the rest fits on a phone.
const NAME: usize = 22;
/// The width of the remarks at the right.
const REMARK: usize = 100;
/// The margins left and right of the time axis, in percent of the width.
const MARGIN: f64 = 1.0;

impl Run {
    /// Draws an SVG document, which may also be embedded in HTML.
    ///
    /// It is 960 pixels wide, or as wide as its container in HTML if that is less; text keeps its size. It follows the
    /// reader's preference for light or dark, and has a title and a description as text alternatives. It contains no
    /// scripts, and all text is escaped.
    #[must_use]
    pub fn svg(&self) -> String {
        document(self)
    }
}

fn document(run: &Run) -> String {
    let all = SvgOptions {
        style: true,
        heading: true,
        legend: true,
    };
    Drawn(|f: &mut fmt::Formatter<'_>| draw(f, run, &rows(run), all)).to_string()
}

pub(super) fn draw(
    svg: &mut fmt::Formatter<'_>,
    run: &Run,
    rows: &[Row<'_>],
    parts: SvgOptions,
) -> fmt::Result {
    let top = if parts.heading { HEADING } else { 0 };
    let not_started = not_started(run);
    let row_count = rows.len() + not_started.len();
    let bottom = top + AXIS + row_count * ROW + 6;
    let height = bottom + if parts.legend { LEGEND } else { 0 };
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" class="conjoin-waterfall" role="img" width="960" height="{height}">"#
    )?;
    writeln!(
        svg,
        "<title>{}</title>",
        EscapedXml(&format!("Waterfall of {}", run.title()))
    )?;
    writeln!(svg, "<desc>{}</desc>", EscapedXml(&description(run, rows)))?;
    if parts.style {
        writeln!(svg, "<style>\n{STYLE}</style>")?;
    }
    let picture = SvgPicture {
        total: run.duration.max(Duration::from_nanos(1)),
        top: top + AXIS,
        bottom,
    };
    if parts.heading {
        writeln!(
            svg,
            r#"<text class="strong" x="{MARGIN}%" y="18">{}</text>"#,
            EscapedXml(&without_beginning(run.title(), 44))
        )?;
        writeln!(
            svg,
            r#"<text class="faint" x="{MARGIN}%" y="36">{}</text>"#,
            EscapedXml(&without_beginning(&place_and_summary(run), 54))
        )?;
    }
    picture.axis(svg)?;
    // Drawn behind the rows, so that no line crosses text.
    for (index, row) in rows.iter().enumerate() {
        if let Some(after) = row.after {
            let x = picture.x(row.origin + row.task.waited);
            let (from, to) = (picture.y(after) + 35, picture.y(index) + 34);
            writeln!(
                svg,
                r#"<line class="then" x1="{x:.2}%" x2="{x:.2}%" y1="{from}" y2="{to}"/>"#
            )?;
        }
    }
    for (index, row) in rows.iter().enumerate() {
        picture.row(svg, index, row)?;
    }
    for (index, name) in (rows.len()..).zip(&not_started) {
        writeln!(svg, r#"<g class="dropped">"#)?;
        picture.texts(svg, index, ("", name), "", "not started")?;
        writeln!(svg, "</g>")?;
    }
    if parts.legend {
        legend(svg, bottom)?;
    }
    writeln!(svg, "</svg>")
}

/// The picture in words.
fn description(run: &Run, rows: &[Row<'_>]) -> String {
    let mut words = format!("{}.", summary(run));
    if run.critical_path().next().is_some() {
        _ = write!(words, " Critical path: {}.", critical_path(run));
    }
    for row in rows.iter().filter(|row| !row.is_critical).take(20) {
        _ = write!(
            words,
            " {}: {}, {}.",
            row.task.name,
            duration(row.task.duration()),
            remark(row)
        );
    }
    words
}

/// The remark beside a task's duration.
fn remark(row: &Row<'_>) -> String {
    match (row.task.outcome, row.task.slack) {
        (Outcome::Done, _) if row.is_critical => "critical".to_owned(),
        (Outcome::Done, Some(slack)) => format!("{} slack", duration(slack)),
        (outcome, _) => outcome.to_string(),
    }
}

struct SvgPicture {
    total: Duration,
    top: usize,
    bottom: usize,
}

impl SvgPicture {
    /// The position of a time, in percent of the width.
    fn x(&self, time: Duration) -> f64 {
        let part = time.as_secs_f64() / self.total.as_secs_f64();
        // Nothing is drawn beyond the end.
        MARGIN + (100.0 - 2.0 * MARGIN) * part.min(1.0)
    }

    /// The top of a row.
    fn y(&self, row: usize) -> usize {
        self.top + row * ROW
    }

    fn axis(&self, svg: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SvgPicture { top, bottom, .. } = *self;
        for tick in ticks(self.total) {
            let x = self.x(tick);
            let anchor = match x {
                ..2.0 => "start",
                ..94.0 => "middle",
                _ => "end",
            };
            writeln!(
                svg,
                r#"<line class="grid" x1="{x:.2}%" x2="{x:.2}%" y1="{}" y2="{bottom}"/>"#,
                top - 4
            )?;
            let text = duration(tick);
            writeln!(
                svg,
                r#"<text class="faint" x="{x:.2}%" y="{}" text-anchor="{anchor}">{text}</text>"#,
                top - 9
            )?;
        }
        Ok(())
    }

    /// The texts of a row: a name on the left; how long it took and a remark on the right, in a column each.
    fn texts(
        &self,
        svg: &mut fmt::Formatter<'_>,
        index: usize,
        (weight, name): (&str, &str),
        took: &str,
        remark: &str,
    ) -> fmt::Result {
        let (y, end) = (self.y(index) + 16, 100.0 - MARGIN);
        let name = cut(name, NAME);
        writeln!(
            svg,
            r#"<text class="{weight}" x="{MARGIN}%" y="{y}">{}</text>"#,
            EscapedXml(&name)
        )?;
        // Within an inner picture, positions count in pixels from the right margin.
        writeln!(svg, r#"<svg x="{end}%" y="{y}" overflow="visible">"#)?;
        writeln!(
            svg,
            r#"<text class="faint" x="-{REMARK}" text-anchor="end">{took}</text>"#
        )?;
        writeln!(
            svg,
            r#"<text class="faint remark" text-anchor="end">{remark}</text></svg>"#
        )
    }

    fn row(&self, svg: &mut fmt::Formatter<'_>, index: usize, row: &Row<'_>) -> fmt::Result {
        let task = row.task;
        let y = self.y(index);
        let at = |time: Duration| self.x(row.origin + time);
        let class = match task.outcome {
            Outcome::Done => "done",
            Outcome::Failed | Outcome::Panicked => "failed",
            _ => "dropped",
        };
        writeln!(
            svg,
            r#"<g class="{class}"><title>{}</title>"#,
            EscapedXml(&details(row))
        )?;
        let bar = y + 23;

        // A target for the pointer, which shows the row's texts.
        writeln!(
            svg,
            r#"<rect x="0" y="{y}" width="100%" height="{ROW}" fill="none" pointer-events="all"/>"#
        )?;
        let weight = if row.is_critical { "strong" } else { "" };
        let name = format!("{}{}", "   ".repeat(row.depth), task.name);
        let took = duration(task.duration());
        self.texts(svg, index, (weight, &name), &took, &remark(row))?;

        let mut rect = |class: &str, from: f64, to: f64| {
            // Runs that were read from JSON may be inconsistent.
            let width = (to - from).max(0.0);
            writeln!(
                svg,
                r#"<rect class="{class}" x="{from:.2}%" y="{bar}" width="{width:.2}%" height="9"/>"#
            )
        };
        rect("waiting", at(Duration::ZERO), at(task.waited))?;
        rect("pending", at(task.waited), at(task.end))?;
        for poll in task.polls.iter().filter(|poll| poll.count > 1) {
            rect("merged", at(poll.start), at(poll.end))?;
        }
        let single = task.polls.iter().filter(|poll| poll.count == 1);
        for (from, to) in apart(single.map(|poll| (at(poll.start), at(poll.end)))) {
            // Visible even if it takes no time: bars without a width are not drawn at all.
            rect("polled", from, to.max(from + 0.05))?;
        }
        let mut line = |class: &str, (x1, x2): (f64, f64), (y1, y2): (usize, usize)| {
            writeln!(
                svg,
                r#"<line class="{class}" x1="{x1:.2}%" x2="{x2:.2}%" y1="{y1}" y2="{y2}"/>"#
            )
        };
        for (x, _) in apart(task.wakes.iter().map(|wake| (at(wake.at), at(wake.at)))) {
            line("woken", (x, x), (bar - 5, bar + 1))?;
        }
        if let Some(slack) = task.slack.filter(|slack| !slack.is_zero()) {
            line(
                "slack",
                (at(task.end), at(task.end + slack)),
                (bar + 5, bar + 5),
            )?;
        }
        if row.is_critical {
            let x = at(task.waited);
            line("critical", (x, at(task.end)), (bar + 12, bar + 12))?;
        }
        writeln!(svg, "</g>")
    }
}

/// Merges positions that cannot be told apart, at a thousandth of the width.
fn apart(positions: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for (from, to) in positions {
        match kept.last_mut() {
            Some(last) if from - last.1 < 0.1 => last.1 = last.1.max(to),
            _ => kept.push((from, to)),
        }
    }
    kept
}

/// A task in words.
pub(super) fn details(row: &Row<'_>) -> String {
    let task = row.task;
    let mut words = format!(
        "{}: {}, waited {}, took {} of which {} in {} polls, {} wakes",
        task.name,
        task.outcome,
        duration(task.waited),
        duration(task.duration()),
        duration(task.busy()),
        task.poll_count(),
        task.wake_count(),
    );
    if row.is_critical {
        words.push_str(", on the critical path");
    } else if let Some(slack) = task.slack {
        _ = write!(words, ", {} slack", duration(slack));
    }
    if let Some(dependency) = &task.skipped_for {
        _ = write!(words, ", skipped for {dependency}");
    }
    if let Some(error) = &task.error {
        _ = write!(words, ": {error}");
    }
    words
}

fn legend(svg: &mut fmt::Formatter<'_>, top: usize) -> fmt::Result {
    let entries = [
        ("rect", "polled", "polled"),
        ("rect", "pending", "pending"),
        ("rect", "waiting", "waiting"),
        ("line", "woken", "woken"),
        ("line", "slack", "slack"),
        ("line", "critical", "critical path"),
        ("rect", "failed", "failed"),
        ("rect", "dropped", "dropped or not run"),
    ];
    for (index, (shape, class, text)) in entries.into_iter().enumerate() {
        // In three lines, to fit on a phone.
        let (x, y) = (
            MARGIN + 33.0 * [0.0, 1.0, 2.0][index % 3],
            top + 16 + index / 3 * 20,
        );
        writeln!(
            svg,
            r#"<svg x="{x}%" y="{y}" width="120" height="16" overflow="visible">"#
        )?;
        match (shape, class) {
            ("rect", _) => writeln!(
                svg,
                r#"<rect class="{class}" x="1" y="3" width="16" height="9"/>"#
            )?,
            (_, "woken") => writeln!(
                svg,
                r#"<line class="{class}" x1="9" x2="9" y1="2" y2="13"/>"#
            )?,
            _ => writeln!(
                svg,
                r#"<line class="{class}" x1="0" x2="18" y1="8" y2="8"/>"#
            )?,
        }
        writeln!(
            svg,
            r#"<text class="faint" x="24" y="12">{text}</text></svg>"#
        )?;
    }
    Ok(())
}

/// Cuts off the beginning of a text that takes more than about this width.
fn without_beginning(text: &str, room: usize) -> String {
    let start = text
        .char_indices()
        .map(|(start, _)| start)
        .find(|&start| text[start..].width() < room);
    match start {
        Some(start) if text.width() > room => format!("…{}", &text[start..]),
        _ => text.to_owned(),
    }
}
