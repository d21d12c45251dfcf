//! Blocks of `concurrent!`, and the same code in `async { … }`.

use std::collections::BTreeSet;

use super::{file, offers, places, start};

const PAGE: &str = "let user = load_user(1).await?; let other = load_user(2).await?; \
                    let posts = load_posts(user.id).await?; let more = load_posts(other.id).await?; \
                    let last = posts.count + more.count; Ok::<_, Error>((user, last))";

/// Code in a block with a cursor, and some of what is offered there.
const CASES: [(&str, &str, &[&str]); 14] = [
    (
        "in a line of a whole block",
        "let user = load_user(1).await?; let posts = load_posts(user.$0).await?; let more = load_user(2).await?; Ok((user, posts, more))",
        &["id", "name", "into_name"],
    ),
    (
        "in a line without a semicolon",
        "let user = load_user(1).await?; let posts = load_posts(user.$0).await? let more = load_user(2).await?; Ok(more)",
        &["id", "name"],
    ),
    (
        "in the last line",
        "let user = load_user(1).await?; let more = load_user(2).await?; user.$0",
        &["id", "name"],
    ),
    (
        "after a dot that ends a line",
        "let user = load_user(1).await?; let more = load_user(2).await?; let id = user.$0; let posts = load_posts(1).await?; Ok(posts)",
        &["id", "name"],
    ),
    (
        "while an earlier line is broken",
        "let user = load_user(1).await?; let a = load_posts(user.).await?; let b = load_posts(user.$0).await?; Ok((a, b))",
        &["id", "name"],
    ),
    (
        "with a missing parenthesis",
        "let user = load_user(1).await?; let more = load_user(2).await?; let posts = load_posts(user.$0; Ok(posts)",
        &["id", "name"],
    ),
    (
        "in a literal",
        "let user = load_user(1).await?; let more = load_user(2).await?; Ok(User { id: user.$0, name: more.name })",
        &["id", "name"],
    ),
    (
        "before the `.await`",
        "let user = load_user(1).await?; let more = load_user(2).$0; Ok(user)",
        &["await"],
    ),
    (
        "of what a pattern binds",
        "let User { name, .. } = load_user(1).await?; let more = load_user(2).await?; Ok((name.$0, more))",
        &["first"],
    ),
    (
        "between chains",
        "let user = load_user(1).await?; let other = load_user(2).await?; let a = load_posts(user.id).await?; \
         let b = load_posts(other.$0).await?; Ok((a, b))",
        &["id", "name"],
    ),
    (
        "behind gates",
        "let a = load_user(1).await?; let b = load_user(2).await?; let c = load_posts(a.id).await?; \
         let d = load_posts(b.id).await?; let e = load_user(c.count as u64 + d.$0 as u64).await?; \
         let f = load_user(d.count as u64).await?; Ok((e, f))",
        &["count", "is_empty"],
    ),
    (
        "in a block within",
        "for n in [1, 2] { let user = load_user(n).await?; let more = load_user(n).await?; user.$0; drop(more) } Ok(())",
        &["id", "name"],
    ),
    (
        "of a name in scope",
        "let user = load_user(1).await?; let around = load_user(2).await?; let posts = load_posts(us$0).await?; Ok((posts, around))",
        &["user", "around"],
    ),
    (
        "of a name in an empty argument",
        "let user = load_user(1).await?; let around = load_user(2).await?; let posts = load_posts($0).await?; Ok((posts, around))",
        &["user", "around"],
    ),
];

fn block(code: &str) -> String {
    format!("let page = conjoin::concurrent!({{ {code} }})")
}

fn by_hand(code: &str) -> String {
    format!("let page = async {{ {code} }}")
}

#[test]
fn blocks_offer_what_async_blocks_offer() {
    let mut server = start("blocks");
    for (what, code, offered) in CASES {
        let in_block = offers(&mut server, &block(code));
        let by_hand = offers(&mut server, &by_hand(code));
        let is_there = |label: &&str| by_hand.iter().any(|offer| offer.0 == **label);
        assert!(offered.iter().all(is_there), "{what}, by hand: {by_hand:?}");
        let (more, fewer): (Vec<_>, Vec<_>) = (
            in_block.difference(&by_hand).collect(),
            by_hand.difference(&in_block).collect(),
        );
        assert!(
            more.is_empty() && fewer.is_empty(),
            "{what}: offered too much {more:?}, not offered {fewer:?}"
        );
    }
}

#[test]
fn block_bindings_have_types_and_definitions() {
    let mut server = start("bindings");
    let code = block(PAGE);
    server.edit(&file(&format!("{code}$0")).0);
    for (name, of) in [("user", "User"), ("posts", "Posts"), ("more", "Posts")] {
        let places = places(&code, name);
        for &place in &places {
            let shown = server.hover(place).unwrap_or_default();
            assert!(shown.contains(&format!("{name}: {of}")), "{name}: {shown}");
            assert_eq!(
                server.definition(place),
                BTreeSet::from([places[0]]),
                "{name}"
            );
        }
    }
}

#[test]
fn bindings_of_blocks_are_renamed_everywhere() {
    let mut server = start("bindings-renamed");
    let code = block(PAGE);
    server.edit(&file(&format!("{code}$0")).0);
    for name in ["user", "other", "posts", "more", "last"] {
        let places = places(&code, name);
        assert_eq!(
            server.rename(places[0]),
            places.into_iter().collect(),
            "{name}"
        );
    }
}

#[test]
fn complete_blocks_have_no_diagnostics() {
    let mut server = start("whole-blocks");
    let gated = CASES[10].1.replace("$0", "count");
    for code in [PAGE, &gated] {
        let code = format!("{}; page.await.unwrap()", block(code));
        server.edit(&file(&format!("{code}$0")).0);
        assert_eq!(server.diagnostics(), [""; 0], "{code}");
    }
}
