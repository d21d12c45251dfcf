use conjoin::auto;

fn main() {
    // In a series.
    let _ = auto! {
        tx => String::new(),
        commit: [move tx] => tx,
        rollback: [move tx, commit as _] => tx,
    };
    // In parallel.
    let _ = auto! {
        tx => String::new(),
        commit: [move tx] => tx,
        rollback: [move tx] => tx,
        archive: [move tx as text] => text,
    };
}
