use conjoin::auto;

fn main() {
    let _ = auto! {
        tx => String::new(),
        commit: [move tx] => tx,
        report: [commit as _, tx] => tx.len(),
    };
    // Through a chain of others, and to change it.
    let _ = auto! {
        tx => String::new(),
        commit: [move tx] => tx,
        sent: [commit] => commit.len(),
        logged: [sent] => sent + 1,
        report: [logged, mut tx as text] => text.push('x'),
    };
}
