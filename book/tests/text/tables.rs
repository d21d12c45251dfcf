//! Code in tables is code that is compiled.

use std::fs;

use crate::chapter::{Chapter, chapters, readme, root};

/// The code in the cells of a chapter's tables.
fn cells(chapter: &Chapter) -> Vec<String> {
    let prose = chapter.prose();
    let rows = prose.lines().filter(|line| line.starts_with('|'));
    let mut cells = Vec::new();
    for row in rows {
        let row = row.replace("\\|", "|");
        cells.extend(row.split('`').skip(1).step_by(2).map(str::to_owned));
    }
    cells
}

/// Code that a reader could copy, and not a name.
fn is_code(cell: &str) -> bool {
    let is_name = |part: &str| {
        part.chars()
            .all(|c| c.is_alphanumeric() || "_:!.- ".contains(c))
    };
    let is_type = cell.ends_with('>') || cell.starts_with(['&', '\'']);
    let is_path = cell.starts_with('/') || cell.contains("://");
    !is_name(cell.trim_end_matches("()")) && !is_type && !is_path && cell != "?"
}

fn without_space(code: &str) -> String {
    code.split_whitespace().collect()
}

/// `…` stands for anything.
fn holds(code: &str, cell: &str) -> bool {
    let mut rest = code;
    without_space(cell)
        .split('…')
        .all(|part| match rest.split_once(part) {
            Some((_, behind)) => {
                rest = behind;
                true
            }
            None => false,
        })
}

#[test]
fn code_in_tables_is_compiled() {
    let mut compiled: Vec<String> = Vec::new();
    for chapter in chapters() {
        for block in chapter.blocks() {
            if block.info.starts_with("rust") || ["rs", "js"].contains(&&*block.info) {
                compiled.push(without_space(&block.code().join("\n")));
            }
        }
    }
    let snippets = ["book/tests/snippets.rs", "dsl/tests/readme.rs"];
    for path in snippets {
        let file = fs::read_to_string(root().join(path)).expect("a file of snippets");
        compiled.push(without_space(&file));
    }

    let mut count = 0;
    let mut missing = Vec::new();
    for chapter in chapters().into_iter().chain([readme()]) {
        // Its tables are of messages.
        if chapter.name == "language/errors.md" {
            continue;
        }
        for cell in cells(&chapter).iter().filter(|cell| is_code(cell)) {
            count += 1;
            if !compiled.iter().any(|code| holds(code, cell)) {
                missing.push(format!("{}: {cell}", chapter.name));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "compiled nowhere; add this to book/tests/snippets.rs:\n{}",
        missing.join("\n")
    );
    assert!(count > 20, "only {count} pieces of code were found");
}
