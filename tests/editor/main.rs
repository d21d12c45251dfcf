//! How rust-analyzer handles graphs while they are being written, over the language server protocol, compared with the
//! same code by hand.
//!
//! ```sh
//! cargo test -p conjoin-tests --features editor-tests --test editor
//! ```
//!
//! wants rust-analyzer in the `PATH`, or its path in `RUST_ANALYZER`, and the sources of the standard library, where
//! rustup puts them (`rustup component add rust-analyzer rust-src`) or where `RUST_SRC_PATH` says. On Debian
//! `editor/with-debian.sh` before the command brings both, without installing anything.

mod blocks;
mod positions;
mod server;

use std::collections::BTreeSet;

use positions::{Case, MEMBERS, NAMES};
use server::{Offer, Position, Server};

const PAGE: &str = "auto! { user => load_user(1).await?, posts: [user] => load_posts(user.id).await?, \
                    both: [user, posts] => user.id }.await?";

fn start(test: &str) -> Server {
    Server::start(test, &[("shop", include_str!("shop.rs"))])
}

/// Code in a function, and where in the file the cursor is.
fn file(code: &str) -> (String, Position) {
    let text = format!(
        "mod shop;\nuse conjoin::auto;\nuse shop::*;\n\n\
         pub async fn page() -> Result<(), Error> {{\n{code};\n    Ok(())\n}}\n"
    );
    let (before, _) = text.split_once("$0").expect("there is a cursor");
    let line = before.matches('\n').count();
    let column = before.len() - before.rfind('\n').expect("it is not on the first line") - 1;
    (
        text.replacen("$0", "", 1),
        Position(line as u64, column as u64),
    )
}

fn offers(server: &mut Server, code: &str) -> BTreeSet<Offer> {
    let (text, cursor) = file(code);
    server.edit(&text);
    let mut offers = server.completion(cursor);
    // rust-analyzer does not see that the expansion's own variables are kept apart.
    offers.retain(|Offer(label, _)| !label.starts_with("__"));
    offers
}

fn assert_offers_as_by_hand(test: &str, cases: &[Case]) {
    let mut server = start(test);
    for Case {
        what,
        graph,
        by_hand,
        offered,
    } in cases
    {
        let (in_graph, by_hand) = (offers(&mut server, graph), offers(&mut server, by_hand));
        let is_there = |label: &&str| by_hand.iter().any(|offer| offer.0 == **label);
        assert!(offered.iter().all(is_there), "{what}, by hand: {by_hand:?}");
        let (more, fewer): (Vec<_>, Vec<_>) = (
            in_graph.difference(&by_hand).collect(),
            by_hand.difference(&in_graph).collect(),
        );
        assert!(
            more.is_empty() && fewer.is_empty(),
            "{what}: offered too much {more:?}, not offered {fewer:?}"
        );
    }
}

#[test]
fn members_are_offered_as_by_hand() {
    assert_offers_as_by_hand("members", MEMBERS);
}

#[test]
fn names_are_offered_as_by_hand() {
    assert_offers_as_by_hand("names", NAMES);
}

/// The places of a word in the file that `code` is in.
fn places(code: &str, word: &str) -> Vec<Position> {
    let found = code.match_indices(word).filter(|(at, _)| {
        !code[at + word.len()..].starts_with(|next: char| next == '_' || next.is_alphanumeric())
    });
    found
        .filter(|(at, _)| !code[..*at].ends_with('_'))
        .map(|(at, _)| file(&format!("{}$0{}", &code[..at], &code[at..])).1)
        .collect()
}

#[test]
fn dependency_has_its_type_and_definition() {
    let mut server = start("dependency");
    let places = places(PAGE, "user");
    let [task, uses @ ..] = &places[..] else {
        panic!("no task")
    };
    server.edit(&file(&format!("{PAGE}$0")).0);
    assert_eq!(uses.len(), 4);
    for &place in uses {
        let shown = server.hover(place).unwrap_or_default();
        assert_eq!(shown.trim_start_matches("let "), "user: &User", "{place:?}");
        assert_eq!(
            server.definition(place),
            BTreeSet::from([*task]),
            "{place:?}"
        );
    }
    let shown = server.hover(*task).expect("it is known");
    assert!(
        shown.contains("let user: User") && !shown.contains("async") && !shown.contains("()"),
        "{shown}"
    );
}

#[test]
fn a_task_is_renamed_wherever_it_is_named() {
    let mut server = start("rename");
    server.edit(&file(&format!("{PAGE}$0")).0);
    for name in ["user", "posts", "both"] {
        let places = places(PAGE, name);
        assert_eq!(
            server.rename(places[0]),
            places.into_iter().collect(),
            "{name}"
        );
    }
    let with_keywords =
        "auto! { tx => 1, a: [mut tx as t] => *t, b: [move tx, a as _] => tx }.await";
    server.edit(&file(&format!("{with_keywords}$0")).0);
    for name in ["tx", "a", "b"] {
        let places = places(with_keywords, name);
        assert_eq!(
            server.rename(places[0]),
            places.into_iter().collect(),
            "{name}"
        );
    }
    let inferred = "auto! { #![infer] user => load_user(1).await?, posts => load_posts(user.id).await?, n: [user, ..] => user.id + posts.count as u64 }.await?";
    server.edit(&file(&format!("{inferred}$0")).0);
    for name in ["user", "posts"] {
        let places = places(inferred, name);
        assert_eq!(
            server.rename(places[0]),
            places.into_iter().collect(),
            "{name}"
        );
    }
}

#[test]
fn complete_graph_has_no_diagnostics() {
    let mut server = start("diagnostics");
    let behind_gates = "auto! { a => 1, b => 2, c: [a] => *a, d: [b as &n] => n, e: [c, d] => c + d, f: [d] => *d }.await";
    let with_options = "auto! { #![limit(2)] #![name_errors] #![error(Error)] tx => load_user(1).await?, \
                        a: [mut tx as t, ] if t.is_new() => t.id, b: [move tx, a as _] => tx, => (a, b) }.await";
    let inferred = "auto! { #![infer] user => load_user(1).await?, posts => load_posts(user.id).await?, => posts.count }";
    for code in [PAGE, behind_gates, with_options, inferred] {
        server.edit(&file(&format!("_ = {code}$0")).0);
        assert_eq!(server.diagnostics(), [""; 0], "{code}");
    }
    // It would report that.
    server.edit(&file("auto! { user: [usr] => 1 }.await$0").0);
    assert!(
        server
            .diagnostics()
            .iter()
            .any(|said| said.contains("no task is named"))
    );
}
