use conjoin::auto;

fn main() {
    let _ = auto! {
        list => vec![1],
        text => String::new(),
        tx => Some(1),
        a: [mut list, move text, tx] => (list.push(1), text, tx.is_some()),
        b: [mut list, text, move tx] => (list.push(2), text.len(), tx),
    };
}
