//! What is warned of.
#![deny(warnings)]

use conjoin::auto;

async fn mail(id: u32) -> Result<(), String> {
    let _ = id;
    Ok(())
}

fn main() {
    let _ = auto! {
        users => vec![1, 2],
        sent: [users] for user in users => mail(*user),
        => users
    };
    let _ = auto! {
        users => vec![1, 2],
        sent: [users] for user in users => mail(*user).await,
        => users
    };
    let _ = auto! {
        users => vec![1, 2],
        idle => 1,
        items: [users, idle] for user in [1] => 1,
    };
}
