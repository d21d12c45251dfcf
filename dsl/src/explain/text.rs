//! The explanation as text, for the terminal.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::{Dependency, Explanation, Gated, Parallel, Plan, Storage, Task};

/// The width at which the dependencies of a task wrap, if possible.
const NEEDS_WIDTH: usize = 56;

/// The width at which the lines of the plan wrap, if possible.
const WIDTH: usize = 80;

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(plan) = self.plan else {
            return f.write_str("no tasks\n");
        };
        self.summary(f)?;
        self.table(f)?;
        f.write_str("\nplan: ")?;
        Tree { graph: self, f }.node(plan, "")?;
        if self.longest_chain.len() > 1 {
            f.write_str("\n")?;
            words(f, "longest chain: ", "  ", &self.longest_chain.join(" -> "))?;
        }
        Ok(())
    }
}

impl Explanation {
    fn summary(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.tasks.len(), self.longest_chain.len()) {
            (1, _) => f.write_str("1 task")?,
            (count, 1) => write!(f, "{count} tasks, all independent, {}", self.running())?,
            (count, chain) => write!(
                f,
                "{count} tasks, {chain} in the longest chain, {}",
                self.running()
            )?,
        }
        if self.settles() {
            f.write_str("; an error ends only its task")?;
        } else if self.is_block() && self.is_fallible() {
            f.write_str("; an error cancels the later lines")?;
        } else if self.is_fallible() {
            f.write_str("; the first error cancels the rest")?;
        }
        let option =
            |name: &str, value: Option<&str>| value.map(|value| format!("#![{name}({value})]"));
        let flag = |name: &str, is_set: bool| is_set.then(|| format!("#![{name}]"));
        let options = [
            option("error", self.error()),
            option("limit", self.limit()),
            flag("settle", self.settles()),
            flag("name_errors", self.names_errors()),
        ];
        let options: Vec<_> = options.into_iter().flatten().collect();
        f.write_str("\n")?;
        if options.is_empty() {
            Ok(())
        } else {
            writeln!(f, "{}", options.join(" "))
        }
    }

    /// The largest number of tasks that run at once, as far as it is known.
    fn running(&self) -> String {
        let has_items = self.tasks.iter().any(|task| task.is_for);
        let limit = self.limit().map(str::parse::<usize>);
        match limit {
            Some(Ok(limit)) if has_items => {
                return format!("at most {limit} at a time with their items");
            }
            Some(Err(_)) if has_items => {
                return "at most as many at a time as the limit, with their items".to_owned();
            }
            _ => {}
        }
        let most = limit
            .iter()
            .flatten()
            .copied()
            .fold(self.most_at_once, usize::min);
        let or_fewer = match limit {
            Some(Err(_)) => ", or as many as the limit",
            None if has_items => ", without their items",
            _ => "",
        };
        format!("at most {most} at a time{or_fewer}")
    }

    /// A row for each task, or several if its dependencies wrap.
    fn table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<_> = self
            .tasks
            .iter()
            .map(|task| (task, wrapped(task.dependencies)))
            .collect();
        let names = self.tasks.iter().map(|task| columns(task.name));
        let name_width = names.chain([columns("task")]).max().unwrap_or(0);
        let needs = rows
            .iter()
            .flat_map(|(_, lines)| lines)
            .map(|line| columns(line));
        let needs_width = needs.chain([columns("needs")]).max().unwrap_or(0);
        let row = |f: &mut fmt::Formatter<'_>, name: &str, needs: &str, notes: &str| {
            let (after_name, after_needs) =
                (name_width - columns(name), needs_width - columns(needs));
            let row = format!(
                "  {name}{:after_name$}  {needs}{:after_needs$}  {notes}",
                "", ""
            );
            writeln!(f, "{}", row.trim_end())
        };
        f.write_str("\n")?;
        row(f, "task", "needs", "")?;
        for (task, lines) in rows {
            let mut lines = lines.iter().map(String::as_str);
            row(f, task.name, lines.next().unwrap_or_default(), &notes(task))?;
            lines.try_for_each(|line| row(f, "", line, ""))?;
        }
        Ok(())
    }

    /// The direct dependencies of a task in `among`.
    fn gate(&self, task: &str, among: &[&str]) -> Vec<&'static str> {
        let dependencies = self.task(task).map_or(&[][..], Task::dependencies);
        dependencies
            .iter()
            .map(Dependency::name)
            .filter(|name| among.contains(name))
            .collect()
    }
}

fn notes(task: &Task) -> String {
    let items = match task.item_limit {
        Some(limit) => format!("for each item, at most {limit} at a time"),
        None => "for each item".to_owned(),
    };
    let notes = [
        (task.is_conditional, "conditional"),
        (task.is_for, items.as_str()),
        (task.is_fallible, "can fail"),
    ];
    let notes: Vec<_> = notes
        .into_iter()
        .filter(|(holds, _)| *holds)
        .map(|(_, note)| note)
        .collect();
    notes.join(", ")
}

fn wrapped(dependencies: &[Dependency]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (index, dependency) in dependencies.iter().enumerate() {
        let comma = if index + 1 == dependencies.len() {
            ""
        } else {
            ","
        };
        let entry = format!("{dependency}{comma}");
        match lines.last_mut() {
            Some(line) if columns(line) + 1 + columns(&entry) <= NEEDS_WIDTH => {
                line.push(' ');
                line.push_str(&entry);
            }
            _ => lines.push(entry),
        }
    }
    lines
}

/// The approximate width of a text on a screen. East Asian characters are twice as wide as other letters, and combining
/// accents have no width.
pub(super) fn columns(text: &str) -> usize {
    let columns = |char| match char {
        '\u{300}'..='\u{36F}'
        | '\u{200B}'..='\u{200F}'
        | '\u{20D0}'..='\u{20FF}'
        | '\u{FE00}'..='\u{FE0F}' => 0,
        '\u{1100}'..='\u{115F}'
        | '\u{2E80}'..='\u{A4CF}'
        | '\u{A960}'..='\u{A97F}'
        | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}'
        | '\u{FE30}'..='\u{FE6F}'
        | '\u{FF00}'..='\u{FF60}'
        | '\u{FFE0}'..='\u{FFE6}'
        | '\u{16FE0}'..='\u{18DFF}'
        | '\u{1AFF0}'..='\u{1B2FF}'
        | '\u{20000}'..='\u{3FFFD}' => 2,
        _ => 1,
    };
    text.chars().map(columns).sum()
}

struct Tree<'t, 'f> {
    graph: &'t Explanation,
    f: &'t mut fmt::Formatter<'f>,
}

impl Tree<'_, '_> {
    /// Writes the rest of a part's first line, and the lines below it, which begin with `indent`.
    fn node(&mut self, plan: &Plan, indent: &str) -> fmt::Result {
        match plan {
            Plan::Task(task) => writeln!(self.f, "{task}"),
            Plan::Series(parts) => {
                writeln!(self.f, "in sequence")?;
                self.parts(parts, indent)
            }
            Plan::Parallel(Parallel { parts, own_wakers }) => {
                writeln!(self.f, "concurrently{}", wakers(*own_wakers))?;
                self.parts(parts, indent)
            }
            Plan::Gated(gated) => {
                let Gated {
                    tasks,
                    chains,
                    reason,
                    own_wakers,
                    ..
                } = gated;
                writeln!(
                    self.f,
                    "each once its dependencies complete{}",
                    wakers(*own_wakers)
                )?;
                words(
                    self.f,
                    &format!("{indent}│ because "),
                    &format!("{indent}│ "),
                    &reason.to_string(),
                )?;
                let chains = chains.iter().map(|chain| {
                    let links = chain.iter().map(|task| {
                        let mut gate = self.graph.gate(task, tasks);
                        gate.retain(|need| !chain.contains(need));
                        if gate.is_empty() {
                            (*task).to_owned()
                        } else {
                            format!("{task} after {}", gate.join(", "))
                        }
                    });
                    links.collect::<Vec<_>>().join("; then ")
                });
                self.lines(&chains.chain(kept(gated)).collect::<Vec<_>>(), indent)
            }
        }
    }

    fn parts(&mut self, parts: &[Plan], indent: &str) -> fmt::Result {
        for (index, part) in parts.iter().enumerate() {
            let (branch, below) = branch(index + 1 == parts.len());
            write!(self.f, "{indent}{branch}")?;
            self.node(part, &format!("{indent}{below}"))?;
        }
        Ok(())
    }

    fn lines(&mut self, lines: &[String], indent: &str) -> fmt::Result {
        for (index, line) in lines.iter().enumerate() {
            let (branch, below) = branch(index + 1 == lines.len());
            words(
                self.f,
                &format!("{indent}{branch}"),
                &format!("{indent}{below}  "),
                line,
            )?;
        }
        Ok(())
    }
}

/// Writes words in wrapped lines. The first line begins with `first`, and the others begin with `below`.
fn words(f: &mut fmt::Formatter<'_>, first: &str, below: &str, words: &str) -> fmt::Result {
    f.write_str(first)?;
    let mut column = columns(first);
    for (index, word) in words.split(' ').enumerate() {
        let width = columns(word);
        if index == 0 {
            column += width;
        } else if column + 1 + width <= WIDTH {
            f.write_str(" ")?;
            column += 1 + width;
        } else {
            write!(f, "\n{below}")?;
            column = columns(below) + width;
        }
        f.write_str(word)?;
    }
    f.write_str("\n")
}

/// A line for each kind of slot, with the values in it.
fn kept(gated: &Gated) -> impl Iterator<Item = String> {
    let sorts = [Storage::Once, Storage::Passed, Storage::Shared].into_iter();
    sorts.filter_map(|storage| {
        let slots = gated.slots.iter().filter(|slot| slot.storage == storage);
        let tasks: Vec<_> = slots.map(|slot| slot.task).collect();
        (!tasks.is_empty()).then(|| format!("in a {storage}: {}", tasks.join(", ")))
    })
}

fn branch(is_last: bool) -> (&'static str, &'static str) {
    if is_last {
        ("└─ ", "   ")
    } else {
        ("├─ ", "│  ")
    }
}

fn wakers(own: bool) -> &'static str {
    if own {
        ", each with a waker of its own"
    } else {
        ""
    }
}
