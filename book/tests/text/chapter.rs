//! The chapters, and the code in them.

use std::fs;
use std::path::{Path, PathBuf};

pub(crate) struct Chapter {
    /// The path from `chapters`.
    pub(crate) name: String,
    /// With what it includes.
    pub(crate) text: String,
    /// Whether it has snippets of its own. Those in what it includes are tests where they come from.
    pub(crate) has_snippets: bool,
}

/// What stands between two fences.
pub(crate) struct Block {
    /// Chapter and line, for a message.
    pub(crate) place: String,
    /// What stands behind the first fence.
    pub(crate) info: String,
    /// The file that it is quoted from, by a comment in front of it: `<!-- from: path -->`.
    pub(crate) from: Option<String>,
    lines: Vec<String>,
}

/// The folder of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("a workspace")
}

/// The README of the workspace, as a chapter: its quotations are checked as well.
pub(crate) fn readme() -> Chapter {
    let text = fs::read_to_string(root().join("README.md")).expect("the README");
    Chapter {
        name: "README.md".to_owned(),
        has_snippets: true,
        text,
    }
}

/// All chapters but the summary.
pub(crate) fn chapters() -> Vec<Chapter> {
    let folder = root().join("book/chapters");
    let mut chapters = Vec::new();
    let mut folders = vec![folder.clone()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path: PathBuf = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().is_some_and(|name| name != "SUMMARY.md") {
                let name = path
                    .strip_prefix(&folder)
                    .expect("a path below")
                    .to_str()
                    .expect("UTF-8")
                    .replace('\\', "/");
                let own = fs::read_to_string(&path).expect("a chapter");
                let here = path.parent().expect("a folder");
                chapters.push(Chapter {
                    name,
                    text: with_included(&own, here),
                    has_snippets: own.contains("```"),
                });
            }
        }
    }
    chapters.sort_by(|one, other| one.name.cmp(&other.name));
    chapters
}

/// The text as mdBook sees it, which replaces `{{#include path}}` by the file.
fn with_included(text: &str, here: &Path) -> String {
    let lines = text
        .lines()
        .map(|line| match line.strip_prefix("{{#include ") {
            Some(path) => fs::read_to_string(here.join(path.trim_end_matches("}}")))
                .expect("what is included"),
            None => format!("{line}\n"),
        });
    lines.collect()
}

impl Chapter {
    pub(crate) fn blocks(&self) -> Vec<Block> {
        let mut blocks = Vec::new();
        let mut from = None;
        let mut lines = self.text.lines().zip(1..);
        while let Some((line, number)) = lines.next() {
            if let Some(path) = line.strip_prefix("<!-- from: ") {
                from = Some(path.trim_end_matches(" -->").to_owned());
            } else if let Some(info) = line.strip_prefix("```") {
                let code = lines
                    .by_ref()
                    .map(|(line, _)| line)
                    .take_while(|line| *line != "```");
                blocks.push(Block {
                    place: format!("{}, line {number}", self.name),
                    info: info.to_owned(),
                    from: from.take(),
                    lines: code.map(str::to_owned).collect(),
                });
            } else if !line.is_empty() {
                assert!(
                    from.is_none(),
                    "{}, line {number}: no code follows on `from:`",
                    self.name
                );
            }
        }
        blocks
    }

    /// The text without the code.
    pub(crate) fn prose(&self) -> String {
        let mut is_code = false;
        let lines = self.text.lines().filter(|line| {
            let is_fence = line.starts_with("```");
            is_code ^= is_fence;
            !is_code && !is_fence
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

impl Block {
    /// Its lines, the hidden ones as well, as they are compiled.
    pub(crate) fn code(&self) -> Vec<String> {
        let is_rust = self.info.starts_with("rust");
        let shown = |line: &String| match line.strip_prefix('#') {
            Some(hidden) if is_rust && (hidden.is_empty() || hidden.starts_with(' ')) => {
                hidden.trim_start().to_owned()
            }
            _ => line.clone(),
        };
        self.lines.iter().map(shown).collect()
    }
}
