use conjoin::auto;

struct User {
    id: u32,
}

fn main() {
    let user = User { id: 1 };
    let _ = auto! {
        a => user.,
        b: [a] => 2 +,
        c => user.nothing,
    };
}
