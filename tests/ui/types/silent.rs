#![deny(warnings)]

use conjoin::auto;

async fn user() -> u32 {
    1
}

async fn mail(_: u32) -> Result<(), String> {
    Ok(())
}

async fn page() -> u32 {
    auto! {
        user => user().await,
        told: [user] => mail(*user),
        swallowed: [user] => mail(*user).await,
        perhaps: [user] if *user > 1 => mail(*user).await,
        delayed: [user] => mail(1).await.is_ok(),
        changes: [mut user, told as _, swallowed as _, perhaps as _, delayed] => 2,
        drops: [move user, changes as _] => 3,
        => if delayed { changes + drops } else { 0 }
    }
    .await
}

async fn on_purpose() -> u32 {
    auto! {
        user => user().await,
        told: [user] => { let _ = mail(*user); },
        _swallowed: [user] => mail(*user).await,
        ordered: [user as _] => mail(1).await.is_ok(),
        => u32::from(ordered)
    }
    .await
}

async fn settled() {
    auto! { #![settle] told => mail(1).await, => () }.await;
}

fn main() {
    let _ = (page(), on_purpose(), settled());
}
