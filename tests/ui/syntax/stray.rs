use conjoin::auto;

fn main() {
    let _ = auto! {
        user => 1,,
        posts: [user,, ] => user + 1, 5 + 5,
        type => 3,
        self => 4,
        comments: [user.id] => 1,
        likes: [user as] => 1,
    };
}
