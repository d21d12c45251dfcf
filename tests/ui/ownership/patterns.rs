//! Patterns of what is changed and taken: the words are rustc's.

use conjoin::auto;

fn refutable() {
    let _ = auto! {
        parsed => "1".parse::<u32>(),
        next: [parsed as Ok(n)] => n + 1,
    };
}

fn too_short() {
    let _ = auto! {
        pair => (String::new(), 1),
        first: [mut pair as (text,)] => text.push('x'),
    };
}

fn by_move_out_of_a_reference() {
    let _ = auto! {
        pair => (String::new(), 1),
        first: [mut pair as &mut (text, _)] => text.push('x'),
    };
}

fn parts_of_what_is_read() {
    let _ = auto! {
        pair => (String::new(), 1),
        first: [pair as (text, _)] => text.push('x'),
    };
}

fn main() {}
