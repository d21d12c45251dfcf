//! A value that a task takes is not in the result.

use conjoin::auto;

async fn result() {
    let page = auto! {
        tx => String::new(),
        order => 1,
        commit: [move tx, order] => tx.len() + order,
    }
    .await;
    drop(page.tx);
}

async fn final_arm() -> usize {
    auto! {
        tx => String::new(),
        commit: [move tx] => tx.len(),
        => tx.len() + commit
    }
    .await
}

async fn attributes() {
    let _ = auto! {
        #![derive(serde::Serialize)]
        #[serde(rename = "transaction")]
        tx => String::new(),
        #[serde(rename = "done")]
        commit: [move tx] => tx.len(),
    };
}

fn main() {}
