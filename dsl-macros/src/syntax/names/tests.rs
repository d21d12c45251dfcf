use super::{Certainty, Names};
use crate::syntax::recovery;

/// The uses, with `?` after those that are likely and `()` after those that are called.
fn uses(code: &str) -> String {
    let tokens: Vec<_> = code
        .parse::<proc_macro2::TokenStream>()
        .expect("tokens")
        .into_iter()
        .collect();
    let mut names = Names::default();
    names.add(&tokens, recovery::parse(&tokens).as_ref());
    let uses = names.into_uses().into_iter().map(|found| {
        let call = if found.is_called { "()" } else { "" };
        let doubt = match found.certainty {
            Certainty::Certain => "",
            Certainty::Likely => "?",
            Certainty::Possible => "??",
        };
        format!("{}{call}{doubt}", found.name)
    });
    uses.collect::<Vec<_>>().join(" ")
}

#[test]
fn variables_are_uses_and_members_are_not() {
    assert_eq!(uses("a.b.c(d).await? + e::f(g)[h]"), "a d g h");
    assert_eq!(uses("Page { user, posts: list, ..rest }"), "user list rest");
    assert_eq!(uses("f(a)(b)"), "f() a b");
    assert_eq!(uses("'l: loop { break 'l x as y }"), "x");
    assert_eq!(uses("r#type + 1"), "r#type");
    assert_eq!(uses("{ a::<{ N }>(); let _: [u8; N] = b; }"), "b");
}

#[test]
fn bindings_shadow_in_their_scope() {
    assert_eq!(uses("{ let a = a; a }"), "a");
    assert_eq!(uses("{ { let a = b; } a }"), "b a");
    assert_eq!(uses("|a, (b, C { c, d: e })| a + b + c + d + e"), "d");
    assert_eq!(
        uses("if let Some(a) = a && a > b { a } else { a }"),
        "a b a"
    );
    assert_eq!(uses("while let Some(x) = x.next() { x }"), "x");
    assert_eq!(uses("match a { a @ 1 | a if a > b => a, _ => a }"), "a b a");
    assert_eq!(uses("for a in a { a }"), "a");
    assert_eq!(uses("{ let Some(a) = b else { return a }; a }"), "b a");
    assert_eq!(uses("async { let a = 1; a + b }"), "b");
    assert_eq!(
        uses("{ f(a); fn f() { b } const a: u8 = c; use d::{e, g as h}; e + h }"),
        ""
    );
}

#[test]
fn known_macros_are_read_as_expressions() {
    assert_eq!(
        uses(r#"format!("{a} {b:?} {:>c$.d$} {{e}} {f} {0}", g.h, f = i)"#),
        "g i a b d c"
    );
    assert_eq!(uses(r#"assert_eq!(a, "{b}", "{c}")"#), "a c");
    assert_eq!(uses("matches!(a, Some(b) if b > c)"), "a c");
    assert_eq!(uses("vec![a; b]"), "a b");
    assert_eq!(uses("stringify!(a + b)"), "");
}

#[test]
fn names_in_unknown_macros_are_uncertain() {
    assert_eq!(uses(r#"info!(user = a.id, "got {b}")"#), "a? b?");
    assert_eq!(
        uses("select! { x = a => b, c = d() => 'l: e.f }"),
        "a? b? d()? e?"
    );
    assert_eq!(uses("json!({ \"a\": b, \"c\": [d] })"), "b? d?");
    assert_eq!(uses("quote!(a #b (#c))"), "b? c?");
    assert_eq!(
        uses("auto! { a => 1, b: [a] => a + c, => b }"),
        "a?? a?? c? b??"
    );
    assert_eq!(uses("a + = b"), "a? b?");
}
