//! The picture for a terminal.

use std::env;
use std::fmt::{self, Display};
use std::io::{self, IsTerminal};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::rows::{Row, not_started, notes, rows};
use super::text::{critical_path, cut, duration, printable, summary};
use crate::waterfall::model::run::{Outcome, Run};

/// A picture of a [`Run`] for a terminal. See [`Run::terminal`].
///
/// Its width is that of the variable `COLUMNS`, or else of the terminal at standard output, or else 80 columns. It is
/// in colour if standard output is a terminal and `NO_COLOR` is not set.
#[derive(Clone, Debug)]
#[must_use = "a picture is to be displayed"]
pub struct TerminalPicture<'a> {
    run: &'a Run,
    width: Option<usize>,
    color: Option<bool>,
}

impl<'a> TerminalPicture<'a> {
    pub(super) fn of(run: &'a Run) -> Self {
        TerminalPicture {
            run,
            width: None,
            color: None,
        }
    }

    /// Sets the width in columns, at least 40.
    pub fn width(self, columns: usize) -> Self {
        TerminalPicture {
            width: Some(columns),
            ..self
        }
    }

    /// Sets whether it is in colour.
    pub fn color(self, color: bool) -> Self {
        TerminalPicture {
            color: Some(color),
            ..self
        }
    }
}

impl Run {
    /// A picture for the terminal, with the width and colours that standard output supports.
    pub fn terminal(&self) -> TerminalPicture<'_> {
        TerminalPicture::of(self)
    }
}

/// The picture for a terminal, 80 columns wide and without colour.
impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.terminal().width(80).color(false).fmt(f)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum TimelineCell {
    Blank,
    Waiting,
    Pending,
    Slack,
    Woken,
    /// Several polls, and the time between them.
    Merged,
    Polled,
}

impl TimelineCell {
    fn symbol(self) -> char {
        match self {
            TimelineCell::Blank => ' ',
            TimelineCell::Waiting => '·',
            TimelineCell::Pending => '─',
            TimelineCell::Slack => '╌',
            TimelineCell::Woken => '╵',
            TimelineCell::Merged => '▒',
            TimelineCell::Polled => '█',
        }
    }

    fn style(self, outcome: Outcome) -> Style {
        let polled = match outcome {
            Outcome::Failed | Outcome::Panicked => AnsiColor::Red,
            Outcome::Done => AnsiColor::Green,
            _ => AnsiColor::Yellow,
        };
        match self {
            TimelineCell::Blank => Style::new(),
            TimelineCell::Waiting | TimelineCell::Slack => Style::new().dimmed(),
            TimelineCell::Pending => AnsiColor::Cyan.on_default(),
            TimelineCell::Woken => AnsiColor::Yellow.on_default(),
            TimelineCell::Merged | TimelineCell::Polled => polled.on_default(),
        }
    }
}

/// The columns: a mark, the name, the time, the slack or outcome, and the bars.
struct TerminalLayout {
    name: usize,
    bars: usize,
    total: Duration,
    color: bool,
}

const TIME: usize = 7;
const REMARK: usize = 10;

impl Display for TerminalPicture<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.width.unwrap_or_else(columns).clamp(40, 1_000);
        let (rows, not_started) = (rows(self.run), not_started(self.run));
        let longest = rows
            .iter()
            .map(|row| row.depth * 2 + row.task.name.width())
            .chain(not_started.iter().map(|name| name.width()))
            .max()
            .unwrap_or(0);
        let name = longest.min(width / 4);
        let bars = width - name - TIME - REMARK - 5;
        let color = self.color.unwrap_or_else(is_colorful);
        let layout = TerminalLayout {
            name,
            bars,
            total: self.run.duration.max(Duration::from_nanos(1)),
            color,
        };
        layout.header(f, self.run)?;
        for row in &rows {
            layout.row(f, row)?;
        }
        for name in not_started {
            let name = fitted(&printable(&name), layout.name);
            writeln!(f, "  {name} {:TIME$} not started", "")?;
        }
        layout.footer(f, self.run, &rows)
    }
}

impl TerminalLayout {
    fn header(&self, f: &mut fmt::Formatter<'_>, run: &Run) -> fmt::Result {
        self.styled(f, Style::new().bold(), &printable(run.title()))?;
        if run.title() != run.place && !run.place.is_empty() {
            write!(f, " ({})", printable(&run.place))?;
        }
        writeln!(f, ": {}", summary(run))?;
        for (name, value) in &run.labels {
            writeln!(f, "{}: {}", printable(name), printable(value))?;
        }
        if run.tasks.is_empty() {
            return Ok(());
        }
        // The ends of the axis, above the first and last column of the bars.
        let end = duration(run.duration);
        let indent = self.name + TIME + REMARK + 5;
        writeln!(f, "{:indent$}0{end:>1$}", "", self.bars - 1)
    }

    fn row(&self, f: &mut fmt::Formatter<'_>, row: &Row<'_>) -> fmt::Result {
        let task = row.task;
        let remark = match (task.slack, task.outcome) {
            (_, Outcome::Failed | Outcome::Panicked) | (None, _) => task.outcome.to_string(),
            (Some(_), _) if row.is_critical => "critical".to_owned(),
            (Some(slack), _) => format!("+{}", duration(slack)),
        };
        let name = fitted(
            &format!("{:1$}{2}", "", row.depth * 2, printable(&task.name)),
            self.name,
        );
        let style = if row.is_critical {
            Style::new().bold()
        } else {
            Style::new()
        };
        write!(f, "{} ", if row.is_critical { '*' } else { ' ' })?;
        self.styled(f, style, &name)?;
        write!(
            f,
            " {:>TIME$} {remark:<REMARK$} ",
            duration(task.duration())
        )?;
        let cells = self.cells(row);
        let drawn = cells
            .iter()
            .rposition(|&cell| cell != TimelineCell::Blank)
            .map_or(0, |last| last + 1);
        for same in cells[..drawn].chunk_by(|a, b| a == b) {
            let text: String = same.iter().map(|cell| cell.symbol()).collect();
            self.styled(f, same[0].style(task.outcome), &text)?;
        }
        writeln!(f)
    }

    fn cells(&self, row: &Row<'_>) -> Vec<TimelineCell> {
        let task = row.task;
        let mut cells = vec![TimelineCell::Blank; self.bars];
        let mut fill = |from: Duration, to: Duration, cell: TimelineCell| {
            let (from, to) = (self.column(row.origin + from), self.column(row.origin + to));
            // Runs that were read from JSON may be inconsistent.
            cells[from..=to.max(from)].fill(cell);
        };
        if let Some(slack) = task.slack.filter(|slack| !slack.is_zero()) {
            fill(task.end, task.end + slack, TimelineCell::Slack);
        }
        if !task.waited.is_zero() {
            fill(Duration::ZERO, task.waited, TimelineCell::Waiting);
        }
        fill(task.waited, task.end, TimelineCell::Pending);
        for wake in &task.wakes {
            fill(wake.at, wake.at, TimelineCell::Woken);
        }
        for poll in &task.polls {
            fill(
                poll.start,
                poll.end,
                if poll.count > 1 {
                    TimelineCell::Merged
                } else {
                    TimelineCell::Polled
                },
            );
        }
        cells
    }

    fn column(&self, time: Duration) -> usize {
        let column = time.as_nanos().saturating_mul(self.bars as u128) / self.total.as_nanos();
        usize::try_from(column)
            .unwrap_or(usize::MAX)
            .min(self.bars - 1)
    }

    fn footer(&self, f: &mut fmt::Formatter<'_>, run: &Run, rows: &[Row<'_>]) -> fmt::Result {
        for note in notes(run, rows) {
            writeln!(f, "{}", printable(&note))?;
        }
        if run.critical_path().next().is_some() {
            writeln!(f, "* critical path: {}", printable(&critical_path(run)))?;
        }
        if !rows.is_empty() {
            let legend = "█ polled  ╵ woken  ─ pending  · waiting  ╌ slack";
            self.styled(f, Style::new().dimmed(), legend)?;
            writeln!(f)?;
        }
        Ok(())
    }

    fn styled(&self, f: &mut fmt::Formatter<'_>, style: Style, text: &str) -> fmt::Result {
        let style = if self.color { style } else { Style::new() };
        write!(f, "{style}{text}{style:#}")
    }
}

/// A text of exactly this many columns.
fn fitted(text: &str, columns: usize) -> String {
    let mut fitted = cut(text, columns);
    let left = columns.saturating_sub(fitted.width());
    fitted.extend(std::iter::repeat_n(' ', left));
    fitted
}

fn columns() -> usize {
    let said = env::var("COLUMNS")
        .ok()
        .and_then(|columns| columns.parse().ok());
    said.or_else(|| terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| width.0.into()))
        .unwrap_or(80)
}

fn is_colorful() -> bool {
    io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
