//! `for` tasks that hold words of the language, and are as short or odd as they can be.
#![deny(warnings)]

use conjoin::auto;

struct Pair {
    left: u32,
    right: u32,
}

fn main() {
    let pairs = || vec![Pair { left: 1, right: 2 }];
    let r#in = [1, 2];
    let _ = auto! {
        a for _ in 0..3 => (),
        b for Pair { left, right } in pairs() => left + right,
        c: [b] for x in b => { let x = x + 1; x },
        d: [c as list] for (at, x) in list.iter().enumerate() => (at, *x),
        r#for for x in r#in => x,
        e: [r#for, d as _] for x in { r#for.iter().map(|x| x + 1).collect::<Vec<_>>() } => x,
        g for x in if r#in[0] > 1 { vec![1] } else { vec![] } => x,
        h for x in match 1 { 1 => [1], _ => [2] } => x,
        j for [x, y] in [[1, 2]] => { for z in x..y { let _ = z; } x },
        k => for z in 0..1 { let _ = z; },
    };
}
