//! A value that a task has taken is the body's own: the words are rustc's.

use conjoin::auto;

fn twice() {
    let _ = auto! {
        text => String::new(),
        twice: [move text] => (text, text),
    };
}

fn changed() {
    let _ = auto! {
        text => String::new(),
        pushed: [move text] => text.push('x'),
    };
}

fn taken_from_what_is_changed() {
    let _ = auto! {
        text => String::new(),
        pushed: [mut text] => {
            let inner = *text;
            inner
        },
    };
}

fn main() {}
