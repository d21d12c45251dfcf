//! All values leave a graph together. What is certain is said on the value, the rest by the borrow checker.

use conjoin::auto;

struct User {
    name: String,
}

fn user() -> User {
    User { name: String::new() }
}

fn of_a_method() {
    let _ = auto! {
        text => String::from("a b"),
        first: [text] => text.split(' ').next(),
    };
}

fn of_a_field() {
    let _ = auto! {
        user => user(),
        name: [user] => &user.name,
        same: [user] => user,
        either: [user] => if user.name.is_empty() { "nobody" } else { &user.name },
    };
}

fn beside_a_final_arm() {
    let _ = auto! {
        user => user(),
        name: [user] => &user.name,
        => (user, name)
    };
}

fn that_lasts(outside: &User) -> usize {
    let names = auto! {
        user => outside,
        name: [user] => &user.name,
        own: [user] => { let user = user.name.clone(); user },
    };
    futures::executor::block_on(names).name.len()
}

fn main() {
    let _ = that_lasts(&user());
}
