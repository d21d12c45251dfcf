//! What hangs on an edge that is a mistake of its own is not reported as well.

use conjoin::auto;

fn main() {
    // Once the cycle is broken, somebody has to be told.
    let _ = auto! {
        tx => String::new(),
        a: [mut tx, b as _] => tx.push('a'),
        b: [mut tx, a as _] => tx.push('b'),
    };
    let _ = auto! {
        tx => String::new(),
        fill: [mut tx] => tx.push('f'),
        commit: [move tx, fil as _] => tx,
    };
    let _ = auto! {
        tx => String::new(),
        itself: [move itself] => itself,
        taker: [move unknown] => unknown,
        changer: [mut unknown] => unknown,
    };
    let _ = auto! {
        tx => String::new(),
        commit: [move tx, mut tx] => tx,
    };
}
