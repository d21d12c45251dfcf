//! Bodies that are not written yet are no reason for a warning.

#![deny(warnings)]

use conjoin::auto;

struct User {
    id: u32,
}

async fn page() -> Result<u32, String> {
    let page = auto! {
        user => Ok::<_, String>(User { id: 1 })?,
        posts: [user] => todo!("the posts of {}", user.id),
        count: [posts as _] => 3,
    };
    let page = page.await?;
    Ok(page.count)
}

fn main() {
    drop(page());
}
