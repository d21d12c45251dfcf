use conjoin::auto;

fn main() {
    let _ = auto! {
        tx => String::new(),
        order => 1,
        commit: [move tx, order] => tx.len() + order,
        size: [tx] => tx.len(),
    };
    // One who changes it.
    let _ = auto! {
        tx => String::new(),
        filled: [mut tx] => tx.push('x'),
        commit: [move tx] => tx,
    };
}
