//! The words are rustc's.

use conjoin::auto;

fn in_a_series() {
    let _ = auto! {
        list => vec![1],
        pushed: [list] => list.push(1),
    };
    let _ = auto! {
        number => 1,
        raised: [number] => *number += 1,
    };
    let _ = auto! {
        number => 1,
        raised: [number as n] => *n += 1,
    };
}

fn in_stages() {
    let _ = auto! {
        a => vec![1],
        b => 1,
        c: [a] => a.push(1),
        d: [a, b] => a.len() + b,
    };
}

fn behind_a_gate() {
    let _ = auto! {
        a => vec![1],
        a_2: [a] => a.push(1),
        a_3: [a_2] => *a_2,
        b => 1,
        b_2: [b] => *b,
        b_3: [b_2, a] => a.len() + b_2,
    };
}

fn in_the_final_arm() {
    let _ = auto! {
        list => vec![1],
        => { list.push(2); list }
    };
}

fn without_a_reference() {
    let _ = auto! {
        number => 1,
        raised: [number] => number += 1,
        set: [number] => number = 2,
        set_too: [mut number, raised as _, set as _] => number = 3,
    };
}

fn main() {}
