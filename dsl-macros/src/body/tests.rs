//! What is a body's own, and what is its tail.

use proc_macro2::TokenStream;
use quote::quote;

use super::rewrite_tail;
use crate::ast::Body;

fn body(code: &str) -> Body {
    let tokens: TokenStream = code.parse().expect("the code is tokens");
    Body {
        tokens: tokens.into_iter().collect(),
        loose: false,
    }
}

#[test]
fn a_question_mark_is_the_body_s_own() {
    for code in [
        "f()?",
        "f()?.g",
        "{ let x = f()?; x }",
        "if a { b? } else { c }",
        "vec![f().await?]",
        "format!(\"{}\", f()?)",
        "select! { x = f() => x?, y = g() => y }",
        "None::<u8>?",
        "async { 1 }.await?",
        "list.iter().map(|x| x + 1).next().ok_or(0)?",
        "a || b?",
        "a | b?",
        "match x { | A | B => f()?, _ => 1 }",
        "match x { Some(1) | None => f()?, _ => 1 }",
        "(|| 1)()? ",
        "{ fn helper() -> u8 { 1 } f()? }",
        "{ let c = |x: u8| x; f()? }",
        "x.fold(0, |a, b| a + b)?",
        "f(move |x| { x }, g()?)",
        "if let Some(x) = a && b? { 1 } else { 2 }",
        "run(async || 1)?",
        "{ ensure!(a, \"no\"); 1 }",
        "if a { 1 } else { anyhow::bail!(\"no\") }",
        "{ let f: fn(u8) -> u8 = id; f(x?) }",
    ] {
        assert!(body(code).question().is_some(), "{code}");
    }
}

#[test]
fn a_question_mark_is_somebody_else_s() {
    for code in [
        "f()",
        "async { f()? }",
        "async move { f()? }.await",
        "list.map(|x| parse(x)?)",
        "list.map(|x| -> Option<u8> { x? })",
        "list.map(|| f()?)",
        "list.map(move |a, b| a? + b?)",
        "list.map(async |x| x?)",
        "list.map(async move |x| { x? })",
        "{ fn helper() -> Option<u8> { f()? } 1 }",
        "{ impl A { fn f() -> Option<u8> { None? } } 1 }",
        "{ struct S<T: ?Sized>(Box<T>); 1 }",
        "auto! { a => f()? }",
        "conjoin::auto! { a => f()?, }.await.is_ok()",
        "println!(\"{}\", explain! { a => f()? })",
        "try_stream! { yield f()?; }",
        "query!(a => ?b)",
        "query!(a -> ?b)",
        "{ macro_rules! m { ($x:expr) => { $x? } } 1 }",
        "x.map(|a| a || b?)",
        "x.map(|a| <() as Two<u8, u16>>::g()?)",
        "x.map(|a| a < b, c)",
    ] {
        assert!(body(code).question().is_none(), "{code}");
    }
}

#[test]
fn a_return_is_found_as_a_question_mark_is() {
    assert!(body("{ if x { return 1; } 2 }").return_keyword().is_some());
    assert!(
        body("{ let f = || { return 1; }; f() }")
            .return_keyword()
            .is_none()
    );
    assert!(body("async { return 1 }.await").return_keyword().is_none());
}

/// The code with `T[…]` for each tail that was found.
fn tails(code: &str) -> String {
    let rewritten = rewrite_tail(&body(code).tokens, &|expression, _| quote!(T[#expression]));
    rewritten
        .map(|tokens| tokens.to_string().replace(' ', ""))
        .unwrap_or_default()
}

#[test]
fn a_tail_reaches_through_blocks() {
    for (code, expected) in [
        ("f()?", "T[f()]"),
        ("f().await?", "T[f().await]"),
        ("rng.gen()?", "T[rng.gen()]"),
        ("a.r#match?", "T[a.r#match]"),
        ("a.b.c(1)?.d()?", "T[a.b.c(1)?.d()]"),
        (
            "\"1\".parse::<HashMap<A, B>>()?",
            "T[\"1\".parse::<HashMap<A,B>>()]",
        ),
        ("<A as B<C>>::f()?", "T[<AasB<C>>::f()]"),
        ("f!(x)?", "T[f!(x)]"),
        ("async { 1 }.await?", "T[async{1}.await]"),
        ("(f()?)", "(T[f()])"),
        ("{ f()? }", "{T[f()]}"),
        ("unsafe { f()? }", "unsafe{T[f()]}"),
        ("{ let x = g()?; f(x)? }", "{letx=g()?;T[f(x)]}"),
        ("{ if a { b(); } f()? }", "{ifa{b();}T[f()]}"),
        ("{ for x in y { z?; } f()? }", "{forxiny{z?;}T[f()]}"),
        ("{ fn g() {} f()? }", "{fng(){}T[f()]}"),
        ("if a { f()? } else { g()? }", "ifa{T[f()]}else{T[g()]}"),
        (
            "if let U { a } = b { f()? } else if c { 1 } else { g()? }",
            "ifletU{a}=b{T[f()]}elseifc{1}else{T[g()]}",
        ),
        (
            "match x { A => f()?, B { y } => { g()? } C => 1 }",
            "matchx{A=>T[f()],B{y}=>{T[g()]}C=>1}",
        ),
        (
            "match x { A => if a { f()? } else { 1 } B => g()? }",
            "matchx{A=>ifa{T[f()]}else{1}B=>T[g()]}",
        ),
        (
            "match x { A => f::<B, C>()?, D => g()? }",
            "matchx{A=>f::<B,C>()?,D=>T[g()]}",
        ),
        ("match x { A if y? => f()? }", "matchx{Aify?=>T[f()]}"),
    ] {
        assert_eq!(tails(code), expected, "{code}");
    }
}

#[test]
fn other_question_marks_are_no_tails() {
    for code in [
        "f()",
        "f()? + 1",
        "1 + f()?",
        "!f()?",
        "&f()?",
        "a = f()?",
        "a..f()?",
        "x as T?",
        "|x| x?",
        "(a?, b?)",
        "{ f()?; }",
        "{ f()?; 1 }",
        "loop { break f()? }",
        "async { f()? }",
        "vec![f()?]",
        "S { a: f()? }",
        "if if c { b()? } else { d } { v()? } else { w()? }",
    ] {
        assert_eq!(tails(code), "", "{code}");
    }
}
