use conjoin::concurrent;

#[derive(Debug)]
struct User(String);

struct Tx;

impl Tx {
    async fn add(&mut self, n: u32) -> u32 {
        n
    }
}

async fn look(user: &User) -> usize {
    user.0.len()
}

async fn eat(user: User) -> usize {
    user.0.len()
}

async fn user(name: &str) -> User {
    User(name.to_owned())
}

/// One line moves what another one looks at.
async fn moved() -> usize {
    concurrent!({
        let user = user("ann").await;
        let looked = look(&user).await;
        let eaten = eat(user).await;
        looked + eaten
    })
    .await
}

/// A method hides the mutable borrow.
async fn hidden(mut tx: Tx) -> u32 {
    concurrent!({
        let first = tx.add(1).await;
        let second = tx.add(2).await;
        first + second
    })
    .await
}

/// A line of a chain returns what borrows from the line before it.
async fn borrowed() -> usize {
    concurrent!({
        let name = user("ann").await;
        let other = user("bob").await;
        let first = async { &name.0[..1] }.await;
        let second = async { &other.0[..1] }.await;
        first.len() + second.len() + name.0.len()
    })
    .await
}

/// Several lines at a time use a value that is only lent.
async fn lent() -> usize {
    concurrent!({
        let a = user("a").await;
        let b = user("b").await;
        let c = look(&a).await;
        let d = look(&b).await;
        let e = eat(b).await + c + d;
        let f = async { d + 1 }.await;
        let g = async { e + look(&a).await }.await;
        c + d + e + f + g
    })
    .await
}

/// Used after a line has moved it.
async fn used_again() -> usize {
    concurrent!({
        let a = user("a").await;
        let b = user("b").await;
        let c = eat(a).await;
        let d = eat(b).await;
        println!("{a:?}");
        c + d
    })
    .await
}

fn main() {}
