use conjoin::auto;

fn main() {
    // Side by side: one edge for each of the later two is enough.
    let _ = auto! {
        tx => String::new(),
        items: [mut tx] => tx.push('i'),
        payment: [mut tx] => tx.push('p'),
        receipt: [mut tx] => tx.push('r'),
    };
    // A reader on either side.
    let _ = auto! {
        tx => String::new(),
        size: [tx] => tx.len(),
        items: [mut tx] => tx.push('i'),
        last: [tx as text] => text.chars().last(),
    };
}
