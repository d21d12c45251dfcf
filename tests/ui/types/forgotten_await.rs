use conjoin::auto;

struct User {
    id: u32,
}

async fn fetch() -> Result<User, String> {
    Ok(User { id: 1 })
}

fn main() {
    let _ = auto! {
        user => fetch()?,
        posts: [user] => user.id + 1,
    };
    let _ = auto! {
        user => fetch(),
        posts: [user] => user.id + 1,
    };
    let _ = auto! {
        user => {
            let user = fetch()?;
            user
        },
    };
}
