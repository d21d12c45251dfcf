//! Runs as one HTML file.

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::fmt;

use super::rows::{Row, not_started, notes, rows};
use super::svg::{self, STYLE, SvgOptions};
use super::text::{Drawn, EscapedXml, critical_path, duration, place_and_summary};
use crate::waterfall::model::run::Run;

/// Runs as one HTML file, in the given order. It is self-contained: no scripts, fonts or network.
///
/// It follows the reader's preference for light or dark, and fits a phone. Each picture has a text alternative, and
/// below it a table of all tasks, which opens by mouse or keyboard. The file is well-formed XML as well. All text is
/// escaped.
///
/// ```
/// # use conjoin_adapters::waterfall::{Waterfalls, html};
/// # let waterfalls = Waterfalls::new();
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("runs.html");
/// std::fs::write(path, html(&waterfalls.runs()))?;
/// # Ok::<_, std::io::Error>(())
/// ```
#[must_use]
pub fn html(runs: &[impl Borrow<Run>]) -> String {
    Drawn(|f: &mut fmt::Formatter<'_>| page(f, runs)).to_string()
}

fn page(html: &mut fmt::Formatter<'_>, runs: &[impl Borrow<Run>]) -> fmt::Result {
    writeln!(
        html,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>"
    )?;
    writeln!(
        html,
        r#"<meta name="viewport" content="width=device-width, initial-scale=1"/>"#
    )?;
    writeln!(html, r#"<meta name="color-scheme" content="light dark"/>"#)?;
    let names: BTreeSet<_> = runs.iter().map(|run| run.borrow().title()).collect();
    let title = title(&names);
    writeln!(html, "<title>{}</title>", EscapedXml(&title))?;
    writeln!(
        html,
        "<style>\n{}{STYLE}</style>\n</head>\n<body>\n<main>",
        include_str!("page.css")
    )?;
    writeln!(html, "<h1>{}</h1>", EscapedXml(&title))?;
    for (index, run) in runs.iter().enumerate() {
        section(html, run.borrow(), names.len() == 1, index == 0)?;
    }
    writeln!(html, "</main>\n</body>\n</html>")
}

/// The name of the only graph, or how many there are.
fn title(names: &BTreeSet<&str>) -> String {
    match names.first() {
        Some(&name) if names.len() == 1 => name.to_owned(),
        _ => format!("{} graphs", names.len()),
    }
}

/// A run. Its heading is the name of its graph, if the title is not.
fn section(html: &mut fmt::Formatter<'_>, run: &Run, is_named: bool, legend: bool) -> fmt::Result {
    let summary = place_and_summary(run);
    let heading = if is_named { &summary } else { run.title() };
    writeln!(html, "<section>\n<h2>{}</h2>", EscapedXml(heading))?;
    if !is_named {
        writeln!(html, "<p>{}</p>", EscapedXml(&summary))?;
    }
    for (name, value) in &run.labels {
        writeln!(html, "<p>{}: {}</p>", EscapedXml(name), EscapedXml(value))?;
    }
    let rows = rows(run);
    for note in notes(run, &rows) {
        writeln!(html, "<p>{}</p>", EscapedXml(&note))?;
    }
    if run.tasks.is_empty() {
        return writeln!(html, "</section>");
    }
    if run.critical_path().next().is_some() {
        writeln!(
            html,
            "<p>Critical path: {}</p>",
            EscapedXml(&critical_path(run))
        )?;
    }
    writeln!(html, "<figure>")?;
    svg::draw(
        html,
        run,
        &rows,
        SvgOptions {
            style: false,
            heading: false,
            legend,
        },
    )?;
    writeln!(html, "</figure>")?;
    table(html, run, &rows)?;
    writeln!(html, "</section>")
}

fn table(html: &mut fmt::Formatter<'_>, run: &Run, rows: &[Row<'_>]) -> fmt::Result {
    writeln!(html, "<details>\n<summary>The tasks as a table</summary>")?;
    // A scrolling region can be reached by keyboard only if it takes the focus.
    let label = format!("The tasks of {}", run.title());
    writeln!(
        html,
        r#"<div class="scroll" role="region" tabindex="0" aria-label="{}">"#,
        EscapedXml(&label)
    )?;
    writeln!(
        html,
        "<table>\n<thead><tr><th scope=\"col\">task</th><th scope=\"col\">after</th>"
    )?;
    for column in ["waited", "took", "busy", "polls", "wakes", "slack"] {
        writeln!(html, r#"<th scope="col" class="number">{column}</th>"#)?;
    }
    writeln!(html, "<th scope=\"col\">outcome</th></tr></thead>\n<tbody>")?;
    for row in rows {
        let task = row.task;
        let indent = "\u{a0}\u{a0}".repeat(row.depth);
        writeln!(
            html,
            r#"<tr><th scope="row">{indent}{}</th>"#,
            EscapedXml(&task.name)
        )?;
        writeln!(
            html,
            "<td>{}</td>",
            EscapedXml(&task.dependencies.join(", "))
        )?;
        let slack = task.slack.map_or_else(|| "\u{2013}".to_owned(), duration);
        let numbers = [
            duration(task.waited),
            duration(task.duration()),
            duration(task.busy()),
            task.poll_count().to_string(),
            task.wake_count().to_string(),
            slack,
        ];
        for number in numbers {
            writeln!(html, r#"<td class="number">{number}</td>"#)?;
        }
        let error = task
            .error
            .as_ref()
            .map(|error| format!(": {error}"))
            .unwrap_or_default();
        let skipped = task
            .skipped_for
            .as_ref()
            .map(|task| format!(" for {task}"))
            .unwrap_or_default();
        let critical = if row.is_critical { ", critical" } else { "" };
        writeln!(
            html,
            "<td>{}</td></tr>",
            EscapedXml(&format!("{}{critical}{skipped}{error}", task.outcome))
        )?;
    }
    for name in not_started(run) {
        writeln!(
            html,
            r#"<tr><th scope="row">{}</th><td colspan="7"></td><td>not started</td></tr>"#,
            EscapedXml(&name)
        )?;
    }
    writeln!(html, "</tbody>\n</table>\n</div>\n</details>")
}
