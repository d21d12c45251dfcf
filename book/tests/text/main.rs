//! What the chapters say of other files is true, and their links lead somewhere.

mod chapter;
mod links;
mod tables;

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use chapter::{Chapter, chapters, readme, root};

#[test]
fn every_chapter_is_in_the_summary_and_tested() {
    let summary = fs::read_to_string(root().join("book/chapters/SUMMARY.md")).expect("the summary");
    let library = fs::read_to_string(root().join("book/src/lib.rs")).expect("the library");
    let chapters = chapters();
    assert!(chapters.len() > 20, "only {} chapters", chapters.len());
    for Chapter {
        name,
        text,
        has_snippets,
    } in &chapters
    {
        let title = text
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("# "))
            .expect("a title");
        assert_eq!(
            summary.matches(&format!("[{title}]({name})")).count(),
            1,
            "{name} in SUMMARY.md, by its title"
        );
        assert!(
            !has_snippets || library.contains(&format!("\"{name}\"")),
            "{name} in lib.rs"
        );
    }
}

#[test]
fn code_is_a_test_or_a_quotation() {
    for chapter in chapters() {
        for block in chapter.blocks() {
            // rustdoc runs `rust`, and only shows `rs`.
            let is_code =
                block.info.starts_with("rust") || ["rs", "js", ""].contains(&&*block.info);
            let is_tested = block.info.starts_with("rust")
                && !block.info.contains("ignore")
                && !block.info.contains("no_run");
            assert!(
                !is_code || is_tested || block.from.is_some(),
                "{}: of which file is this?",
                block.place
            );
        }
    }
}

/// Recipes run in handlers, which servers spawn, so each one is run so: it must be `Send`, and borrow nothing from outside.
#[test]
fn recipes_run_in_handlers() {
    // Their snippets are tests, whole programs, or other crates' way to do it.
    let others = [
        "comparison.md",
        "cookbook/send.md",
        "cookbook/testing.md",
        "limits.md",
        "seeing.md",
        "tutorial/start.md",
    ];
    for chapter in chapters() {
        // The tests of `conjoin` run what stands in `language`.
        if chapter.name.starts_with("language/") || others.contains(&&*chapter.name) {
            continue;
        }
        for block in chapter.blocks() {
            let code = block.code().join("\n");
            let is_run = block.info == "rust" && code.contains(".await");
            let is_spawned = ["conjoin_book::handler", "#[tokio::test", "tokio::spawn"];
            assert!(
                !is_run || is_spawned.iter().any(|way| code.contains(way)),
                "{}: run it in `conjoin_book::handler`",
                block.place
            );
        }
    }
}

/// The README has three figures of the page on cost. Both change when something gets faster.
#[test]
fn readme_has_the_figures_of_the_book() {
    let cost = fs::read_to_string(root().join("book/chapters/cost.md")).expect("the page on cost");
    let text = readme().text;
    let (_, section) = text.split_once("## Cost").expect("a section on cost");
    let (section, _) = section.split_once("\n## ").expect("another section");
    let is_figure =
        |word: &&str| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.');
    let figures: Vec<_> = section.split_whitespace().filter(is_figure).collect();
    assert_eq!(figures.len(), 3, "{figures:?}");
    for figure in figures {
        assert!(
            cost.contains(&format!("| {figure} (")),
            "not in cost.md: {figure}"
        );
    }
}

#[test]
fn readme_quotes_compiled_code() {
    let read = |path| fs::read_to_string(root().join(path)).expect("a file that it quotes");
    let files = [read("dsl/tests/readme.rs"), read("dsl/examples/start.rs")];
    let normal = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    let files = files.map(|file| normal(&file));
    for block in readme().blocks() {
        let code = normal(&block.code().join("\n"));
        let is_quoted = files.iter().any(|file| file.contains(&code));
        assert!(block.info != "rust" || is_quoted, "{}", block.place);
    }
}

/// The lines of a quotation are in the file, in this order; `…` stands for what is left out, lines or a part of one.
#[test]
fn quotations_are_true() {
    let mut quotations = 0;
    for chapter in chapters() {
        for block in chapter.blocks() {
            let Some(path) = &block.from else { continue };
            let file = fs::read_to_string(root().join(path))
                .unwrap_or_else(|error| panic!("{}: {path}: {error}", block.place));
            let is_message = Path::new(path)
                .extension()
                .is_some_and(|extension| extension == "stderr");
            // Lines of the source have numbers in messages, which would change with every hidden line.
            let normal = |line: &str| {
                if is_message {
                    without_number(line)
                } else {
                    line.trim().trim_start_matches("/// ").to_owned()
                }
            };
            let mut lines = file.lines().map(normal);
            let mut may_skip = true;
            for quoted in block.code() {
                let quoted = normal(&quoted);
                if quoted.trim() == "…" {
                    may_skip = true;
                    continue;
                }
                let is_next = |line: String| is_quoted(&quoted, &line);
                let found = if may_skip {
                    lines.any(is_next)
                } else {
                    lines.next().is_some_and(is_next)
                };
                assert!(
                    found,
                    "{}: this is not the next line in {path}:\n{quoted}",
                    block.place
                );
                may_skip = false;
            }
            quotations += 1;
        }
    }
    assert!(quotations > 20, "only {quotations} quotations were found");
}

/// What does not compile is a whole file of `tests/messages`, and what the compiler says to it comes next. No such file
/// is left over.
#[test]
fn mistakes_are_whole_and_told() {
    let files = fs::read_dir(root().join("book/tests/messages")).expect("the mistakes");
    let mut left: HashSet<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    for chapter in chapters() {
        let blocks = chapter.blocks();
        for (at, block) in blocks
            .iter()
            .enumerate()
            .filter(|(_, block)| block.info.contains("compile_fail"))
        {
            let path = block
                .from
                .as_ref()
                .unwrap_or_else(|| panic!("{}: add this to tests/messages", block.place));
            let file = fs::read_to_string(root().join(path)).expect("the file");
            assert_eq!(block.code().join("\n"), file.trim_end(), "{}", block.place);

            let told = blocks.get(at + 1).and_then(|next| next.from.as_ref());
            let message = path.replace(".rs", ".stderr");
            assert_eq!(
                told,
                Some(&message),
                "{}: what does the compiler say?",
                block.place
            );
            left.remove(&root().join(path));
            left.remove(&root().join(message));
        }
    }
    assert!(left.is_empty(), "in no chapter: {left:?}");
}

fn is_quoted(quoted: &str, line: &str) -> bool {
    let is_shortened = |(start, end): (&str, &str)| {
        line.strip_prefix(start)
            .is_some_and(|rest| !start.is_empty() && !end.is_empty() && rest.ends_with(end))
    };
    quoted == line || quoted.split_once('…').is_some_and(is_shortened)
}

/// `12 |  code` becomes `| code`.
fn without_number(line: &str) -> String {
    match line
        .trim_start()
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .trim_start()
    {
        code if code.starts_with('|') => code.trim_end().to_owned(),
        _ => line.trim().to_owned(),
    }
}
