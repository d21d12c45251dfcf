//! What a task takes is gone when it ends: nothing can borrow from it.

use conjoin::auto;

fn by_the_taker() {
    let _ = auto! {
        text => String::from("a b"),
        first: [move text] => text.split(' ').next(),
    };
}

fn by_a_reader_before_the_taker() {
    let _ = auto! {
        text => String::from("a b"),
        first: [text] => text.split(' ').next(),
        length: [move text, first as _] => text.len(),
    };
}

fn by_one_that_changes_it() {
    let _ = auto! {
        text => String::from("a b"),
        first: [mut text] => text.as_mut_str(),
    };
}

fn behind_a_gate() {
    let _ = auto! {
        a => String::new(),
        a_2: [mut a] => a.as_mut_str(),
        a_3: [a_2 as _] => 3,
        b => 1,
        b_2: [b] => *b,
        b_3: [b_2, a_2 as _] => *b_2,
    };
}

fn behind_a_gate_by_the_taker() {
    let _ = auto! {
        a => String::new(),
        a_2: [move a] => a.as_str(),
        a_3: [a_2 as _] => 3,
        b => 1,
        b_2: [b] => *b,
        b_3: [b_2, a_2 as _] => *b_2,
    };
}

fn main() {}
