//! The words are rustc's.

use conjoin::auto;

struct Tx;

impl Tx {
    async fn commit(self) -> Result<u32, String> {
        Ok(1)
    }
}

fn consume(_: Vec<u32>) {}

async fn a_method() {
    let _ = auto! {
        tx => Tx,
        commit: [tx] => tx.commit().await?,
    };
}

async fn a_method_on_what_is_changed() {
    let _ = auto! {
        #![error(String)]
        tx => Tx,
        order => 1,
        commit: [mut tx, order] => tx.commit().await? + order,
    };
}

async fn a_method_behind_a_gate() {
    let _ = auto! {
        #![error(String)]
        a => Tx,
        a_2: [a as _] => 2,
        a_3: [a_2, a] => a.commit().await? + a_2,
        b => 1,
        b_2: [b] => *b,
        b_3: [b_2, a_2] => a_2 + b_2,
    };
}

async fn an_argument() {
    let _ = auto! {
        list => vec![1],
        consumed: [list] => consume(list),
    };
}

async fn an_iterator() {
    let _ = auto! {
        list => vec![String::new()],
        joined: [list] => list.into_iter().collect::<Vec<String>>(),
    };
}

fn main() {}
