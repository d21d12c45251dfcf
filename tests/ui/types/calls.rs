use conjoin::auto;

struct User {
    name: String,
}

async fn user(_: u64) -> Result<User, std::io::Error> {
    Ok(User { name: String::new() })
}

fn posts(_: u64) -> Result<u64, std::io::Error> {
    Ok(1)
}

async fn count(_: u64) -> u64 {
    1
}

fn main() {
    let _ = auto! { a => user(1).await?, b => posts(2).await? };
    let _ = auto! { a => user(1).await?, b => count(1).await? };
    let _ = auto! { a => user("1").await?, b => count(1).await };
    let _ = auto! { a => user(1).await?, b => user().await? };
    let _ = auto! {
        #![error(std::fmt::Error)]
        a => user(1).await?,
        b => count(1).await,
    };
}
