//! An exit that a macro hides ends its task: where its type is another, the words stand on the body.

use conjoin::auto;

macro_rules! or_return {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(error) => return Err(error),
        }
    };
}

async fn number() -> Result<u32, String> {
    Ok(1)
}

async fn page() {
    let _ = auto! { number => or_return!(number().await), other => number().await }.await;
}

fn main() {}
