//! What leaves a body, what is its tail, and what invisible groups become.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

use super::token::word;
use super::{Code, make_visible};

fn read(text: &str) -> Code {
    let tokens: TokenStream = text.parse().expect("the code is tokens");
    Code::read(tokens.into_iter().collect())
}

#[test]
fn question_mark_leaves_the_code() {
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
        "if stream != old { f().await? } else { 1 }",
        "if let | Some(1) | None = f()? { 1 } else { 2 }",
        "match n { | None => e()?, Some(x) => x | 1 }",
        "match n { 10.. | 0 => e()?, _ => 3 }",
        "json!({ \"a\": [1, { \"b\": f()? }] })",
        "hashmap! { \"a\" => f()?, \"b\" => 2 }",
        "{ let x = write!(f, \"{}\", x?); x }",
    ] {
        assert!(read(code).question().is_some(), "{code}");
    }
}

#[test]
fn question_mark_in_inner_code_does_not_count() {
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
        "bail != 0",
        "ensure",
        "list.map(#[inline] |x| Some((*x)? + 1))",
        "{ let f = |x: Option<u8>| -> Option<Foo<{ 3 }>> { Some(Foo(x?)) }; f(x) }",
        "{ fn g(x: Option<u8>) -> Option<Foo<{ 3 }>> { Some(Foo(x?)) } g(x) }",
        "stringify!(x?)",
        "quote! { x? }",
        "{ const N: Option<u8> = { x? }; N }",
        "try { x? }",
    ] {
        assert!(read(code).question().is_none(), "{code}");
    }
}

#[test]
fn return_is_found_like_a_question_mark() {
    assert!(read("{ if x { return 1; } 2 }").return_keyword().is_some());
    assert!(
        read("{ let f = || { return 1; }; f() }")
            .return_keyword()
            .is_none()
    );
    assert!(read("async { return 1 }.await").return_keyword().is_none());
}

/// The code with `T[…]` for each tail that was found.
fn tails(text: &str) -> String {
    let code = read(text);
    if code.tails() == 0 {
        return String::new();
    }
    let replaced = code.replace_tails(&mut |operand, _, _| quote!(T[#operand]));
    replaced.to_string().replace(' ', "")
}

#[test]
fn tail_reaches_through_blocks() {
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
            "matchx{A=>T[f::<B,C>()],D=>T[g()]}",
        ),
        ("match x { A if y? => f()? }", "matchx{Aify?=>T[f()]}"),
        (
            "if if c { b()? } else { d } { v()? } else { w()? }",
            "ififc{b()?}else{d}{T[v()]}else{T[w()]}",
        ),
        (
            "match n { 1 => f(), _ => g() }?",
            "T[matchn{1=>f(),_=>g()}]",
        ),
        (
            "if a { f() } else { g() }.map_err(E)?",
            "T[ifa{f()}else{g()}.map_err(E)]",
        ),
        (
            "{ if a { u()? } else { v()? } { last()? } }",
            "{ifa{u()?}else{v()?}{T[last()]}}",
        ),
        ("{ #[allow(x)] f()? }", "{#[allow(x)]T[f()]}"),
        (
            "match x { A => x.collect::<Result<Vec<u8>, _>>()?, _ => y }",
            "matchx{A=>T[x.collect::<Result<Vec<u8>,_>>()],_=>y}",
        ),
        ("if a { f()? } else { user. }", "ifa{T[f()]}else{user.}"),
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
    ] {
        assert_eq!(tails(code), "", "{code}");
    }
}

#[test]
fn known_macros_hide_no_exit() {
    for text in [
        "vec![1]",
        "println!(\"{}\", x)",
        "json!({})",
        "quote! { or_return!(x) }",
        "|x| or_return!(x)",
    ] {
        assert!(!read(text).hides_exits(), "{text}");
    }
    for text in [
        "or_return!(x)",
        "{ my::step!(); 1 }",
        "vec![or_return!(x)]",
        "{ or_return! { x } user. }",
        "? or_return!(x)",
    ] {
        assert!(read(text).hides_exits(), "{text}");
    }
}

/// The text with an invisible group for each `invisible!(…)`.
fn with_fragments(text: &str) -> TokenStream {
    fn replaced(tokens: TokenStream) -> TokenStream {
        let mut kept: Vec<TokenTree> = Vec::new();
        for token in tokens {
            let TokenTree::Group(group) = &token else {
                kept.push(token);
                continue;
            };
            let is_fragment = kept.len() >= 2 && word(&kept[kept.len() - 2], "invisible");
            if is_fragment {
                kept.truncate(kept.len() - 2);
            }
            let delimiter = if is_fragment {
                Delimiter::None
            } else {
                group.delimiter()
            };
            kept.push(Group::new(delimiter, replaced(group.stream())).into());
        }
        kept.into_iter().collect()
    }
    replaced(text.parse().expect("the text is tokens"))
}

#[test]
fn fragments_keep_their_precedence() {
    for (text, expected) in [
        ("invisible!(1 + 2) * 2", "(1+2)*2"),
        ("a == invisible!(b || c)", "a==(b||c)"),
        ("a >= invisible!(b || c)", "a>=(b||c)"),
        ("x = invisible!(a + b)", "x=a+b"),
        ("f(invisible!(a + b), invisible!(|x| x))", "f(a+b,|x|x)"),
        ("&mut invisible!(x as u64)", "&mut(xasu64)"),
        (
            "match invisible!(P { x: 1 }) { P { x } => x }",
            "match(P{x:1}){P{x}=>x}",
        ),
        ("invisible!(h.f)(1)", "(h.f)(1)"),
        ("invisible!(f)(1)", "f(1)"),
        ("a as invisible!(u64) < 10", "aas(u64)<10"),
        ("&x as & invisible!(dyn A + B)", "&xas&(dynA+B)"),
        (
            "< invisible!(HashMap<u8, u16>)>::new()",
            "<HashMap<u8,u16>>::new()",
        ),
        ("async invisible!({ 1 }).await", "async{1}.await"),
        ("{ invisible!(unsafe { 3 }) + 1 }", "{(unsafe{3})+1}"),
        ("match x { invisible!(1 | 3) => 1 }", "matchx{1|3=>1}"),
        ("matches!(3, invisible!(1 | 3) | 4)", "matches!(3,(1|3)|4)"),
        ("{ invisible!(fn f() {}) (a, b) }", "{fnf(){}(a,b)}"),
        ("{ invisible!(let k = 3); 5 }", "{letk=3;5}"),
        ("# [invisible!(doc = x)] a", "#[doc=x]a"),
        (
            "# ! [limit(invisible!(1 + 1) * 2)] a",
            "#![limit((1+1)*2)]a",
        ),
        ("invisible!(invisible!(1 + 2)) * 2", "(1+2)*2"),
    ] {
        let visible: TokenStream = make_visible(with_fragments(text)).into_iter().collect();
        assert_eq!(visible.to_string().replace(' ', ""), expected, "{text}");
    }
}

#[test]
fn deep_code_is_scanned() {
    let deep = format!("{}f()?{}", "(".repeat(3000), ")".repeat(3000));
    let long = format!("{} f()?", "! ".repeat(3000));
    for text in [deep, long] {
        let code = read(&text);
        assert!(code.tree().is_none());
        assert!(code.question().is_some());
    }
}
