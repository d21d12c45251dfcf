//! All valid inputs: those of these tests, and the calls of `auto!` in the workspace's tests, examples and
//! documentation.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use proc_macro2::{TokenStream, TokenTree};

use super::GOOD;
use crate::check::check;
use crate::diagnostic::Errors;
use crate::infer::infer;
use crate::parse::parse;
use crate::syntax::token::{punct, word};

/// The searched folders, relative to the workspace.
const FOLDERS: [&str; 6] = [
    "dsl",
    "examples/src",
    "runtime-adapters",
    "tests/behaviour",
    "tests/hygiene",
    "tests/ui/pass",
];

/// The inputs as text, each once.
pub(super) fn inputs() -> &'static [String] {
    static INPUTS: OnceLock<Vec<String>> = OnceLock::new();
    INPUTS.get_or_init(find)
}

fn find() -> Vec<String> {
    let mut calls = BTreeMap::new();
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for folder in FOLDERS {
        visit(&workspace.join(folder), &mut |text| {
            calls_in(text, &mut calls);
        });
    }
    // The published crate has none of these folders.
    assert!(
        calls.len() > 300 || !workspace.join("tests/behaviour").exists(),
        "only {} calls were found",
        calls.len()
    );
    GOOD.into_iter()
        .map(ToOwned::to_owned)
        .chain(calls.into_values())
        .collect()
}

fn visit(folder: &Path, file: &mut dyn FnMut(&str)) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() {
            visit(&path, file);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "rs" || extension == "md")
        {
            file(
                &fs::read_to_string(&path)
                    .unwrap_or_else(|error| panic!("{}: {error}", path.display())),
            );
        }
    }
}

/// All calls in code, in its comments, and in the blocks of a page.
fn calls_in(text: &str, calls: &mut BTreeMap<String, String>) {
    // Crate attributes are not indented, options of a graph are.
    let code = |line: &str| !line.trim_start().starts_with("//") && !line.starts_with("#![");
    let is_page = text.lines().any(|line| line.starts_with("```"));
    let source: String = text
        .lines()
        .filter(|line| !is_page && code(line))
        .fold(String::new(), |text, line| text + line + "\n");
    let comments = text.lines().filter_map(|line| {
        let line = line.trim_start();
        let comment = line
            .strip_prefix("///")
            .or_else(|| line.strip_prefix("//!"));
        let comment = comment.map(|comment| comment.strip_prefix(' ').unwrap_or(comment));
        comment.or(is_page.then_some(line))
    });
    // Code blocks without a language, or with rustdoc's attributes.
    let mut blocks = vec![source];
    let mut is_inside = false;
    for line in comments {
        if let Some(language) = line.strip_prefix("```") {
            is_inside = !is_inside && ["", "rust", "no_run", "compile_fail"].contains(&language);
            blocks.push(String::new());
        } else if is_inside {
            let line = line.strip_prefix("# ").unwrap_or(line);
            blocks
                .last_mut()
                .expect("it begins with one")
                .extend([line, "\n"]);
        }
    }
    for block in blocks {
        if let Ok(tokens) = block.parse() {
            find_calls(tokens, calls);
        }
    }
}

fn find_calls(stream: TokenStream, calls: &mut BTreeMap<String, String>) {
    let all: Vec<_> = stream.into_iter().collect();
    for (at, token) in all.iter().enumerate() {
        let TokenTree::Group(group) = token else {
            continue;
        };
        let is_call = at >= 2 && word(&all[at - 2], "auto") && punct(&all[at - 1], '!');
        if is_call && is_good(&group.stream()) {
            let text = group.stream().to_string();
            // The same graph with other numbers adds nothing.
            let shape = text.split(|char: char| char.is_ascii_digit()).collect();
            calls.entry(shape).or_insert(text);
        }
        find_calls(group.stream(), calls);
    }
}

/// Whether these are the tokens of a whole graph, not of a macro around one.
fn is_good(input: &TokenStream) -> bool {
    if any(input, &|token| punct(token, '$') || punct(token, '…')) {
        return false;
    }
    let mut errors = Errors::default();
    let tokens: Vec<_> = input.clone().into_iter().collect();
    let is_read = parse(&tokens, &[true; 16], &mut errors)
        .map(|mut auto| {
            infer(&mut auto, &mut errors);
            check(&auto, &mut errors)
        })
        .is_ok();
    is_read && errors.into_texts().is_empty()
}

fn any(tokens: &TokenStream, is_it: &dyn Fn(&TokenTree) -> bool) -> bool {
    tokens.clone().into_iter().any(|token| match &token {
        TokenTree::Group(group) => any(&group.stream(), is_it),
        token => is_it(token),
    })
}
