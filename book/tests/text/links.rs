//! Links from chapter to chapter, and to the documentation of the crates.

use std::collections::HashMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::chapter::{chapters, readme, root};

/// The targets of all links in a text: `[text](target)`, and `[name]: target` on a line of its own.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    let inline = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(target, _)| target);
    let named = text
        .lines()
        .filter(|line| line.starts_with('['))
        .filter_map(|line| line.split_once("]: "));
    inline.chain(named.map(|(_, target)| target))
}

/// The id that mdBook and most forges give to a heading.
fn id(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn normal(path: &Path) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for component in path.components() {
        match component {
            Component::ParentDir => drop(parts.pop()),
            component => parts.push(component.as_os_str().to_str().expect("UTF-8")),
        }
    }
    parts.join("/")
}

#[test]
fn links_between_chapters_lead_to_a_heading() {
    let chapters = chapters();
    let headings: HashMap<String, Vec<String>> = chapters
        .iter()
        .map(|chapter| {
            let prose = chapter.prose();
            let headings = prose.lines().filter(|line| line.starts_with('#'));
            (
                chapter.name.clone(),
                headings
                    .map(|line| id(line.trim_start_matches('#')))
                    .collect(),
            )
        })
        .collect();
    let mut links = 0;
    for chapter in &chapters {
        let prose = chapter.prose();
        for target in targets(&prose).filter(|target| !target.contains("://")) {
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let here = Path::new(&chapter.name);
            let to = if path.is_empty() {
                here.to_owned()
            } else {
                here.parent().expect("a folder").join(path)
            };
            let there = headings
                .get(&normal(&to))
                .unwrap_or_else(|| panic!("{}: no chapter {target}", chapter.name));
            assert!(
                anchor.is_empty() || there.iter().any(|id| id == anchor),
                "{}: no heading {target}",
                chapter.name
            );
            links += 1;
        }
    }
    assert!(links > 20, "only {links} links were found");
}

/// A registry shows the README of the package without the repository around it. So it has the text of the workspace's README,
/// but no links into the repository.
#[test]
fn readme_of_package_needs_no_repository() {
    let readme = readme();
    let mut text = readme.text.clone();
    for target in targets(&readme.prose()).filter(|it| !it.starts_with("https://")) {
        assert!(root().join(target).exists(), "{target}");
        let end = format!("]({target})");
        let (before, after) = text.split_once(&end).expect("the link");
        let (before, label) = before.rsplit_once('[').expect("its label");
        text = format!("{before}{label}{after}");
    }
    let package = fs::read_to_string(root().join("dsl/README.md")).expect("the package's README");
    assert_eq!(
        package, text,
        "in dsl/README.md, write `label` instead of `[label](path)`"
    );
    assert!(!text.contains("<img"));
}

/// The pages are there once `cargo doc --workspace --all-features --no-deps` has run.
#[test]
#[ignore = "needs the documentation, in target/doc or in CONJOIN_DOC"]
fn links_to_the_documentation_lead_to_a_place() {
    let documentation =
        std::env::var_os("CONJOIN_DOC").map_or_else(|| root().join("target/doc"), PathBuf::from);
    let mut links = 0;
    for chapter in chapters() {
        for target in targets(&chapter.prose()) {
            let Some(rest) = target.strip_prefix("https://docs.rs/conjoin") else {
                continue;
            };
            let (package, page) = rest
                .split_once("/latest/")
                .expect("a link to the newest version");
            assert!(
                matches!(package, "" | "-adapters"),
                "{}: {target}",
                chapter.name
            );
            let (page, anchor) = page.split_once('#').unwrap_or((page, ""));
            let html = fs::read_to_string(documentation.join(page));
            let html = html.unwrap_or_else(|error| panic!("{}: {target}: {error}", chapter.name));
            assert!(
                anchor.is_empty() || html.contains(&format!("id=\"{anchor}\"")),
                "{}: no such place: {target}",
                chapter.name
            );
            links += 1;
        }
    }
    assert!(links > 20, "only {links} links were found");
}
