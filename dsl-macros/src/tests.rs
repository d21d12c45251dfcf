//! Tests of all stages together. Each stage has its own tests next to it.

mod blocks;
mod corpus;
mod expansion;
mod explained;
mod items;
mod mistakes;
mod prefixes;
mod tokens;

use proc_macro2::TokenStream;
use quote::quote;

use crate::ast::Macro;

/// Whole calls that hold no mistake, between them everything that the language has.
const GOOD: [&str; 16] = [
    "",
    "user => 1",
    "user => db.user(id).await?, posts: [user] => db.posts(user.id).await?, comments: [user] => db.comments(user.id).await?,",
    "a => 1, b: [a] => 2, c: [a] => 3, d: [b, c] => b + c, => (a, b, c, d),",
    "c: [a] => a, d: [a, b] => a + b, a => 1, b => 2",
    "a => 1, b => 2, c: [a] => a, d: [b] => b, e: [c, d] => c + d, f: [d] => d",
    "#![error(AppError)] #![derive(Debug, Clone)] #[serde(rename = \"u\")] user => load()?, ready => {}, \
     posts: [user as User { id, .. }, ready as _] => { let posts = fetch(*id).await?; posts.len() },",
    "#[cfg(unix)] r#type => 1, list => vec.iter().map(|x| parse(x)?).collect::<Vec<_, A>>(), last: [list] => list.len()",
    "a => if x { f()? } else if y { g()? } else { 1 }, b => match z { Some(z) => h(z).await?, None => { 0 } }, => a + b",
    "outer => auto! { inner => f().await?, }.await?, next: [outer] => async { outer.inner }.await",
    "tx => begin().await?, order => 1, items: [mut tx, order] => tx.add(*order).await?, \
     paid: [mut tx as t, items as _] => t.pay().await?, commit: [move tx, paid as _, items as _] => tx.commit().await?",
    "o => 1, s: [o as _] => 2, a: [s as _] => 1, b: [s as _] => 2, c: [mut a, mut o] => a + o, d: [a, c as _] => a, \
     e: [move a, d] => a, f: [c as _, b as _, mut o] => 3, g: [move b, c] => b, h: [b as _] => 4",
    "#![limit(n)] #![name_errors] #![error(E)] a => f()?, b => g().await?, \
     c: [a as Some(x) | x, b] if let Some(y) = x && y.is_some_and(|y| y > 3) => h(y).await?, => c?",
    "#![settle] #![limit(2)] a => f()?, b: [a] if a > 1 => 2, c: [mut a, b as _] => g(a)?, d: [move a, c] => a",
    "ids => ids().await?, names: [ids] for (at, id) in ids.iter().enumerate() => { let name = name(id).await?; (at, name) }, \
     #[limit(4)] pairs: [move names, ids as _] for pair in names => pair",
    "#![limit(2)] list => 1, a: [list] for x in list.iter() => f(x).await?, b: [a] for _ in 0..3 => a.len(), c if on => 2, => b",
];

fn compile(tokens: TokenStream) -> TokenStream {
    crate::compile(Macro::Auto, quote!(conjoin), tokens)
}

fn explain(tokens: TokenStream) -> TokenStream {
    crate::compile(Macro::Explain, quote!(conjoin), tokens)
}

fn tokens(text: &str) -> TokenStream {
    text.parse().expect("the input is tokens")
}

/// The same numbers at each run, each below the one that is asked for: Marsaglia's xorshift, for graphs that nobody chose.
pub(crate) fn random_numbers() -> impl FnMut(usize) -> usize {
    let mut random = 88_172_645_463_325_252_u64;
    move |below| {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        usize::try_from(random % below as u64).expect("a small number")
    }
}
