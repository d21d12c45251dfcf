use conjoin::auto;

struct User {
    id: u32,
}

fn main() {
    let _ = auto! {
        user => User { id: 1 },
        posts => user.id + 1,
    };
}
