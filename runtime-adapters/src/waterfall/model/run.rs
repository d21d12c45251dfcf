//! An ended run.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::nanos;

/// One run of a graph, from its first poll to its end.
///
/// All times are measured, and times within the run count from its start. `Display` draws a picture for a terminal, 80
/// columns wide and without colour; [`terminal`](Self::terminal) fits the terminal. In JSON, by `serde`, durations are
/// integers of nanoseconds in fields that end in `_ns`.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// A number that is unique among the runs of the same [`Waterfalls`](crate::waterfall::Waterfalls), and greater for
    /// later ones.
    pub id: u64,
    /// Where the graph is in the program, as in `src/page.rs:12`. Empty if the span does not say.
    pub place: String,
    /// The path of the function around the graph, as in `shop::page`. Empty if the span does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub function: String,
    /// The [labels](crate::waterfall::WaterfallsBuilder::label) of the graph.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// When it started, counted from when the [`Waterfalls`](crate::waterfall::Waterfalls) were built.
    #[serde(rename = "start_ns", with = "nanos")]
    pub start: Duration,
    /// From its start to its end, or to that of its last task.
    #[serde(rename = "duration_ns", with = "nanos")]
    pub duration: Duration,
    /// How it ended.
    pub outcome: Outcome,
    /// How many tasks the graph has, including those that did not start.
    pub declared: usize,
    /// The names of these tasks, as declared. Empty if the span does not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// The tasks that started, in that order, and hence each after its dependencies.
    pub tasks: Vec<Task>,
    /// How many tasks started but were left out, because there were [too
    /// many](crate::waterfall::WaterfallsBuilder::tasks).
    #[serde(default)]
    pub omitted: usize,
}

/// A task of a [`Run`]. Times count from the start of its graph.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its name in the graph.
    pub name: String,
    /// The names of its dependencies.
    pub dependencies: Vec<String>,
    /// How long it waited for them, which is when it started.
    #[serde(rename = "waited_ns", with = "nanos")]
    pub waited: Duration,
    /// When it ended, or was dropped.
    #[serde(rename = "end_ns", with = "nanos")]
    pub end: Duration,
    /// How it ended.
    pub outcome: Outcome,
    /// Up to 1 KiB of the error's text, if it failed and the span has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The dependency because of which it was skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped_for: Option<String>,
    /// Its polls, in order. Neighbours are merged if there were [too many](crate::waterfall::WaterfallsBuilder::polls).
    pub polls: Vec<Poll>,
    /// Its wakes, in order. Neighbours are merged likewise.
    pub wakes: Vec<Wake>,
    /// How much later it could have ended without delaying the graph, all else being equal. `None` for a task that did
    /// not end by itself.
    #[serde(rename = "slack_ns", default, with = "nanos::option")]
    pub slack: Option<Duration>,
    /// Whether it is on the critical path. See [the module](crate::waterfall#the-critical-path).
    pub is_critical: bool,
    /// The graphs within it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub graphs: Vec<Run>,
    /// How many graphs within it were left out, because they were nested more than 16 deep, or because the limit of
    /// [tasks](crate::waterfall::WaterfallsBuilder::tasks) was reached.
    #[serde(default)]
    pub omitted_graphs: usize,
}

/// A poll of a [`Task`], or several that were merged.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    /// When the first one began.
    #[serde(rename = "start_ns", with = "nanos")]
    pub start: Duration,
    /// When the last one ended.
    #[serde(rename = "end_ns", with = "nanos")]
    pub end: Duration,
    /// How much of that time was spent in polls.
    #[serde(rename = "busy_ns", with = "nanos")]
    pub busy: Duration,
    /// How many there were: 1 unless merged.
    pub count: u64,
}

/// A wake of a [`Task`], or several that were merged.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wake {
    /// When the first one came.
    #[serde(rename = "at_ns", with = "nanos")]
    pub at: Duration,
    /// How many there were: 1 unless merged.
    pub count: u64,
}

/// How a graph or a task ended. In JSON and in text it is lowercase.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// With a value.
    Done,
    /// With an error.
    Failed,
    /// It did not run, because a dependency failed.
    Skipped,
    /// It did not run, because its condition was false.
    #[serde(rename = "not run")]
    NotRun,
    /// It was dropped before its end.
    Cancelled,
    /// By a panic.
    Panicked,
    /// It had not ended when the run was [given up](crate::waterfall::WaterfallsBuilder::give_up_after) or the graph
    /// around it ended.
    Unfinished,
    /// An outcome that this version does not know.
    #[serde(other)]
    Unknown,
}

impl Outcome {
    pub(in crate::waterfall) fn named(name: &str) -> Self {
        match name {
            "done" => Outcome::Done,
            "failed" => Outcome::Failed,
            "skipped" => Outcome::Skipped,
            "not run" => Outcome::NotRun,
            "cancelled" => Outcome::Cancelled,
            "panicked" => Outcome::Panicked,
            _ => Outcome::Unknown,
        }
    }

    /// Whether the task ended by itself.
    pub(in crate::waterfall) fn is_own_end(self) -> bool {
        matches!(self, Outcome::Done | Outcome::Failed | Outcome::Panicked)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Outcome::Done => "done",
            Outcome::Failed => "failed",
            Outcome::Skipped => "skipped",
            Outcome::NotRun => "not run",
            Outcome::Cancelled => "cancelled",
            Outcome::Panicked => "panicked",
            Outcome::Unfinished => "unfinished",
            Outcome::Unknown => "unknown",
        })
    }
}

impl Run {
    /// The value of a [label](crate::waterfall::WaterfallsBuilder::label), if a span around the graph had it.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.get(name).map(String::as_str)
    }

    /// The tasks on the critical path, in the order in which they ran.
    pub fn critical_path(&self) -> impl Iterator<Item = &Task> {
        self.tasks.iter().filter(|task| task.is_critical)
    }

    /// How many tasks did not start: something failed before, or the graph was dropped.
    #[must_use]
    pub fn not_started(&self) -> usize {
        self.names_not_started().map_or_else(
            || {
                self.declared
                    .saturating_sub(self.tasks.len().saturating_add(self.omitted))
            },
            |names| names.len(),
        )
    }

    /// The names of the tasks that did not start, as declared. `None` if they are not known: the span does not say, or tasks
    /// were left out.
    #[must_use]
    pub fn names_not_started(&self) -> Option<Vec<&str>> {
        if self.names.is_empty() || self.omitted > 0 {
            return None;
        }
        let mut left: Vec<_> = self.names.iter().map(String::as_str).collect();
        for task in &self.tasks {
            if let Some(index) = left.iter().position(|name| *name == task.name) {
                left.remove(index);
            }
        }
        Some(left)
    }

    /// The title of its pictures: the name of the function around the graph, or where the graph is.
    pub(in crate::waterfall) fn title(&self) -> &str {
        let function = last_name(&self.function);
        [function, &self.place, "auto"]
            .into_iter()
            .find(|name| !name.is_empty())
            .unwrap_or_default()
    }
}

impl Task {
    /// From its start to its end.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.end.saturating_sub(self.waited)
    }

    /// How long it was being polled.
    #[must_use]
    pub fn busy(&self) -> Duration {
        self.polls.iter().map(|poll| poll.busy).sum()
    }

    /// How often it was polled.
    #[must_use]
    pub fn poll_count(&self) -> u64 {
        self.polls
            .iter()
            .fold(0, |count, poll| count.saturating_add(poll.count))
    }

    /// How often it was woken.
    #[must_use]
    pub fn wake_count(&self) -> u64 {
        self.wakes
            .iter()
            .fold(0, |count, wake| count.saturating_add(wake.count))
    }
}

/// The last name of a path, with its type if it is a method: `Shop::page` of `web::Shop::page`.
fn last_name(path: &str) -> &str {
    // The names in `f<a::B>` and `<A as b::C>::f` are not parts of the path.
    let mut depth = 0_usize;
    let mut starts = vec![0];
    for (index, char) in path.char_indices() {
        match char {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            ':' if depth == 0 && path[..index].ends_with(':') => starts.push(index + 1),
            _ => {}
        }
    }
    let is_type =
        |start: &usize| path[*start..].starts_with(|char: char| char.is_uppercase() || char == '<');
    let last = starts.pop().unwrap_or_default();
    let start = starts.pop().filter(is_type).unwrap_or(last);
    &path[start..]
}

#[cfg(test)]
mod tests {
    use super::last_name;

    #[test]
    fn title_is_a_function_or_a_method() {
        let titles = [
            ("", ""),
            ("main", "main"),
            ("shop::web::page", "page"),
            ("shop::web::Shop::page", "Shop::page"),
            ("shop::page<shop::Db>", "page<shop::Db>"),
            (
                "<shop::Db as shop::Pages>::page",
                "<shop::Db as shop::Pages>::page",
            ),
        ];
        for (path, title) in titles {
            assert_eq!(last_name(path), title);
        }
    }
}
