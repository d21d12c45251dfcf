//! What the borrow checker says of items, in its words.

use conjoin::auto;

fn main() {
    let text = String::new();
    let mut log = Vec::new();
    let _ = auto! {
        moved for x in [1, 2] => {
            drop(text);
            x
        },
    };
    let _ = auto! {
        changed for x in [1, 2] => log.push(x),
    };
    let _ = auto! {
        list => vec![1],
        used: [move list] for x in list => x + list.len(),
    };
    let _ = auto! {
        borrowed for x in vec![String::new()] => x.as_str(),
    };
}
