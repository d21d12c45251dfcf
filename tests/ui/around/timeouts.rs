//! Tasks that cannot time out.

use std::time::Duration;

use conjoin::auto;
use conjoin_adapters::around::Timeouts;

async fn fetch(what: &str) -> Result<u32, String> {
    Ok(what.len() as u32)
}

fn main() {
    let timeouts = Timeouts::new(Duration::from_secs(1));
    // It cannot fail.
    let _ = auto! {
        #![around(timeouts)]
        user => 7,
    };
    // Its error cannot be made of `Elapsed`.
    let _ = auto! {
        #![around(&timeouts)]
        user => fetch("user").await?,
        posts: [user] => fetch(&user.to_string()).await?,
    };
}
