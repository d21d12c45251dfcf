use conjoin::auto;

struct User {
    name: String,
}

async fn user(_: u64) -> User {
    User { name: String::new() }
}

async fn named(_: String) -> u64 {
    1
}

fn main() {
    let name = String::new();
    let _ = auto! { a => user(1).await, b: [a] => named(a.name).await, c: [a] => user(2).await };
    let _ = auto! { a => named(name).await, b => named(name).await };
}
